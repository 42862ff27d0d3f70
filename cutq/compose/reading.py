"""Modules from the contents of their files: everything is checked before it is believed, and nothing is executed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cutq.circuits.checks import shown
from cutq.circuits.circuit import Circuit
from cutq.circuits.qasm.text import loads
from cutq.compose.assembled import read_assembly
from cutq.compose.card import Card, Metric
from cutq.compose.check import check
from cutq.compose.entries import FIX, Entry, converted
from cutq.compose.expressions import Expression
from cutq.compose.functions import Classical
from cutq.compose.module import Module
from cutq.compose.ports import ClassicalIn, ClassicalOut, Numbers, Port, QuantumIn, QuantumOut
from cutq.compose.sums import CIRCUIT, PARTS, TOML, WEIGHTS, Content
from cutq.compose.tomlfile import (
    CIRCUIT_BODY,
    CLASSICAL_BODY,
    COMPOSED_BODY,
    PORTS,
    module_entry,
    part_name,
)
from cutq.compose.weight import Weight
from cutq.compose.weights import Arrays, read_weights
from cutq.errors import ModuleError

KEYS = ("format", "version", "name", "digest", "body", "card")
LISTS = ("ports", "weights")
BODIES = {CIRCUIT_BODY: "angles", CLASSICAL_BODY: "function", COMPOSED_BODY: "composition"}
"""Kinds of bodies, and the table that each has."""

CARD = ("summary", "task", "limits", "licence", "source")
METRIC = ("name", "check", "value", "tolerance")

MOST_ELEMENTS = 10**6
"""Most numbers of all inputs and weights of a module with a circuit, which are named one by one."""

MOST_LETTERS = 100_000
"""Longest text of an observable."""


def read_module(content: Content) -> Module:
    """The module of a folder whose sums are right.

    Raises:
        ModuleError: its files do not make a module, or another one than its digest says.
    """
    return _Reader(content, {}).module("")


def read_card(entry: Entry) -> Card:
    """The card of a module."""
    table = entry.table("card")
    table.check_keys(CARD, ("metrics",))
    metrics = tuple(map(_metric, table.tables("metrics")))
    with converted(table.where):
        return Card(**{key: table.text(key) for key in CARD}, metrics=metrics)


@dataclass(frozen=True)
class _Reader:
    """Reads the modules of a folder.

    Attributes:
        content: its files.
        circuits: circuits that were read, by their text; many inner modules differ in weights alone.
    """

    content: Content
    circuits: dict[bytes, Circuit]

    def module(self, prefix: str) -> Module:
        """The module whose files have names that begin like this."""
        where = self.content.where(prefix + TOML)
        entry = module_entry(where, self.content.files[prefix + TOML])
        body = entry.one_of("body", BODIES)
        entry.check_keys(KEYS, (*LISTS, BODIES[body]))
        self._check_files(prefix, body)
        read: Mapping[str, Callable[[str, Entry], Module]] = {
            CIRCUIT_BODY: self._circuit,
            CLASSICAL_BODY: self._classical,
            COMPOSED_BODY: self._composed,
        }
        with converted(where, self.content.root):
            found = read[body](prefix, entry)
            _check_digest(entry, found)
        return found

    def _circuit(self, prefix: str, entry: Entry) -> Module:
        angles = entry.table("angles")
        texts = {name: Expression(angles.text(name)) for name in angles.data}
        weights = self._weights(prefix, entry)
        _check_elements(entry, [*(one.shape for one in weights), *(port.wholes("shape", 1) for port in _shaped(entry))])
        ports = _ports(entry)
        content = self.content.files[prefix + CIRCUIT]
        if content not in self.circuits:
            with converted(self.content.where(prefix + CIRCUIT)):
                self.circuits[content] = loads(content.decode("utf-8"))
        found = Module(entry.text("name"), self.circuits[content], ports, weights, texts, read_card(entry))
        if len(found.weights) != len(weights):
            entry.fail("weights", f"the weights {', '.join(one.name for one in found.weights)} of the circuit")
        return found

    def _classical(self, prefix: str, entry: Entry) -> Module:
        body, weights, ports = _function(entry.table("function")), self._weights(prefix, entry), _ports(entry)
        return Module(entry.text("name"), body, ports, weights, card=read_card(entry))

    def _composed(self, prefix: str, entry: Entry) -> Module:
        parts = {name: self.module(f"{prefix}{PARTS}/{name}/") for name in self._parts(prefix)}
        for name, part in parts.items():
            if part_name(part) != name:
                raise ModuleError(
                    f"{self.content.where(f'{prefix}{PARTS}/{name}')}: is named after the digest of its module, which "
                    f"is {part.digest}; {FIX}"
                )
        assembly = read_assembly(entry.table("composition"), parts, _function)
        check(assembly)
        found = Module(entry.text("name"), assembly, card=read_card(entry))
        weights = [(one.name, one.shape, one.values is not None, one.frozen) for one in found.weights]
        if _rows(entry) != weights:
            entry.fail("weights", "a list of the weights of the modules inside")
        if _ports(entry) != found.ports:
            entry.fail("ports", "a list of the open ports of the modules inside")
        return found

    def _parts(self, prefix: str) -> list[str]:
        """The names of the modules directly inside of a module."""
        start = f"{prefix}{PARTS}/"
        names = (path[len(start) :].partition("/") for path in self.content.files if path.startswith(start))
        return [name for name, _, rest in names if rest == TOML]

    def _weights(self, prefix: str, entry: Entry) -> tuple[Weight, ...]:
        rows = _rows(entry)
        values = self._values(prefix, {name: shape for name, shape, chosen, _ in rows if chosen})
        return tuple(Weight(name, shape, values.get(name), frozen) for name, shape, _, frozen in rows)

    def _values(self, prefix: str, shapes: Mapping[str, tuple[int, ...]]) -> Arrays:
        content = self.content.files.get(prefix + WEIGHTS)
        if bool(shapes) != (content is not None):
            what = "is missing, but module.toml has" if shapes else "has no place, for module.toml has no"
            raise ModuleError(f"{self.content.where(prefix + WEIGHTS)}: {what} weights with values; {FIX}")
        return {} if content is None else read_weights(self.content.where(prefix + WEIGHTS), content, shapes)

    def _check_files(self, prefix: str, body: str) -> None:
        """Raise :class:`ModuleError` where a module of this kind has other files than are there."""
        there = {name: prefix + name in self.content.files for name in (CIRCUIT, WEIGHTS)}
        there[PARTS] = self.content.has(prefix + PARTS)
        needed = {CIRCUIT_BODY: CIRCUIT, CLASSICAL_BODY: "", COMPOSED_BODY: PARTS}[body]
        # The flat circuit of a composition is for other tools.
        allowed = {CIRCUIT_BODY: {WEIGHTS}, CLASSICAL_BODY: {WEIGHTS}, COMPOSED_BODY: {CIRCUIT}}[body]
        for name, is_there in there.items():
            if is_there and name != needed and name not in allowed:
                raise ModuleError(f"{self.content.where(prefix + name)}: has no place in a {body} module; {FIX}")
            if name == needed and not is_there:
                raise ModuleError(f"{self.content.where(prefix + name)}: is missing in a {body} module; {FIX}")


def _rows(entry: Entry) -> list[tuple[str, tuple[int, ...], bool, bool]]:
    """Of each weight the name, the shape, whether it has values, and whether it is frozen."""
    rows = entry.tables("weights")
    for row in rows:
        row.check_keys(("name", "shape", "values", "frozen"))
    found = [(row.text("name"), row.wholes("shape", 1), row.flag("values"), row.flag("frozen")) for row in rows]
    if len({name for name, *_ in found}) < len(found):
        entry.fail("weights", "a list of weights with different names")
    return found


def _check_digest(entry: Entry, module: Module) -> None:
    stored = entry.text("digest")
    if stored != module.digest:
        raise ModuleError(
            f"{entry.where}: 'digest' is {shown(stored)}, but what the files say has the digest {module.digest}; they "
            "were changed after they were saved, get or save the module again"
        )


def _check_elements(entry: Entry, shapes: Iterable[tuple[int, ...]]) -> None:
    total = sum(map(math.prod, shapes))
    if total > MOST_ELEMENTS:
        raise ModuleError(
            f"{entry.where}: inputs and weights have {total} numbers, but at most {MOST_ELEMENTS}; split the module"
        )


def _shaped(entry: Entry) -> Iterator[Entry]:
    return (port for port in entry.tables("ports") if "shape" in port)


def _ports(entry: Entry) -> tuple[Port | Numbers, ...]:
    return tuple(map(_port, entry.tables("ports")))


def _port(entry: Entry) -> Port | Numbers:
    kind = entry.one_of("kind", PORTS.values())
    keys, optional, make = _PORTS[kind]
    entry.check_keys(("kind", "name", *keys), optional)
    with converted(entry.where):
        return make(entry, entry.text("name"))


def _classical_in(entry: Entry, name: str) -> ClassicalIn:
    low = entry.number("low") if "low" in entry else -math.inf
    high = entry.number("high") if "high" in entry else math.inf
    return ClassicalIn(name, entry.wholes("shape", 1), entry.text("meaning"), low, high)


def _classical_out(entry: Entry, name: str) -> ClassicalOut:
    if "probabilities" in entry:
        if "observables" in entry:
            entry.fail("observables", "left out where probabilities are given")
        return ClassicalOut(name, labels=entry.texts("labels"), probabilities=entry.wholes("probabilities", 0))
    texts = entry.texts("observables")
    if any(len(text) > MOST_LETTERS for text in texts):
        entry.fail("observables", f"a list of texts of at most {MOST_LETTERS} letters")
    return ClassicalOut(name, texts, entry.texts("labels"))  # type: ignore[arg-type]  # texts become observables


Make = Callable[[Entry, str], Port | Numbers]

_PORTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], Make]] = {
    PORTS[QuantumIn]: (("qubits",), (), lambda entry, name: QuantumIn(name, entry.wholes("qubits", 0))),
    PORTS[QuantumOut]: (("qubits",), (), lambda entry, name: QuantumOut(name, entry.wholes("qubits", 0))),
    PORTS[ClassicalIn]: (("shape", "meaning"), ("low", "high"), _classical_in),
    PORTS[ClassicalOut]: (("labels",), ("observables", "probabilities"), _classical_out),
    PORTS[Numbers]: (("shape",), (), lambda entry, name: Numbers(name, entry.wholes("shape", 1))),
}
"""For each kind of port the keys that it has, those that it may have, and how it is made."""


def _function(entry: Entry) -> Classical:
    entry.check_keys(("name", "inputs", "outputs"))
    with converted(entry.where):
        return Classical(entry.text("name"), entry.whole("inputs", 1), entry.whole("outputs", 1))


def _metric(entry: Entry) -> Metric:
    entry.check_keys(METRIC, ("baseline", "options"))
    baseline: Any = None
    if "baseline" in entry:
        entry.number("baseline")
        baseline = entry.data["baseline"]
    options = entry.table("options")
    for key, value in options.data.items():
        if not _is_plain(value):
            options.fail(key, "a text, a finite number or a list of these")
    with converted(entry.where):
        name, way = entry.text("name"), entry.text("check")
        value, tolerance = entry.number("value"), entry.number("tolerance")
        return Metric(name, way, value, tolerance, baseline, dict(options.data))


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return type(value) in (str, bool, int, float) and (not isinstance(value, float) or math.isfinite(value))
