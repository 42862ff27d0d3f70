"""From a network and observables to a program."""

from __future__ import annotations

import math
from collections.abc import Iterable, MutableMapping, Sequence

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from cutq.circuits.checks import is_one_of, shown
from cutq.circuits.observable import Observable, observable
from cutq.errors import ObservableError, ParameterError, PlanError, TooLargeError
from cutq.exact.costs import LANE_RATE, cost, memory
from cutq.exact.fixed import evaluated
from cutq.exact.gatewise import gatewise_plan
from cutq.exact.plan import Plan
from cutq.exact.planning import fragment_plan
from cutq.exact.program import Program
from cutq.exact.settings import Settings
from cutq.exact.sums import WordSums, word_sums
from cutq.network.cone import light_cone
from cutq.network.contraction import size_text
from cutq.network.influence import targets
from cutq.network.network import Fragment, Network, merge
from cutq.network.plan import CutPlan
from cutq.network.split import split

WORTH_SECONDS = 5e-4
"""Programs that are expected to take less are not planned a second time."""

UNCUT_BYTES = 2**21
"""States of uncut circuits up to this size are always considered."""

FEW_GATES, MOST_GATES = 300, 2000
"""An order of gates is always looked for up to the first, never above the second as long as the fragments fit."""

SEARCH_SECONDS, EVALUATIONS = 5e-3, 200
"""Time of that search for each gate, and how many evaluations it, or what else is done once, may cost."""


def compile(
    network: Network,
    what: Sequence[Observable | str],
    *,
    engine: str = "numba",
    dtype: str = "complex128",
    threads: int = 1,
    max_bytes: float = 4e9,
    route: str = "auto",
    tensors: MutableMapping[str, NDArray[np.float64]] | None = None,
) -> Program:
    """Plan the values and derivatives of observables once, to run them often.

    What no observable can see is left out. Fragments of one shape are run together, equal ones once, and those without
    parameters only now, unless they are read out; the contraction of their densities is planned for all words of all
    observables at once.

    Args:
        network: the network.
        what: the observables, as text or as :class:`Observable`.
        engine: "numba", or "numpy" for the readable reference.
        dtype: "complex128" or "complex64", of the fragments' amplitudes.
        threads: on how many threads it runs; the results are the same for any number.
        max_bytes: cap on the memory of one evaluation.
        route: "fragments" runs the network's fragments; "gates" contracts the uncut circuit gate by gate; "auto" takes
            what is expected to be cheapest, for a narrow circuit perhaps to run it uncut. All give the same values.
        tensors: densities of fragments without parameters from earlier programs, by a hash of all that they depend on;
            fragments whose densities are there are not run, and what is missing or has another shape is added.

    Raises:
        ObservableError: an observable is malformed or acts on a qubit that is not there.
        TooLargeError: one evaluation would take more memory than ``max_bytes``.

    >>> from cutq.circuits.angles import param
    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> circuit = Circuit(2, (Operation("ry", (0,), (param("t"),)), Operation("cx", (0, 1))))
    >>> program = compile(split(circuit, CutPlan.from_partition(circuit, "AB")), ["Z1", "Z0 Z1"])
    >>> values, jacobian = program.value_and_jacobian([0.0])
    >>> values.round(12).tolist()
    [1.0, 1.0]
    """
    settings = Settings(engine, dtype, threads, max_bytes)
    if not is_one_of(route, ROUTES):
        raise ParameterError(f"route is one of {', '.join(ROUTES)}, got {shown(route)}")
    if tensors is not None and not isinstance(tensors, MutableMapping):
        raise ParameterError(f"tensors are a mapping such as a dict, which is filled, got {type(tensors).__name__}")
    observables = checked_observables(network, what)
    plan = planned(network, observables, settings, route=route)
    return Program(evaluated(plan, settings, tensors), settings, observables)


def planned(
    network: Network,
    observables: Sequence[Observable],
    settings: Settings,
    *,
    route: str = "auto",
    evaluations: int = EVALUATIONS,
) -> Plan:
    """The plan for the observables that takes least in so many evaluations, without the densities that are fixed."""
    cone, sums = light_cone(network, targets(observables)), word_sums(observables)
    return _best_plan(cone, network.parameters, sums, route, settings, evaluations)


