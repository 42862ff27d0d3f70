"""How a choice at places of a fragment becomes gates, measurements and ancillas.

The Kraus vectors ``v_s`` of a choice are all that is known of it. A wire that begins is prepared in a state, one that
ends is measured in a basis. At a cut gate the operations ``K_s = sum_a v_s[a] L_a`` are a letter, another gate, or a
measurement between two gates, at several gates also one of a parity. Where they are none of these, ancillas in
``sum_a c_a |a>`` choose the letters, or strings of other operations, and are measured in the basis ``b_s`` of
``v_s[a] = c_a conj(b_s[a])``; on one qubit any ``K_s`` are a unitary with ancillas.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cutq.circuits.gates import MATRIX_GATE
from cutq.network.legspace import Complexes, Place
from cutq.shots.ancillas import dilated, with_ancillas
from cutq.shots.hosting import Block
from cutq.shots.parity import parity
from cutq.shots.program import Conditional, Measure
from cutq.shots.sites import Parts, Site, gates, measured
from cutq.shots.strings import string_of
from cutq.shots.synthesis import (
    EXACT,
    LAWFUL,
    inverted,
    one_qubit,
    preparation,
    prepared,
    rotation,
    split_first,
)

ROUNDING = 1e-15
"""Relative to the largest entry of a vector how far off its operation may be: letters that nearly coincide, as those of
a controlled gate near the identity, take large entries."""


def realised(site: Site, vectors: Complexes) -> Parts:
    """A choice as parts of a program.

    Args:
        site: where it is.
        vectors: the Kraus vector of each outcome, (outcomes, product of the dimensions of the places).

    Raises:
        DeviceError: the vectors break the law of their kind of place, or would take too many qubits together.
    """
    kinds = {place.kind for place in site.places}
    if len(kinds) != 1:
        raise site.error(f"its places are of one kind each, got {', '.join(sorted(kinds))}")
    return _KINDS[kinds.pop()](site, np.asarray(vectors, dtype=complex))


def _begun(site: Site, vectors: Complexes) -> Parts:
    if len(vectors) != 1 or abs(np.linalg.norm(vectors) - 1) > LAWFUL:
        raise site.error(f"wires begin in one normalised state, got {len(vectors)} of norm {np.linalg.norm(vectors)}")
    return Parts(starts=(gates(prepared(vectors[0], _segments(site))),))


def _ended(site: Site, vectors: Complexes) -> Parts:
    size = vectors.shape[1]
    if len(vectors) != size or np.abs(vectors @ vectors.conj().T - np.eye(size)).max() > LAWFUL:
        raise site.error("wires are measured in an orthonormal basis of as many states as they have")
    return Parts(ends=(measured(site, vectors, _segments(site)),))


def _segments(site: Site) -> tuple[int, ...]:
    return tuple(place.segment for place in site.places if place.segment is not None)


def _cut_gate(site: Site, vectors: Complexes) -> Parts:
    """Places of cut gates: one by one where the vectors are a product, else together."""
    site = replace(site, slack=max(site.slack, ROUNDING * float(np.abs(vectors).max())))
    fixed = _string(site, vectors[0]) if len(vectors) == 1 else None
    if fixed is not None:
        return fixed
    turned = [_first(site, vectors, k) for k in range(len(site.places))]
    for block, (moved, table) in itertools.product(_blocks(len(site.bits)), turned if len(turned) > 1 else ()):
        parts = _peeled(moved, table, block)
        if parts is not None:
            own = _cut_gate(replace(moved, places=moved.places[:1], bits=site.bits[block]), parts[0])
            left = tuple(bit for bit in site.bits if bit not in site.bits[block])
            rest = replace(moved, places=moved.places[1:], bits=left, line=site.line + own.ancillas)
            return own + _cut_gate(rest, parts[1])
    return _together(site, vectors)


_KINDS: dict[str, Callable[[Site, Complexes], Parts]] = {"in": _begun, "out": _ended, "gate": _cut_gate}


def _first(site: Site, vectors: Complexes, position: int) -> tuple[Site, Complexes]:
    """The same with another place first."""
    table = np.moveaxis(vectors.reshape(len(vectors), *(place.dim for place in site.places)), 1 + position, 1)
    places = (site.places[position], *site.places[:position], *site.places[position + 1 :])
    return replace(site, places=places), table.reshape(vectors.shape)


def _blocks(count: int) -> list[slice]:
    """The bits of an outcome that may be those of one place: neighbours, the fewest first."""
    return [slice(0, 0), *(slice(k, k + size) for size in range(1, count + 1) for k in range(count + 1 - size))]


def _peeled(site: Site, vectors: Complexes, block: slice) -> tuple[Complexes, Complexes] | None:
    """The vectors of the first place, which writes this block of bits, and those of the others; None if no product."""
    place, size = site.places[0], block.stop - block.start
    moved = np.moveaxis(vectors.reshape(1 << block.start, 1 << size, -1, vectors.shape[1]), 1, 0)
    parts = split_first(moved.reshape(vectors.shape), 1 << size, place.dim, 1.0)
    if parts is None:
        return None
    share = _share(site, place, parts[0])
    return parts[0] / share, parts[1] * share


def _share(site: Site, place: Place, vectors: Complexes) -> float:
    """By what the vectors of one place are too large: the square root of what its operations add up to."""
    items = site.items(place)
    if len(items) != 1:
        return 1.0
    return float(np.linalg.norm(site.kraus(items[0], vectors)) / np.sqrt(2))


def _string(site: Site, vector: Complexes) -> Parts | None:
    """Fixed operations, by name where they have one; None where the vector stands for no such."""
    string = string_of(site, vector)
    if string is None or abs(abs(string.factor) - 1) > site.slack:
        return None
    acts = {}
    for item, op in string.operations.items():
        plain = one_qubit(op.unitary({}), op.qubits[0]) if op.name == MATRIX_GATE else (op,)
        acts[item] = () if op.name == "id" else gates(plain)
    return Parts(acts=acts)


def _together(site: Site, vectors: Complexes) -> Parts:
    parts = parity(site, vectors) if site.midway or len(vectors) == 1 else None
    if parts is not None:
        return parts
    if len(vectors) == 1:
        raise site.error("its one Kraus operator is no product of unitaries, one at each place, nor the rotation of a "
                         "parity with nothing done between its qubits; for gates that are cut together use the terms "
                         "with ancilla=True, whose unitaries are all products")  # fmt: skip
    items = site.items(site.places[0])
    kraus = site.kraus(items[0], vectors) if len(site.places) == 1 and len(items) == 1 else None
    if kraus is not None:
        act = _measurement(site, kraus, site.slot(items[0]).segment)
        if act is not None:
            return Parts(acts={items[0]: act})
    parts = with_ancillas(site, vectors)
    if parts is None and kraus is not None:
        return dilated(site, kraus, items[0])
    if parts is None:
        raise site.error("ancillas choose letters where its Kraus vectors are c[a] times an orthonormal basis and the "
                         "squares of c sum to 1, or are half the sum and half the difference of two products of "
                         "unitaries, but these are neither")  # fmt: skip
    return parts


def _measurement(site: Site, kraus: Complexes, line: int) -> Block | None:
    """Kraus operators on one qubit, (outcomes, 2, 2), as a measurement between two gates; None if they are not."""
    total = np.einsum("sba,sbc->ac", kraus.conj(), kraus)
    if np.abs(total - np.eye(2)).max() > site.slack:
        raise site.error("its Kraus operators do not add up to the identity")
    behind, sizes, before = np.linalg.svd(kraus)
    if not site.midway or len(kraus) != 2 or np.any(sizes[:, 1] > max(EXACT, site.slack / 10)):
        return None
    turned = gates(rotation(before[:, 0, :], line))
    return (*turned, Measure(line, site.bits[0]), *_left_in(site, behind[:, :, 0], line))


def _left_in(site: Site, states: Complexes, line: int) -> Block:
    """A measured qubit is put into the state of its outcome, (2, 2): by one gate, or by one of two."""
    if abs(np.vdot(states[0], states[1])) < EXACT:
        return gates(inverted(rotation(states.conj(), line)))
    made = preparation(states[0], line)
    found = np.eye(2, dtype=complex)
    for op in made:
        found = op.unitary({}) @ found
    one, other = states[1], np.array([-states[1][1].conj(), states[1][0].conj()])
    turn = np.column_stack([one, other]) @ found[:, ::-1].conj().T
    return (*gates(made), *(Conditional(site.bits[0], op) for op in one_qubit(turn, line)))
