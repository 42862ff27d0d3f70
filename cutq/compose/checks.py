"""The table of checks: how the numbers that cards promise are computed again, against :mod:`cutq.compose.references`.

A check takes a module and the options of its metric and returns one number. Where it compares, that number is the
largest deviation.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.circuit import Circuit
from cutq.circuits.gates import Matrix
from cutq.compose.assembly import Assembly, size
from cutq.compose.channel import dense, kraus
from cutq.compose.circuits import lay
from cutq.compose.flatten import flatten
from cutq.compose.module import Module
from cutq.compose.ports import ClassicalIn
from cutq.compose.references import (
    CODES,
    HAMILTONIANS,
    STABILISERS,
    STATES,
    TABLES,
    UNITARIES,
    VALUES,
    Data,
    Vector,
    errors,
    word,
)
from cutq.compose.scores import circles_accuracy, digits_accuracy, entangling_capability, expressibility
from cutq.compose.trained_checks import TRAINED
from cutq.compose.wiring import Wiring
from cutq.errors import ModuleError

Options = Mapping[str, Any]
Check = Callable[[Module, Options], float]

DRAWS = 5
"""Random states and data that a check tries unless told otherwise."""


def truth_table(module: Module, options: Options) -> float:
    """One minus the probability of the right output, at worst over all bits of inputs and data."""
    right = _reference(TABLES, options)
    widths = [size(port) for port in module.quantum_inputs]
    ports = module.classical_inputs
    worst = 0.0
    for given in itertools.product((0, 1), repeat=sum(map(size, ports))):
        operators = kraus(module, data=_shaped(ports, given))
        for brought in itertools.product((0, 1), repeat=sum(widths)):
            wanted = _number(right(*brought, *given))
            amplitudes = operators[:, wanted, _number(brought)]
            worst = max(worst, abs(1 - float(np.vdot(amplitudes, amplitudes).real)))
    return worst


def unitary(module: Module, options: Options) -> float:
    """The distance of its matrix from another one, entry by entry, but for a phase."""
    operators = kraus(module)
    wanted = _reference(UNITARIES, options)(**_arguments(options))
    if operators.shape != (1, *wanted.shape):
        return math.inf
    return _apart(operators[0], wanted)


def state(module: Module, options: Options) -> float:
    """The distance of the state that it prepares of random data from the right one, amplitude by amplitude."""
    right = _reference(STATES, options)
    worst = 0.0
    for data in _draws(module, options):
        operators = kraus(module, data=data)
        wanted = right(data, **_arguments(options))[:, None]
        worst = max(worst, math.inf if operators.shape != (1, *wanted.shape) else _apart(operators[0], wanted))
    return worst


def values(module: Module, options: Options) -> float:
    """The distance of its numbers from the right ones, for random states and data."""
    right = _reference(VALUES, options)
    rng = np.random.default_rng(options.get("seed", 0))
    worst = 0.0
    for data in _draws(module, options):
        states = [_random_state(rng, 2 ** size(port)) for port in module.quantum_inputs]
        found = dense(module, data=data).values(_product(states))
        worst = max(worst, float(np.abs(found - right(states, data, **_arguments(options))).max()))
    return worst


def energy(module: Module, options: Options) -> float:
    """How far the energy of its state is above the ground state's, as a share of the latter's modulus."""
    matrix = _reference(HAMILTONIANS, options)(**_arguments(options))
    operators = kraus(module)
    if operators.shape[1:] != (len(matrix), 1):
        return math.inf
    found = float(np.einsum("kax,ab,kbx", operators.conj(), matrix, operators).real)
    ground = float(np.linalg.eigvalsh(matrix)[0])
    return (found - ground) / abs(ground)


def isometry(module: Module, options: Options) -> float:
    """How far it is from keeping the trace: ``sum_k K_k^dagger K_k`` minus the identity, at worst over random data."""
    chosen = module.initialised(seed=0)
    worst = 0.0
    for data in _draws(module, options):
        operators = kraus(chosen, data=data)
        total = np.einsum("kab,kac->bc", operators.conj(), operators)
        worst = max(worst, float(np.abs(total - np.eye(len(total))).max()))
    return worst


def corrects(module: Module, options: Options) -> float:
    """How far a decoder is from giving every state back, at worst over no error and all errors on one qubit."""
    words = _reference(CODES, options, "code")()
    qubits = len(words).bit_length() - 1
    operators = kraus(module)
    worst = 0.0
    for error in ("I" * qubits, *errors(options["letters"], qubits)):
        whole = operators @ word(error) @ words
        process = np.einsum("kac,kbd->abcd", whole, whole.conj())
        size_in = words.shape[1]
        same = np.einsum("ac,bd->abcd", np.eye(size_in), np.eye(size_in))
        worst = max(worst, float(np.abs(process - same).max()))
    return worst


def detects(module: Module, options: Options) -> float:
    """How far its stabiliser values are from what commutation says, at worst over errors and code words.

    Every error has to turn at least one stabiliser: one that turns none counts as 2.
    """
    words = _reference(CODES, options, "code")()
    stabilisers = _reference(STABILISERS, options, "code")
    qubits = len(words).bit_length() - 1
    rng = np.random.default_rng(options.get("seed", 0))
    whole = dense(module)
    worst = 0.0
    for error in ("I" * qubits, *errors(options["letters"], qubits)):
        signs = np.array([_commute(error, one) for one in stabilisers])
        if set(error) != {"I"} and (signs == 1).all():
            return 2.0
        found = whole.values(word(error) @ words @ _random_state(rng, words.shape[1]))
        worst = max(worst, float(np.abs(found - signs).max()))
    return worst


def keeps(module: Module, options: Options) -> float:
    """How far a module between encoder and decoder is from letting every state go on, errors on it included."""
    words = _reference(CODES, options, "code")()
    qubits = len(words).bit_length() - 1
    operators = kraus(module)
    worst = 0.0
    for error in ("I" * qubits, *errors(options["letters"], qubits)):
        wrong = word(error) @ words
        whole = operators @ wrong
        process = np.einsum("kac,kbd->abcd", whole, whole.conj())
        worst = max(worst, float(np.abs(process - np.einsum("ac,bd->abcd", wrong, wrong.conj())).max()))
    return worst


def two_qubit_gates(module: Module, options: Options) -> float:
    """How many gates on two qubits its circuit has."""
    return float(sum(len(op.qubits) == 2 for op in _circuit(module).operations))


def depth(module: Module, options: Options) -> float:
    """The longest path of gates through its circuit."""
    circuit = _circuit(module)
    level = [0] * circuit.num_qubits
    for op in circuit.operations:
        reached = 1 + max(level[qubit] for qubit in op.qubits)
        for qubit in op.qubits:
            level[qubit] = reached
    return float(max(level, default=0))


def qubits(module: Module, options: Options) -> float:
    """How many qubits its circuit has."""
    return float(_circuit(module).num_qubits)


def weights(module: Module, options: Options) -> float:
    """How many numbers its weights are."""
    return float(module.num_weights)


CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        truth_table, unitary, state, values, energy, isometry, corrects, detects, keeps,
        two_qubit_gates, depth, qubits, weights,
        digits_accuracy, circles_accuracy, expressibility, entangling_capability,
    )
} | TRAINED  # fmt: skip
"""The checks by name."""


def _reference(table: Mapping[str, Any], options: Options, key: str = "reference") -> Any:
    name = options.get(key, "")
    if name not in table:
        raise ModuleError(f"the option {key!r} of this check is one of {', '.join(table)}, got {name!r}")
    return table[name]


def _arguments(options: Options) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in ("reference", "draws", "seed")}


def _circuit(module: Module) -> Circuit:
    """Its circuit; of a composition the flat one, classical functions left out."""
    if isinstance(module.body, Circuit):
        return module.body
    if not isinstance(module.body, Assembly):
        return Circuit(0)
    flat = flatten(module.body)
    return lay(Wiring(flat), range(len(flat.leaves))).circuit


def _draws(module: Module, options: Options) -> Iterator[dict[str, NDArray[np.float64]]]:
    """Random data: uniform in ranges, normal where there are none; nothing for modules without inputs of data."""
    rng = np.random.default_rng([options.get("seed", 0), 1])
    for _ in range(options.get("draws", DRAWS)):
        yield {port.name: _random_data(rng, port) for port in module.classical_inputs}


def _random_data(rng: np.random.Generator, port: ClassicalIn) -> NDArray[np.float64]:
    if math.isfinite(port.low) and math.isfinite(port.high):
        return np.asarray(rng.uniform(port.low, port.high, port.shape))
    spread = np.asarray(rng.normal(size=port.shape))
    if math.isfinite(port.low):
        return port.low + np.abs(spread)
    return port.high - np.abs(spread) if math.isfinite(port.high) else spread


def _random_state(rng: np.random.Generator, dimension: int) -> Vector:
    numbers = rng.normal(size=dimension) + 1j * rng.normal(size=dimension)
    return np.asarray(numbers / np.linalg.norm(numbers))


def _product(states: Sequence[Vector]) -> Vector:
    found: Vector = np.ones(1, dtype=complex)
    for one in states:
        found = np.asarray(np.kron(found, one))
    return found


def _shaped(ports: Sequence[ClassicalIn], numbers: Sequence[int]) -> Data:
    """Numbers in a row as the arrays of ports."""
    found, first = {}, 0
    for port in ports:
        found[port.name] = np.array(numbers[first : first + size(port)], dtype=float).reshape(port.shape)
        first += size(port)
    return found


def _number(bits: Sequence[int]) -> int:
    """The whole number of some bits, most significant first."""
    return sum(int(bit) << place for place, bit in enumerate(reversed(bits)))


def _apart(found: Matrix, wanted: Matrix) -> float:
    overlap = complex(np.vdot(found, wanted))
    phase = overlap / abs(overlap) if overlap else 1.0
    return float(np.abs(found * phase - wanted).max())


def _commute(word_a: str, word_b: str) -> int:
    """1 where two Pauli words commute, else -1."""
    apart = sum(a != b and "I" not in (a, b) for a, b in zip(word_a, word_b, strict=True))
    return 1 - 2 * (apart % 2)
