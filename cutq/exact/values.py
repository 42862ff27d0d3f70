"""Exact expectation values of a network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.circuits.observable import Observable, observable
from cutq.circuits.values import checked
from cutq.errors import ObservableError, PlanError
from cutq.exact.amplitudes import check_size, fragment_amplitudes
from cutq.network.cone import light_cone
from cutq.network.contract import word_values
from cutq.network.network import Network


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

    What no observable can see is left out. Each fragment is simulated once, with its open legs as a batch; the network
    of the fragments' tensors is then contracted for every different word.

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
    if isinstance(what, str) or not isinstance(what, Iterable):
        raise ObservableError(f"expectations takes a list of observables, got {what!r}; expectation takes one")
    if not isinstance(network, Network):
        raise PlanError(f"values are those of a cutq.Network, got {type(network).__name__}; see cutq.split")
    sums = [observable(one) for one in what]
    for one in sums:
        one.check(network.num_qubits)
    row = checked(network.parameters, params)
    bound = dict(zip(network.parameters, row.tolist(), strict=True))
    words = list(dict.fromkeys(word for one in sums for word, _ in one.terms))
    cone = light_cone(network, {qubit for one in sums for qubit in one.qubits})
    for fragment in cone.fragments:
        check_size(fragment)
    found = word_values(cone, words, lambda f: fragment_amplitudes(cone.fragments[f], bound), bound)
    value_of = dict(zip(words, found, strict=True))
    return np.array([sum(weight * value_of[word] for word, weight in one.terms) for one in sums], dtype=float)
