"""Heavy outputs: the most probable strings, proven where they are, and honest where they are not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutq import Circuit, CutPlan, Network, Operation, ParameterError, TooLargeError, param, split
from cutq.exact import heavy
from cutq.exact.heavy import heavy_outputs
from cutq.exact.strings import amplitudes
from tests import oracle
from tests.strategies import circuits, plans
from tests.zoo import star, u3_layer


@given(st.data())
@settings(max_examples=60)
def test_what_is_found_and_what_is_missed(data: st.DataObject) -> None:
    circuit = data.draw(circuits())
    network = split(circuit, data.draw(plans(circuit)))
    count, nodes = data.draw(st.integers(1, 40)), data.draw(st.sampled_from([1, 3, 10, 10_000]))
    found = heavy_outputs(network, count, max_nodes=nodes)
    exact = np.abs(oracle.statevector(circuit)) ** 2
    own = [exact[tuple(bits)] for bits in found.bits]
    np.testing.assert_allclose(found.probabilities, own, rtol=1e-9, atol=1e-12)
    assert (np.diff(found.probabilities) <= 0).all()
    assert len(np.unique(found.bits, axis=0)) == len(own) <= count
    assert found.proven or nodes < 10_000
    if len(own) < count:
        assert found.proven
        assert sum(own) == pytest.approx(1, abs=1e-10)
    if found.proven:
        np.testing.assert_allclose(own, np.sort(exact.reshape(-1))[::-1][: len(own)], rtol=0, atol=1e-10)
        assert found.missed == 0
    above = found.probabilities[-1] + 1e-9
    assert found.missed >= exact[exact > above].sum() - sum(p for p in own if p > above) - 1e-9


def ghz(num_qubits: int) -> Network:
    ops = [Operation("h", (0,)), *(Operation("cx", (q, q + 1)) for q in range(num_qubits - 1))]
    circuit = Circuit(num_qubits, tuple(ops))
    return split(circuit, CutPlan.from_partition(circuit, [q // 10 for q in range(num_qubits)]))


@pytest.mark.parametrize("count", [2, 10])
def test_ghz_has_two_strings(count: int) -> None:
    found = heavy_outputs(ghz(200), count)
    assert sorted(found.bits.sum(axis=1)) == [0, 200]
    np.testing.assert_allclose(found.probabilities, [0.5, 0.5], rtol=0, atol=1e-12)
    assert (found.proven, found.missed) == (True, 0.0)


def test_a_concentrated_product_state() -> None:
    angles = 0.2 + 0.1 * np.random.default_rng(0).random(200)
    circuit = Circuit(200, tuple(Operation("ry", (q,), (angle,)) for q, angle in enumerate(angles)))
    found = heavy_outputs(split(circuit, CutPlan.uncut()), 6)
    none = math.prod(np.cos(angles / 2) ** 2)
    likeliest = np.argsort(-angles)[:5]
    assert found.proven
    assert not found.bits[0].any()
    assert [np.flatnonzero(bits).tolist() for bits in found.bits[1:]] == [[q] for q in likeliest]
    np.testing.assert_allclose(
        found.probabilities, none * np.array([1, *np.tan(angles[likeliest] / 2) ** 2]), rtol=1e-9
    )


def test_many_equal_strings_are_followed_to_their_end() -> None:
    """Each of the 2**300 strings is as probable as any other, which the bound knows."""
    circuit = Circuit(300, tuple(Operation("h", (q,)) for q in range(300)))
    found = heavy_outputs(split(circuit, CutPlan.uncut()), 5)
    assert found.proven
    assert len(np.unique(found.bits, axis=0)) == 5
    np.testing.assert_allclose(found.probabilities, 2.0**-300, rtol=1e-9)


def chain(num_qubits: int, spread: float) -> Network:
    rng, ops = np.random.default_rng(1), []
    for _ in range(2):
        ops += [Operation("ry", (q,), (float(rng.uniform(-spread, spread)),)) for q in range(num_qubits)]
        ops += [Operation("cx", (q, q + 1)) for q in range(num_qubits - 1)]
    circuit = Circuit(num_qubits, tuple(ops))
    return split(circuit, CutPlan.from_partition(circuit, [q // 8 for q in range(num_qubits)]))


def test_an_entangled_and_concentrated_chain() -> None:
    network = chain(120, 0.4)
    found = heavy_outputs(network, 8)
    assert found.proven
    np.testing.assert_allclose(np.abs(amplitudes(network, found.bits)) ** 2, found.probabilities, rtol=1e-9)
    flips = np.repeat(found.bits[:1], 120, axis=0) ^ np.eye(120, dtype=np.uint8)
    known = {tuple(bits) for bits in found.bits}
    others = [bits for bits in flips if tuple(bits) not in known]
    assert (np.abs(amplitudes(network, others)) ** 2).max() <= found.probabilities[-1]


def test_what_is_spread_out_is_not_proven() -> None:
    network = chain(120, 3.0)
    found = heavy_outputs(network, 4, max_nodes=300)
    assert not found.proven
    assert len(found.bits) == 4
    assert 0.99 < found.missed <= 1
    np.testing.assert_allclose(np.abs(amplitudes(network, found.bits)) ** 2, found.probabilities, rtol=1e-6)


def test_more_outcomes_than_are_shown_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heavy, "SHOWN", 1)
    circuit = u3_layer(star(6))
    found = heavy_outputs(split(circuit, CutPlan.from_partition(circuit, "AAABBB")), 64)
    exact = np.abs(oracle.statevector(circuit).reshape(-1)) ** 2
    np.testing.assert_allclose(found.probabilities, np.sort(exact)[::-1], rtol=0, atol=1e-12)
    assert found.proven


def test_no_qubits_have_one_string() -> None:
    found = heavy_outputs(split(Circuit(0), CutPlan.uncut()), 3)
    assert found.bits.shape == (1, 0)
    assert (found.probabilities.tolist(), found.proven) == ([1.0], True)


@pytest.mark.parametrize(
    ("count", "params", "options", "error", "message"),
    [
        (0, [0.1], {}, ParameterError, "count is a whole number from 1, got '0'"),
        (-3, [0.1], {}, ParameterError, "count is a whole number from 1"),
        (2.0, [0.1], {}, ParameterError, "count is a whole number from 1"),
        ("all", [0.1], {}, ParameterError, "count is a whole number from 1, got 'all'"),
        (1, [0.1], {"max_nodes": 0}, ParameterError, "max_nodes is a whole number from 1"),
        (1, [], {}, ParameterError, "1 parameter values"),
        (1, [0.1], {"max_bytes": 10}, TooLargeError, "the search for 1 bit strings needs"),
    ],
)
def test_bad_input(
    monkeypatch: pytest.MonkeyPatch, count: object, params: object, options: dict, error: type, message: str
) -> None:
    monkeypatch.setattr(heavy, "canonical_stages", lambda *_: pytest.fail("work before the refusal"))
    network = split(Circuit(3, (Operation("rx", (0,), (param("t"),)),)), CutPlan.uncut())
    with pytest.raises(error, match=message):
        heavy_outputs(network, count, params, **options)


def test_equal_probabilities_are_listed_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ranking that is made longer begins with the shorter one, also where many outcomes are equally likely."""
    monkeypatch.setattr(heavy, "SHOWN", 3)
    ops = [Operation("ry", (q,), (0.8 if q == 2 else math.pi / 2,)) for q in range(6)]
    circuit = Circuit(6, (*ops, *(Operation("cz", (q, q + 1)) for q in range(5))))
    found = heavy_outputs(split(circuit, CutPlan.uncut()), 64)
    assert len(np.unique(found.bits, axis=0)) == 64
    assert found.probabilities.sum() == pytest.approx(1.0, abs=1e-12)
    assert found.proven
