"""Amplitudes of bit strings: exact with their phase, many at once, however small; errors before work."""

from __future__ import annotations

import cmath

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutq import Circuit, CutPlan, Network, ObservableError, Operation, ParameterError, TooLargeError, param, split
from cutq.exact import strings
from cutq.exact.strings import amplitude, amplitudes
from tests import oracle
from tests.strategies import PARAMETERS, circuits, plans
from tests.zoo import line, ring, star, u3_layer


@given(st.data())
@settings(max_examples=60)
def test_any_cut_gives_the_amplitudes_of_the_circuit(data: st.DataObject) -> None:
    circuit = data.draw(circuits(PARAMETERS))
    network = split(circuit, data.draw(plans(circuit)))
    values = {name: 0.3 + k for k, name in enumerate(circuit.parameters)}
    state = oracle.statevector(circuit, values)
    every = np.indices(state.shape).reshape(circuit.num_qubits, 2**circuit.num_qubits).T
    found = amplitudes(network, every[::-1], circuit.values(values))
    np.testing.assert_allclose(found, state.reshape(-1)[::-1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("labels", ["ABCABC", "AABBCC", "ABCDEF", "AAAAAA"])
def test_loops_of_fragments(labels: str) -> None:
    circuit = u3_layer(ring(6))
    network = split(circuit, CutPlan.from_partition(circuit, labels))
    state = oracle.statevector(circuit)
    for text in ("000000", "010110", "111111"):
        assert amplitude(network, text) == pytest.approx(state[tuple(map(int, text))], abs=1e-13)


def test_every_form_of_a_bit_string() -> None:
    circuit = u3_layer(line(3, 1))
    network = split(circuit, CutPlan.from_partition(circuit, "ABB"))
    one = amplitude(network, "011")
    forms = [[0, 1, 1], (0, 1, 1), np.array([0, 1, 1], dtype=np.uint8), [False, True, True]]
    assert [amplitude(network, bits) for bits in forms] == [one] * 4
    assert amplitudes(network, ["011", [0, 1, 1]]).tolist() == [one] * 2
    assert amplitudes(network, []).shape == (0,)
    assert amplitude(split(Circuit(0), CutPlan.uncut()), "") == 1


def test_the_global_phase_is_kept() -> None:
    circuit = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))), global_phase=2 * param("g") + 0.1)
    network = split(circuit, CutPlan.from_partition(circuit, "AB"))
    assert amplitude(network, "11", [0.7]) == pytest.approx(cmath.exp(1.5j) / np.sqrt(2), abs=1e-15)


def turn(qubit: int, sine: float) -> Operation:
    """A rotation about Y by a tiny angle, its entries exact."""
    return Operation("unitary", (qubit,), matrix=((1.0, -sine), (sine, 1.0)))


@pytest.mark.parametrize("labels", ["A" * 20, "AAAAABBBBBCCCCCDDDDD", "ABCDEFGHIJKLMNOPQRST"])
def test_a_tiny_amplitude_is_no_zero(labels: str) -> None:
    ops = [turn(q, 1e-8) for q in range(20)] + [Operation("cz", (q, q + 1)) for q in range(19)]
    circuit = Circuit(20, tuple(ops))
    network = split(circuit, CutPlan.from_partition(circuit, labels))
    assert amplitude(network, "1" * 20) == pytest.approx(-1e-160, rel=1e-12, abs=0)


@pytest.mark.parametrize("labels", ["AAA", "AAB", "ABC"])
def test_factors_below_the_range_of_numbers(labels: str) -> None:
    """1e-100 three times is a number, a product of squares or a norm would not be."""
    circuit = Circuit(3, (*(turn(q, 1e-100) for q in range(3)), *(Operation("cz", (q, q + 1)) for q in (0, 1))))
    network = split(circuit, CutPlan.from_partition(circuit, labels))
    assert amplitude(network, "111") == pytest.approx(1e-300, rel=1e-12, abs=0)
    assert amplitude(network, "010") == pytest.approx(1e-100, rel=1e-12, abs=0)


def test_many_strings_in_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = u3_layer(line(30, 1))
    network = split(circuit, CutPlan.from_partition(circuit, [q // 3 for q in range(30)]))
    bits = np.random.default_rng(1).integers(0, 2, (200, 30))
    whole = amplitudes(network, bits)
    monkeypatch.setattr(strings, "BATCH_BYTES", 1)
    np.testing.assert_array_equal(amplitudes(network, bits), whole)
    assert np.abs(whole).min() > 0


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    monkeypatch.setattr(strings, "state_tensor", lambda *_: pytest.fail("work before the refusal"))
    return split(Circuit(3, (Operation("rx", (0,), (param("t"),)),)), CutPlan.uncut())


def test_bad_input_is_refused_before_work(network: Network) -> None:
    with pytest.raises(ParameterError, match="1 parameter values"):
        amplitude(network, "000")
    with pytest.raises(ObservableError, match="one bit for each of 3 qubits"):
        amplitude(network, "0000", [0.1])
    wide = star(50)
    with pytest.raises(TooLargeError, match="finding the amplitudes of 1 bit strings needs"):
        amplitude(split(wide, CutPlan.uncut()), "0" * 50)
