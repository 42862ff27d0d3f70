"""Orders of measurement: both shapes, their sizes as they are then met, and the better one chosen."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from cutq import Circuit, CutPlan, Operation, split
from cutq.exact import measuring
from cutq.exact.canonical import canonical_stages
from cutq.exact.measuring import plan_form
from tests import oracle
from tests.exact.test_canonical import walked
from tests.zoo import line, u3_layer


def grid(side: int) -> Circuit:
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(side, side))
    ops = [Operation("h", (q,)) for q in range(side**2)]
    ops += [Operation("cp", edge, (0.4 + 0.1 * k,)) for k, edge in enumerate(graph.edges)]
    return u3_layer(Circuit(side**2, tuple(ops)))


@pytest.mark.parametrize("start", [None, 0, 4])
def test_sizes_are_those_that_are_met(monkeypatch: pytest.MonkeyPatch, start: int | None) -> None:
    """On a grid the ranks are full, so that the plan is exact for the tree and for sweeps from any fragment."""

    def only(network: object, part: list[int]) -> list[object]:
        sizes = measuring._Sizes(network, part)
        return [sizes.as_tree() if start is None else sizes.as_line(start)]

    monkeypatch.setattr(measuring, "_candidates", only)
    circuit = grid(3)
    network = split(circuit, CutPlan.from_partition(circuit, range(9)))
    form = plan_form(network)
    stages = canonical_stages(network, form, {})
    stack, most, fan = 1, 1, 1
    for stage in stages:
        stack = stack // stage.rank * stage.array.shape[1]
        most, fan = max(most, stack), max(fan, stack * len(stage.array))
    assert (most, fan) == (form.stack, form.fan)
    assert sorted(form.stages) == list(range(9))
    np.testing.assert_allclose(walked(stages, 9), np.abs(oracle.statevector(circuit)) ** 2, rtol=0, atol=1e-12)


def test_a_grid_is_swept_with_few_edges_open() -> None:
    circuit = grid(6)
    network = split(circuit, CutPlan.from_partition(circuit, range(36)))
    assert plan_form(network).stack <= 2**7


def test_a_chain_is_a_tree_with_at_most_two_edges_open() -> None:
    circuit = line(30, 1)
    form = plan_form(split(circuit, CutPlan.from_partition(circuit, [q // 3 for q in range(30)])))
    assert form.stack <= 4
    assert len(form.steps) == 9
