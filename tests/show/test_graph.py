"""The fragment graph: links, places, labels."""

from __future__ import annotations

import itertools
import math

import networkx as nx
import pytest

from cutq.circuits.circuit import Circuit, Operation
from cutq.network.cuts import GateCut
from cutq.network.network import Network
from cutq.network.plan import CutPlan
from cutq.network.split import split
from cutq.show.graph_layout import arrange, gamma_text, links, ring_order
from cutq.show.graph_panel import graph_picture, table
from cutq.show.labels import Label
from cutq.show.palette import FRAGMENTS, fragment_colour, legible, mix, tint

BELOW = (10.0, 0.0)


def linked(num_qubits: int, pairs: list[tuple[int, int]]) -> Network:
    """Each qubit a fragment, each pair a cut gate."""
    circuit = Circuit(num_qubits, tuple(Operation("cz", pair) for pair in pairs))
    return split(circuit, CutPlan.from_partition(circuit, range(num_qubits)))


def test_parallel_bonds_are_one_link() -> None:
    one, two = links(linked(3, [(0, 1), (1, 0), (0, 1), (1, 2), (0, 1)]))
    assert one.label == "4 bonds\ndim 16, gamma 81"
    assert two.label == "bond 3\ndim 2, gamma 3"


def test_a_bond_of_a_fragment_with_itself_is_a_link() -> None:
    circuit = Circuit(2, (Operation("cx", (0, 1)), Operation("cz", (0, 1))))
    picture = graph_picture(split(circuit, CutPlan((GateCut((1,)),))), BELOW)
    assert [link.ends for link in picture.links] == [(0, 0)]
    assert len(picture.labels) == 1


@pytest.mark.parametrize(
    ("log_gamma", "text"), [(0.0, "1"), (math.log10(81), "81"), (12.3, "2e+12"), (999.9, "1e+999")]
)
def test_gammas_of_any_size(log_gamma: float, text: str) -> None:
    assert gamma_text(log_gamma) == text


def test_chains_are_rows_or_columns() -> None:
    ends = [(0, 2), (2, 1), (1, 3)]
    row = arrange(4, ends, BELOW).places
    assert len({y for _, y in row.values()}) == 1
    assert row[0][0] < row[2][0] < row[1][0] < row[3][0]
    column = arrange(4, ends, (5.0, 12.0)).places
    assert len({x for x, _ in column.values()}) == 1
    assert column[0][1] < column[2][1] < column[1][1] < column[3][1]


def test_long_chains_turn_back() -> None:
    places = arrange(9, list(itertools.pairwise(range(9))), BELOW).places
    assert max(x for x, _ in places.values()) < 10
    for one, two in itertools.pairwise(range(9)):
        assert (places[one][0] == places[two][0]) != (places[one][1] == places[two][1])


def test_a_star_has_its_hub_in_the_middle() -> None:
    places = arrange(7, [(3, leaf) for leaf in (0, 1, 2, 4, 5, 6)], BELOW).places
    assert places[3] == pytest.approx([sum(p[axis] for p in places.values()) / 7 for axis in (0, 1)])


def test_ring_order_follows_a_ring() -> None:
    ring = [0, 4, 1, 5, 2, 6, 3]
    graph = nx.Graph(zip(ring, ring[1:] + ring[:1], strict=True))
    order = ring_order(graph, sorted(ring))
    assert all(graph.has_edge(one, two) for one, two in zip(order, order[1:] + order[:1], strict=True))


@pytest.mark.parametrize("number", [1, 2, 5, 9, 14, 30, 120])
@pytest.mark.parametrize("kind", ["none", "chain", "ring", "star", "full"])
def test_fragments_and_labels_never_overlap(number: int, kind: str) -> None:
    pairs = {
        "none": [],
        "chain": list(itertools.pairwise(range(number))),
        "ring": [(k, (k + 1) % number) for k in range(number) if number > 2],
        "star": [(0, k) for k in range(1, number)],
        "full": list(itertools.combinations(range(min(number, 20)), 2)),
    }[kind]
    picture = graph_picture(linked(number, pairs), BELOW)
    arrangement = picture.arrangement
    boxes = [(place, arrangement.node) for place in arrangement.places.values()]
    boxes += [(label.place, label.size) for label in picture.labels.values()]
    link = next(iter(picture.links), None)
    for (place, size), (other, other_size) in itertools.combinations(boxes, 2):
        assert link is None or not Label(link, place, size).meets(other, other_size)
    assert len(arrangement.places) == number
    for (x, y), (wide, high) in boxes[:number]:
        assert wide / 2 <= x <= picture.size[0] - wide / 2
        assert high / 2 <= y <= picture.size[1] - high / 2


def test_links_without_a_label_are_listed() -> None:
    picture = graph_picture(linked(9, list(itertools.combinations(range(9), 2))), BELOW)
    unlabelled = len(picture.links) - len(picture.labels)
    assert picture.rows == table([link for link in picture.links if link not in picture.labels])
    assert picture.rows[-1] == f"and {unlabelled - 12} more links"


def test_colours_of_the_first_36_fragments_differ() -> None:
    assert len({fragment_colour(fragment) for fragment in range(3 * len(FRAGMENTS))}) == 36
    assert fragment_colour(36) == fragment_colour(0)


def test_colours_mix() -> None:
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
    assert tint("#0072B2", 1.0) == "#ffffff"
    assert legible("#ffffff") != "#ffffff"
