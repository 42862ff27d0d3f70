"""Densities of fragments without parameters: made once, when a program is compiled, or taken from the caller."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cutq.exact.apart import state_of
from cutq.exact.groups import Kind, Mask
from cutq.exact.placing import leg_bits
from cutq.exact.plan import Fixed, Plan
from cutq.exact.planning import Member, group
from cutq.exact.settings import Settings

Tensor = NDArray[np.float64]
Tensors = MutableMapping[str, Tensor]
"""Densities by :func:`tensor_key`, (4,) for each bit of the legs."""

LAYOUT = 1
"""Changes whenever the same key would mean another tensor."""

Number = tuple[int, Mask]
"""A density: the number of its fragment, and its word."""


def evaluated(plan: Plan, settings: Settings, tensors: Tensors | None = None) -> Plan:
    """The plan with the densities of its fixed fragments among its constants.

    Args:
        plan: the plan.
        settings: how fragments are run.
        tensors: densities from before; those that are missing, or no tensors of the right shape, are made and added.
    """
    numbers = [(n, mask) for n, one in enumerate(plan.fixed) for mask in one.places]
    found: dict[Number, Tensor] = {}
    if tensors is not None:
        keys = {(n, mask): tensor_key(plan.fixed[n], mask, settings.dtype) for n, mask in numbers}
        found |= _stored(plan.fixed, keys, tensors)
    made = _made(plan.fixed, [number for number in numbers if number not in found], settings)
    if tensors is not None:
        tensors.update((keys[number], tensor) for number, tensor in made.items())
    found |= made
    placed = [(place, found[n, mask]) for n, mask in numbers for place in plan.fixed[n].places[mask]]
    return replace(plan, constants=plan.constants.with_more(placed), fixed=())


def tensor_key(one: Fixed, mask: Mask, dtype: str) -> str:
    """A hash of everything that the density of a word on a fragment without parameters depends on."""
    angles = [float(constant) for constant, _ in one.angles]
    told = (LAYOUT, one.kind.shape, one.kind.turned, angles, mask, dtype)
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _shape(kind: Kind) -> tuple[int, ...]:
    """Of a density."""
    return (4,) * len(leg_bits(kind.shape))


def _stored(
    fixed: Sequence[Fixed], keys: Mapping[Number, str], tensors: Mapping[str, Tensor]
) -> Iterator[tuple[Number, Tensor]]:
    """The densities that the caller has, as far as they can be any."""
    for number, key in keys.items():
        tensor = np.asarray(tensors[key]) if key in tensors else None
        if tensor is None or tensor.dtype != np.float64 or tensor.shape != _shape(fixed[number[0]].kind):
            continue
        if np.isfinite(tensor).all():
            yield number, tensor


def _made(fixed: Sequence[Fixed], numbers: Sequence[Number], settings: Settings) -> dict[Number, Tensor]:
    """Densities by running their fragments, those of one kind together."""
    kinds: dict[Kind, dict[int, list[Mask]]] = {}
    for n, mask in numbers:
        kinds.setdefault(fixed[n].kind, {}).setdefault(n, []).append(mask)
    found: dict[Number, Tensor] = {}
    for kind, wanted in kinds.items():
        found |= _run(fixed, kind, wanted, settings)
    return found


def _run(
    fixed: Sequence[Fixed], kind: Kind, wanted: Mapping[int, Sequence[Mask]], settings: Settings
) -> dict[Number, Tensor]:
    numbers = [(n, mask) for n, masks in wanted.items() for mask in masks]
    size = 4 ** len(_shape(kind))
    offset = {number: size * k for k, number in enumerate(numbers)}
    members = [Member(fixed[n].angles, {mask: offset[n, mask] for mask in masks}) for n, masks in wanted.items()]
    data = np.zeros((1, size * len(numbers)))
    state_of([group(kind, members, {}, settings)], np.zeros((1, 0)), data, settings)
    return {number: data[0, at : at + size].reshape(_shape(kind)).copy() for number, at in offset.items()}
