"""Links: what shot-by-shot sampling draws at once, a bond or parallel wires that are cut jointly with feed-forward."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from cutq.errors import PlanError
from cutq.network.cuts import WireCut
from cutq.network.legspace import Reals, places
from cutq.network.mub import POLYNOMIALS, mub_bases
from cutq.network.network import Network
from cutq.network.signed import Signed
from cutq.network.terms import bond_terms

MOST_WIRES = max(POLYNOMIALS)
"""Parallel wires that are cut jointly; more are cut in several links."""

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LinkTerm:
    """One of the terms that are drawn for a link.

    Attributes:
        coefficient: ``c``.
        ends: what is done at end 0 and at end 1; at end 1 of wires with feed-forward, after outcome 0 at end 0.
        steering: of wires with feed-forward, which basis of :func:`cutq.network.mub.mub_bases` they are measured in and
            begin in, and the offset: after outcome ``y`` they begin in its state ``y XOR offset``. Else None.
    """

    coefficient: float
    ends: tuple[Signed, Signed]
    steering: tuple[int, int] | None = None


@dataclass(frozen=True, eq=False)
class Link:
    """What joins two fragments and is drawn at once.

    Attributes:
        bonds: the bonds of the network that it stands for.
        fragments: the fragments of end 0 and end 1.
        places: at each end the positions of its places in the fragment.
        terms: what is drawn from, with the chances ``|c| / gamma``.
    """

    bonds: tuple[int, ...]
    fragments: tuple[int, int]
    places: tuple[tuple[int, ...], tuple[int, ...]]
    terms: tuple[LinkTerm, ...] = field(repr=False)

    @property
    def steered(self) -> bool:
        """Whether end 1 follows the outcome at end 0."""
        return self.terms[0].steering is not None

    @cached_property
    def coefficients(self) -> Reals:
        """Those of the terms, (terms,)."""
        return np.array([term.coefficient for term in self.terms])

    @cached_property
    def gamma(self) -> float:
        """The sum of their moduli."""
        return float(np.abs(self.coefficients).sum())

    @cached_property
    def scores(self) -> tuple[Reals, Reals]:
        """At each end what the outcomes of the terms count, (terms, outcomes); 0 where a term has fewer."""
        return self._scores(0), self._scores(1)

    @cached_property
    def circuits(self) -> tuple[Integers, Integers]:
        """At each end for each term the first one that does the same there, (terms,)."""
        return self._first(0, scored=False), self._first(1, scored=False)

    @cached_property
    def instruments(self) -> tuple[Integers, Integers]:
        """At each end for each term the first one that does the same there with the same scores, (terms,)."""
        return self._first(0, scored=True), self._first(1, scored=True)

    def _scores(self, end: int) -> Reals:
        found = np.zeros((len(self.terms), max(len(term.ends[end].scores) for term in self.terms)))
        for row, term in zip(found, self.terms, strict=True):
            row[: len(term.ends[end].scores)] = term.ends[end].scores
        return found

    def _first(self, end: int, scored: bool) -> Integers:
        known: dict[bytes, int] = {}
        found = []
        for k, term in enumerate(self.terms):
            own = term.ends[end]
            found.append(known.setdefault(own.vectors.tobytes() + (own.scores.tobytes() if scored else b""), k))
        return np.array(found, dtype=np.int64)


def network_links(
    network: Network, values: Mapping[str, float], *, communication: bool, wires: str, ancilla: bool
) -> tuple[Link, ...]:
    """The links of a network.

    Args:
        network: the network.
        values: numbers for its parameters.
        communication: whether wires are cut with feed-forward, up to ``MOST_WIRES`` of one pair of fragments jointly.
        wires, ancilla: as in :func:`cutq.network.terms.bond_terms`, for all other bonds.

    Raises:
        PlanError: the terms of a bond cannot be written out, or wires with feed-forward lead in a ring.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> rows = [Operation("cx", (0, 1)), Operation("cx", (1, 2)), Operation("cx", (0, 2))]
    >>> network = split(Circuit(3, tuple(rows)), CutPlan((WireCut(0, 0), WireCut(1, 0))))
    >>> (link,) = network_links(network, {}, communication=True, wires="sic", ancilla=True)
    >>> link.bonds, len(link.terms), link.gamma
    ((0, 1), 7, 7.0)
    """
    jointly = list(_parallel(network)) if communication else []
    if jointly:
        _check_rings(network)
    steered = {bond for bonds in jointly for bond in bonds}
    links = [_steered_link(network, bonds) for bonds in jointly]
    for b, bond in enumerate(network.bonds):
        if b not in steered:
            terms = tuple(
                LinkTerm(term.coefficient, (term.left, term.right))
                for term in bond_terms(bond, values, wires=wires, ancilla=ancilla)
            )
            links.append(Link((b,), bond.ends, _places(network, (b,)), terms))
    return tuple(links)


def steered_terms(count: int) -> tuple[LinkTerm, ...]:
    """The terms of :func:`cutq.network.wire_terms.steered_wires`, each with one state after each outcome.

    The last of those, "any other string", are ``2**count - 1`` terms here, one for each difference.

    Args:
        count: how many wires, 1 to 4.

    >>> [(term.coefficient, term.steering) for term in steered_terms(1)]
    [(1.0, (1, 0)), (1.0, (2, 0)), (-1.0, (0, 1))]
    """
    bases = mub_bases(count)
    drawn = [(1.0, basis, 0) for basis in range(1, len(bases))]
    drawn += [(-1.0, 0, offset) for offset in range(1, 1 << count)]
    return tuple(
        LinkTerm(
            coefficient,
            (Signed.of(bases[basis].conj(), np.ones(1 << count)), Signed.of(bases[basis][[offset]])),
            (basis, offset),
        )
        for coefficient, basis, offset in drawn
    )


def _parallel(network: Network) -> Iterator[tuple[int, ...]]:
    """The wires that are cut jointly: those from one fragment to another one, so many at a time."""
    together: dict[tuple[int, int], list[int]] = {}
    for b, bond in enumerate(network.bonds):
        if isinstance(bond.cut, WireCut):
            together.setdefault(bond.ends, []).append(b)
    for bonds in together.values():
        for first in range(0, len(bonds), MOST_WIRES):
            yield tuple(bonds[first : first + MOST_WIRES])


def _steered_link(network: Network, bonds: tuple[int, ...]) -> Link:
    return Link(bonds, network.bonds[bonds[0]].ends, _places(network, bonds), steered_terms(len(bonds)))


def _places(network: Network, bonds: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """At each end the positions of the places of some bonds between the same fragments, bond by bond."""
    found: list[list[int]] = [[], []]
    for b in bonds:
        for end, own in enumerate(found):
            fragment = network.fragments[network.bonds[b].ends[end]]
            legs = [k for k, leg in enumerate(fragment.legs) if (leg.bond, leg.end) == (b, end)]
            own += [k for k, place in enumerate(places(fragment)) if place.leg in legs]
    return tuple(found[0]), tuple(found[1])


def _check_rings(network: Network) -> None:
    """Raise :class:`PlanError` where wires lead from a fragment back to it."""
    graph = nx.DiGraph(bond.ends for bond in network.bonds if isinstance(bond.cut, WireCut))
    if nx.is_directed_acyclic_graph(graph):
        return
    ring = [edge[0] for edge in nx.find_cycle(graph)]
    route = " to ".join(f"fragment {position}" for position in (*ring, ring[0]))
    raise PlanError(
        f"wires lead from {route}, but with feed-forward a fragment is run after all those whose wires it takes up; "
        "use method='sampled', where each fragment is run by itself, or cut gates in place of one of these wires"
    )


@dataclass(frozen=True)
class Unit:
    """Fragments that are run in one circuit.

    Attributes:
        fragments: the fragments, each after those whose wires it takes up with feed-forward.
        ends: the ends of links on them, (link, end) each: fragment by fragment, and by link.
    """

    fragments: tuple[int, ...]
    ends: tuple[tuple[int, int], ...]


def link_units(num_fragments: int, links: Sequence[Link]) -> tuple[Unit, ...]:
    """The units: fragments that links with feed-forward join, and every other one by itself."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(num_fragments))
    graph.add_edges_from(link.fragments for link in links if link.steered)
    order = list(nx.lexicographical_topological_sort(graph))
    found = []
    for group in sorted(nx.weakly_connected_components(graph), key=min):
        members = tuple(position for position in order if position in group)
        ends = [
            (k, end)
            for position in members
            for k, link in enumerate(links)
            for end in (0, 1)
            if link.fragments[end] == position
        ]
        found.append(Unit(members, tuple(ends)))
    return tuple(found)
