"""``python -m experiments.plateaus``: how derivatives shrink with the number of qubits, as a picture and a table.

Brickwork as deep as it is wide, measured in all qubits or in one, beside chains of 4-qubit modules joined by one wire.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cutq
from cutq import Composition, Module, QuantumIn, QuantumOut

FILE = Path(__file__).resolve().parents[1] / "docs" / "plateaus.svg"
DRAWS, SEED = 200, 0
WIDTHS = (2, 3, 4, 5, 6, 7, 8, 9, 10)
MODULES = (1, 2, 3, 4, 5, 6)
"""Lengths of chains; k modules have 3 k + 1 qubits."""

WIDTH, LAYERS = 4, 4
"""Of a module in a chain."""


@dataclass(frozen=True)
class Line:
    """Variances against qubits.

    Attributes:
        label: what it is of.
        qubits: how many.
        variances: of derivatives, means over parameters.
        colour: of the line.
        dashed: for global observables.
    """

    label: str
    qubits: tuple[int, ...]
    variances: tuple[float, ...]
    colour: str
    dashed: bool = False


def brickwork(qubits: int) -> Composition:
    """As many layers as qubits."""
    whole = Composition("brickwork")
    everything = tuple(range(qubits))
    whole.add("m", cutq.ansatz.brickwork(qubits, qubits, ports=(QuantumOut("out", everything),)))
    return whole


def chain(count: int, *unread: str) -> Composition:
    """Modules of four qubits: one wire in, the others from 0; one wire goes on, the others are read or traced out."""
    whole = Composition("chain")
    for k in range(count):
        whole.add(f"c{k}", module(k == 0))
        if k:
            whole.connect(f"c{k - 1}.next", f"c{k}.in")
    whole.discard(*unread)
    return whole


def module(first: bool) -> Module:
    wires = (QuantumOut("next", (WIDTH - 1,)), QuantumOut("rest", tuple(range(WIDTH - 1))))
    ports = wires if first else (QuantumIn("in", (0,)), *wires)
    return cutq.ansatz.brickwork(WIDTH, LAYERS, ports=ports)


def everywhere(count: int) -> str:
    """Z of all qubits of a chain, as one product."""
    rest = [f"Z@c{k}.rest[{q}]" for k in range(count) for q in range(WIDTH - 1)]
    return " ".join((*rest, f"Z@c{count - 1}.next"))


def rests(count: int) -> list[str]:
    """The ports of the qubits that do not go on."""
    return [f"c{k}.rest" for k in range(count)]


def lines(widths: Sequence[int], counts: Sequence[int], draws: int = DRAWS) -> tuple[Line, ...]:
    """All variances."""

    def variance(whole: Composition, outputs: list[str], last: str = "") -> float:
        found = cutq.gradient_variance(whole, outputs, draws=draws, seed=SEED, max_qubits=max(*widths, WIDTH))
        return found.by_module[last] if last else found.mean

    wide = {n: brickwork(n) for n in widths}
    local = [variance(one, [f"Z@m.out[{n // 2}]"]) for n, one in wide.items()]
    product = [variance(one, [" ".join(f"Z@m.out[{q}]" for q in range(n))]) for n, one in wide.items()]
    sizes = tuple((WIDTH - 1) * k + 1 for k in counts)
    ended = {k: chain(k, *rests(k)) for k in counts}
    last = [variance(one, [f"Z@c{k - 1}.next"], f"c{k - 1}") for k, one in ended.items()]
    first = [variance(one, [f"Z@c{k - 1}.next"], "c0") for k, one in ended.items()]
    whole = [variance(chain(k), [everywhere(k)]) for k in counts]
    energy = [variance(chain(k, f"c{k - 1}.next"), [f"Z@{port}[1]" for port in rests(k)]) for k in counts]
    return (
        Line("brickwork, Z of all qubits", tuple(widths), tuple(product), "#d55e00", True),
        Line("brickwork, Z of one qubit", tuple(widths), tuple(local), "#d55e00"),
        Line("chain, Z of all qubits", sizes, tuple(whole), "#0072b2", True),
        Line("chain, Z at its end: last module", sizes, tuple(last), "#0072b2"),
        Line("chain, Z at its end: first module", sizes, tuple(first), "#56b4e9"),
        Line("chain, sum of a Z of each module", sizes, tuple(energy), "#009e73"),
    )


def picture(found: Sequence[Line]) -> bytes:
    """The lines as SVG; the same lines give the same bytes."""
    import matplotlib

    with matplotlib.rc_context({"svg.hashsalt": "plateaus", "svg.fonttype": "path", "font.size": 9}):
        from matplotlib.figure import Figure

        drawing = Figure(figsize=(6.8, 3.4), layout="constrained")
        axes = drawing.subplots()
        for one in found:
            axes.semilogy(one.qubits, one.variances, "--" if one.dashed else "-", color=one.colour, marker="o", ms=3,
                          lw=1.3, label=one.label)  # fmt: skip
        axes.set_xlabel("qubits")
        axes.set_xticks(range(2, 20, 2))
        axes.set_ylabel("variance of derivatives")
        axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8)
        out = io.BytesIO()
        drawing.savefig(out, format="svg", metadata={"Date": None})
        return out.getvalue()


def main() -> int:
    found = lines(WIDTHS, MODULES)
    for one in found:
        pairs = ", ".join(f"{n}: {value:.2e}" for n, value in zip(one.qubits, one.variances, strict=True))
        print(f"{one.label:<40} {pairs}")
    FILE.write_bytes(picture(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
