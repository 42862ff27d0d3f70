"""Ansatz builders: weights, circuits against products of matrix exponentials, gradients of chains."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

import cutq
from cutq import Module, ModuleError, QuantumOut, ansatz
from cutq.compose.blocks.states import zero
from cutq.compose.channel import kraus
from cutq.compose.references import word

BUILT = [
    (ansatz.brickwork(4, 2), {"theta": (2, 4, 2)}),
    (ansatz.brickwork(1, 1), {"theta": (1, 1, 2)}),
    (ansatz.hardware_efficient(3, 2), {"theta": (3, 3, 2)}),
    (ansatz.hva(4, 3), {"gamma": (3,), "beta": (3,)}),
    (ansatz.hva(4, 2, "heisenberg", periodic=True), {"gamma": (2,), "beta": (2,)}),
    (ansatz.hva(2, 2, "heisenberg"), {"gamma": (2,)}),
]


@pytest.mark.parametrize(("module", "shapes"), BUILT, ids=[one.name for one, _ in BUILT])
def test_weights_and_ports(module: Module, shapes: dict[str, tuple[int, ...]]) -> None:
    assert {one.name: one.shape for one in module.weights} == shapes
    assert all(one.values is None for one in module.weights)
    assert [port.name for port in module.ports] == ["in", "out"]
    assert module.verify().ok
    chosen = module.initialised(0)
    assert module.num_weights == len(module.body.parameters)
    (operator,) = kraus(chosen)
    np.testing.assert_allclose(operator.conj().T @ operator, np.eye(len(operator)), atol=1e-12)


def two_site(pair: tuple[int, int], letter: str, qubits: int) -> np.ndarray:
    return word("".join(letter if k in pair else "I" for k in range(qubits)))


@pytest.mark.parametrize("periodic", [False, True])
def test_hva_of_the_ising_chain(periodic: bool) -> None:
    pairs = [(0, 1), (1, 2), (2, 3), *([(0, 3)] if periodic else [])]
    zz = sum(two_site(pair, "Z", 4) for pair in pairs)
    x = sum(two_site((k, k), "X", 4) for k in range(4))
    gamma, beta = np.random.default_rng(0).normal(size=(2, 2))
    expected = np.eye(16)
    for layer in range(2):
        expected = expm(-0.5j * beta[layer] * x) @ expm(-0.5j * gamma[layer] * zz) @ expected
    module = ansatz.hva(4, 2, periodic=periodic).with_weights({"gamma": gamma, "beta": beta})
    np.testing.assert_allclose(kraus(module)[0], expected, atol=1e-12)


def test_hva_of_the_heisenberg_chain() -> None:
    gamma, beta = np.random.default_rng(1).normal(size=(2, 1))
    even = sum(two_site(pair, letter, 4) for pair in ((0, 1), (2, 3)) for letter in "XYZ")
    odd = sum(two_site((1, 2), letter, 4) for letter in "XYZ")
    module = ansatz.hva(4, 1, "heisenberg").with_weights({"gamma": gamma, "beta": beta})
    expected = expm(-0.5j * beta[0] * odd) @ expm(-0.5j * gamma[0] * even)
    np.testing.assert_allclose(kraus(module)[0], expected, atol=1e-12)


def test_brickwork_by_hand() -> None:
    module = ansatz.brickwork(3, 2, seed=3)
    (theta,) = (one.values for one in module.weights)
    expected = np.eye(8)
    for layer, pair in enumerate(((0, 1), (1, 2))):
        for q in range(3):
            turn = expm(-0.5j * theta[layer, q, 0] * two_site((q, q), "Y", 3))
            expected = expm(-0.5j * theta[layer, q, 1] * two_site((q, q), "Z", 3)) @ turn @ expected
        signs = np.array([-1.0 if all(k >> (2 - q) & 1 for q in pair) else 1.0 for k in range(8)])
        expected = signs[:, None] * expected
    np.testing.assert_allclose(kraus(module)[0], expected, atol=1e-12)


def test_seeds() -> None:
    assert ansatz.brickwork(3, 2, seed=1) == ansatz.brickwork(3, 2, seed=1)
    assert ansatz.brickwork(3, 2, seed=1) != ansatz.brickwork(3, 2, seed=2)
    values = ansatz.hva(4, 50, seed=0).weights[0].values
    assert values is not None
    assert np.abs(values).max() <= np.pi
    with pytest.raises(cutq.ParameterError, match="has no values yet"):
        kraus(ansatz.brickwork(2, 1))


def test_other_ports() -> None:
    source = ansatz.brickwork(2, 1, seed=0, ports=[QuantumOut("left", (0,)), QuantumOut("right", (1,))])
    assert [port.name for port in source.ports] == ["left", "right"]
    assert source.quantum_inputs == ()


def test_gradients_of_a_chain() -> None:
    chain = zero(3) >> ansatz.brickwork(3, 2, seed=0) >> ansatz.hva(3, 1, seed=1)
    model = chain.compile(["Z@hva-tfim-3-1.out[0] X@hva-tfim-3-1.out[2]"], max_qubits=3)
    start = model.initial
    _, jacobian = model.value_and_jacobian(start)
    steps = 1e-6 * np.eye(len(start))
    expected = (model(start + steps) - model(start - steps))[:, 0] / 2e-6
    np.testing.assert_allclose(jacobian[0], expected, atol=1e-8)


@pytest.mark.parametrize(
    "build",
    [
        lambda: ansatz.brickwork(0, 1),
        lambda: ansatz.brickwork(2, 0),
        lambda: ansatz.hva(1, 1),
        lambda: ansatz.hva(4, 1, "ising"),
        lambda: ansatz.hva(5, 1, periodic=True),
    ],
)
def test_what_does_not_exist(build: object) -> None:
    with pytest.raises(ModuleError, match="got"):
        build()  # type: ignore[operator]
