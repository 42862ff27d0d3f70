"""Cut gates with ancillas, which choose the operations and are measured at the end."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cutq.circuits.circuit import Operation
from cutq.network.legspace import Complexes, Reals
from cutq.shots.hosting import Block
from cutq.shots.program import Measure
from cutq.shots.sites import Parts, Site, gates, measured
from cutq.shots.strings import String, string_of
from cutq.shots.synthesis import EXACT, completed, controlled, prepared, whole

_ROOT = math.sqrt(0.5)

PAULIS = ("id", "x", "y", "z")
_CODES = (0b00, 0b10, 0b11, 0b01)
"""For each of the Paulis whether X and whether Z is run; Y is i times X after Z."""


def with_ancillas(site: Site, vectors: Complexes) -> Parts | None:
    """Kraus vectors, (outcomes, product of the dimensions), as ancillas that choose letters or strings.

    Returns:
        None where no ancillas would do, or only a unitary of them and the qubit.
    """
    active = np.flatnonzero(np.abs(vectors).max(axis=0) > EXACT).tolist()
    sizes = np.linalg.norm(vectors[:, active], axis=0)
    basis = vectors[:, active] / sizes
    if np.abs(basis.conj().T @ basis - np.eye(len(active))).max() < site.slack:
        if abs(np.linalg.norm(sizes) - 1) > site.slack:
            return None
        if len(active) > 2:
            return _register(site, active, sizes, basis)
        strings = [string_of(site, np.eye(vectors.shape[1])[k]) for k in active]
        return _chosen(site, strings, sizes, basis)
    if len(vectors) != 2:
        return None
    # (S_0 + S_1) / 2 and (S_0 - S_1) / 2
    strings = [string_of(site, vectors[0] + sign * vectors[1]) for sign in (1, -1)]
    return _chosen(site, strings, np.full(2, _ROOT), np.array([[_ROOT, _ROOT], [_ROOT, -_ROOT]], dtype=complex))


def _chosen(site: Site, strings: Sequence[String | None], sizes: Reals, basis: Complexes) -> Parts | None:
    """One ancilla in ``sum_j c_j |j>`` that chooses one of at most two strings."""
    found = [string for string in strings if string is not None and abs(abs(string.factor) - 1) < site.slack]
    if len(found) < len(strings):
        return None
    lines = tuple(range(site.line, site.line + max(1, len(site.bits))))
    zero, one = found[0].operations, found[-1].operations
    acts = {item: gates(controlled(lines[-1], zero[item], one[item])) for item in zero}
    columns = basis * [string.factor for string in found]
    return _with_lines(site, lines, range(len(found)), sizes, columns, acts)


def _register(site: Site, active: Sequence[int], sizes: Reals, basis: Complexes) -> Parts:
    """Ancillas for all letters: one for a place of dimension 2, two, for X and for Z, where the letters are Paulis."""
    size = sum((place.dim - 1).bit_length() for place in site.places)
    lines = tuple(range(site.line, site.line + max(size, len(site.bits))))
    end = len(lines) - size
    acts = {}
    for place in site.places:
        end += (place.dim - 1).bit_length()
        for item in site.items(place):
            acts[item] = gates(_any_letter(site, item, lines[:end]))
    columns = basis * [_phase(site, index) for index in active]
    return _with_lines(site, lines, [_code(site, index) for index in active], sizes, columns, acts)


def _with_lines(
    site: Site, lines: Sequence[int], at: Sequence[int], sizes: Reals, columns: Complexes, acts: dict[int, Block]
) -> Parts:
    """Ancillas that begin in ``sum_j sizes[j] |at[j]>``, and are measured in the basis that has these columns there."""
    state, rows = np.zeros(1 << len(lines), dtype=complex), np.zeros((1 << len(lines), len(at)), dtype=complex)
    state[list(at)] = sizes
    rows[: len(columns)] = columns
    end = measured(site, completed(rows, at), lines)
    return Parts((gates(prepared(state, lines)),), acts, (end,), len(lines))


def _any_letter(site: Site, item: int, lines: Sequence[int]) -> tuple[Operation, ...]:
    """The letter of an item that the last of these lines choose."""
    letters = site.slot(item).letters
    if len(letters) == 1:
        return letters
    if len(letters) == 2:
        return controlled(lines[-1], letters[0], letters[1])
    if tuple(letter.name for letter in letters) != PAULIS:
        raise site.error(f"ancillas choose from two letters or the Paulis, got {', '.join(op.name for op in letters)}")
    return (*controlled(lines[-1], letters[0], letters[3]), *controlled(lines[-2], letters[0], letters[1]))


def _code(site: Site, index: int) -> int:
    """The state of the ancillas for which these letters are run."""
    found = 0
    for place, digit in zip(site.places, site.digits(index), strict=True):
        found = (found << 2) | _CODES[digit] if place.dim == 4 else (found << (place.dim - 1)) | digit
    return found


def _phase(site: Site, index: int) -> complex:
    """The factor between these letters and what is run."""
    pairs = zip(site.places, site.digits(index), strict=True)
    turns = sum(len(site.items(place)) for place, digit in pairs if place.dim == 4 and digit == 2)
    return (1 + 0j, 1j, -1 + 0j, -1j)[turns % 4]


def dilated(site: Site, kraus: Complexes, item: int) -> Parts:
    """Kraus operators on one qubit, (outcomes, 2, 2), as a unitary of the qubit and ancillas that are measured."""
    lines = tuple(range(site.line, site.line + len(site.bits)))
    act = gates(whole(completed(kraus.reshape(-1, 2)), (*lines, site.slot(item).segment)))
    end = tuple(Measure(line, bit) for line, bit in zip(lines, site.bits, strict=True))
    return Parts(acts={item: act}, ends=(end,), ancillas=len(lines))
