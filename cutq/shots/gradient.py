"""Gradients on devices: parameter shifts inside the fragment that holds the parameter, and nowhere else.

A value is linear in each leg tensor, so a derivative is the same contraction with the derivative of one tensor in its
place: at a fragment the shift rule of an angle, from circuits of that fragment alone; at a bond the derivative of its
matrix, which needs no circuit. Each occurrence of a parameter has its own shift, times the factor in its angle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.circuits.angles import Angle
from cutq.circuits.checks import is_one_of, shown
from cutq.circuits.circuit import Operation
from cutq.circuits.gates import gate, shift_rule
from cutq.circuits.observable import Observable
from cutq.errors import ShotsError
from cutq.network.cone import light_cone
from cutq.network.frames import Frame, Frames, chosen_frames
from cutq.network.influence import targets
from cutq.network.legspace import Reals, transfer
from cutq.network.network import Component, Fragment, Network, Slot
from cutq.network.protocols import CONTROLLED_U
from cutq.shots.estimate import Estimate
from cutq.shots.experiment import Experiment, Reading, experiment, word_structures
from cutq.shots.jobs import Runner, checked_runner
from cutq.shots.measure import Effort, measure
from cutq.shots.observables import listed_observables, named_values, quantities
from cutq.shots.tomography import Structure, Tomography, tomography
from cutq.shots.variants import Shift

GENERIC_SEED = 20211
"""Seed of the numbers at which dead legs are looked for, where all angles count."""


def estimate_gradient(
    network: Network,
    observable: Observable | str,
    params: ArrayLike | None = None,
    *,
    runner: Runner,
    shots: int | None = None,
    target_error: float | None = None,
    frames: Frames | None = None,
    method: str = "tabulated",
    allocation: str = "pilot",
    seed: int = 0,
    max_circuits: int | None = None,
    max_shots: int | None = None,
) -> Estimate:
    """Estimate the derivatives of an expectation value by all parameters, with their covariance.

    Runs the circuits of :func:`cutq.estimate` and, for each angle with a parameter, those of its fragment at the shifts
    of its rule: ``sum_f V_f (1 + 2 P_f)`` circuits for ``V_f`` variants and ``P_f`` angles with a rule of two terms.

    Args:
        network: the network.
        observable: the observable.
        params, runner, shots, target_error, frames, allocation, seed, max_circuits, max_shots: as there.
        method: ``"tabulated"``; through samples there is no gradient.

    Returns:
        The estimate; its values are (P,), in the order of ``network.parameters``.

    Raises:
        ShotsError: another method was asked for, or what :func:`cutq.estimate` refuses.

    >>> import math
    >>> from cutq.circuits.angles import param
    >>> from cutq.circuits.circuit import Circuit
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> from cutq.shots.simulated import SimulatedRunner
    >>> pair = Circuit(2, (Operation("ry", (0,), (param("t"),)), Operation("cx", (0, 1))))
    >>> network = split(pair, CutPlan.from_partition(pair, "AB"))
    >>> found = estimate_gradient(network, "Z1", [0.8], runner=SimulatedRunner(), shots=20_000)
    >>> bool(abs(found.values[0] + math.sin(0.8)) < 4 * found.stderr[0])
    True
    """
    if not is_one_of(method, ("tabulated",)):
        raise ShotsError(
            f"a gradient is estimated with method='tabulated', got {shown(method)}: the terms that are drawn, and so "
            "the samples, depend on the parameters, and their derivative is no average over samples"
        )
    effort = Effort(shots, target_error, allocation, seed, max_circuits, max_shots)
    checked_runner(runner)
    return measure(gradient_experiment(network, observable, params, frames), runner, effort)


@dataclass(frozen=True)
class Occurrence:
    """One angle of a fragment that depends on parameters.

    Attributes:
        item, letter, angle: which; see :class:`cutq.shots.variants.Shift`.
        weights: by parameter its factor in the angle.
        rule: pairs (coefficient, shift).
    """

    item: int
    letter: int
    angle: int
    weights: tuple[tuple[str, float], ...]
    rule: tuple[tuple[float, float], ...]


def occurrences(fragment: Fragment) -> Iterator[Occurrence]:
    """The angles of a fragment that depend on parameters."""
    for number, item in enumerate(fragment.items):
        letters = item.letters if isinstance(item, Slot) else (item.operation,)
        for letter, op in enumerate(letters):
            for k, angle in enumerate(op.params):
                if angle.parameters:
                    rule = _letter_rule(op, k) if isinstance(item, Slot) else gate(op.name).shift_rule(k)
                    yield Occurrence(number, letter, k, _weights(angle), rule)


def _weights(angle: Angle) -> tuple[tuple[str, float], ...]:
    zero = dict.fromkeys(angle.parameters, 0.0)
    return tuple((name, angle.at(zero | {name: 1.0}) - angle.at(zero)) for name in angle.parameters)


def _letter_rule(op: Operation, angle: int) -> tuple[tuple[float, float], ...]:
    """The rule of a letter's angle: other letters of the leg, which do not turn, are a level 0 beside its own."""
    levels = np.append(np.linalg.eigvalsh(gate(op.name).generator(angle)), 0.0)
    gaps = np.round(np.abs(levels[:, None] - levels[None, :]), 12)
    return shift_rule(tuple(float(gap) for gap in np.unique(gaps) if gap > 0))


