"""The graph of a composition from the tables of ``module.toml``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from cutq.circuits.checks import shown
from cutq.compose.addresses import Spot, spot
from cutq.compose.assembly import Assembly, Join, Measured, Node, size
from cutq.compose.entries import FIX, Entry, converted
from cutq.compose.functions import Classical
from cutq.compose.module import Module
from cutq.compose.names import check_name
from cutq.errors import ModuleError

KEYS = ("nodes", "joins", "names", "measured", "discarded")

MOST_PIECES = 1_000_000
"""Most ports, weights and instances of a composition, those of compositions inside counted as often as they occur."""

MOST_ELEMENTS = 2**22
"""Most elements that all addresses of a composition name."""


def read_assembly(entry: Entry, parts: Mapping[str, Module], function: Callable[[Entry], Classical]) -> Assembly:
    """The graph, whose laws are not checked yet.

    Args:
        entry: the table.
        parts: the inner modules by the names of their folders.
        function: reads the function of a link.

    Raises:
        ModuleError: the table is none of a graph, or names other modules than are there.
    """
    entry.check_keys(KEYS)
    nodes = tuple(_node(one, parts) for one in entry.tables("nodes"))
    _check_nodes(entry, nodes, parts)
    spots = _Spots({node.name: node.module for node in nodes})
    return Assembly(
        nodes,
        tuple(_join(one, spots, function) for one in entry.tables("joins")),
        tuple(_name(one, spots) for one in entry.tables("names")),
        tuple(_measured(one) for one in entry.tables("measured")),
        tuple(spots.spot(entry, "discarded", text) for text in entry.texts("discarded")),
    )


class _Spots:
    """Reads addresses, and counts what they name."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self.modules = modules
        self.left = MOST_ELEMENTS

    def of(self, entry: Entry, key: str) -> Spot:
        """The place that the address under this key names."""
        return self.spot(entry, key, entry.text(key))

    def spot(self, entry: Entry, key: str, text: str) -> Spot:
        """The place that an address names, on a module that is there."""
        with converted(f"{entry.where}: {key!r}"):
            at = spot(text)
            if at.node not in self.modules:
                raise ModuleError(f"{shown(text)} names an instance that is not there; {FIX}")
            port = self.modules[at.node].port(at.port)
            self.left -= size(port) if at.elements is None else len(at.elements)
            if self.left < 0 or max(at.elements or (0,)) >= size(port):
                raise ModuleError(f"{shown(text)} names more than port {port.name!r} has, {port.type}; {FIX}")
        return at


def _node(entry: Entry, parts: Mapping[str, Module]) -> Node:
    entry.check_keys(("name", "module", "frozen"), ("tie",))
    module = entry.text("module")
    if module not in parts:
        entry.fail("module", f"one of the folders in parts, {', '.join(parts)[:200]}")
    with converted(entry.where):
        name = check_name(entry.text("name"))
        if "." in name:
            raise ModuleError(f"instances have names without dots, got {name!r}; {FIX}")
        tie = check_name(entry.text("tie")) if "tie" in entry else None
    return Node(name, parts[module], entry.flag("frozen"), tie)


def _check_nodes(entry: Entry, nodes: tuple[Node, ...], parts: Mapping[str, Module]) -> None:
    """Raise :class:`ModuleError` for names that occur twice, modules that nothing names, and far too many pieces."""
    names = [node.name for node in nodes]
    twice = [name for name in names if names.count(name) > 1] if len(set(names)) < len(names) else []
    if twice:
        raise ModuleError(f"{entry.where}: instances have different names, but {twice[0]!r} is twice; {FIX}")
    used = {id(node.module) for node in nodes}
    unused = [name for name, part in parts.items() if id(part) not in used]
    if unused:
        raise ModuleError(f"{entry.where}: no instance is of the module in parts/{unused[0]}; {FIX}")
    # Compositions of compositions of compositions become large in few lines.
    pieces = _pieces(nodes, {})
    if pieces > MOST_PIECES:
        raise ModuleError(
            f"{entry.where}: the composition has {pieces} pieces, but at most {MOST_PIECES}; take it apart"
        )


def _pieces(nodes: Iterable[Node], known: dict[int, int]) -> int:
    """Instances, their ports and weights; those of modules that were counted before are known."""
    total = 0
    for node in nodes:
        module = node.module
        if id(module) not in known:
            inner = _pieces(module.body.nodes, known) if isinstance(module.body, Assembly) else 0
            known[id(module)] = 1 + len(module.ports) + len(module.weights) + inner
        total += known[id(module)]
    return total


def _join(entry: Entry, spots: _Spots, function: Callable[[Entry], Classical]) -> Join:
    entry.check_keys(("source", "target"), ("function",))
    through = function(entry.table("function")) if "function" in entry else None
    return Join(spots.of(entry, "source"), spots.of(entry, "target"), through)


def _name(entry: Entry, spots: _Spots) -> tuple[str, Spot]:
    entry.check_keys(("name", "port"))
    at = spots.of(entry, "port")
    if at.elements is not None:
        entry.fail("port", "the address of a whole port")
    with converted(entry.where):
        return check_name(entry.text("name")), at


def _measured(entry: Entry) -> Measured:
    entry.check_keys(("name", "outputs"))
    outputs = entry.texts("outputs")
    if not outputs:
        entry.fail("outputs", "a list of at least one text")
    with converted(entry.where):
        return Measured(check_name(entry.text("name")), outputs)
