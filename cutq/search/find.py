"""``find_cuts``: from a circuit and a width to a plan."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from numbers import Integral, Real

import networkx as nx

from cutq.circuits.circuit import Circuit
from cutq.circuits.graph import to_graph
from cutq.errors import PlanError
from cutq.network.cuts import Cut, GateCut, WireCut
from cutq.network.network import Network
from cutq.network.plan import CutPlan, Found
from cutq.network.price import price
from cutq.network.protocols import WIRE_GAMMA, gate_gamma
from cutq.network.split import split
from cutq.search.joining import joined_plan
from cutq.search.problem import problem
from cutq.search.solve import Report, cuts, solve

OBJECTIVES = ("gamma", "flops")
"""What a search can minimise."""


@dataclass(frozen=True)
class Search:
    """Options and limits of a search.

    Attributes:
        wire_cuts: whether wires may be cut.
        gate_cuts: whether two-qubit gates may be cut.
        merge_gates: whether adjacent gates on one pair are multiplied and priced as one; not available yet.
        joint: whether several gates may be cut as one bond; not available yet.
        reuse: whether a qubit that has ended may host another segment; not available yet.
        time_limit: seconds after which the search returns the best plan so far, with a bound. A first plan is always
            made, which takes about a second for 1000 two-qubit gates.
        seed: of every random choice.
    """

    wire_cuts: bool = True
    gate_cuts: bool = True
    merge_gates: bool = False
    joint: bool = False
    reuse: bool = False
    time_limit: float = 10.0
    seed: int = 0

    def __post_init__(self) -> None:
        asked = [name for name in ("merge_gates", "joint", "reuse") if getattr(self, name)]
        if asked:
            raise PlanError(f"the search cannot use {', '.join(asked)} yet; leave the option at False")
        if not isinstance(self.time_limit, Real) or not self.time_limit > 0:
            raise PlanError(f"time_limit is a positive number of seconds, got {self.time_limit}")

    @property
    def model(self) -> str:
        """The model in which its plans are proven, in words."""
        kinds = [name for name, on in (("wire cuts", self.wire_cuts), ("gate cuts", self.gate_cuts)) if on]
        return f"independent {' and '.join(kinds) or 'no cuts'} without merging, joint cuts or qubit reuse"


def find_cuts(circuit: Circuit, max_qubits: int, *, objective: str = "gamma", search: Search | None = None) -> CutPlan:
    """The best plan found whose fragments have at most ``max_qubits`` qubits.

    A proving search sweeps the two-qubit gates; its first bound is the value of a beam over the same sweep.

    Args:
        circuit: the circuit.
        max_qubits: largest width of a fragment.
        objective: ``"gamma"``: the product over all cuts of gamma, 4 for a wire and 2 (sum |u_i|)^2 - 1 for a gate
            with operator-Schmidt coefficients u_i, at its worst case over angles that are parameters. ``"flops"``: the
            operations of one exact evaluation that :func:`cutq.price` predicts; a heuristic that looks at the plans of
            least gamma, with and without wire cuts, and at the stars and runs that their gates make together. It is
            never proven.
        search: options and limits.

    Returns:
        A plan that knows its widths, price, bound and whether it is proven optimal.

    Raises:
        PlanError: there is no such plan, or an argument is out of range.

    >>> from cutq.circuits.circuit import Operation
    >>> chain = Circuit(4, tuple(Operation("cx", (q, q + 1)) for q in range(3)))
    >>> plan = find_cuts(chain, 2)
    >>> plan.gamma, plan.widths, plan.proven_optimal
    (3.0, (2, 2), True)
    """
    options = search or Search()
    if not isinstance(circuit, Circuit):
        raise PlanError(f"find_cuts takes a cutq.Circuit, got {type(circuit).__name__}; see cutq.from_qiskit")
    if isinstance(max_qubits, bool) or not isinstance(max_qubits, Integral) or max_qubits < 1:
        raise PlanError(f"max_qubits is a whole number of at least 1, got {max_qubits!r}")
    if objective not in OBJECTIVES:
        raise PlanError(f"unknown objective {objective!r}; known: {', '.join(OBJECTIVES)}")
    if objective == "flops":
        return _fewest_flops(circuit, int(max_qubits), options)
    task = problem(priced_graph(circuit))
    solution = solve(
        task,
        int(max_qubits),
        wire_cuts=options.wire_cuts,
        gate_cuts=options.gate_cuts,
        time_limit=options.time_limit,
        seed=options.seed,
    )
    plan = _needed(circuit, _as_plan(*cuts(task, solution)))
    network = split(circuit, plan)
    _check_widths(network, max_qubits)
    found = Found(
        max_qubits=int(max_qubits),
        objective=objective,
        widths=network.widths,
        price=price(network),
        proven_optimal=solution.proven,
        bound=network.gamma if solution.proven else _exp(solution.bound),
        model=options.model,
        report=_report(solution.report),
    )
    return CutPlan(plan.cuts, found)


def _fewest_flops(circuit: Circuit, max_qubits: int, options: Search) -> CutPlan:
    """Of the plans of least gamma, as they are and with their gates put together, that with the fewest operations."""
    kinds = [options]
    if options.wire_cuts and options.gate_cuts:
        kinds.append(replace(options, wire_cuts=False))
    plans = [find_cuts(circuit, max_qubits, search=replace(kind, time_limit=options.time_limit / 2)) for kind in kinds]
    plans += [joined_plan(circuit, plan) for plan in plans]
    networks = [split(circuit, plan) for plan in plans]
    fitting = [network for network in networks if max(network.widths, default=0) <= max_qubits]
    network = min(fitting, key=lambda one: price(one).flops)
    found = Found(
        max_qubits=max_qubits,
        objective="flops",
        widths=network.widths,
        price=price(network),
        proven_optimal=False,
        bound=0.0,
        model=options.model.replace(
            " without merging, joint cuts or qubit reuse", ", gates together as stars and runs"
        ),
        report=f"{len(plans)} plans compared",
    )
    return CutPlan(tuple(bond.cut for bond in network.bonds), found)


def priced_graph(circuit: Circuit) -> nx.MultiDiGraph:
    """The circuit's graph with the attributes the search reads: ``price`` is log gamma of cutting an edge or node."""
    graph = to_graph(circuit)
    for number, op in enumerate(circuit.operations):
        if len(op.qubits) == 2:
            graph.nodes[number]["price"] = math.log(gate_gamma(op))
    nx.set_edge_attributes(graph, math.log(WIRE_GAMMA), "price")
    return graph


def _as_plan(nodes: frozenset[int], edges: frozenset[tuple[int, int, int]]) -> CutPlan:
    gates: list[Cut] = [GateCut((number,)) for number in nodes]
    wires: list[Cut] = [WireCut(qubit, before) for before, _, qubit in edges]
    return CutPlan((*gates, *wires))


def _needed(circuit: Circuit, plan: CutPlan) -> CutPlan:
    """The plan without cuts of gates that are local anyway and separate nothing."""
    bonds = split(circuit, plan).bonds
    return CutPlan(tuple(bond.cut for bond in bonds if bond.dims != (1,) or bond.ends[0] != bond.ends[1]))


def _check_widths(network: Network, max_qubits: int) -> None:
    if max(network.widths, default=0) > max_qubits:
        raise AssertionError(f"the search made a fragment of {max(network.widths)} qubits, more than {max_qubits}")


def _exp(logarithm: float) -> float:
    return math.exp(logarithm) if logarithm < 700 else math.inf


def _report(report: Report) -> str:
    return (
        f"{report.beams} beams over {report.orders} orders; proof kept {report.states} states under "
        f"{len(report.limits)} limits"
    )
