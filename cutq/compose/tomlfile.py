"""``module.toml`` as it is written: what a module is, but for its circuit and the values of its weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from cutq.circuits.checks import shown
from cutq.circuits.circuit import Circuit
from cutq.compose.assembly import Assembly
from cutq.compose.card import Card, Metric
from cutq.compose.entries import Entry, read_toml
from cutq.compose.functions import Classical
from cutq.compose.module import Module
from cutq.compose.ports import ClassicalIn, ClassicalOut, Numbers, Port, QuantumIn, QuantumOut
from cutq.compose.weight import Weight
from cutq.errors import ModuleError

FORMAT, VERSION = "cutq-module", 1

CIRCUIT_BODY, CLASSICAL_BODY, COMPOSED_BODY = "circuit", "classical", "composition"
"""Kinds of bodies."""

Tables = dict[str, Any]

MIGRATIONS: dict[int, Callable[[Tables], Tables]] = {}
"""For each older version a function that makes its tables those of the next; they are applied before reading."""

PORTS: dict[type, str] = {
    QuantumIn: "quantum in",
    QuantumOut: "quantum out",
    ClassicalIn: "classical in",
    ClassicalOut: "classical out",
    Numbers: "numbers out",
}
"""Kinds of ports."""


def part_name(module: Module) -> str:
    """The folder of an inner module."""
    return module.digest[:16]


def module_text(module: Module) -> str:
    """The text of a module's ``module.toml``.

    Raises:
        ModuleError: something cannot be written, such as an option of a metric that is no text, number or list.

    >>> from cutq.compose.module import classical
    >>> print(module_text(classical("tanh", 1)).splitlines()[2])
    name = "tanh"
    """
    return toml_text(module_tables(module))


def toml_text(tables: Mapping[str, Any]) -> str:
    """Tables as text."""
    import tomli_w

    return tomli_w.dumps(tables)


def module_tables(module: Module) -> Tables:
    """The tables of a module."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": module.name,
        "digest": module.digest,
        "body": _kind(module),
        "card": _card(module.card),
        "ports": [_port(one) for one in module.ports],
        "weights": [_weight(one) for one in module.weights],
        **_body(module),
    }


def module_entry(where: str, content: bytes) -> Entry:
    """The tables of a file, those of older versions as if they had been written today.

    Raises:
        ModuleError: it is no such file, or of a version that this cutq does not know.
    """
    tables = read_toml(where, content)
    if tables.get("format") != FORMAT:
        raise ModuleError(
            f"{where}: 'format' is {FORMAT!r}, got {shown(tables.get('format'))}; this is no module of cutq"
        )
    return Entry(where, _migrated(where, tables))


def _migrated(where: str, tables: Tables) -> Tables:
    version = Entry(where, tables).whole("version", least=0)
    if version > VERSION:
        raise ModuleError(
            f"{where}: is of version {version}, but this cutq reads versions up to {VERSION}; upgrade cutq"
        )
    for older in range(version, VERSION):
        if older not in MIGRATIONS:
            raise ModuleError(
                f"{where}: is of version {version}, which nothing leads from to version {VERSION} any more; load and "
                "save it with an older cutq"
            )
        tables = {**MIGRATIONS[older](tables), "version": older + 1}
    return tables


def _weight(weight: Weight) -> Tables:
    """A weight, without its values."""
    return {
        "name": weight.name,
        "shape": list(weight.shape),
        "values": weight.values is not None,
        "frozen": weight.frozen,
    }


def _kind(module: Module) -> str:
    if isinstance(module.body, Assembly):
        return COMPOSED_BODY
    return CIRCUIT_BODY if isinstance(module.body, Circuit) else CLASSICAL_BODY


def _body(module: Module) -> Tables:
    if isinstance(module.body, Assembly):
        return {"composition": _assembly(module.body)}
    if isinstance(module.body, Classical):
        return {"function": _function(module.body)}
    return {"angles": {name: one.text for name, one in module.angles.items()}}


def _function(function: Classical) -> Tables:
    return {"name": function.function, "inputs": function.inputs, "outputs": function.outputs}


def _assembly(assembly: Assembly) -> Tables:
    nodes = [
        {"name": node.name, "module": part_name(node.module), "frozen": node.frozen}
        | ({} if node.tie is None else {"tie": node.tie})
        for node in assembly.nodes
    ]
    joins = [
        {"source": str(join.source), "target": str(join.target)}
        | ({} if join.function is None else {"function": _function(join.function)})
        for join in assembly.joins
    ]
    return {
        "nodes": nodes,
        "joins": joins,
        "names": [{"name": name, "port": str(at)} for name, at in assembly.names],
        "measured": [{"name": one.name, "outputs": list(one.outputs)} for one in assembly.measured],
        "discarded": [str(at) for at in assembly.discarded],
    }


def _port(port: Port | Numbers) -> Tables:
    tables: Tables = {"kind": PORTS[type(port)], "name": port.name}
    match port:
        case QuantumIn() | QuantumOut():
            tables["qubits"] = list(port.qubits)
        case ClassicalIn():
            tables |= {"shape": list(port.shape), "meaning": port.kind}
            # Infinities are left out: few readers of TOML are sure to know them.
            tables |= {key: end for key, end in (("low", port.low), ("high", port.high)) if math.isfinite(end)}
        case ClassicalOut(probabilities=qubits) if qubits:
            tables |= {"probabilities": list(qubits), "labels": list(port.labels)}
        case ClassicalOut():
            tables |= {"observables": [str(one) for one in port.observables], "labels": list(port.labels)}
        case Numbers():
            tables["shape"] = list(port.shape)
    return tables


def _card(card: Card) -> Tables:
    texts = {what: getattr(card, what) for what in ("summary", "task", "limits", "licence", "source")}
    return {**texts, "metrics": [_metric(one) for one in card.metrics]}


def _metric(metric: Metric) -> Tables:
    tables: Tables = {"name": metric.name, "check": metric.check, "value": metric.value, "tolerance": metric.tolerance}
    if metric.baseline is not None:
        tables["baseline"] = _plain(metric, "baseline", metric.baseline)
    return {**tables, "options": _options(metric)}


def _options(metric: Metric) -> Tables:
    if not isinstance(metric.options, Mapping) or not all(isinstance(key, str) for key in metric.options):
        raise ModuleError(f"the options of metric {metric.name!r} are a mapping of names, got {shown(metric.options)}")
    return {key: _plain(metric, key, value) for key, value in metric.options.items()}


def _plain(metric: Metric, key: str, value: Any) -> Any:
    """A value that is read again as it is written."""
    if isinstance(value, list):
        return [_plain(metric, key, one) for one in value]
    if type(value) not in (str, bool, int, float) or (isinstance(value, float) and not math.isfinite(value)):
        raise ModuleError(
            f"{key!r} of metric {metric.name!r} holds texts, finite numbers of Python and lists of these, got "
            f"{shown(value)} of type {type(value).__name__}; convert it"
        )
    return value
