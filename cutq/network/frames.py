"""The table of frames: which local operations a device runs at the places of a fragment to learn its leg tensor.

A frame is a choice of rows for one kind of place; a row is what one circuit does there, as the Kraus vectors of its
outcomes in the letters of the place (:mod:`cutq.network.legspace`). Every frame of a kind spans the same leg space, so
that changing it changes no value; the data of all rows are pooled. Rows that learn nothing that is needed are left out.

Wires begin in SIC states (Renes et al., J. Math. Phys. 45 2171), in all six or in four Pauli eigenstates, and end in
the three Pauli bases. A cut gate runs its letters, and for each pair of letters a measurement of ``L_i^+ L_j`` and one
or both of the unitaries ``(L_i +- i L_j) / sqrt(2)`` (Mitarai, Fujii, NJP 23 023021). Where ``L_i^+ L_j`` is no
reflection or a letter has several slots, the virtual qubits become ancillas that choose the letters and are measured.
All wires that begin, all that end, or all ancillas of a fragment can also share mutually unbiased bases, up to four
qubits.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.circuits.checks import is_one_of, shown
from cutq.errors import PlanError
from cutq.network.legspace import Complexes, Place, Reals, functionals
from cutq.network.mub import mub_measurements, mub_states

KINDS = ("in", "out", "gate")
"""Kinds of places: where a wire begins, where one ends, where a gate was cut."""

LIVE = 1e-12
"""Entries of functionals below this are zero."""

Truths = NDArray[np.bool_]

Row = tuple[str, Complexes]
"""What one circuit does at places: a name, and the Kraus vectors of its outcomes, (outcomes, dimension)."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A row of the table.

    Attributes:
        name: its name.
        kind: which kind of place it is for, one of ``KINDS``.
        rows: the rows for a place.
        joint: whether it is for all places of that kind in a fragment together; then ``rows`` is given the place of
            their product.
        ancilla: whether ancillas are measured at the end of a circuit, and nothing before.
        fewer: other rows by which entries are needed, where fewer do; else a part of ``rows`` is run.
    """

    name: str
    kind: str
    rows: Callable[[Place], Sequence[Row]]
    joint: bool = False
    ancilla: bool = False
    fewer: Callable[[Truths], Sequence[Row] | None] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not is_one_of(self.kind, KINDS) or not callable(self.rows):
            raise PlanError(
                f"a frame has a name, one of the kinds {', '.join(KINDS)} and a function that gives its rows, got "
                f"{shown(self.name)}, {shown(self.kind)} and {shown(self.rows)}; see cutq.own_frame"
            )


def own_frame(name: str, kind: str, rows: Sequence[tuple[str, ArrayLike]]) -> Frame:
    """A frame of your own for wires: states to prepare (kind ``"in"``), or orthonormal bases to measure (``"out"``).

    Args:
        name: its name.
        kind: ``"in"`` or ``"out"``.
        rows: for each a name and the amplitudes of its state, (2,), or of the states of its basis, (2, 2).

    Raises:
        PlanError: a state is not normalised, a basis not orthonormal, or the rows do not span the leg space.

    >>> tilted = own_frame("tilted", "out", [("x", [[0.6, 0.8], [0.8, -0.6]]), ("y", [[0.6, 0.8j], [0.8, -0.6j]]),
    ...                                      ("z", [[1, 0], [0, 1]])])
    >>> tilted.name
    'tilted'
    """
    if not isinstance(name, str):
        raise PlanError(f"the name of a frame is a text, got {shown(name)}")
    if not is_one_of(kind, ("in", "out")):
        raise PlanError(f"an own frame is for wires that begin ('in') or end ('out'), got {shown(kind)}")
    found = []
    for row, states in _pairs(name, rows):
        array = _orthonormal(name, row, states, 1 if kind == "in" else 2)
        found.append((row, array if kind == "in" else array.conj()))
    reached = np.linalg.matrix_rank(np.concatenate([np.zeros((1, 4)), *(functionals(v) for _, v in found)]), tol=1e-6)
    if reached < 4:
        raise PlanError(
            f"the rows of frame {shown(name)} reach {reached} of the 4 entries of a wire's leg; add other rows"
        )
    return Frame(name, kind, _Fixed(tuple(found)))


def _pairs(name: str, rows: Sequence[tuple[str, ArrayLike]]) -> list[tuple[str, ArrayLike]]:
    try:
        found = [(row, states) for row, states in rows]
        fits = all(isinstance(row, str) for row, _ in found)
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise PlanError(
            f"rows of frame {shown(name)} are a list of pairs such as ('0', [1, 0]), a name and amplitudes, got "
            f"{shown(rows)}"
        )
    return found


def _orthonormal(name: str, row: str, states: ArrayLike, size: int) -> Complexes:
    """So many orthonormal states, (size, 2)."""
    try:
        given = np.asarray(states)
        array = np.atleast_2d(given.astype(complex))
        # Bounded first: products of what is not finite or too large only warn.
        fits = given.dtype.kind not in "SU" and array.shape == (size, 2) and np.abs(array.view(float)).max() < 2
    except (TypeError, ValueError, OverflowError):
        fits = False
    if not fits or np.abs(array @ array.conj().T - np.eye(size)).max() > 1e-9:
        raise PlanError(
            f"row {shown(row)} of frame {shown(name)} is "
            f"{'one normalised state' if size == 1 else 'an orthonormal basis'} of shape {(size, 2)}, got "
            f"{shown(states)}"
        )
    return array


@dataclass(frozen=True, eq=False)
class _Fixed:
    """Rows that are the same at every place."""

    rows: tuple[Row, ...]

    def __call__(self, place: Place) -> Sequence[Row]:
        return self.rows


_ROOT = math.sqrt(0.5)
STATES: dict[str, tuple[complex, complex]] = {
    "0": (1, 0), "1": (0, 1), "+": (_ROOT, _ROOT), "-": (_ROOT, -_ROOT),
    "r": (_ROOT, 1j * _ROOT), "l": (_ROOT, -1j * _ROOT),
}  # fmt: skip
"""Eigenstates of the Pauli matrices by name; r and l are those of Y for +1 and -1."""

BASES: dict[str, tuple[str, str]] = {"X": ("+", "-"), "Y": ("r", "l"), "Z": ("0", "1")}
"""States of the Pauli bases by name."""


def _bloch(x: float, y: float, z: float) -> Complexes:
    """The pure state of this Bloch vector, (1, 2)."""
    theta, phi = math.acos(max(-1.0, min(1.0, z))), math.atan2(y, x)
    return np.array([[math.cos(theta / 2), math.sin(theta / 2) * np.exp(1j * phi)]])


_SIC = tuple(
    (f"sic{k}", _bloch(*(sign / math.sqrt(3) for sign in signs)))
    for k, signs in enumerate(((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)))
)
_TRINES = {
    plane: tuple(
        (f"{plane}{k}", _bloch(*(sum(c * u[axis] for c, u in zip(turned, units, strict=True)) for axis in range(3))))
        for k in range(3)
        for turned in [(math.cos(2 * math.pi * k / 3), math.sin(2 * math.pi * k / 3))]
    )
    for plane, units in {
        "XY": ((1, 0, 0), (0, 1, 0)), "XZ": ((0, 0, 1), (1, 0, 0)), "YZ": ((0, 0, 1), (0, 1, 0)),
    }.items()
}  # fmt: skip
"""Three states of a plane of the Bloch sphere, which do where the third letter is dead."""


def _states(names: str) -> tuple[Row, ...]:
    return tuple((name, np.array([STATES[name]], dtype=complex)) for name in names)


def _bases(names: str) -> tuple[Row, ...]:
    return tuple((name, np.array([STATES[s] for s in BASES[name]]).conj()) for name in names)


def _gate_rows(place: Place, both: bool) -> Iterator[Row]:
    """Letters, measurements and unitaries of a cut gate, with the virtual qubits as ancillas where they have to be."""
    unit: Complexes = np.eye(place.dim, dtype=complex)
    phases = pair_phases(place)
    for k in range(place.dim if both or phases is None else 1):
        yield f"{k}", unit[k : k + 1]
    for i, j in itertools.combinations(range(place.dim), 2):
        phase = 1.0 if phases is None else phases[i, j]
        yield f"m{i}{j}", _pair(unit[i] + phase * unit[j], unit[i] - phase * unit[j]) / 2
        if phases is None:
            yield f"y{i}{j}", _pair(unit[i] + 1j * unit[j], unit[i] - 1j * unit[j]) / 2
            continue
        for sign, name in ((1, "p"), (-1, "q"))[: 2 if both else 1]:
            yield f"{name}{i}{j}", (unit[i] + sign * 1j * phase * unit[j])[None] * _ROOT


def _pair(one: Complexes, other: Complexes) -> Complexes:
    return np.stack([one, other])


def pair_phases(place: Place) -> Complexes | None:
    """For each pair of letters the phase ``g`` for which ``g L_i^+ L_j`` is a reflection, (chi, chi).

    None where a pair has none, or where the letters act in several slots: a combination of them is then no operation
    without an ancilla.
    """
    if len(place.slots) != 1 or any(letter.parameters for letter in place.slots[0].letters):
        return None
    letters = [letter.unitary({}) for letter in place.slots[0].letters]
    found = np.ones((place.dim, place.dim), dtype=complex)
    for i, j in itertools.combinations(range(place.dim), 2):
        product = letters[i].conj().T @ letters[j]
        square = product @ product
        if np.abs(square - square[0, 0] * np.eye(2)).max() > 1e-9:
            return None
        found[i, j] = 1 / np.sqrt(square[0, 0])
    return found


def _full(place: Place) -> Sequence[Row]:
    return tuple(_gate_rows(place, both=True))


def _lean(place: Place) -> Sequence[Row]:
    return tuple(_gate_rows(place, both=False))


def _ancilla(place: Place) -> Sequence[Row]:
    """The virtual qubits as ancillas, each pair of letters in two bases, and the letters themselves."""
    return tuple(_gate_rows(Place(place.leg, place.component, place.dim, "gate"), both=True))


def _few_states(live: Truths) -> list[Row] | None:
    """Fewer states than four where letters are dead; None where none is."""
    letters = "".join(letter for letter, alive in zip("XYZ", live[1:], strict=True) if alive)
    if len(letters) == 3:
        return None
    if len(letters) == 2:
        return list(_TRINES[letters])
    return list(_states({"X": "+-", "Y": "rl", "Z": "01", "": "0"}[letters]))


FRAMES: dict[str, Frame] = {
    frame.name: frame
    for frame in (
        Frame("sic", "in", _Fixed(_SIC), fewer=_few_states),
        Frame("six", "in", _Fixed(_states("01+-rl"))),
        Frame("std4", "in", _Fixed(_states("01+r"))),
        Frame("pauli", "out", _Fixed(_bases("ZXY"))),
        Frame("full", "gate", _full),
        Frame("lean", "gate", _lean),
        Frame("ancilla", "gate", _ancilla, ancilla=True),
        Frame("mub_states", "in", mub_states, joint=True),
        Frame("mub_bases", "out", mub_measurements, joint=True),
        Frame("mub_ancillas", "gate", mub_measurements, joint=True, ancilla=True),
    )
}
"""The table, by name."""

DEFAULT = ("sic", "pauli", "full")
"""The frames of each kind where none is named."""

Frames = Sequence[str | Frame] | str | Frame


def chosen_frames(frames: Frames | None) -> dict[str, Frame]:
    """By kind of place the frame that is used.

    Raises:
        PlanError: there is no such frame, or two are for one kind.

    >>> chosen_frames("six")["in"].name, chosen_frames(None)["in"].name
    ('six', 'sic')
    """
    asked = () if frames is None else (frames,) if isinstance(frames, str | Frame) else frames
    if not isinstance(asked, Sequence):
        raise PlanError(f"frames are a name such as 'six', a cutq.Frame, or a list of both, got {shown(frames)}")
    found: dict[str, Frame] = {}
    for one in asked:
        frame = FRAMES.get(one) if isinstance(one, str) else one
        if not isinstance(frame, Frame):
            raise PlanError(f"frames are {', '.join(FRAMES)} or a cutq.Frame, got {shown(one)}")
        if frame.kind in found:
            both = f"{found[frame.kind].name!r} and {frame.name!r}"
            raise PlanError(f"one frame for each kind of place, but {both} are both for {frame.kind!r}")
        found[frame.kind] = frame
    return {kind: found.get(kind, FRAMES[name]) for kind, name in zip(KINDS, DEFAULT, strict=True)}


def needed_rows(frame: Frame, place: Place, live: Truths) -> list[Row]:
    """The rows of a frame for a place of which only some entries are needed.

    Args:
        frame: the frame.
        place: the place.
        live: which entries are needed, (chi**2,) of truth values; the identity always is.
    """
    fewer = None if frame.fewer is None else frame.fewer(live)
    rows = list(frame.rows(place) if fewer is None else fewer)
    wanted = live.copy()
    wanted[0] = False
    seen = [functionals(vectors) for _, vectors in rows]
    kept = [k for k, own in enumerate(seen) if np.abs(own[:, wanted]).max(initial=0) > LIVE] or [0]
    wanted[0] = True
    for k in range(len(rows)):
        if k not in kept and _rank(seen, kept, wanted) < _rank(seen, [*kept, k], wanted):
            kept.append(k)
    return [rows[k] for k in sorted(kept)]


def _rank(seen: Sequence[Reals], kept: Sequence[int], wanted: Truths) -> int:
    return int(np.linalg.matrix_rank(np.concatenate([seen[k] for k in kept])[:, wanted], tol=1e-9))
