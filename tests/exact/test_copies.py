"""Fragments that are equal are run once, those without parameters before the first evaluation; no value changes."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from cutq import Angle, Circuit, CutPlan, GateCut, Operation, Program, WireCut, compile, expectations, param, split
from cutq.circuits.observable import observable
from cutq.exact import fixed, planning
from cutq.exact.compile import planned
from cutq.exact.copies import Copies
from cutq.exact.costs import amplitude_flops, cost, memory
from cutq.exact.program import Program as Made
from cutq.exact.settings import Settings
from tests import oracle

ENGINES = pytest.mark.parametrize("engine", ["numba", "numpy"])

PATTERNS = {
    "constants": "cccccc",
    "tied": "tttttt",
    "free": "ffffff",
    "tied, apart by constants": "tctctctc",
    "one free among equals": "ttfttcc",
    "affine": "aataata",
}
"""Modules by where their angles come from, see :func:`angles`."""


def angles(kind: str, module: int, count: int) -> list[Angle]:
    """Constants, parameters that all such modules share, those of this one alone, or sums that come to shared ones."""
    values = np.random.default_rng(count).uniform(-np.pi, np.pi, count).tolist()
    if kind == "c":
        return [Angle((), value) for value in values]
    if kind == "a":
        return [0.5 * param(f"t{k % 5}") + value for k, value in enumerate(values)]
    return [param(f"t{k % 5}" if kind == "t" else f"f{module}_{k}") for k in range(count)]


def chain(pattern: str, links: int = 1, own: int = 2, gates: bool = False) -> tuple[Circuit, CutPlan]:
    """Modules joined by wires; or on wires of their own, joined by gates that are cut, every other with a parameter."""
    ops: list[Operation] = []
    cuts: list[WireCut | GateCut] = []
    last: dict[int, int] = {}
    width = links + own
    for m, kind in enumerate(pattern):
        first = m * (width if gates else own)
        wires = range(first, first + width)
        if gates and m:
            cuts.append(GateCut((len(ops),)))
            ops.append(Operation("rzz", (first - 1, first), (param("g") + 0.1 if m % 2 else 0.7,)))
        cuts += [WireCut(q, last[q]) for q in wires if q in last]
        own_angles = iter(angles(kind, m, 4 * width))
        for _ in range(2):
            ops += [Operation(name, (q,), (next(own_angles),)) for q in wires for name in ("ry", "rz")]
            ops += [Operation("cz", (q, q + 1)) for q in wires[:-1]]
        last |= dict.fromkeys(wires, len(ops) - 1) | {q: len(ops) - 2 for q in wires[:-2]}
        last |= {q: max(k for k, op in enumerate(ops) if q in op.qubits) for q in wires}
    return Circuit(max(last) + 1, tuple(ops)), CutPlan(tuple(cuts))


def words(circuit: Circuit) -> list[str]:
    """Observables at the ends, in the middle, and over several modules."""
    n, middle = circuit.num_qubits, circuit.num_qubits // 2
    return [f"Z{n - 1}", f"X{middle} + 0.5*Z1", f"Y0 Z{middle} X{n - 1}", "Z0 Y1 - 2", f"X{n - 2}"]


def made(
    pattern: str, what: list[str] | None = None, *, links: int = 1, gates: bool = False, **settings: object
) -> Made:
    circuit, plan = chain(pattern, links, gates=gates)
    found: Program = compile(split(circuit, plan), what or words(circuit), route="fragments", **settings)  # type: ignore[arg-type]
    assert isinstance(found, Made)
    return found


def members(program: Made) -> int:
    return sum(group.members for group in program.plan.groups)


def rows(program: Made, count: int = 3) -> NDArray[np.float64]:
    return np.random.default_rng(5).normal(size=(count, len(program.parameters)))


def same(program: Made, other: Made, tolerance: float = 1e-12) -> None:
    assert program.parameters == other.parameters
    params = rows(program)
    for found, expected in zip(program.value_and_jacobian(params), other.value_and_jacobian(params), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


# --- values -----------------------------------------------------------------------------------------------------------


@ENGINES
@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
@pytest.mark.parametrize(("links", "gates"), [(1, False), (2, False), (1, True)], ids=["wire", "wires", "gates"])
def test_values_and_derivatives_are_those_of_the_uncut_circuit(
    pattern: str, links: int, gates: bool, engine: str
) -> None:
    circuit, plan = chain(pattern[:4] if links + gates > 1 else pattern, links, gates=gates)
    uncut = compile(split(circuit, CutPlan.uncut()), words(circuit), route="fragments")
    for what in (words(circuit), words(circuit)[:1], words(circuit)[1:3]):
        program = compile(split(circuit, plan), what, route="fragments", engine=engine)
        params = rows(program)
        columns = [words(circuit).index(one) for one in what]
        values, jacobian = program.value_and_jacobian(params)
        expected = uncut.value_and_jacobian(params)
        np.testing.assert_allclose(values, expected[0][:, columns], rtol=0, atol=1e-12)
        np.testing.assert_allclose(jacobian, expected[1][:, columns], rtol=0, atol=1e-12)


@pytest.mark.parametrize("pattern", ["cccc", "ctct"])
def test_values_are_those_of_a_state_vector(pattern: str) -> None:
    circuit, plan = chain(pattern)
    params = np.random.default_rng(1).normal(size=len(circuit.parameters))
    values = dict(zip(circuit.parameters, params.tolist(), strict=True))
    expected = [oracle.value(circuit, observable(one), values) for one in words(circuit)]
    found = expectations(split(circuit, plan), words(circuit), params)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_threads_executors_and_pickling_change_no_bit(pattern: str) -> None:
    program, threaded = made(pattern), made(pattern, threads=2)
    again = pickle.loads(pickle.dumps(program))
    params = rows(program, 9)
    values, jacobian = program.value_and_jacobian(params)
    for other in (threaded, again):
        found = other.value_and_jacobian(params)
        assert np.array_equal(found[0], values)
        assert np.array_equal(found[1], jacobian)
    with ThreadPoolExecutor(2) as executor:
        assert np.array_equal(program(params, executor=executor), values)
        assert np.array_equal(program.map(params, executor=executor), values)


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_single_precision(pattern: str) -> None:
    same(made(pattern, dtype="complex64"), made(pattern), 2e-5)


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
@pytest.mark.parametrize("apart", [False, True])
def test_large_fragments(monkeypatch: pytest.MonkeyPatch, pattern: str, apart: bool) -> None:
    """Each is run alone, those that are equal once; apart, again whenever its state is needed."""
    small = made(pattern, links=2)
    monkeypatch.setattr(planning, "ALONE_BITS", 5)
    large = made(pattern, links=2)
    assert any(group.placed.alone for group in large.plan.groups) or not large.plan.groups
    assert all(group.members == 1 for group in large.plan.groups if group.placed.alone)
    assert members(large) == members(small)
    if apart:
        need = memory(large.plan, large.settings, 3)
        bytes_ = (need.apart + need.together) / 2
        large = made(pattern, links=2, max_bytes=max(bytes_, need.apart))
    same(large, small)


def test_a_pullback_can_be_called_again() -> None:
    program = made("tttttt")
    values, pullback = program.vjp(rows(program))
    weights = np.ones_like(values)
    assert np.array_equal(pullback(weights), pullback(weights))


# --- what is run ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "run"), [("c" * 9, 0), ("t" * 9, 1), ("f" * 9, 9), ("tc" * 5, 1), ("ta" * 5, 2), ("ttftt", 2)]
)
def test_equal_fragments_are_run_once_and_constant_ones_never(pattern: str, run: int) -> None:
    program = made(pattern, [f"X{2 * len(pattern)}"])
    assert members(program) == run
    assert not program.plan.fixed
    assert program.describe().route == "fragments"
    assert sum(count for count, *_ in program.describe().groups) == run


def test_a_description_counts_copies() -> None:
    tied, free = (made(kind * 9, ["X18"]).describe() for kind in "tf")
    assert (tied.copies, free.copies) == (8, 0)
    assert "copies       8 densities of equal fragments" in str(tied)
    assert "copies" not in str(free)
    assert tied.flops < free.flops / 5


@pytest.mark.parametrize("kind", "ct")
def test_fragments_that_words_are_read_out_at_are_run_each(kind: str) -> None:
    """Where a word is read out depends on its place; the densities of all are still those of one."""
    program = made(kind * 9, ["X18", "Z5", "Z9", "Z13"])
    assert members(program) == 3
    wanted = sum(int((group.squares.offsets >= 0).sum()) for group in program.plan.groups)
    assert wanted == (0 if kind == "c" else 1)


def turned(first: list[Angle], second: list[Angle]) -> Made:
    """Modules on two qubits with these angles of gates that are gathered, in turns."""
    ops: list[Operation] = []
    cuts: list[WireCut] = []
    for m in range(6):
        cuts += [WireCut(m, len(ops) - 1)] if m else []
        ops += [Operation("ry", (m,), (0.4,)), *(Operation("rz", (m,), (one,)) for one in (second if m % 2 else first))]
        ops += [Operation("ry", (m,), (0.2,)), Operation("cx", (m, m + 1)), Operation("rx", (m + 1,), (0.3,))]
    found = compile(split(Circuit(7, tuple(ops)), CutPlan(tuple(cuts))), ["Y6"], route="fragments")
    assert isinstance(found, Made)
    return found


def test_angles_are_compared_as_sums() -> None:
    s, t = param("s"), param("t")
    assert members(turned([s + 0.2, t + 0.3], [t + 0.3, s + 0.2])) == 1
    assert members(turned([s + 0.2, t + 0.3], [t + 0.25, s + 0.25])) == 1
    assert members(turned([s + 0.2, t + 0.3], [t + 0.3, s + 0.1])) == 2
    assert members(turned([s + 0.2, t + 0.3], [2 * t + 0.3, s + 0.2])) == 2
    assert members(turned([s, 0.5 - s], [Angle(), Angle((), 0.5)])) == 0


@ENGINES
def test_the_cost_is_that_of_an_evaluation(engine: str) -> None:
    """Constants are counted before, and copies are not counted as runs."""
    circuit, plan = chain("c" * 6)
    settings = Settings(engine)
    pending = planned(split(circuit, plan), [observable("X12")], settings, route="fragments")
    done = fixed.evaluated(pending, settings)
    assert cost(pending).amplitude_flops == cost(done).amplitude_flops == 0
    assert cost(pending).before > 0
    assert cost(done).before == 0
    assert cost(done).flops == done.tape.flops
    assert memory(pending, settings, 1).together == memory(done, settings, 1).together
    tied = made("t" * 6, ["X12"], engine=engine).plan
    assert cost(tied).amplitude_flops == amplitude_flops(tied.groups[0].shape)


# --- the source -------------------------------------------------------------------------------------------------------


def test_derivatives_by_copies_are_added_at_their_originals() -> None:
    copies = Copies.of(2, [(0, [4, 8]), (6, [2])])
    data = np.arange(20.0).reshape(2, 10)
    written = data.copy()
    state = copies.start(np.zeros((2, 0)), written)
    np.testing.assert_array_equal(written[0], [0, 1, 6, 7, 0, 1, 6, 7, 0, 1])
    np.testing.assert_array_equal(written[1], [10, 11, 16, 17, 10, 11, 16, 17, 10, 11])
    left = data.copy()
    state.push(None, left, np.zeros((2, 0)))
    np.testing.assert_array_equal(left[0, [0, 1, 6, 7]], [0 + 4 + 8, 1 + 5 + 9, 6 + 2, 7 + 3])
    np.testing.assert_array_equal(left[1, [0, 1, 6, 7]], [42, 45, 28, 30])
