"""All faults of a graph of modules at once, each with both ports, both types and one fix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace

import networkx as nx

from cutq.compose.addresses import Spot, terms
from cutq.compose.assembly import Assembly, Join, is_quantum, size
from cutq.compose.flatten import Flat, flatten, reading
from cutq.compose.names import shown
from cutq.compose.ports import ClassicalIn, QuantumIn, QuantumOut
from cutq.compose.wiring import Wiring, link_edges, reached
from cutq.errors import CompositionError, CutqError


def check(assembly: Assembly, *, closed: bool = False, read: Collection[tuple[str, str]] = ()) -> None:
    """Raise :class:`CompositionError` with all faults.

    Args:
        assembly: the graph.
        closed: whether it is to be run as it is, without open quantum inputs, and everything that goes out is read.
        read: ports that are read, as (node, port).
    """
    found = list(faults(assembly, closed=closed, read=read))
    if found:
        raise CompositionError(*found)


def faults(assembly: Assembly, *, closed: bool = False, read: Collection[tuple[str, str]] = ()) -> Iterator[str]:
    """The faults, one line each; those of order in time only where there are no others."""
    own = [*_edges(assembly), *_spots(assembly)]
    if not own:
        own = [*_sources(assembly, closed), *_ends(assembly, closed, read), *_cycles(assembly), *_ties(assembly)]
        own += _names(assembly)
    if not own:
        own = list(_measured(assembly))
    yield from own
    if not own:
        yield from _links(flatten(assembly))


def _edges(assembly: Assembly) -> Iterator[str]:
    for join in assembly.joins:
        source, target = assembly.port(join.source), assembly.port(join.target)
        both = f"{join.source} ({source.type}) to {join.target} ({target.type})"
        if isinstance(source, QuantumIn | ClassicalIn) or not isinstance(target, QuantumIn | ClassicalIn):
            yield f"an edge leads from an output to an input, but this one from {both}; turn it round"
            continue
        if is_quantum(source) != is_quantum(target):
            yield (
                f"wires go to wires and numbers to numbers, but an edge leads from {both}; measure the wire, or encode "
                "the number with an encoder module"
            )
            continue
        beyond = [at for at in (join.source, join.target) if max(assembly.elements(at)) >= size(assembly.port(at))]
        if beyond:
            yield f"{beyond[0]} does not exist: the port has {size(assembly.port(beyond[0]))} elements, numbered from 0"
            continue
        yield from _sizes(assembly, join, both)


def _sizes(assembly: Assembly, join: Join, both: str) -> Iterator[str]:
    out, into = len(assembly.elements(join.source)), len(assembly.elements(join.target))
    if is_quantum(assembly.port(join.source)):
        if join.function is not None:
            name = join.function.function
            yield f"wires go through no classical function, but the edge from {both} goes through {name!r}"
        if out != into:
            yield (
                f"widths match along wires, but an edge leads from {both}: {out} to {into}; name a slice, such as "
                f"{Spot(join.source.node, join.source.port)}[0:{min(out, into)}]"
            )
        return
    shapes = [
        assembly.port(at).shape if at.elements is None else (len(at.elements),) for at in (join.source, join.target)
    ]
    if join.function is not None and (join.function.inputs, join.function.outputs) != (out, into):
        yield (
            f"the function {join.function.function!r} takes {join.function.inputs} numbers and gives "
            f"{join.function.outputs}, but stands on the link from {both}: {out} to {into}"
        )
    elif join.function is None and shapes[0] != shapes[1] and not out == into == 1:
        yield (
            f"shapes match along links, but an edge leads from {both}: {shapes[0]} to {shapes[1]}; name elements, or "
            "put cutq.classical('linear', ...) between"
        )


def _spots(assembly: Assembly) -> Iterator[str]:
    for at in assembly.discarded:
        port = assembly.port(at)
        if not isinstance(port, QuantumOut):
            yield f"quantum outputs are discarded, but {at} is {port.type}; leave it out"
        elif max(assembly.elements(at)) >= size(port):
            yield f"{at} does not exist: the port has {size(port)} qubits, numbered from 0"
    for one in assembly.measured:
        for text in one.outputs:
            try:
                spots = [at for _, word in terms(text) for _, at in word]
                lost = [at.node for at in spots if at.node not in assembly.modules]
                if lost:
                    yield f"measured {one.name!r}: there is no instance {lost[0]!r}; add it"
                    continue
                wrong = [at for at in spots if not isinstance(assembly.port(at), QuantumOut)]
                if wrong:
                    kind = assembly.port(wrong[0]).type
                    yield f"Paulis are measured at quantum outputs, but {shown(text)} names {kind}; name a wire"
            except CutqError as cause:
                yield f"measured {one.name!r}: {cause}"


def _sources(assembly: Assembly, closed: bool) -> Iterator[str]:
    fed = Counter[tuple[str, str, int]]()
    for join in assembly.joins:
        fed.update((join.target.node, join.target.port, k) for k in assembly.elements(join.target))
    for node in assembly.nodes:
        inputs: list[QuantumIn | ClassicalIn] = [*node.module.quantum_inputs, *node.module.classical_inputs]
        for port in inputs:
            counts = [fed[node.name, port.name, k] for k in range(size(port))]
            at, rest = f"{node.name}.{port.name}", [k for k, count in enumerate(counts) if not count]
            if max(counts) > 1:
                yield (
                    f"an input has one source, but {at}[{counts.index(max(counts))}] ({port.type}) has {max(counts)}; "
                    "remove one of its edges"
                )
            elif rest and (any(counts) or (closed and isinstance(port, QuantumIn))):
                which = f"{at}[{rest[0]}]" if any(counts) else at
                yield (
                    f"an input without a source: {which} ({port.type}); connect an output to it, such as that of a "
                    "module that prepares its state"
                )


def _ends(assembly: Assembly, closed: bool, read: Collection[tuple[str, str]]) -> Iterator[str]:
    used: dict[tuple[str, str, int], list[str]] = {}
    for join in assembly.joins:
        for k in assembly.elements(join.source):
            used.setdefault((join.source.node, join.source.port, k), []).append(str(join.target))
    for gone in assembly.discarded:
        for k in assembly.elements(gone):
            used.setdefault((gone.node, gone.port, k), []).append("discard")
    seen, heard = _read(assembly, read)
    for node in assembly.nodes:
        for port in node.module.quantum_outputs:
            at = f"{node.name}.{port.name}"
            uses = [used.get((node.name, port.name, k), []) for k in range(size(port))]
            for k, one in enumerate(uses):
                if len(one) > 1:
                    yield (
                        f"no cloning: the wire {at}[{k}] ({port.type}) goes to {' and to '.join(one)}; measure it and "
                        "send the number, or add a second instance of its module"
                    )
            rest = [k for k, one in enumerate(uses) if not one]
            ignored = (node.name, port.name) not in seen and node.name not in heard
            if rest and ((any(uses) and (node.name, port.name) not in seen) or (closed and ignored)):
                which = f"{at}[{rest[0]}]" if any(uses) else at
                yield (
                    f"an output that dangles: {which} ({port.type}) is neither connected nor read; connect it, measure "
                    f"it, or say discard({which!r})"
                )


def _read(assembly: Assembly, read: Collection[tuple[str, str]]) -> tuple[set[tuple[str, str]], set[str]]:
    """Ports that are read, and nodes whose numbers are: what leaves these in wires may end there."""
    texts = [text for one in assembly.measured for text in one.outputs]
    seen = {(at.node, at.port) for text in texts for _, word in terms(text) for _, at in word}.union(read)
    sent = {(join.source.node, join.source.port) for join in assembly.joins}
    heard = {node for node, port in seen | sent if not is_quantum(assembly.modules[node].port(port))}
    return seen, heard


def _cycles(assembly: Assembly) -> Iterator[str]:
    graph = nx.DiGraph()
    graph.add_edges_from((join.source.node, join.target.node) for join in assembly.joins)
    for cycle in _first_cycles(graph):
        shown = " -> ".join([*cycle, cycle[0]])
        yield f"time goes one way, but these modules wait for each other: {shown}; remove an edge"


def _first_cycles(graph: nx.DiGraph) -> Iterator[list[str]]:
    """One cycle of each strongly connected part."""
    for part in nx.strongly_connected_components(graph):
        inner = graph.subgraph(part)
        if len(part) > 1 or inner.number_of_edges():
            yield [source for source, *_ in nx.find_cycle(inner)]


def _ties(assembly: Assembly) -> Iterator[str]:
    names = {node.name for node in assembly.nodes}
    groups: dict[str, list[str]] = {}
    for node in assembly.nodes:
        if node.tie is not None:
            groups.setdefault(node.tie, []).append(node.name)
    nodes = {node.name: node for node in assembly.nodes}
    for tie, members in groups.items():
        if "." in tie:
            yield f"tie groups have names without dots, but {members[0]!r} is tied in {tie!r}; rename the group"
        if tie in names and tie not in members:
            yield f"a tie group and a module outside of it are called differently, but both are {tie!r}; rename one"
        first = nodes[members[0]]
        shapes = [(one.name, one.shape) for one in first.module.weights]
        for name in members[1:]:
            other = nodes[name]
            own = [(one.name, one.shape) for one in other.module.weights]
            if own != shapes:
                yield f"tied modules have equal weights, but {members[0]!r} has {shapes} and {name!r} {own}; untie one"
            elif (other.frozen, [one.frozen for one in other.module.weights]) != (
                first.frozen,
                [one.frozen for one in first.module.weights],
            ):
                yield f"tied modules are frozen together, but of {members[0]!r} and {name!r} only one is; freeze both"


def _names(assembly: Assembly) -> Iterator[str]:
    open_ports = {(at.node, at.port) for _, at in assembly.open}
    for name, at in assembly.names:
        if (at.node, at.port) not in open_ports:
            yield f"only open ports are exposed, but {at}, exposed as {name!r}, is connected, measured or discarded"
    counts = Counter(port.name for port in assembly.ports)
    for name, count in counts.items():
        if count > 1:
            yield f"ports have different names, but {count} are called {name!r}; expose them under other names"


def _measured(assembly: Assembly) -> Iterator[str]:
    if not assembly.measured:
        return
    inside = flatten(replace(assembly, measured=())).inside
    for one in assembly.measured:
        for text in one.outputs:
            try:
                reading(text, inside)
            except CompositionError as cause:
                yield f"measured {one.name!r}: {cause}"


def _links(flat: Flat) -> Iterator[str]:
    wiring = Wiring(flat)
    late = {part for group in nx.strongly_connected_components(wiring.part_graph) for part in group if len(group) > 1}
    after = reached(flat.graph.successors, (leaf for leaf, _ in flat.open))
    for link in flat.links:
        edges = list(link_edges(link))
        ends = [(wiring.part_of[source], wiring.part_of[target]) for source, target in edges]
        if any(source == target or (source in late and target in late) for source, target in ends):
            yield (
                f"a number would have to be known while its circuit runs (feed-forward): the link from {link.name} "
                "joins modules of one network; prepare the state again in a second instance and read the number there"
            )
        past = sorted({source for source, _ in edges} & after)
        if past:
            yield (
                f"the link from {link.name} leaves {flat.leaves[past[0]].path!r}, which has an open quantum input in "
                "its past, so the whole would be no channel; connect that input, or send the number from elsewhere"
            )
