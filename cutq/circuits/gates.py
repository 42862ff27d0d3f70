"""The one table of gates that everything else reads.

A gate is a fixed matrix or a product of exponentials ``exp(-i t G)`` of Hermitian generators ``G``; from the row
follow its matrix, whether it is diagonal, the frequencies of its angles and their shift rule. Angles are in radians
with ``RX(t) = exp(-i t X/2)``. The first qubit of a gate is the most significant: ``CX`` maps ``|10>`` to ``|11>``.
"""

from __future__ import annotations

import difflib
import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutq.errors import CircuitError

Matrix = NDArray[np.complex128]

MATRIX_GATE = "unitary"
"""Name of an operation that is given by its matrix instead of a row of the table."""

PAULIS: dict[str, Matrix] = {
    "I": np.eye(2, dtype=complex),
    "X": np.array([[0, 1], [1, 0]], dtype=complex),
    "Y": np.array([[0, -1j], [1j, 0]], dtype=complex),
    "Z": np.diag([1, -1]).astype(complex),
}
"""The Pauli matrices by letter."""


@dataclass(frozen=True, eq=False)
class Factor:
    """One factor of a gate: the exponential of a generator for one of the gate's angles, or a fixed matrix.

    Attributes:
        matrix: the Hermitian generator ``G`` of ``exp(-i t G)``, or the fixed matrix itself, (d, d).
        angle: which angle of the gate is ``t``; None where the factor is fixed.
    """

    matrix: Matrix
    angle: int | None = None

    def at(self, angles: Sequence[float]) -> Matrix:
        """The factor as a unitary, (d, d)."""
        if self.angle is None:
            return self.matrix
        energies, states = _spectrum(self)
        phases = np.exp(-1j * angles[self.angle] * energies)
        return np.asarray((states * phases) @ states.conj().T)


@functools.cache
def _spectrum(factor: Factor) -> tuple[NDArray[np.float64], Matrix]:
    energies, states = np.linalg.eigh(factor.matrix)
    return energies, states


@dataclass(frozen=True, eq=False)
class Gate:
    """One row of the table.

    Attributes:
        name: its OpenQASM name.
        num_qubits: how many qubits it acts on.
        num_angles: how many angles it takes, in the order of its OpenQASM parameters.
        factors: the factors whose product it is, leftmost first.
        parts: for gates on more than two qubits, the smaller gates in time order as (name, qubits of the gate).
    """

    name: str
    num_qubits: int
    num_angles: int
    factors: tuple[Factor, ...]
    parts: tuple[tuple[str, tuple[int, ...]], ...] = ()

    def matrix(self, angles: Sequence[float] = ()) -> Matrix:
        """Its unitary at these angles, (2**num_qubits, 2**num_qubits).

        >>> gate("rz").matrix([0.0]).real
        array([[1., 0.],
               [0., 1.]])
        """
        product = self.factors[0].at(angles)
        for factor in self.factors[1:]:
            product = product @ factor.at(angles)
        return product

    @property
    def diagonal(self) -> bool:
        """Whether it is diagonal at every angle."""
        return all(np.count_nonzero(f.matrix - np.diag(np.diagonal(f.matrix))) == 0 for f in self.factors)

    def generator(self, angle: int = 0) -> Matrix:
        """The Hermitian ``G`` of the factor ``exp(-i t G)`` that this angle drives."""
        return next(f.matrix for f in self.factors if f.angle == angle)

    def frequencies(self, angle: int = 0) -> tuple[float, ...]:
        """Positive differences of the generator's eigenvalues: an expectation value has just these in ``t``."""
        energies = np.linalg.eigvalsh(self.generator(angle))
        gaps = np.round(np.abs(energies[:, None] - energies[None, :]), 12)
        return tuple(float(gap) for gap in np.unique(gaps) if gap > 0)

    def shift_rule(self, angle: int = 0) -> tuple[tuple[float, float], ...]:
        """Pairs (coefficient, shift) with ``df/dt = sum coefficient * f(t + shift)``, exactly.

        Two terms for one frequency, four for the two of a controlled rotation (Anselmetti et al., NJP 23 113010).

        >>> gate("rx").shift_rule()
        ((0.5, 1.5707963267948966), (-0.5, -1.5707963267948966))
        """
        return shift_rule(self.frequencies(angle))


