"""Annealing: good plans for circuits whose sweeps are too wide, first of whole wires and then leg by leg.

The number of parts is free: forcing the least number can cost far more. Wires are annealed on several levels: groups
of wires that belong together first, single wires then. Legs then also find places to cut wires.
"""

from __future__ import annotations

import networkx as nx
import numpy as np

from cutq.search import anneal_kernels
from cutq.search.landscape import FORBIDDEN, Landscape, Numbers
from cutq.search.seeds import fitting, grown

STRAY = 0.02
"""How often a wire is sent to any part, which may be an empty one, instead of to one that it meets."""

COOL = 0.1
"""The last temperature as a part of the first, for wires; legs end at half of that."""

REFINING = 0.2
"""The first temperature, as a part of the mean price, where groups of wires are taken apart."""


def annealed_wires(land: Landscape, part: Numbers, rounds: int, heat: float, seed: int) -> Numbers:
    """The best partition that so many proposals for every wire lead to; `heat` is the first temperature as a part of
    the mean price of separating two wires."""
    return _annealed(land.graph, land.sizes, land.room, part, rounds, heat, seed)


def annealed_groups(land: Landscape, share: int, rounds: int, heat: float, seed: int) -> Numbers:
    """The best partition found by annealing groups of wires first, each at most this share of the largest label."""
    group = grown(land.graph, land.sizes, max(1, max(land.room) // share))
    names, members = np.unique(group, return_inverse=True)
    sizes = np.bincount(members, weights=land.sizes).astype(np.int64)
    coarse = nx.Graph()
    coarse.add_nodes_from(range(len(names)))
    for one, other, weight in land.graph.edges(data="weight"):
        a, b = int(members[one]), int(members[other])
        if a != b:
            coarse.add_edge(a, b, weight=weight + coarse.get_edge_data(a, b, {"weight": 0.0})["weight"])
    part = _annealed(coarse, sizes, land.room, np.arange(len(names)) % len(land.room), rounds, heat, seed)
    return annealed_wires(land, part[members], rounds, REFINING, seed)


def _annealed(graph: nx.Graph, sizes: Numbers, room: tuple[int, ...], part: Numbers, rounds: int, heat: float,
              seed: int) -> Numbers:  # fmt: skip
    starts, others, prices = _neighbours(graph)
    part = fitting(np.array(part, dtype=np.int64), sizes, np.array(room, dtype=np.int64))
    if (np.bincount(part, weights=sizes, minlength=len(room)) > room).any():
        return part
    hot = heat * float(prices.mean()) if len(prices) else 1.0
    anneal_kernels.anneal_wires(starts, others, prices, sizes, np.array(room, dtype=np.int64), part, hot, COOL * hot,
                                rounds, STRAY, seed)  # fmt: skip
    return part


def _neighbours(graph: nx.Graph) -> tuple[Numbers, Numbers, Numbers]:
    rows = [sorted(graph[wire].items()) for wire in range(len(graph))]
    starts = np.cumsum([0, *map(len, rows)])
    others = np.array([other for row in rows for other, _ in row], dtype=np.int64)
    return starts, others, np.array([edge["weight"] for row in rows for _, edge in row], dtype=float)


def annealed_legs(land: Landscape, label: Numbers, proposals: int, heat: float, seed: int) -> Numbers:
    """The best labels of legs that so many shifts lead to from these."""
    before, after = land.legs[:2]
    first, last = np.flatnonzero(before < 0), np.flatnonzero(after < 0)
    label = np.array(label, dtype=np.int64)
    prices = land.legs[7]
    usual = prices[prices < FORBIDDEN]
    hot = heat * (0.02 if land.problem.loads else float(usual.mean()) if len(usual) else 1.0)
    anneal_kernels.anneal_legs(land.legs, first, last, label, np.array(land.room), land.problem.loads, hot,
                               COOL / 2 * hot, proposals, seed)  # fmt: skip
    return label
