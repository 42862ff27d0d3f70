"""Probabilities: against state vectors, of any qubits in any order, in little memory, errors before work."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutq import (
    Circuit,
    CutPlan,
    Network,
    ObservableError,
    Operation,
    ParameterError,
    PlanError,
    TooLargeError,
    WireCut,
    param,
    split,
)
from cutq.exact import distribution
from cutq.exact.distribution import probabilities
from tests import oracle
from tests.strategies import PARAMETERS, circuits, plans
from tests.zoo import ZOO, line, ring, star, u3_layer


def expected(circuit: Circuit, qubits: list[int], values: dict[str, float] | None = None) -> np.ndarray:
    """The marginal of the squared state vector, axes in the order of the qubits."""
    whole = np.abs(oracle.statevector(circuit, values)) ** 2
    marginal = whole.sum(axis=tuple(q for q in range(circuit.num_qubits) if q not in qubits))
    return marginal.transpose([sorted(qubits).index(q) for q in qubits])


def check(circuit: Circuit, plan: CutPlan, qubits: list[int], values: dict[str, float] | None = None) -> np.ndarray:
    found = probabilities(split(circuit, plan), qubits, circuit.values(values or {}))
    np.testing.assert_allclose(found, expected(circuit, qubits, values), rtol=0, atol=1e-12)
    assert found.shape == (2,) * len(qubits)
    assert (found >= 0).all()
    assert found.sum() == pytest.approx(1, abs=1e-12)
    return found


def ghz(num_qubits: int) -> Circuit:
    chain = (Operation("cx", (q, q + 1)) for q in range(num_qubits - 1))
    return Circuit(num_qubits, (Operation("h", (0,)), *chain))


@given(st.data())
@settings(max_examples=60)
def test_any_cut_gives_the_distribution_of_the_circuit(data: st.DataObject) -> None:
    circuit = data.draw(circuits(PARAMETERS))
    plan = data.draw(plans(circuit))
    qubits = data.draw(st.permutations(range(circuit.num_qubits)))[: data.draw(st.integers(0, circuit.num_qubits))]
    check(circuit, plan, list(qubits), {name: 0.3 + k for k, name in enumerate(circuit.parameters)})


@pytest.mark.parametrize("labels", ["ABCABC", "AABBCC", "ABCDEF"])
@pytest.mark.parametrize("qubits", [[0, 1, 2, 3, 4, 5], [5, 0, 3], [2]])
def test_loops_of_fragments(labels: str, qubits: list[int]) -> None:
    circuit = u3_layer(ring(6))
    check(circuit, CutPlan.from_partition(circuit, labels), qubits)


@pytest.mark.parametrize("name", sorted(ZOO))
def test_the_zoo_uncut(name: str) -> None:
    circuit = ZOO[name]
    check(circuit, CutPlan.uncut(), list(range(circuit.num_qubits)), dict.fromkeys(circuit.parameters, 0.4))


@pytest.mark.parametrize("bits", [0, 1, 3, 15])
@pytest.mark.parametrize("qubits", [[4, 0, 5, 1, 2, 3], [1, 4], [5, 3, 0]])
def test_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch, bits: int, qubits: list[int]) -> None:
    monkeypatch.setattr(distribution, "BLOCK_BITS", bits)
    circuit = u3_layer(line(6, 2))
    check(circuit, CutPlan.from_partition(circuit, "AABBAB"), qubits)


def test_independent_parts_multiply() -> None:
    circuit = u3_layer(ZOO["disconnected"])
    check(circuit, CutPlan.from_partition(circuit, "ABCDE"), [3, 0, 2, 4, 1])
    check(circuit, CutPlan.uncut(), [4, 0])


def test_wires_cut_several_times_and_within_one_fragment() -> None:
    circuit = u3_layer(line(4, 3))
    check(circuit, CutPlan((WireCut(1, 4), WireCut(1, 11), WireCut(2, 12))), [2, 1, 0, 3])


def test_traced_qubits_take_no_more_room_than_the_bonds_see() -> None:
    """Forty qubits in two fragments of twenty: all but two are traced, which leaves two by two matrices."""
    circuit = ghz(40)
    found = probabilities(split(circuit, CutPlan.from_partition(circuit, "A" * 20 + "B" * 20)), [39, 0], max_bytes=2e8)
    np.testing.assert_allclose(found, [[0.5, 0], [0, 0.5]], rtol=0, atol=1e-12)


def test_marginals_of_a_long_chain_neither_vanish_nor_overflow() -> None:
    """Over 1200 qubits no outcome of all has a probability above 2**-1000."""
    ops = [Operation("ry", (q,), (1.0 + q / 999,)) for q in range(1200)]
    circuit = Circuit(1200, (*ops, *(Operation("cz", (q, q + 1)) for q in range(1199))))
    network = split(circuit, CutPlan.from_partition(circuit, [q // 8 for q in range(1200)]))
    one = [np.sin((1.0 + q / 999) / 2) ** 2 for q in (0, 700, 1199)]
    found = probabilities(network, [0, 700, 1199])
    assert found[1, 0, 1] == pytest.approx(one[0] * (1 - one[1]) * one[2], rel=1e-10)
    assert found.sum() == pytest.approx(1, abs=1e-10)


def test_memory_stays_below_the_cap_that_admits_it() -> None:
    circuit = u3_layer(line(18, 1))
    network = split(circuit, CutPlan.from_partition(circuit, "A" * 9 + "B" * 9))
    with pytest.raises(TooLargeError, match="GB") as caught:
        probabilities(network, range(18), max_bytes=1e6)
    cap = 1e9 * float(str(caught.value).split("needs ")[1].split(" GB")[0]) * 1.01
    tracemalloc.start()
    probabilities(network, range(18), max_bytes=cap)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 8 * 2**18 < used < cap < 8e6


def test_what_cannot_fit_is_refused_before_any_fragment_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distribution, "state_tensor", lambda *_: pytest.fail("work before the refusal"))
    circuit = ghz(60)
    network = split(circuit, CutPlan.from_partition(circuit, [q // 6 for q in range(60)]))
    with pytest.raises(TooLargeError, match=r"the distribution of 60 qubits needs 9\.22e\+09 GB, more than the 4 GB"):
        probabilities(network, range(60))
    with pytest.raises(ObservableError, match="qubit 60 is asked for"):
        probabilities(network, [0, 60])


@pytest.fixture
def network() -> Network:
    return split(Circuit(3, (Operation("rx", (0,), (param("t"),)),)), CutPlan.uncut())


@pytest.mark.parametrize(
    ("qubits", "params", "options", "error", "message"),
    [
        ([0, 3], [0.1], {}, ObservableError, "qubit 3 is asked for, but the circuit has 3"),
        ([-1], [0.1], {}, ObservableError, "qubit -1"),
        ([0, 2, 0], [0.1], {}, ObservableError, "qubit 0 is asked for twice"),
        ("all", [0.1], {}, ObservableError, r"range\(n\)"),
        (2, [0.1], {}, ObservableError, "a list of qubits"),
        ([0.5], [0.1], {}, ObservableError, "a list of qubits"),
        ([0], None, {}, ParameterError, "1 parameter values are needed"),
        ([0], [np.nan], {}, ParameterError, "finite"),
        ([0], [0.1], {"max_bytes": 0}, ParameterError, "max_bytes is a positive number"),
        ([0], [0.1], {"max_bytes": "4 GB"}, ParameterError, "max_bytes is a positive number"),
    ],
)
def test_bad_input(network: Network, qubits: object, params: object, options: dict, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        probabilities(network, qubits, params, **options)


def test_a_circuit_is_no_network() -> None:
    with pytest.raises(PlanError, match=r"cutq\.Network, got Circuit"):
        probabilities(star(3), [0])
