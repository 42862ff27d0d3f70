"""Groups of fragments that are run apart from each other: on an executor, or one after another to save memory."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cutq.exact.alonestate import AloneState
from cutq.exact.groups import Group, Reals, Squares, State
from cutq.exact.lanestate import LanePlan, LaneStates
from cutq.exact.placing import Integers
from cutq.exact.reference import ReferenceState
from cutq.exact.settings import Settings, on_threads


def state_of(groups: Sequence[Group], params: Reals, data: Reals, settings: Settings) -> list[State]:
    """The final states of groups: all small ones as one, each large one on its own."""
    if settings.engine == "numpy":
        return [ReferenceState(group, params, data, np.dtype(settings.dtype)) for group in groups]
    each = on_threads(settings.threads)
    found: list[State] = [AloneState(g, params, data, settings.real, each) for g in groups if g.placed.alone]
    small = [group for group in groups if not group.placed.alone]
    if small:
        plan = LanePlan(small, settings.real)
        found.append(LaneStates(plan, params, data, each, settings.threads))
    return found


@dataclass(frozen=True, eq=False)
class ApartState:
    """A group whose states are made again whenever they are needed, and never kept."""

    group: Group
    params: Reals
    settings: Settings

    @classmethod
    def of(cls, group: Group, params: Reals, data: Reals, settings: Settings) -> ApartState:
        """Write the densities that the contraction needs, if it needs any."""
        if group.squares.masks:
            state_of([group], params, data, settings)
        return cls(group, params, settings)

    def write_values(self, data: Reals, exponents: Integers, values: Reals) -> None:
        """Read values out, (rows, values), in the environments that the contraction left in data."""
        if self.group.readouts:
            for state in self._states(data, without_densities(self.group)):
                state.write_values(data, exponents, values)

    def pull(self, weights: Reals, data: Reals, exponents: Integers, left: Reals) -> Any:
        """Add the derivatives by the environments to ``left``; the bras are made again later."""
        if self.group.readouts:
            for state in self._states(data, without_densities(self.group)):
                state.pull(weights, data, exponents, left)
        return weights, data, exponents

    def push(self, bras: Any, left: Reals, out: Reals) -> None:
        """Add to ``out``, (rows, parameters), what bras and derivatives by the densities, in ``left``, mean there."""
        weights, data, exponents = bras
        for state in self._states(data, self.group):
            state.push(state.pull(weights, data, exponents, np.zeros_like(left)), left, out)

    def _states(self, data: Reals, group: Group) -> list[State]:
        return state_of([group], self.params, np.zeros_like(data), self.settings)


def without_densities(group: Group) -> Group:
    """The group when only values are read out."""
    return replace(group, squares=Squares((), np.zeros((0, group.members), np.int64)))


def densities_on(executor: Executor, groups: Sequence[Group], params: Reals, data: Reals, settings: Settings) -> None:
    """Write the densities of all groups, each made by the executor."""
    tasks = [executor.submit(_densities, group, params, data.shape, settings) for group in groups]
    for task in tasks:
        data += task.result()


def values_on(
    executor: Executor,
    groups: Sequence[Group],
    params: Reals,
    data: Reals,
    exponents: Integers,
    values: Reals,
    settings: Settings,
) -> None:
    """Read out the values of all groups, each by the executor."""
    own = (data, exponents, values.shape, settings)
    tasks = [executor.submit(_values, group, params, *own) for group in groups if group.readouts]
    for task in tasks:
        found = task.result()
        values[~np.isnan(found)] = found[~np.isnan(found)]


def _densities(group: Group, params: Reals, shape: tuple[int, ...], settings: Settings) -> Reals:
    data = np.zeros(shape)
    if group.squares.masks:
        state_of([group], params, data, settings)
    return data


def _values(
    group: Group, params: Reals, data: Reals, exponents: Integers, shape: tuple[int, ...], settings: Settings
) -> Reals:
    found = np.full(shape, np.nan)
    for state in state_of([without_densities(group)], params, np.zeros_like(data), settings):
        state.write_values(data, exponents, found)
    return found
