"""Values and derivatives of compiled programs on every route and engine, against brute force."""

from __future__ import annotations

import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.families import staircase
from cutq import (
    Circuit,
    CutPlan,
    GateCut,
    Observable,
    Operation,
    ParameterError,
    TooLargeError,
    WireCut,
    compile,
    gradient,
    param,
    split,
)
from cutq.exact import planning
from tests import oracle
from tests.strategies import PARAMETERS, circuits, observables, plans

WAYS = [("fragments", "numba"), ("fragments", "numpy"), ("gates", "numba"), ("auto", "numba")]


def values_of(circuit: Circuit, what: list[Observable], row: np.ndarray) -> list[float]:
    bound = dict(zip(circuit.parameters, row.tolist(), strict=True))
    return [oracle.value(circuit, one, bound) for one in what]


def differences(circuit: Circuit, what: list[Observable], row: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """Central differences of brute-force values, (observables, parameters)."""
    columns = []
    for k in range(len(row)):
        up, down = (values_of(circuit, what, row + sign * step * np.eye(len(row))[k]) for sign in (1, -1))
        columns.append((np.array(up) - np.array(down)) / (2 * step))
    return np.array(columns).T.reshape(len(what), len(row))


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_every_way_gives_the_value_and_its_derivatives(data: st.DataObject) -> None:
    circuit = data.draw(circuits(PARAMETERS[:3], max_qubits=4, max_ops=14))
    network = split(circuit, data.draw(plans(circuit, max_cuts=4)))
    what = data.draw(st.lists(observables(circuit.num_qubits), min_size=1, max_size=3))
    rows = np.random.default_rng(data.draw(st.integers(0, 99))).normal(size=(3, len(circuit.parameters)))
    expected = np.array([values_of(circuit, what, row) for row in rows])
    slopes = differences(circuit, what, rows[0])
    for route, engine in WAYS:
        values, jacobian = compile(network, what, route=route, engine=engine).value_and_jacobian(rows)
        np.testing.assert_allclose(values, expected, atol=1e-10)
        np.testing.assert_allclose(jacobian[0], slopes, atol=1e-6 * max(1.0, abs(slopes).max(initial=0.0)))


s, t = param("s"), param("t")

SHARED: dict[str, tuple[list[Operation], CutPlan]] = {
    "in several fragments": (
        [Operation("ry", (q,), (s,)) for q in range(4)]
        + [Operation("cx", (1, 2)), Operation("rx", (2,), (2 * s - t,))],
        CutPlan((GateCut((4,)),)),
    ),
    "a cut rotation": (
        [Operation("h", (0,)), Operation("ry", (1,), (t,)), Operation("rzz", (0, 1), (0.5 * s + 0.2,))],
        CutPlan((GateCut((2,)),)),
    ),
    "a cut controlled u3": (
        [Operation("ry", (0,), (t,)), Operation("cu", (0, 1), (s, 0.3 * t, 2 * s, s - t)), Operation("h", (0,))],
        CutPlan((GateCut((1,)),)),
    ),
    "a star": (
        [Operation("ry", (q,), (s + 0.1 * q,)) for q in range(3)]
        + [
            Operation("rzz", (0, 1), (s,)),
            Operation("crx", (0, 2), (t,)),
            Operation("cx", (1, 2)),
            Operation("h", (0,)),
        ],
        CutPlan((GateCut((3, 4), side=(0,)),)),
    ),
    "wires between": (
        [
            Operation("u3", (0,), (s, t, s)),
            Operation("cx", (0, 1)),
            Operation("u3", (1,), (t, s, 1.0)),
            Operation("cry", (1, 2), (s,)),
        ],
        CutPlan((WireCut(1, 1),)),
    ),
    "two-qubit rotations": (
        [
            Operation("rxx", (0, 1), (s,)),
            Operation("ryy", (1, 2), (t,)),
            Operation("rzx", (2, 3), (s + t,)),
            Operation("crz", (0, 3), (s,)),
        ],
        CutPlan((GateCut((1,)), GateCut((3,)))),
    ),
}


@pytest.mark.parametrize("case", SHARED)
@pytest.mark.parametrize(("route", "engine"), WAYS)
def test_shared_parameters(case: str, route: str, engine: str) -> None:
    ops, plan = SHARED[case]
    circuit = Circuit(4, tuple(ops))
    words = [Observable(text) for text in ("Z0 Z1", "X1 - 0.3*Z2 + 1", "Y0 X2 Z3 + Z1")]
    row = np.array([0.7, -1.1])[: len(circuit.parameters)]
    jacobian = compile(split(circuit, plan), words, route=route, engine=engine).value_and_jacobian(row)[1]
    np.testing.assert_allclose(jacobian, differences(circuit, words, row), atol=1e-8)


@pytest.mark.parametrize("case", SHARED)
def test_gradient_is_the_parameter_shift_of_the_whole_circuit(case: str) -> None:
    """Every angle of every gate is shifted by the gate's own rule; the chain rule adds up its parameters."""
    ops, plan = SHARED[case]
    circuit, what = Circuit(4, tuple(ops)), Observable("Z0 Z1 + 0.4*X2 Y3 - Z2")
    bound = circuit.values(dict(zip(("s", "t"), (0.6, -0.4), strict=True))) if len(circuit.parameters) == 2 else [0.6]
    named = dict(zip(circuit.parameters, np.asarray(bound).tolist(), strict=True))
    total = dict.fromkeys(circuit.parameters, 0.0)
    for number, op in enumerate(circuit.operations):
        for place, angle in enumerate(op.params):
            slope = sum(c * oracle.value(shifted(circuit, number, place, x), what, named) for c, x in rule(op, place))
            for name, coefficient in angle.terms:
                total[name] += coefficient * slope
    np.testing.assert_allclose(gradient(split(circuit, plan), what, bound), list(total.values()), atol=1e-10)


def rule(op: Operation, place: int) -> tuple[tuple[float, float], ...]:
    from cutq.circuits.gates import gate

    return gate(op.name).shift_rule(place)


def shifted(circuit: Circuit, number: int, place: int, shift: float) -> Circuit:
    ops = list(circuit.operations)
    params = list(ops[number].params)
    params[place] = params[place] + shift
    ops[number] = Operation(ops[number].name, ops[number].qubits, tuple(params))
    return Circuit(circuit.num_qubits, tuple(ops))


def long_product(num_qubits: int) -> tuple[Circuit, CutPlan, str]:
    ops = [Operation("ry", (q,), (t,)) for q in range(num_qubits)]
    ops += [Operation("cz", (q, q + 1)) for q in range(num_qubits - 1)]
    circuit = Circuit(num_qubits, tuple(ops))
    plan = CutPlan.from_partition(circuit, [q // 4 for q in range(num_qubits)])
    return circuit, plan, " ".join(f"Z{q}" for q in range(num_qubits))


@pytest.mark.parametrize("power", [-160, -400])
def test_tiny_values_are_neither_lost_nor_warned_about(power: int) -> None:
    """The product of Z over 1200 qubits is cos(t)**1200."""
    circuit, plan, word = long_product(1200)
    angle = np.arccos(10.0 ** (power / 1200))
    values, jacobian = compile(split(circuit, plan), [word], route="fragments").value_and_jacobian([angle])
    expected = 10.0**power
    assert values[0] == pytest.approx(expected, rel=1e-9)
    assert jacobian[0, 0] == pytest.approx(-1200 * np.tan(angle) * expected, rel=1e-9)


def chain(modules: int) -> tuple[Circuit, CutPlan]:
    ops: list[Operation] = []
    cuts = []
    for module in range(modules):
        first = 2 * module
        if module:
            cuts.append(WireCut(first, len(ops) - 1))
        ops += [Operation("ry", (q,), (param(f"a{len(ops)}_{q}"),)) for q in range(first, first + 3)]
        ops += [Operation("cx", (first, first + 1)), Operation("cx", (first + 1, first + 2))]
    return Circuit(2 * modules + 1, tuple(ops)), CutPlan(tuple(cuts))


def test_a_batch_on_an_executor_is_the_same_to_the_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "ALONE_BITS", 6)
    circuit, plan = chain(4)
    program = compile(split(circuit, plan), ["Z8", "Z1 Z4", "X0"], route="fragments")
    rows = np.random.default_rng(0).normal(size=(19, len(circuit.parameters)))
    serial = program(rows)
    again = pickle.loads(pickle.dumps(program))
    assert (again(rows) == serial).all()
    with ThreadPoolExecutor(2) as threads:
        assert (program.map(rows, executor=threads) == serial).all()
        assert (program(rows[:3], executor=threads) == program(rows[:3])).all()
    with ProcessPoolExecutor(2) as processes:
        assert (program.map(rows, executor=processes) == serial).all()


def test_many_words_in_one_pass_are_those_one_by_one() -> None:
    circuit, plan = chain(6)
    n = circuit.num_qubits
    words = (
        [f"Z{q} Z{q + 1}" for q in range(n - 1)]
        + [f"X{q}" for q in range(n)]
        + [f"Y{q} X{n - 1 - q}" for q in range(4)]
    )
    network = split(circuit, plan)
    row = np.random.default_rng(1).normal(size=len(circuit.parameters))
    together = compile(network, words)(row)
    single = [compile(network, [word], engine="numpy", route="fragments")(row)[0] for word in words]
    np.testing.assert_allclose(together, single, atol=1e-12)
    energy = compile(network, [" + ".join(f"{k + 1}*{word}" for k, word in enumerate(words))])(row)
    np.testing.assert_allclose(energy, np.arange(1, len(words) + 1) @ together, atol=1e-10)


def test_what_no_observable_sees_is_not_run() -> None:
    circuit, plan = chain(8)
    program = compile(split(circuit, plan), ["Z0"], route="fragments")
    assert sum(group.members for group in program.plan.groups) == 1
    jacobian = program.value_and_jacobian(np.full(len(circuit.parameters), 0.4))[1]
    assert jacobian.shape == (1, len(circuit.parameters))
    assert np.count_nonzero(jacobian) <= 5


def test_memory_is_refused_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    circuit, plan = chain(6)
    network = split(circuit, plan)
    program = compile(network, ["Z12"], route="fragments", max_bytes=6000)
    monkeypatch.setattr(type(program), "_run", lambda *_: pytest.fail("work was done"))
    with pytest.raises(TooLargeError, match=r"values and derivatives needs .* more than"):
        program.vjp(np.zeros(len(circuit.parameters)))
    with pytest.raises(TooLargeError, match="cut into narrower"):
        compile(network, ["Z12"], route="fragments", max_bytes=500)


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_derivatives_of_a_batch_keep_to_the_memory(engine: str) -> None:
    """More rows than fit are run again for their derivatives, which changes none of them."""
    circuit, plan = chain(6)
    network, rows = split(circuit, plan), np.random.default_rng(2).normal(size=(40, len(circuit.parameters)))
    free = compile(network, ["Z12", "X0"], route="fragments", engine=engine)
    tight = compile(network, ["Z12", "X0"], route="fragments", engine=engine, max_bytes=100_000)
    made = []
    run = tight._run
    tight._run = lambda *args: (made.append(len(args[0])), run(*args))[1]  # type: ignore[method-assign]
    for found, expected in zip(tight.value_and_jacobian(rows), free.value_and_jacobian(rows), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-14)
    assert max(made) < 40
    assert sum(made) == 3 * 40


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "cuda"}, "engine is 'numba' or 'numpy', got 'cuda'"),
        ({"dtype": "float32"}, "dtype is"),
        ({"threads": 0}, "threads is a whole number from 1, got 0"),
        ({"max_bytes": -1}, "max_bytes is a positive number"),
        ({"max_bytes": True}, "max_bytes is a positive number"),
        ({"route": "shortest"}, "route is one of auto, fragments, gates"),
    ],
)
def test_unknown_options_are_refused(options: dict, message: str) -> None:
    circuit, plan = chain(2)
    with pytest.raises(ParameterError, match=message):
        compile(split(circuit, plan), ["Z0"], **options)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (np.zeros(5), r"6 parameter values are needed on the last axis, but the given array has shape \(5,\)"),
        (np.full(6, np.nan), "finite numbers, got a0_0 = nan"),
        (np.full((2, 6), np.inf), "= inf"),
        (["a"] * 6, "real numbers"),
        (3.0, r"shape \(\)"),
        (np.full(6, 0.3 + 5j), "real numbers"),
        (None, r"shape \(0,\)"),
    ],
)
def test_bad_parameters_are_refused(params: object, message: str) -> None:
    circuit, plan = chain(2)
    with pytest.raises(ParameterError, match=message):
        compile(split(circuit, plan), ["Z0"])(params)


