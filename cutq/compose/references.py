"""What modules are held against: integer arithmetic, matrices and states from formulas, none of it from circuits."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.gates import PAULIS, Matrix

Reals = NDArray[np.float64]
Bits = tuple[int, ...]
Data = Mapping[str, Reals]
Vector = NDArray[np.complex128]


# --- truth tables: bits of the quantum inputs, then of the data, to bits of the quantum outputs ---


def copied(*bits: int) -> Bits:
    """The same bits."""
    return bits


def parity(*bits: int) -> Bits:
    """Their sum modulo 2."""
    return (sum(bits) % 2,)


def full_adder(a: int, b: int, carry: int) -> Bits:
    """The first summand again, and the digits of the sum."""
    total = a + b + carry
    return a, total % 2, total // 2


def majority(*bits: int) -> Bits:
    """1 where more than half are 1."""
    return (int(2 * sum(bits) > len(bits)),)


TABLES: dict[str, Callable[..., Bits]] = {
    "copy": copied,
    "parity": parity,
    "full-adder": full_adder,
    "majority": majority,
}
"""Truth tables by name."""


# --- isometries: (2**out, 2**in) ---


def qft(qubits: int) -> Matrix:
    """``F[y, x] = exp(2 pi i x y / N) / sqrt(N)``, Nielsen and Chuang (2010), equation 5.2."""
    size = 2**qubits
    numbers = np.arange(size)
    return np.asarray(np.exp(2j * math.pi * np.outer(numbers, numbers) / size) / math.sqrt(size))


def qft_step(qubits: int) -> Matrix:
    """The phase ``exp(2 pi i x / N)`` on the first qubit, beside the others, ibidem, equation 5.14."""
    size = 2**qubits
    found = np.zeros((size, size), dtype=complex)
    for x, top in itertools.product(range(size), range(2)):
        found[top * size // 2 + x % (size // 2), x] = np.exp(2j * math.pi * x * top / size) / math.sqrt(2)
    return found


def ghz_grow(qubits: int) -> Matrix:
    """``|0...0><0| + |1...1><1|``."""
    found = np.zeros((2**qubits, 2), dtype=complex)
    found[0, 0] = found[-1, 1] = 1.0
    return found


def ghz(qubits: int) -> Matrix:
    """``(|0...0> + |1...1>)/sqrt(2)``, a column."""
    return np.asarray(ghz_grow(qubits).sum(axis=1, keepdims=True) / math.sqrt(2))


def zero(qubits: int) -> Matrix:
    """``|0...0>``, a column."""
    return np.eye(2**qubits, 1, dtype=complex)


def plus(qubits: int) -> Matrix:
    """All amplitudes equal, a column."""
    return np.full((2**qubits, 1), 2 ** (-qubits / 2), dtype=complex)


def code_422() -> Matrix:
    """The code words of the [[4,2,2]] code, from its stabilisers and logical operators.

    ``|00>`` is in the image of (1 + XXXX)(1 + ZZZZ)(1 + Z0 Z3)(1 + Z1 Z3); X0 X2 and X1 X2 make the others.
    """
    start = np.eye(16, 1, dtype=complex)
    for stabiliser in ("XXXX", "ZZZZ", "ZIIZ", "IZIZ"):
        start = start + word(stabiliser) @ start
    start = start / np.linalg.norm(start)
    first, second = word("XIXI"), word("IXXI")
    return np.concatenate([start, second @ start, first @ start, first @ second @ start], axis=1)


UNITARIES: dict[str, Callable[..., Matrix]] = {
    "qft": qft,
    "qft-step": qft_step,
    "ghz-grow": ghz_grow,
    "ghz-seed": ghz,
    "zero": zero,
    "plus": plus,
    "repetition-encode": lambda: ghz_grow(3),
    "encode-422": code_422,
}
"""Unitaries, isometries and states by name."""

CODES: dict[str, Callable[[], Matrix]] = {"repetition": lambda: ghz_grow(3), "422": code_422}
"""The code words of codes, as columns."""

STABILISERS: dict[str, tuple[str, ...]] = {"repetition": ("ZZI", "IZZ"), "422": ("XXXX", "ZZZZ")}
"""The stabilisers of codes."""


# --- states of data ---


def angle_state(data: Data, letter: str = "y") -> Vector:
    """``cos(x/2)|0> + sin(x/2)|1>`` on each qubit, with ``-i sin`` for rotations about X."""
    factor = -1j if letter == "x" else 1.0
    found = np.ones(1, dtype=complex)
    for x in data["x"]:
        found = np.kron(found, [math.cos(x / 2), factor * math.sin(x / 2)])
    return found


def zz_state(data: Data, repetitions: int = 2) -> Vector:
    """Diagonal phases between Hadamards, Havlicek et al., Nature 567, 209 (2019)."""
    x = data["x"]
    strings = np.array(list(itertools.product((0, 1), repeat=len(x))))
    phases = 2 * strings @ x
    for j, k in itertools.combinations(range(len(x)), 2):
        phases = phases + 2 * (math.pi - x[j]) * (math.pi - x[k]) * (strings[:, j] ^ strings[:, k])
    mixed = (-1.0) ** (strings @ strings.T) / math.sqrt(len(strings))
    state = np.eye(len(strings), 1, dtype=complex)[:, 0]
    for _ in range(repetitions):
        state = np.exp(1j * phases) * (mixed @ state)
    return np.asarray(state)


def amplitude_state(data: Data) -> Vector:
    """``x/|x|``."""
    return np.asarray(data["x"] / np.linalg.norm(data["x"]), dtype=complex)


STATES: dict[str, Callable[..., Vector]] = {
    "angle-encoder": angle_state,
    "zz-encoder": zz_state,
    "amplitude-encoder": amplitude_state,
}
"""States of data by name."""


# --- Hamiltonians of chains, to be diagonalised ---


def ising(qubits: int, field: float = 1.0, periodic: bool = False) -> Matrix:
    """``-sum Z_j Z_(j+1) - field * sum X_j``."""
    found = -sum((_pair("Z", j, k, qubits) for j, k in _bonds(qubits, periodic)), np.zeros((2**qubits, 2**qubits)))
    return np.asarray(found - field * sum(word("I" * k + "X" + "I" * (qubits - 1 - k)) for k in range(qubits)))


def heisenberg(qubits: int, periodic: bool = False) -> Matrix:
    """``sum X_j X_(j+1) + Y_j Y_(j+1) + Z_j Z_(j+1)``."""
    terms = (_pair(letter, j, k, qubits) for j, k in _bonds(qubits, periodic) for letter in "XYZ")
    return np.asarray(sum(terms, np.zeros((2**qubits, 2**qubits), dtype=complex)))


HAMILTONIANS: dict[str, Callable[..., Matrix]] = {"tfim": ising, "heisenberg": heisenberg}
"""Hamiltonians by name."""


def _bonds(qubits: int, periodic: bool) -> list[tuple[int, int]]:
    return [*itertools.pairwise(range(qubits)), *([(0, qubits - 1)] if periodic and qubits > 2 else [])]


def _pair(letter: str, j: int, k: int, qubits: int) -> Matrix:
    return word("".join(letter if q in (j, k) else "I" for q in range(qubits)))


# --- numbers of states, one for each quantum input, and data ---


def overlap(states: Sequence[Vector], data: Data) -> Reals:
    """``|<a|b>|**2``."""
    return np.array([abs(np.vdot(states[0], states[1])) ** 2])


def element(states: Sequence[Vector], data: Data) -> Reals:
    """Real and imaginary part of ``<psi|U|psi>``; U as in OpenQASM, with a phase."""
    t, p, o, g = data["angles"]
    cos, sin = math.cos(t / 2), math.sin(t / 2)
    matrix = np.array([[cos, -np.exp(1j * o) * sin], [np.exp(1j * p) * sin, np.exp(1j * (p + o)) * cos]])
    found = np.exp(1j * g) * np.vdot(states[0], matrix @ states[0])
    return np.array([found.real, found.imag])


def digit(states: Sequence[Vector], data: Data) -> Reals:
    """The probability of 1 of one step of phase estimation."""
    turn = 2 * math.pi * data["phi"] * data["power"]
    return np.array([math.sin((float(turn) - float(data["phase"])) / 2) ** 2])


def paulis(states: Sequence[Vector], data: Data, letter: str) -> Reals:
    """The expectation values of one letter on each qubit."""
    state = states[0]
    width = len(state).bit_length() - 1
    words = ("I" * k + letter + "I" * (width - 1 - k) for k in range(width))
    return np.array([np.vdot(state, word(one) @ state).real for one in words])


VALUES: dict[str, Callable[..., Reals]] = {
    "swap-test": overlap,
    "hadamard-test": element,
    "phase-estimation-step": digit,
    "readout": paulis,
}
"""Numbers of states and data by name."""


def word(letters: str) -> Matrix:
    """A Pauli word as a matrix, first letter most significant."""
    found = np.eye(1, dtype=complex)
    for letter in letters:
        found = np.kron(found, PAULIS[letter])
    return found


def errors(letters: str, qubits: int) -> list[str]:
    """All words with one of these letters on one qubit.

    >>> errors("XZ", 2)
    ['XI', 'IX', 'ZI', 'IZ']
    """
    return ["I" * k + letter + "I" * (qubits - 1 - k) for letter in letters for k in range(qubits)]
