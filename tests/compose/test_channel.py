"""Channels of modules against state vectors of whole circuits with references."""

from __future__ import annotations

import numpy as np
import pytest

from cutq import (
    Circuit,
    ClassicalIn,
    ClassicalOut,
    Composition,
    CompositionError,
    Module,
    Operation,
    ParameterError,
    QuantumIn,
    QuantumOut,
    TooLargeError,
    Weight,
    ansatz,
    channel,
    classical,
    kraus,
    param,
)
from cutq.compose.blocks.codes import repetition_decode, repetition_encode
from cutq.compose.blocks.encoders import angle_encoder
from cutq.compose.channel import dense
from tests.oracle import statevector

RNG = np.random.default_rng(7)


def random_circuit(qubits: int, gates: int, rng: np.random.Generator) -> Circuit:
    operations = []
    for _ in range(gates):
        first, second = map(int, rng.choice(qubits, 2, replace=False))
        operations += [Operation("ry", (first,), (rng.normal(),)), Operation("rz", (second,), (rng.normal(),))]
        operations += [Operation("cx", (first, second)), Operation("rxx", (second, first), (rng.normal(),))]
    return Circuit(qubits, tuple(operations), float(rng.normal()))


@pytest.mark.parametrize("seed", range(6))
def test_against_state_vectors(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = random_circuit(4, 4, rng)
    ins, outs = (tuple(map(int, rng.permutation(4)[: rng.integers(1, 4)])) for _ in range(2))
    ports = (*(QuantumIn(f"i{k}", (q,)) for k, q in enumerate(ins)), QuantumOut("out", outs))
    found = channel(Module("m", circuit, ports))
    preparation = random_circuit(len(ins), 2, rng) if len(ins) > 1 else Circuit(1, (Operation("u", (0,), (1, 2, 3)),))
    vector = statevector(preparation).reshape(-1)
    whole = Circuit(
        4, (*(op.on(tuple(ins[q] for q in op.qubits)) for op in preparation.operations), *circuit.operations)
    )
    state = statevector(whole)
    rest = [q for q in range(4) if q not in outs]
    matrix = state.transpose(*outs, *rest).reshape(2 ** len(outs), -1)
    after = np.einsum("abcd,cd", found, np.outer(vector, vector.conj()))
    np.testing.assert_allclose(after, matrix @ matrix.conj().T, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_channels_are_channels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    module = Module("m", random_circuit(4, 5, rng), (QuantumIn("in", (2, 0)), QuantumOut("out", (3, 2))))
    found = channel(module)
    np.testing.assert_allclose(np.einsum("aacd->cd", found), np.eye(4), atol=1e-12)
    choi = found.transpose(0, 2, 1, 3).reshape(16, 16)
    np.testing.assert_allclose(choi, choi.conj().T, atol=1e-12)
    assert np.linalg.eigvalsh(choi).min() > -1e-12
    assert kraus(module).shape == (4, 4, 4)


def test_compositions_are_products() -> None:
    first = Module("a", random_circuit(3, 3, RNG), (QuantumIn("in", (0, 1)), QuantumOut("out", (2, 1))))
    second = Module("b", random_circuit(3, 3, RNG), (QuantumIn("in", (2, 0)), QuantumOut("out", (0,))))
    product = np.einsum("abcd,cdef->abef", channel(second), channel(first))
    np.testing.assert_allclose(channel(first >> second), product, atol=1e-12)


def test_codes_give_the_identity() -> None:
    same = np.einsum("ac,bd->abcd", np.eye(2), np.eye(2))
    np.testing.assert_allclose(channel(repetition_encode() >> repetition_decode()), same, atol=1e-12)


def test_data_and_expressions() -> None:
    circuit = Circuit(1, (Operation("ry", (0,), (param("turn"),)), Operation("rz", (0,), (2 * param("w"),))))
    ports = (ClassicalIn("x", (2,)), QuantumOut("out", (0,)), ClassicalOut("z", ("Z0", "0.5*X0 + 2")))
    module = Module("m", circuit, ports, angles={"turn": "2*x[0]*x[1]"})
    found = dense(module, [0.0], {"x": [0.5, 0.6]}).values(np.ones(1))
    np.testing.assert_allclose(found, [np.cos(0.6), 0.5 * np.sin(0.6) + 2], atol=1e-12)
    turned = channel(module, [0.7], {"x": [0.5, 0.6]})[..., 0, 0]
    assert turned[1, 0] == pytest.approx(0.5 * np.sin(0.6) * np.exp(1.4j))


def test_frozen_weights_are_no_parameters() -> None:
    circuit = Circuit(1, (Operation("rx", (0,), (param("a"),)), Operation("ry", (0,), (param("turn"),))))
    ports = (QuantumOut("out", (0,)),)
    weights = (Weight("a", (), 0.3, frozen=True), Weight("b", (), 0.2))
    module = Module("m", circuit, ports, weights, angles={"turn": "a*b"})
    thawed = Module("m", circuit, ports, (Weight("a", (), 0.3), weights[1]), angles={"turn": "a*b"})
    np.testing.assert_allclose(channel(module), channel(thawed), atol=1e-14)
    np.testing.assert_allclose(channel(module, [0.9]), channel(thawed, [0.3, 0.9]), atol=1e-14)


def test_weights_of_compositions() -> None:
    chain = angle_encoder(2) >> ansatz.brickwork(2, 1, seed=4)
    x = {"angle-encoder-2.x": [0.1, 0.2]}
    theta = chain.weights[0].values.ravel()
    np.testing.assert_allclose(channel(chain, theta, x), channel(chain, data=x), atol=1e-14)
    assert np.abs(channel(chain, theta + 1, x) - channel(chain, data=x)).max() > 0.01


def test_refusals() -> None:
    encoder = angle_encoder(1)
    with pytest.raises(ParameterError, match="no data for the input 'x'"):
        channel(encoder)
    with pytest.raises(ParameterError, match="no input 'y'"):
        channel(encoder, data={"x": [0.1], "y": 1})
    with pytest.raises(ParameterError, match="data of the input 'x'"):
        channel(encoder, data={"x": [0.1, 0.2]})
    with pytest.raises(ParameterError, match="4 finite weights"):
        channel(ansatz.brickwork(2, 1), [0.1])
    with pytest.raises(TooLargeError, match="30 qubits"):
        kraus(ansatz.brickwork(30, 1, seed=0))
    with pytest.raises(TooLargeError, match="kraus"):
        channel(ansatz.brickwork(9, 1, seed=0))


def test_links_are_refused() -> None:
    whole = Composition("linked")
    read = Module("read", Circuit(1, (Operation("h", (0,)),)), (ClassicalOut("z", ("Z0",)),))
    whole.add("read", read)
    whole.add("enc", angle_encoder(1))
    whole.connect("read.z", "enc.x")
    with pytest.raises(CompositionError, match=r"read\.z to enc\.x"):
        channel(whole)
    with pytest.raises(CompositionError, match="wires only"):
        channel(classical("tanh", 2))