_OUTER, _INNER = (math.sqrt(2) + 1) / (4 * math.sqrt(2)), (math.sqrt(2) - 1) / (4 * math.sqrt(2))

SHIFT_RULES: dict[tuple[float, ...], tuple[tuple[float, float], ...]] = {
    (1.0,): ((0.5, math.pi / 2), (-0.5, -math.pi / 2)),
    (0.5, 1.0): (
        (_OUTER, math.pi / 2),
        (-_OUTER, -math.pi / 2),
        (-_INNER, 3 * math.pi / 2),
        (_INNER, -3 * math.pi / 2),
    ),
}
"""Shift rules by the frequencies of the angle, where they are not equidistant or have a shorter rule."""


def shift_rule(frequencies: tuple[float, ...]) -> tuple[tuple[float, float], ...]:
    """Pairs (coefficient, shift) with ``df/dt = sum coefficient * f(t + shift)`` for functions of these frequencies.

    R frequencies ``w, 2 w, ..., R w`` take 2 R shifts (Wierichs et al., Quantum 6 677).

    Raises:
        CircuitError: the frequencies are not equidistant.

    >>> rule = shift_rule((1.0, 2.0, 3.0))
    >>> round(sum(coefficient * math.sin(3 * (0.2 + shift)) for coefficient, shift in rule), 9)
    2.476006845
    >>> round(3 * math.cos(3 * 0.2), 9)
    2.476006845
    """
    if frequencies in SHIFT_RULES:
        return SHIFT_RULES[frequencies]
    step, count = frequencies[0], len(frequencies)
    if any(abs(one - (k + 1) * step) > 1e-9 for k, one in enumerate(frequencies)):
        raise CircuitError(f"shift rules are for equidistant frequencies, or 1/2 and 1, got {frequencies}")
    shifts = [(2 * m - 1) * math.pi / (2 * count) for m in range(1, 2 * count + 1)]
    return tuple(
        (step * (-1) ** m / (4 * count * math.sin(shift / 2) ** 2), shift / step) for m, shift in enumerate(shifts)
    )


def _fixed(name: str, matrix: object) -> Gate:
    unitary = np.asarray(matrix, dtype=complex)
    return Gate(name, len(unitary).bit_length() - 1, 0, (Factor(unitary),))


def _turning(name: str, *factors: tuple[int | None, Matrix]) -> Gate:
    used = {index for index, _ in factors if index is not None}
    qubits = len(factors[0][1]).bit_length() - 1
    return Gate(name, qubits, len(used), tuple(Factor(matrix, index) for index, matrix in factors))


def _pauli(word: str) -> Matrix:
    """Two Pauli matrices side by side."""
    return np.asarray(np.kron(PAULIS[word[0]], PAULIS[word[1]]))


def _controlled(matrix: Matrix) -> Matrix:
    """``|0><0| (x) 1 + |1><1| (x) matrix``."""
    block = np.eye(2 * len(matrix), dtype=complex)
    block[len(matrix) :, len(matrix) :] = matrix
    return block


def _when_one(generator: Matrix) -> Matrix:
    """The generator of the controlled gate: ``|1><1| (x) generator``."""
    return np.kron(np.diag([0, 1]), generator).astype(complex)


_X, _Y, _Z = (PAULIS[letter] for letter in "XYZ")
_H = (_X + _Z) / math.sqrt(2)
_S, _T = np.diag([1, 1j]), np.diag([1, np.exp(0.25j * math.pi)])
_SX = np.array([[0.5 + 0.5j, 0.5 - 0.5j], [0.5 - 0.5j, 0.5 + 0.5j]])
_SWAP = np.eye(4, dtype=complex)[[0, 2, 1, 3]]
_ISWAP = np.array([[1, 0, 0, 0], [0, 0, 1j, 0], [0, 1j, 0, 0], [0, 0, 0, 1]])
_PHASE = np.diag([0, -1]).astype(complex)
"""Generator of P(t) = diag(1, exp(i t))."""
_HALF_TURN = Factor(_Y / 2, 0).at([math.pi / 2])

