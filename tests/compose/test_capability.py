"""What circuits are capable of, against known values: idle circuits, random states, states of known entanglement."""

from __future__ import annotations

import math

import numpy as np
import pytest

import cutq
from cutq import (
    Circuit,
    Composition,
    CompositionError,
    Module,
    Operation,
    ParameterError,
    TooLargeError,
    entangling_capability,
    expressibility,
    param,
)
from cutq.compose.channel import dense
from cutq.compose.learn.capability import meyer_wallach, random_states
from cutq.compose.ports import ClassicalIn, QuantumIn, QuantumOut


def haar(rng: np.random.Generator, count: int, qubits: int) -> np.ndarray:
    found = rng.normal(size=(count, 2**qubits)) + 1j * rng.normal(size=(count, 2**qubits))
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def circuit(qubits: int, *operations: Operation) -> Module:
    return Module("m", Circuit(qubits, operations))


@pytest.mark.parametrize("qubits", [1, 2, 3])
def test_idle_circuits(qubits: int) -> None:
    idle = circuit(qubits, *(Operation("id", (q,)) for q in range(qubits)))
    # All fidelities are 1, and random states have that in the last bin with probability 75**(1 - 2**qubits).
    assert expressibility(idle, draws=20) == pytest.approx((2**qubits - 1) * math.log(75))
    assert entangling_capability(idle, draws=5) == pytest.approx(0.0, abs=1e-12)


def test_one_qubit_circuits_of_the_paper() -> None:
    # Sim et al. (2019), figure 2: H and RZ reach a circle, H, RZ and RX nearly the sphere, a random turn all of it.
    circle = circuit(1, Operation("h", (0,)), Operation("rz", (0,), (param("a"),)))
    more = circuit(1, *circle.body.operations, Operation("rx", (0,), (param("b"),)))  # type: ignore[union-attr]
    found = [expressibility(one, draws=5000) for one in (circle, more)]
    assert found[0] == pytest.approx(0.22, abs=0.04)
    assert found[1] == pytest.approx(0.02, abs=0.02)


@pytest.mark.parametrize("qubits", [2, 3, 4])
def test_deep_circuits_are_like_random_states(qubits: int) -> None:
    deep = cutq.ansatz.brickwork(qubits, 4 * qubits)
    draws = 3000
    assert 0 <= expressibility(deep, draws) < 3 * 75 / (2 * draws)
    assert entangling_capability(deep, 1500) == pytest.approx((2**qubits - 2) / (2**qubits + 1), abs=0.02)


@pytest.mark.parametrize("qubits", [1, 2, 3, 5])
def test_the_mean_over_random_states(qubits: int) -> None:
    found = meyer_wallach(haar(np.random.default_rng(qubits), 4000, qubits)).mean()
    assert found == pytest.approx((2**qubits - 2) / (2**qubits + 1), abs=0.01)


def test_states_of_known_entanglement() -> None:
    ghz = np.zeros((1, 8), dtype=complex)
    ghz[0, [0, 7]] = 1 / math.sqrt(2)
    w = np.zeros((1, 8), dtype=complex)
    w[0, [1, 2, 4]] = 1 / math.sqrt(3)
    assert meyer_wallach(ghz) == pytest.approx([1.0])
    assert meyer_wallach(w) == pytest.approx([8 / 9])


def test_more_layers_express_more() -> None:
    found = [expressibility(cutq.ansatz.hardware_efficient(4, layers), draws=1000) for layers in (1, 4)]
    assert found[1] < found[0]


def test_states_are_those_of_dense_arrays() -> None:
    module = cutq.blocks.zz_encoder(2)
    angles = dict.fromkeys(("x[0]", "x[1]"), 0.0)
    assert set(angles) == set(module.classical_inputs[0].elements)
    (states,) = random_states(module, 3, seed=4)
    rng = np.random.default_rng([4, 2])
    low, high = (getattr(module.classical_inputs[0], end) for end in ("low", "high"))
    bounds = (low if math.isfinite(low) else -math.pi, high if math.isfinite(high) else math.pi)
    drawn = np.stack([rng.uniform(*bounds, 3) for _ in range(2)], axis=1)
    for row, state in zip(drawn, states, strict=True):
        whole = dense(module, data={"x": row}).state.reshape(-1)
        assert abs(np.vdot(whole, state)) == pytest.approx(1.0)


def test_frozen_weights_stay() -> None:
    fixed = cutq.ansatz.brickwork(2, 2, seed=0)
    whole = Composition("whole")
    whole.add("m", fixed, frozen=True)
    whole.add("zero", cutq.blocks.zero(2))
    whole.connect("zero.out", "m.in")
    assert expressibility(whole, draws=20) == pytest.approx(3 * math.log(75))


def test_the_same_seed_gives_the_same() -> None:
    module = cutq.ansatz.brickwork(2, 1)
    assert expressibility(module, 200, seed=3) == expressibility(module, 200, seed=3)
    assert expressibility(module, 200, seed=3) != expressibility(module, 200, seed=4)
    assert entangling_capability(module, 50, seed=3) != entangling_capability(module, 50, seed=4)


def test_mistakes() -> None:
    module = cutq.ansatz.brickwork(2, 1)
    for wrong in ({"draws": 0}, {"bins": 0}, {"seed": -1}, {"draws": 2.5}):
        with pytest.raises(ParameterError, match="whole number"):
            expressibility(module, **wrong)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="draws"):
        entangling_capability(module, draws=0)
    with pytest.raises(TooLargeError, match="1 to 14"):
        expressibility(cutq.ansatz.brickwork(15, 1))
    with pytest.raises(CompositionError, match="classical links"):
        expressibility(linked())


def linked() -> Composition:
    """A turn that is driven by a number of another module."""
    whole = Composition("linked")
    turn = Circuit(1, (Operation("rx", (0,), (param("x"),)),))
    ports = (QuantumIn("in", (0,)), ClassicalIn("x"), QuantumOut("out", (0,)))
    whole.add("plus", cutq.blocks.plus())
    whole.add("read", cutq.blocks.readout("Z", 1))
    whole.add("other", cutq.blocks.plus())
    whole.add("turn", Module("turn", turn, ports))
    whole.connect("plus.out", "read.in")
    whole.connect("other.out", "turn.in")
    whole.connect("read.values", "turn.x")
    return whole