@pytest.mark.parametrize("weights", [np.array([1j]), [1.0, 2.0], [np.nan], ["a"], 1.0, [1j]])
def test_bad_weights_are_refused(weights: object) -> None:
    circuit, plan = chain(2)
    _, pullback = compile(split(circuit, plan), ["Z0"]).vjp(np.zeros(6))
    with pytest.raises(ParameterError, match="pullback"):
        pullback(weights)


@pytest.mark.parametrize("qubits", [60, 100, 140])
def test_wide_shallow_circuits_are_contracted_gate_by_gate(qubits: int) -> None:
    """However many gates they have: up to 1,500 tensors on loops here."""
    case = staircase(qubits, 4, 10)
    angles, found = case.draw(1), compile(case.network(), case.observables)
    fragments = compile(case.network(), case.observables, route="fragments")
    assert found.describe().route == "gates"
    assert found.describe().flops < 0.05 * fragments.describe().flops
    np.testing.assert_allclose(found(angles), fragments(angles), atol=1e-10)


def test_planning_starts_no_processes() -> None:
    circuit, plan = chain(4)
    compile(split(circuit, plan), ["Z8 X0"], route="gates")(np.zeros(len(circuit.parameters)))
    assert not multiprocessing.active_children()


def test_what_is_no_executor_is_refused() -> None:
    circuit, plan = chain(2)
    program = compile(split(circuit, plan), ["Z0"])
    for call in (program.map, program):
        with pytest.raises(ParameterError, match=r"an executor is one of concurrent\.futures"):
            call(np.zeros(6), executor=3)  # type: ignore[operator]
