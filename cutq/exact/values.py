"""Exact expectation values of a network and their gradients, in one call."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.circuits.observable import Observable
from cutq.circuits.values import checked
from cutq.errors import TooLargeError
from cutq.exact.amplitudes import check_size, fragment_amplitudes
from cutq.exact.compile import checked_observables, planned
from cutq.exact.costs import cost
from cutq.exact.fixed import evaluated
from cutq.exact.program import Program
from cutq.exact.settings import Settings
from cutq.exact.sums import word_sums
from cutq.network.cone import light_cone
from cutq.network.contract import word_values
from cutq.network.influence import targets
from cutq.network.network import Network

NUMPY_FLOPS = 2e7
"""Work up to so many operations is done by numpy, which needs no compiled code to be loaded first."""


def expectation(network: Network, what: Observable | str, params: ArrayLike | None = None) -> float:
    """The expectation value of one observable; see :func:`expectations`.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> circuit = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> round(expectation(split(circuit, CutPlan.from_partition(circuit, "AB")), "Z0 Z1 + 0.5*Z0"), 12)
    1.0
    """
    return float(expectations(network, [what], params)[0])


def expectations(
    network: Network, what: Sequence[Observable | str], params: ArrayLike | None = None
) -> NDArray[np.float64]:
    """The expectation values of weighted sums of Pauli words in the state of a network.

    What no observable can see is left out. Each fragment is simulated once, with its open legs as a batch, and all
    words are read out in one pass over the contracted network. To evaluate often, use :func:`cutq.compile`.

    Args:
        network: the network.
        what: the observables, as text or as :class:`Observable`.
        params: values in the order of ``network.parameters``, (P,); left out where there are none.

    Returns:
        The values, (len(what),).

    Raises:
        ObservableError: an observable is malformed or acts on a qubit that is not there.
        ParameterError: values are missing, too many or not finite.
        TooLargeError: a fragment does not fit in memory; cut further.
    """
    observables = checked_observables(network, what)
    row = checked(network.parameters, params)
    try:
        return _once(network, observables)(row)
    except TooLargeError:
        return _amplitudes_first(network, observables, row)


def gradient(network: Network, what: Observable | str, params: ArrayLike | None = None) -> NDArray[np.float64]:
    """The derivatives of one expectation value by all parameters, (P,), by one pass back through the contraction.

    >>> from cutq.circuits.angles import param
    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> circuit = Circuit(2, (Operation("ry", (0,), (param("t"),)), Operation("cx", (0, 1))))
    >>> gradient(split(circuit, CutPlan.from_partition(circuit, "AB")), "Z1", [0.5]).round(6).tolist()
    [-0.479426]
    """
    _, jacobian = values_and_jacobian(network, [what], params)
    return np.asarray(jacobian[0])


def values_and_jacobian(
    network: Network, what: Sequence[Observable | str], params: ArrayLike | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The values of observables, (len(what),), and their derivatives by all parameters, (len(what), P)."""
    observables = checked_observables(network, what)
    row = checked(network.parameters, params)
    return _once(network, observables).value_and_jacobian(row)


def _once(network: Network, observables: tuple[Observable, ...]) -> Program:
    """A program for one evaluation: by numpy where that is little work."""
    settings = Settings()
    plan = planned(network, observables, settings, evaluations=1)
    work = cost(plan)
    if work.flops + work.before <= NUMPY_FLOPS:
        settings = Settings(engine="numpy")
        plan = planned(network, observables, settings, evaluations=1)
    return Program(evaluated(plan, settings), settings, observables)


def _amplitudes_first(
    network: Network, observables: tuple[Observable, ...], row: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Values where densities do not fit: fragments with many legs and few outputs contracted as amplitudes."""
    sums = word_sums(observables)
    bound = dict(zip(network.parameters, row.tolist(), strict=True))
    cone = light_cone(network, targets(observables))
    for fragment in cone.fragments:
        check_size(fragment)
    found = word_values(cone, sums.words, lambda f: fragment_amplitudes(cone.fragments[f], bound), bound)
    return np.asarray(sums.values(found[None])[0])