def checked_observables(network: Network, what: Sequence[Observable | str]) -> tuple[Observable, ...]:
    """Observables that fit the network."""
    if isinstance(what, str) or not isinstance(what, Iterable):
        raise ObservableError(f"a list of observables is needed, got {shown(what)}; write [{shown(what)}] for one")
    if not isinstance(network, Network):
        raise PlanError(f"values are those of a cutq.Network, got {type(network).__name__}; see cutq.split")
    observables = tuple(observable(one) for one in what)
    for one in observables:
        one.check(network.num_qubits)
    return observables


ROUTES = ("auto", "fragments", "gates")
"""Ways to the same values: the cheapest, the network's fragments, or the uncut circuit gate by gate."""


def _best_plan(
    cone: Network, parameters: tuple[str, ...], sums: WordSums, route: str, settings: Settings, evaluations: int
) -> Plan:
    """The plan of a route; of all of them the one that is expected to take least.

    Cuts are one way to contract a circuit among many: narrow circuits are run uncut, shallow ones gate by gate, where
    that is cheaper.
    """
    plans = _plans(cone, parameters, sums, route, settings, evaluations)
    fitting = [plan for plan in plans if memory(plan, settings, 1).apart <= settings.max_bytes]
    if not fitting:
        need = min((memory(plan, settings, 1).apart for plan in plans), default=_fragment_bytes(cone, settings))
        raise TooLargeError(
            f"a fragment of {max(cone.widths)} qubits or what its legs leave does not fit: it takes "
            f"{size_text(int(need))}, more than the {size_text(int(settings.max_bytes))} allowed; cut into narrower "
            "fragments, cut fewer gates or wires, or raise max_bytes"
        )
    return min(fitting, key=lambda plan: _seconds(plan, evaluations))


def _seconds(plan: Plan, evaluations: int) -> float:
    """A guess of the time of an evaluation, with its share of what is done once."""
    work = cost(plan)
    return work.seconds + work.before / LANE_RATE / evaluations


def _plans(
    cone: Network, parameters: tuple[str, ...], sums: WordSums, route: str, settings: Settings, evaluations: int
) -> list[Plan]:
    """The plans that a route allows and that are worth considering."""
    found = []
    if route != "gates" and _fragment_bytes(cone, settings) <= settings.max_bytes:
        found.append(fragment_plan(cone, parameters, sums, settings))
        if memory(found[0], settings, 1).apart > settings.max_bytes:
            found.pop()
    if route == "fragments" or (found and _seconds(found[0], evaluations) < WORTH_SECONDS):
        return found
    most = min(settings.max_bytes, 2 * _fragment_bytes(cone, settings) + UNCUT_BYTES)
    narrow = route == "auto" and bool(cone.bonds) and settings.real.itemsize * 2.0 ** (_uncut_width(cone) + 1) <= most
    if found and not narrow and route == "auto" and _items(cone) > MOST_GATES:
        return found
    circuit = merge(cone)
    if narrow:
        found.append(fragment_plan(split(circuit, CutPlan.uncut()), parameters, sums, settings))
    if route == "gates" or not found or _worth_a_search(len(circuit.operations), _seconds(found[0], evaluations)):
        found.append(gatewise_plan(circuit, parameters, sums))
    return found


def _worth_a_search(gates: int, seconds: float) -> bool:
    """Whether to search for an order of gates: the search should not take longer than some hundred evaluations."""
    return gates <= FEW_GATES or (gates <= MOST_GATES and gates * SEARCH_SECONDS < EVALUATIONS * seconds)


def _uncut_width(network: Network) -> float:
    """Qubits of the widest fragment without cuts, no more than a float can raise 2 to."""
    parts = nx.connected_components(network.graph)
    return min(max(sum(len(network.fragments[f].outputs) for f in part) for part in parts), 1000.0)


def _items(network: Network) -> int:
    """No more than the operations of the uncut circuit."""
    return len({item.number for fragment in network.fragments for item in fragment.items})


def _fragment_bytes(network: Network, settings: Settings) -> float:
    """Bytes of the largest fragment or density."""
    return max((settings.real.itemsize * density_entries(one) for one in network.fragments), default=0.0)


def density_entries(fragment: Fragment) -> float:
    """Entries of a fragment's amplitudes, real and imaginary, or of its density if that is larger."""
    legs = sum(math.log2(leg.dim) for leg in fragment.legs)
    incoming = sum(leg.segment is not None and leg.end == 1 for leg in fragment.legs)
    return 2.0 ** min(max(len(fragment.outputs) + legs + 1, fragment.width + incoming + 1, 2 * legs), 1000.0)