_CCX_PARTS: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("h", (2,)), ("cx", (1, 2)), ("tdg", (2,)), ("cx", (0, 2)), ("t", (2,)), ("cx", (1, 2)), ("tdg", (2,)),
    ("cx", (0, 2)), ("t", (1,)), ("t", (2,)), ("h", (2,)), ("cx", (0, 1)), ("t", (0,)), ("tdg", (1,)), ("cx", (0, 1)),
)  # fmt: skip
"""Toffoli with six CX (Nielsen and Chuang, figure 4.9)."""


def _three_qubit(name: str, matrix: Matrix, parts: tuple[tuple[str, tuple[int, ...]], ...]) -> Gate:
    return Gate(name, 3, 0, (Factor(matrix.astype(complex)),), parts)


GATES: dict[str, Gate] = {
    row.name: row
    for row in (
        _fixed("id", PAULIS["I"]), _fixed("x", _X), _fixed("y", _Y), _fixed("z", _Z), _fixed("h", _H),
        _fixed("s", _S), _fixed("sdg", _S.conj()), _fixed("t", _T), _fixed("tdg", _T.conj()),
        _fixed("sx", _SX), _fixed("sxdg", _SX.conj().T),
        _turning("rx", (0, _X / 2)), _turning("ry", (0, _Y / 2)), _turning("rz", (0, _Z / 2)),
        _turning("p", (0, _PHASE)), _turning("u1", (0, _PHASE)),
        _turning("u2", (0, _PHASE), (None, _HALF_TURN), (1, _PHASE)),
        _turning("u3", (1, _PHASE), (0, _Y / 2), (2, _PHASE)),
        _turning("u", (1, _PHASE), (0, _Y / 2), (2, _PHASE)),
        _fixed("cx", _controlled(_X)), _fixed("cy", _controlled(_Y)), _fixed("cz", _controlled(_Z)),
        _fixed("ch", _controlled(_H)), _fixed("cs", _controlled(_S)), _fixed("csdg", _controlled(_S.conj())),
        _fixed("csx", _controlled(_SX)), _fixed("swap", _SWAP), _fixed("iswap", _ISWAP),
        _fixed("ecr", (_pauli("XI") - _pauli("YX")) / math.sqrt(2)),
        _turning("cp", (0, _when_one(_PHASE))), _turning("cu1", (0, _when_one(_PHASE))),
        _turning("crx", (0, _when_one(_X / 2))), _turning("cry", (0, _when_one(_Y / 2))),
        _turning("crz", (0, _when_one(_Z / 2))),
        _turning("cu3", (1, _when_one(_PHASE)), (0, _when_one(_Y / 2)), (2, _when_one(_PHASE))),
        _turning("cu", (3, _when_one(-PAULIS["I"])), (1, _when_one(_PHASE)), (0, _when_one(_Y / 2)),
                 (2, _when_one(_PHASE))),
        _turning("rxx", (0, _pauli("XX") / 2)), _turning("ryy", (0, _pauli("YY") / 2)),
        _turning("rzz", (0, _pauli("ZZ") / 2)), _turning("rzx", (0, _pauli("ZX") / 2)),
        _three_qubit("ccx", _controlled(_controlled(_X)), _CCX_PARTS),
        _three_qubit("ccz", _controlled(_controlled(_Z)), (("h", (2,)), *_CCX_PARTS, ("h", (2,)))),
        _three_qubit("cswap", _controlled(_SWAP), (("cx", (2, 1)), *_CCX_PARTS, ("cx", (2, 1)))),
    )
}  # fmt: skip
"""The table, by name."""


def gate(name: str) -> Gate:
    """The row of this name.

    >>> gate("cx").num_qubits, gate("cu3").num_angles, gate("rzz").diagonal
    (2, 3, True)
    """
    if name not in GATES:
        near = difflib.get_close_matches(str(name).lower(), GATES, n=1, cutoff=0.0)
        raise CircuitError(f"unknown gate {name!r}; the nearest known gate is {near[0]!r}")
    return GATES[name]
