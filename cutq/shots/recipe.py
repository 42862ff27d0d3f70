"""Recipes: all that the circuits of an experiment follow from, as plain data that make the same circuits again."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cutq.circuits.checks import as_real, shown
from cutq.circuits.observable import Observable
from cutq.circuits.qasm.text import dumps, loads
from cutq.circuits.values import from_mapping
from cutq.errors import CountsError, CutqError, PlanError, QasmError
from cutq.network.frames import FRAMES, Frame, Frames, chosen_frames, own_frame
from cutq.network.legspace import Complexes, Place, places
from cutq.network.network import Network, merge
from cutq.network.plan import CutPlan
from cutq.network.split import split
from cutq.shots.experiment import Experiment
from cutq.shots.observables import listed_observables, named_values, observable_experiment
from cutq.shots.strict import Entry

KEYS = ("circuit", "plan", "observables", "params", "frames")
"""Keys of a recipe in JSON."""


@dataclass(frozen=True, eq=False)
class Recipe:
    """What an experiment is of.

    Attributes:
        circuit: the uncut circuit as OpenQASM text.
        plan: its cuts.
        observables: what is asked for.
        params: values of the circuit's parameters by name.
        frames: for each kind of place the frame: its name in the table, or an own one.
    """

    circuit: str = field(repr=False)
    plan: CutPlan
    observables: tuple[str, ...]
    params: Mapping[str, float]
    frames: tuple[str | Frame, ...]

    @cached_property
    def network(self) -> Network:
        """The circuit, cut."""
        return split(loads(self.circuit), self.plan)

    @cached_property
    def hash(self) -> str:
        """Of all that it says; what several rounds of an experiment have in common."""
        return data_hash(self.data())

    def experiment(self) -> Experiment:
        """The circuits that are run, and what is made of their counts."""
        values = from_mapping(self.network.parameters, self.params)
        return observable_experiment(self.network, self.observables, values, self.frames)

    def data(self) -> dict[str, Any]:
        """The recipe as plain data for JSON."""
        return {
            "circuit": self.circuit,
            "plan": json.loads(self.plan.to_json()),
            "observables": list(self.observables),
            "params": dict(self.params),
            "frames": [one if isinstance(one, str) else _frame_data(one) for one in self.frames],
        }


def recipe_of(
    network: Network,
    observables: Sequence[Observable | str] | Observable | str,
    params: ArrayLike | None = None,
    frames: Frames | None = None,
) -> Recipe:
    """The recipe of an experiment.

    Raises:
        PlanError: the network is not what its cuts make of its circuit, or a frame is none that can be written.
        QasmError: the circuit cannot be written as text.
    """
    table = chosen_frames(frames)
    asked = listed_observables(network, observables)
    named = named_values(network, params)
    chosen = tuple(_written(frame, network) for frame in table.values())
    plan = CutPlan(tuple(bond.cut for bond in network.bonds), network.order, network.observables)
    found = Recipe(_text(network), plan, tuple(map(str, asked)), dict(named), chosen)
    if found.network != network:
        raise PlanError(
            "the cuts of this network do not make it of its merged circuit again, so that its counts could not be read "
            "later; export what cutq.split(circuit, plan) gives"
        )
    return found


def data_hash(data: Mapping[str, Any]) -> str:
    """A hash of plain data, whatever the order of its keys.

    >>> data_hash({"a": 1, "b": 2}) == data_hash({"b": 2, "a": 1})
    True
    """
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def read_recipe(entry: Entry) -> Recipe:
    """The recipe of such data.

    Raises:
        CountsError: this is no recipe.
    """
    entry.check_keys(KEYS)
    circuit, texts = entry.text("circuit"), entry.texts("observables")
    cuts, frames = entry.entry("plan").data, entry.items("frames")
    params = entry.entry("params").data
    for name, value in params.items():
        if not math.isfinite(as_real(value)):
            raise CountsError(f"{entry.where}: params: {shown(name)} is a finite number, got {shown(value)}")
    try:
        plan = CutPlan.from_json(json.dumps(cuts))
        return Recipe(circuit, plan, texts, params, tuple(map(_read_frame, frames)))
    except CutqError as cause:
        raise CountsError(f"{entry.where}: {cause}") from cause


def _text(network: Network) -> str:
    """The merged circuit as text."""
    try:
        return dumps(merge(network))
    except CutqError:
        raise
    except Exception as cause:
        raise QasmError(f"this circuit cannot be written as OpenQASM: {type(cause).__name__}: {cause}") from cause


def _written(frame: Frame, network: Network) -> str | Frame:
    """A frame by its name in the table, or as one of fixed rows.

    Raises:
        PlanError: it is neither.
    """
    if FRAMES.get(frame.name) is frame:
        return frame.name
    if frame.kind not in ("in", "out") or frame.joint or frame.name in FRAMES:
        raise PlanError(
            f"frame {frame.name!r} for places of kind {frame.kind!r} cannot be written to a file; what can are those "
            f"of the table, {', '.join(FRAMES)}, and those of cutq.own_frame under other names"
        )
    where = [place for fragment in network.fragments for place in places(fragment) if place.kind == frame.kind]
    first, *others = [frame.rows(place) for place in where or [Place(0, 0, 2, frame.kind, 0)]]
    for rows in others:
        if [name for name, _ in rows] != [name for name, _ in first] or not all(
            np.array_equal(one, two) for (_, one), (_, two) in zip(rows, first, strict=True)
        ):
            raise PlanError(f"frame {frame.name!r} has other rows at other places, so it cannot be written to a file")
    return _fixed(frame.name, frame.kind, first)


def _fixed(name: str, kind: str, rows: Sequence[tuple[str, Complexes]]) -> Frame:
    """The frame of these Kraus vectors, which are the conjugates of the states of a basis."""
    return own_frame(name, kind, [(row, states.conj() if kind == "out" else states) for row, states in rows])


def _frame_data(frame: Frame) -> dict[str, Any]:
    """A frame of fixed rows as plain data: the real and imaginary part of each entry of its Kraus vectors."""
    rows = frame.rows(Place(0, 0, 2, frame.kind, 0))
    written = [[name, [[[z.real, z.imag] for z in row] for row in vectors.tolist()]] for name, vectors in rows]
    return {"name": frame.name, "kind": frame.kind, "rows": written}


def _read_frame(data: Any) -> str | Frame:
    if isinstance(data, str) and data in FRAMES:
        return data
    try:
        if set(data) != {"name", "kind", "rows"} or not isinstance(data["name"], str) or data["name"] in FRAMES:
            raise ValueError("a name of its own, a kind and rows are what it has")
        rows = [
            (str(name), np.array([[complex(*z) for z in row] for row in vectors])) for name, vectors in data["rows"]
        ]
        if not all(np.isfinite(vectors).all() for _, vectors in rows):
            raise ValueError("its rows are not finite")
        return _fixed(data["name"], data["kind"], rows)
    except (AttributeError, KeyError, TypeError, ValueError) as cause:
        raise CountsError(f"frames: {shown(data)} is no frame: {cause}") from cause
