"""The published blocks: what they promise, and what chains of them compute, against arithmetic and formulas."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from qiskit.circuit.library import zz_feature_map
from qiskit.quantum_info import Statevector

import cutq
from cutq import Circuit, Composition, Module, Operation, ParameterError, QuantumIn, QuantumOut
from cutq.compose.blocks import arithmetic, codes, encoders, overlaps, phases, readouts, states
from cutq.compose.blocks.catalogue import CATALOGUE
from cutq.compose.channel import dense, kraus
from cutq.compose.references import errors, qft

NAMES = sorted(CATALOGUE)


@pytest.mark.parametrize("name", NAMES)
def test_cards_hold(name: str) -> None:
    module = CATALOGUE[name]()
    assert module.name == name
    assert module == CATALOGUE[name]()
    assert {metric.check for metric in module.card.metrics} > {"two_qubit_gates"}
    assert all((module.card.summary, module.card.task, module.card.source, module.card.licence))
    found = module.verify()
    assert found.ok, str(found)
    assert len(found.rows) == len(module.card.metrics) + 2


def prepared(module: Module, seed: int) -> tuple[Composition, dict[str, np.ndarray]]:
    """A module with random product states at its inputs, and random data of everything."""
    rng = np.random.default_rng(seed)
    whole = Composition("prepared")
    whole.add("it", module)
    for port in module.quantum_inputs:
        whole.add(f"at_{port.name}", encoders.angle_encoder(len(port.qubits)))
        whole.connect(f"at_{port.name}.out", f"it.{port.name}")
    data = {}
    for port in whole.module.classical_inputs:
        low, high = max(port.low, -3.0), min(port.high, 3.0)
        data[port.name] = rng.uniform(low, high, port.shape)
    return whole, data


@pytest.mark.parametrize("name", NAMES)
def test_engines_agree_with_dense_matrices(name: str) -> None:
    module = CATALOGUE[name]()
    whole, data = prepared(module, seed=len(name))
    outs = [f"{port.name}[{k}]" for port in module.quantum_outputs for k in range(len(port.qubits))]
    letters = "ZXY"
    asked = [f"{letters[k % 3]}@it.{at}" for k, at in enumerate(outs)]
    if len(outs) > 1:
        asked.append(" ".join(f"X@it.{at}" for at in outs))
    numbers = [f"it.{port.name}" for port in module.classical_outputs]
    found = whole.compile([*numbers, *asked], max_qubits=7)(data=data)
    reference = dense(whole, data=data)
    exact = list(reference.values(np.ones(1)))
    assert found[: len(exact)] == pytest.approx(exact, abs=1e-10)
    operators = reference.kraus[:, :, 0]
    state = operators.reshape(len(operators), *(2,) * len(outs))
    for text, value in zip(asked, found[len(exact) :], strict=True):
        acted = state
        for one in text.split():
            axis = 1 + outs.index(one.split("@it.")[1])
            acted = np.moveaxis(np.tensordot(cutq.circuits.gates.PAULIS[one[0]], acted, (1, axis)), 0, axis)
        assert value == pytest.approx(np.vdot(state, acted).real, abs=1e-10), text


# --- arithmetic ---


def test_a_ripple_adder_of_64_bits_adds() -> None:
    digits = np.random.default_rng(1).integers(0, 2, (100, 64, 2))
    adder = arithmetic.ripple_adder(64).compile(max_qubits=6)
    found = adder(data={f"b{k}.x": digits[:, k] for k in range(64)})
    assert np.abs(found - np.rint(found)).max() < 1e-12
    for row, sums in zip(digits, np.rint(found).astype(int), strict=True):
        first, second = (sum(int(bit) << k for k, bit in enumerate(row[:, side])) for side in (0, 1))
        assert sum(int(bit) << k for k, bit in enumerate(sums)) == first + second


def test_the_parity_of_256_bits() -> None:
    bits = np.random.default_rng(2).integers(0, 2, (100, 64, 4))
    chain = states.zero() >> cutq.repeat(arithmetic.parity(4), 64)
    model = chain.compile(["0.5 - 0.5*Z@c63.out"], max_qubits=6)
    assert max(width for network in model.networks for width in network.widths) <= 6
    found = model(data={f"c{k}.x": bits[:, k] for k in range(64)})[:, 0]
    np.testing.assert_allclose(found, bits.sum(axis=(1, 2)) % 2, atol=1e-12)


def test_the_parity_of_fractions_is_a_product_of_cosines() -> None:
    x = np.random.default_rng(3).uniform(0, 1, (3, 5, 4))
    model = (states.zero() >> cutq.repeat(arithmetic.parity(4), 5)).compile(["Z@c4.out"], max_qubits=6)
    found = model(data={f"c{k}.x": x[:, k] for k in range(5)})[:, 0]
    np.testing.assert_allclose(found, np.cos(np.pi * x).prod(axis=(1, 2)), atol=1e-12)


@pytest.mark.parametrize("bits", list(itertools.product((0, 1), repeat=3)))
def test_majority_of_bits(bits: tuple[int, ...]) -> None:
    model = (arithmetic.bits(3) >> arithmetic.majority()).compile(["0.5 - 0.5*Z@majority.out"])
    assert model(data={"bits-3.x": bits})[0] == pytest.approx(float(sum(bits) > 1.5))


# --- states ---


@pytest.mark.parametrize("num_qubits", [2, 3, 5, 6, 9, 10, 500])
def test_ghz_states(num_qubits: int) -> None:
    network = states.ghz(num_qubits).network(max_qubits=6)
    assert max(network.widths) <= 6
    for bit in "01":
        assert cutq.amplitude(network, bit * num_qubits) == pytest.approx(math.sqrt(0.5))
    assert abs(cutq.amplitude(network, "0" * (num_qubits - 1) + "1")) < 1e-12
    drawn = cutq.sample(network, 200, seed=0)
    assert drawn.shape == (200, num_qubits)
    assert (drawn == drawn[:, :1]).all()
    assert 60 < drawn[:, 0].sum() < 140


# --- phases ---


@pytest.mark.parametrize("count", range(2, 7))
def test_fourier_steps_make_the_transform(count: int) -> None:
    whole = phases.qft(count)
    names = [port.name for port in whole.module.quantum_outputs]
    (operator,) = kraus(whole)
    order = [names.index(f"y{k}") for k in range(count)]
    found = operator.reshape(*(2,) * count, -1).transpose(*order, count).reshape(2**count, -1)
    np.testing.assert_allclose(found, qft(count), atol=1e-12)
    np.testing.assert_allclose(qft(count), np.fft.ifft(np.eye(2**count), norm="ortho"), atol=1e-12)


@pytest.mark.parametrize("count", [3, 6])
def test_fourier_amplitudes_of_cut_networks(count: int) -> None:
    whole = Composition("transform")
    whole.add("b", arithmetic.bits(count))
    whole.add("f", phases.qft(count))
    whole.connect("b.out", "f.in")
    network = whole.network()
    qubits = [whole.qubits(f"f.y{k}")[0] for k in range(count)]
    rng = np.random.default_rng(count)
    for _ in range(5):
        x, y = rng.integers(0, 2, (2, count))
        params = dict(zip((f"b.x[{k}]" for k in range(count)), map(float, x), strict=True))
        string = [""] * count
        for qubit, bit in zip(qubits, y, strict=True):
            string[qubit] = str(bit)
        values = np.array([params[name] for name in network.parameters])
        found = cutq.amplitude(network, "".join(string), values)
        row, column = (int("".join(map(str, bits)), 2) for bits in (y, x))
        assert found == pytest.approx((-1j) ** int(x.sum()) * qft(count)[row, column], abs=1e-12)


def test_phases_are_read_digit_by_digit() -> None:
    digits = 5
    model = phases.iterative_phase_estimation(digits).compile()
    turns = np.arange(2**digits) / 2**digits
    data = {f"s{k}.phi": turns for k in range(digits)} | {"s0.phase": 0.0}
    found = model(data=data | {f"s{k}.power": 2.0 ** (digits - 1 - k) for k in range(digits)})
    assert model.outputs == tuple(f"digits[{k}]" for k in range(digits))
    expected = [[int(bit) for bit in f"{number:0{digits}b}"] for number in range(2**digits)]
    np.testing.assert_allclose(found, expected, atol=1e-12)


# --- overlaps ---


@pytest.mark.parametrize("count", [1, 2])
def test_swap_tests_of_encoded_numbers(count: int) -> None:
    whole = Composition("kernel")
    whole.add("a", encoders.angle_encoder(count))
    whole.add("b", encoders.angle_encoder(count))
    whole.add("test", overlaps.swap_test(count))
    whole.connect("a.out", "test.a")
    whole.connect("b.out", "test.b")
    x, y = np.random.default_rng(count).normal(size=(2, 7, count))
    found = whole.compile(max_qubits=6)(data={"a.x": x, "b.x": y})[:, 0]
    np.testing.assert_allclose(found, (np.cos((x - y) / 2) ** 2).prod(axis=1), atol=1e-12)


# --- codes ---


def error(letters: str) -> Module:
    """A Pauli word as a module."""
    operations = tuple(Operation(letter.lower(), (k,)) for k, letter in enumerate(letters) if letter != "I")
    everything = tuple(range(len(letters)))
    return Module(
        "error", Circuit(len(letters), operations), (QuantumIn("in", everything), QuantumOut("out", everything))
    )


@pytest.mark.parametrize("letters", ["III", *errors("X", 3)])
def test_the_repetition_code_corrects_every_flip(letters: str) -> None:
    chain = encoders.angle_encoder(1) >> codes.repetition_encode() >> error(letters) >> codes.repetition_decode()
    model = chain.compile([f"{letter}@repetition-decode.out" for letter in "XYZ"], max_qubits=3)
    x = np.linspace(-3, 3, 7)
    expected = np.stack([np.sin(x), 0 * x, np.cos(x)], axis=1)
    np.testing.assert_allclose(model(data={"angle-encoder-1.x": x[:, None]}), expected, atol=1e-12)


def test_the_repetition_code_does_not_correct_phases_or_two_flips() -> None:
    for letters, expected in (("ZII", (-1, 1)), ("XXI", (1, -1))):
        chain = encoders.angle_encoder(1) >> codes.repetition_encode() >> error(letters) >> codes.repetition_decode()
        found = chain.compile(["X@repetition-decode.out", "Z@repetition-decode.out"])(data={"angle-encoder-1.x": [1.0]})
        np.testing.assert_allclose(found, np.array([math.sin(1), math.cos(1)]) * expected, atol=1e-12)


@pytest.mark.parametrize("letters", ["IIII", *errors("XYZ", 4)])
def test_the_422_code_shows_every_error(letters: str) -> None:
    chain = encoders.angle_encoder(2) >> codes.encode_422() >> error(letters) >> codes.detect_422()
    chain.discard("detect-422.out")
    found = chain.compile(max_qubits=6)(data={"angle-encoder-2.x": [0.4, -1.3]})
    expected = [1 - 2 * (any(one in letters for one in "YZ")), 1 - 2 * (any(one in letters for one in "XY"))]
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert letters == "IIII" or found.min() == pytest.approx(-1)


# --- encoders ---


@pytest.mark.parametrize("count", [2, 3])
def test_the_feature_map_is_that_of_qiskit(count: int) -> None:
    x = np.random.default_rng(count).uniform(0, 2 * np.pi, count)
    circuit = zz_feature_map(count, reps=2, entanglement="full").assign_parameters(x)
    # Qiskit's first qubit is the least significant.
    wanted = Statevector(circuit).data.reshape((2,) * count).transpose().reshape(-1)
    found = kraus(encoders.zz_encoder(count), data={"x": x})[0, :, 0]
    assert abs(np.vdot(wanted, found)) == pytest.approx(1)


@pytest.mark.parametrize("count", range(1, 7))
def test_amplitudes_keep_signs_and_zeros(count: int) -> None:
    rng = np.random.default_rng(count)
    encoder = encoders.amplitude_encoder(count)
    for zeros in (0.0, 0.3, 0.7, 0.9):
        x = rng.normal(size=2**count) * (rng.uniform(size=2**count) >= zeros)
        x[rng.integers(2**count)] = -1.5
        np.testing.assert_allclose(kraus(encoder, data={"x": x})[0, :, 0], x / np.linalg.norm(x), atol=1e-12)


@pytest.mark.parametrize("x", np.vstack([np.eye(8), -np.eye(8)]))
def test_amplitudes_of_unit_vectors(x: np.ndarray) -> None:
    np.testing.assert_allclose(kraus(encoders.amplitude_encoder(3), data={"x": x})[0, :, 0], x, atol=1e-12)


def test_amplitudes_of_nothing_are_refused() -> None:
    model = (encoders.amplitude_encoder(2) >> readouts.readout("Z", 2)).compile()
    with pytest.raises(ParameterError, match="has no value at x"):
        model(data={"amplitude-encoder-2.x": np.zeros(4)})
    with pytest.raises(ParameterError, match="has no value at x"):
        kraus(encoders.amplitude_encoder(3), data={"x": np.zeros(8)})


def test_derivatives_by_amplitudes() -> None:
    model = (encoders.amplitude_encoder(3) >> readouts.readout("Z", 3)).compile()
    x = np.random.default_rng(5).normal(size=8)
    _, pullback = model.vjp_all(data={"amplitude-encoder-3.x": x})
    weights = np.array([1.0, -0.5, 0.3])
    found = pullback(weights).data["amplitude-encoder-3.x"]

    def loss(x: np.ndarray) -> float:
        square = x**2 / (x @ x)
        signs = 1 - 2 * np.array(list(itertools.product((0, 1), repeat=3)))
        return float(square @ signs @ weights)

    expected = [(loss(x + step) - loss(x - step)) / 2e-6 for step in 1e-6 * np.eye(8)]
    np.testing.assert_allclose(found, expected, atol=1e-8)


@pytest.mark.parametrize(
    "build",
    [
        lambda: arithmetic.bits(0),
        lambda: arithmetic.parity(-1),
        lambda: states.ghz_grow(1),
        lambda: phases.qft_step(True),
        lambda: encoders.amplitude_encoder(20),
        lambda: encoders.zz_encoder(1),
        lambda: readouts.readout("Q", 2),
        lambda: encoders.angle_encoder(2, "z"),
        lambda: overlaps.swap_test(1.0),
    ],
)
def test_sizes_that_do_not_exist(build: object) -> None:
    with pytest.raises(cutq.ModuleError, match="got"):
        build()  # type: ignore[operator]