def gradient_experiment(
    network: Network, observable: Observable | str, params: ArrayLike | None, frames: Frames | None
) -> Experiment:
    """The circuits of a gradient."""
    chosen = chosen_frames(frames)
    found = listed_observables(network, [observable])
    values = named_values(network, params)
    cone = light_cone(network, targets(found))
    rng = np.random.default_rng(GENERIC_SEED)
    generic = {name: float(rng.uniform(0.4, 2.7)) for name in network.parameters}
    base = experiment(cone, quantities(found), values, chosen, generic)
    return _Gradient(base, network.parameters, values, generic, chosen).experiment()


class _Gradient:
    """Adds the derivatives to the experiment of a value; the short-lived state of :func:`gradient_experiment`."""

    def __init__(
        self,
        base: Experiment,
        parameters: tuple[str, ...],
        values: Mapping[str, float],
        generic: Mapping[str, float],
        frames: Mapping[str, Frame],
    ) -> None:
        self.base, self.parameters, self.values = base, parameters, values
        self.generic, self.frames = generic, frames
        self.place = {name: k for k, name in enumerate(parameters)}
        self.tomographies: list[Tomography] = list(base.tomographies)
        self.readings: list[list[Reading]] = [list(own) for own in base.readings]
        self.bonds: list[list[Reals]] = [list(own) for own in base.bonds]
        self.terms: list[NDArray[np.int64]] = []
        self.weights: list[Reals] = []

    def experiment(self) -> Experiment:
        """The experiment of the gradient."""
        words = [one.words for one in self.base.tomographies]
        structures = word_structures(self.base.network, words, self.generic)
        for f, fragment in enumerate(self.base.network.fragments):
            for occurrence in occurrences(fragment):
                self._shift(f, fragment, occurrence, structures[f])
        self._couplings()
        count, nodes = len(self.parameters), self.base.terms.shape[1]
        return replace(
            self.base,
            names=tuple(f"d/d{name}" for name in self.parameters),
            tomographies=tuple(self.tomographies),
            readings=tuple(map(tuple, self.readings)),
            bonds=tuple(np.array(own) for own in self.bonds),
            terms=np.concatenate([np.zeros((0, nodes), dtype=np.int64), *self.terms]),
            weights=np.concatenate([np.zeros((count, 0)), *self.weights], axis=1),
            constants=np.zeros(count),
        )

    def _shift(self, f: int, fragment: Fragment, one: Occurrence, structure: Structure) -> None:
        """The shifted circuits of one angle, and the terms with its derivative."""
        words, first = self.base.tomographies[f].words, len(self.tomographies)
        for _, amount in one.rule:
            shift = (Shift(one.item, one.letter, one.angle, amount),)
            self.tomographies.append(tomography(f, fragment, words, self.values, self.frames, structure, shift))
        start = len(self.readings[f])
        self.readings[f] += [
            tuple((first + m, w, factor) for m, (factor, _) in enumerate(one.rule)) for w in range(len(words))
        ]
        terms = self.base.terms.copy()
        terms[:, f] += start
        self._add(terms, one.weights)

    def _couplings(self) -> None:
        """The terms with the derivative of a bond's matrix."""
        node, count = len(self.base.network.fragments), 0
        for bond in self.base.network.bonds:
            for component in bond.components or (None,):
                for weights, matrix in _coupling_derivatives(component, self.values):
                    self.bonds[count].append(matrix)
                    terms = self.base.terms.copy()
                    terms[:, node + count] = len(self.bonds[count]) - 1
                    self._add(terms, weights)
                count += 1

    def _add(self, terms: NDArray[np.int64], weights: tuple[tuple[str, float], ...]) -> None:
        own = np.zeros((len(self.parameters), len(terms)))
        for name, factor in weights:
            own[self.place[name]] += factor * self.base.weights[0]
        self.terms.append(terms)
        self.weights.append(own)


def _coupling_derivatives(
    component: Component | None, values: Mapping[str, float]
) -> Iterator[tuple[tuple[tuple[str, float], ...], Reals]]:
    """For each angle with parameters in a coupling its factors, and the derivative of the matrix by it."""
    op = None if component is None else component.operation
    if component is None or op is None:
        return
    for k, angle in enumerate(op.params):
        if angle.parameters and (op.name not in CONTROLLED_U or k == 3):
            parts = []
            for factor, amount in gate(op.name).shift_rule(k):
                params = (*op.params[:k], angle + amount, *op.params[k + 1 :])
                moved = replace(component, operation=replace(op, params=params))
                parts.append(factor * transfer(moved.coupling(values)))
            yield _weights(angle), np.sum(parts, axis=0)
