"""Chains of modules beside the same circuit that was split: ``python -m benchmarks.modules [--quick]``.

Modules of 4 to 8 qubits with random gates, joined by one wire. The time of one module should not depend on how many
there are, and composing should cost no more than cutting the whole circuit at the same wires. The second table repeats
one module, with its weights frozen, tied and free.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import cutq
from benchmarks.table import Table, at_most, median, one_thread, paired, time_text

LENGTHS = (4, 10, 30, 100, 300, 1000)
COPIES = (100, 1000, 10_000)
GROWTH = 1.5
"""How much longer one module may take in the longest chain than in one of 30, and beside split."""

CHAINS = Table(
    "modules,parameters,compile,value,per module,beside split,gradient,per module,beside split,target", first=7
)
REPEATED = Table("copies,weights,parameters,build and compile,value,per copy,gradient,per copy", first=7)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.modules")
    parser.add_argument("--quick", action="store_true", help="short chains alone")
    options = parser.parse_args()
    with one_thread():
        _chains([length for length in LENGTHS if not options.quick or length <= 30])
        _repeated([copies for copies in COPIES if not options.quick or copies <= 100])


def random_module(rng: np.random.Generator, qubits: int, layers: int = 2, name: str = "cell") -> cutq.Module:
    """Layers of random rotations and of CX between neighbours; a wire comes in first and goes out last."""
    operations, count = [], 0
    for _ in range(layers):
        for qubit in range(qubits):
            for gate in rng.choice(["rx", "ry", "rz"], size=2, replace=False):
                operations.append(cutq.Operation(str(gate), (qubit,), (cutq.param(f"w[{count}]"),)))
                count += 1
        for qubit in range(qubits - 1):
            # Back along this staircase Z at its end comes to act on all qubits: no module is outside of the cone.
            operations.append(cutq.Operation("cx", (qubit, qubit + 1)))
    operations += [cutq.Operation("rx", (qubit,), (cutq.param(f"w[{count + qubit}]"),)) for qubit in range(qubits)]
    ports = (cutq.QuantumIn("in", (0,)), cutq.QuantumOut("out", (qubits - 1,)), cutq.ClassicalOut("z", ("Z1",)))
    return cutq.Module(name, cutq.Circuit(qubits, tuple(operations)), ports).initialised(int(rng.integers(2**31)))


def source() -> cutq.Module:
    """A qubit in the state plus."""
    return cutq.Module("plus", cutq.Circuit(1, (cutq.Operation("h", (0,)),)), (cutq.QuantumOut("out", (0,)),))


def random_chain(length: int, seed: int = 0) -> cutq.Composition:
    """Random modules of 4 to 8 qubits in a row."""
    rng = np.random.default_rng(seed)
    chain = cutq.Composition("chain")
    chain.add("plus", source())
    for k in range(length):
        chain.add(f"m{k}", random_module(rng, int(rng.integers(4, 9))))
        chain.connect("plus.out" if k == 0 else f"m{k - 1}.out", f"m{k}.in")
    return chain


def _chains(lengths: list[int]) -> None:
    CHAINS.head("Chains of random modules of 4 to 8 qubits: Z at the end and in the middle")
    at_30: tuple[float, float] | None = None
    for length in lengths:
        chain = random_chain(length)
        start = time.perf_counter()
        model = chain.compile([f"Z@m{length - 1}.out", f"m{length // 2}.z"])
        compiled = time.perf_counter() - start
        network = chain.network()
        plan = cutq.CutPlan(tuple(bond.cut for bond in network.bonds))
        program = cutq.compile(cutq.split(chain.circuit(), plan), _observables(chain, length))
        params = model.initial
        values = paired(lambda m=model: m(), lambda p=program, x=params: p(x))
        gradients = paired(lambda m=model: m.vjp()[1]([1.0, 1.0]), lambda p=program, x=params: p.vjp(x)[1]([1.0, 1.0]))
        assert np.allclose(model(), program(params), rtol=0, atol=1e-10)
        assert np.allclose(model.value_and_jacobian()[1], program.value_and_jacobian(params)[1], rtol=0, atol=1e-8)
        each = values.ours / length, gradients.ours / length
        at_30 = each if length == 30 else at_30
        worst = max(1 / values.ratio, 1 / gradients.ratio)
        if at_30 and length > 30:
            worst = max(worst, each[0] / at_30[0], each[1] / at_30[1])
        CHAINS.row(
            length, len(params), time_text(compiled), time_text(values.ours), time_text(each[0]), 1 / values.ratio,
            time_text(gradients.ours), time_text(each[1]), 1 / gradients.ratio, at_most(worst, GROWTH),
        )  # fmt: skip


def _observables(chain: cutq.Composition, length: int) -> list[str]:
    """The same outputs on the qubits of the whole circuit."""
    # The first qubit of a module is the wire that comes in; its second is the next number that is new.
    last, before = chain.qubits(f"m{length - 1}.out")[0], length // 2
    middle = 1 if before == 0 else chain.qubits(f"m{before - 1}.out")[0] + 1
    return [f"Z{last}", f"Z{middle}"]


def _repeated(counts: list[int]) -> None:
    REPEATED.head("Copies of one module of 5 qubits in a row")
    cell = random_module(np.random.default_rng(1), 5)
    for copies in counts:
        for kind, options in {"frozen": {"frozen": True}, "tied": {"tie": "cell"}, "free": {}}.items():
            start = time.perf_counter()
            model = (source() >> cutq.repeat(cell, copies, **options)).compile([f"Z@c{copies - 1}.out"])
            compiled = time.perf_counter() - start
            value = median(lambda m=model: m())
            gradient = median(lambda m=model: m.vjp()[1]([1.0])) if model.parameters else 0.0
            REPEATED.row(
                copies, kind, len(model.parameters), time_text(compiled), time_text(value), time_text(value / copies),
                time_text(gradient), time_text(gradient / copies),
            )  # fmt: skip


if __name__ == "__main__":
    main()
