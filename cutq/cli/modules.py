"""``cutq module list | show | verify | new | compose``: modules as folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cutq.circuits.qasm.text import load
from cutq.cli.errors import CHECK_FAILED, one_line_errors
from cutq.cli.options import AsJson
from cutq.cli.output import json_text
from cutq.errors import ModuleError

if TYPE_CHECKING:
    from cutq.compose.composition import Composition
    from cutq.compose.module import Module
    from cutq.compose.published import Listing

module_app = typer.Typer(help="Published modules: list, show and verify them, and make new ones.")

What = Annotated[
    str,
    typer.Argument(
        help="A published module, or the path of a module's folder.", metavar="NAME|PATH", show_default=False
    ),
]
Target = Annotated[Path, typer.Argument(help="A new or empty folder.", metavar="FOLDER", show_default=False)]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the module that is there.")]
Ports = list[str] | None


@module_app.command("list")
@one_line_errors
def list_command(
    folder: Annotated[
        Path | None, typer.Option("--folder", help="List the modules of this folder.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the published modules, as their cards describe them."""
    from cutq.compose.published import modules

    rows = modules(folder)
    _show({"modules": [asdict(row) for row in rows]}, _listing(rows), as_json)


@module_app.command("show")
@one_line_errors
def show_command(what: What, as_json: AsJson = False) -> None:
    """Load a module, and show its card, its ports and its weights."""
    from cutq.compose.folder import load_module

    found = load_module(what)
    _show(_data(found), _text(found), as_json)


@module_app.command("verify")
@one_line_errors
def verify_command(what: What, as_json: AsJson = False) -> None:
    """Compute every number that a module promises again; exit status 1 where a promise is broken."""
    from cutq.compose.folder import load_module
    from cutq.compose.verify import verify

    found = verify(load_module(what))
    rows = [{**asdict(row), "ok": row.ok} for row in found.rows]
    _show({"module": found.module, "ok": found.ok, "rows": rows}, str(found), as_json)
    if not found.ok:
        raise typer.Exit(CHECK_FAILED)


@module_app.command("new")
@one_line_errors
def new_command(
    folder: Target,
    circuit: Annotated[Path, typer.Option("--circuit", help="A circuit in OpenQASM 2 or 3.", show_default=False)],
    ins: Annotated[Ports, typer.Option("--in", help="Wires that come in: in=0,1; may be repeated.")] = None,
    outs: Annotated[Ports, typer.Option("--out", help="Wires that go out: out=2; may be repeated.")] = None,
    inputs: Annotated[
        Ports, typer.Option("--input", help="Numbers that come in: x, or x=4 for x[0] to x[3]; may be repeated.")
    ] = None,
    values: Annotated[
        Ports, typer.Option("--values", help="Expectation values: z=Z0 or z=Z0,Z0 Z1; may be repeated.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="Its name; that of the folder if left out.")] = None,
    summary: Annotated[str, typer.Option("--summary", help="What it is, in a line.")] = "",
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Make a module of a circuit; its parameters that no input drives are its weights."""
    from cutq.compose.card import Card
    from cutq.compose.module import Module
    from cutq.compose.ports import ClassicalIn, ClassicalOut, Port, QuantumIn, QuantumOut

    ports: tuple[Port, ...] = (
        *(QuantumIn(own, _numbers("--in", text)) for own, text in _pairs("--in", ins)),
        *(QuantumOut(own, _numbers("--out", text)) for own, text in _pairs("--out", outs)),
        *(ClassicalIn(own, _numbers("--input", text)) for own, text in _pairs("--input", inputs, bare=True)),
        *(ClassicalOut(own, tuple(text.split(","))) for own, text in _pairs("--values", values)),  # type: ignore[arg-type]
    )
    made = Module(name or folder.name, load(circuit), ports, card=Card(summary))
    _saved(made, made.save(folder, overwrite=overwrite), as_json)


@module_app.command("compose")
@one_line_errors
def compose_command(
    folder: Target,
    parts: Annotated[
        list[str], typer.Argument(help="Modules, one after the other.", metavar="PART PART ...", show_default=False)
    ],
    name: Annotated[str | None, typer.Option("--name", help="Its name; that of the folder if left out.")] = None,
    summary: Annotated[str, typer.Option("--summary", help="What it is, in a line.")] = "",
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Join modules, the wires that come out of each to those that go into the next."""
    from cutq.compose.card import Card
    from cutq.compose.chains import after
    from cutq.compose.folder import load_module
    from cutq.compose.names import check_name

    if len(parts) < 2:
        raise ModuleError(f"a chain has at least two modules, got {len(parts)}: {', '.join(parts)}")
    first, *others = map(load_module, parts)
    chain: Composition = reduce(after, others, first)  # type: ignore[assignment,arg-type]  # there are others
    chain.name, chain.card = check_name(name or folder.name), Card(summary)
    made = chain.module
    _saved(made, made.save(folder, overwrite=overwrite), as_json)


def _pairs(option: str, texts: Sequence[str] | None, *, bare: bool = False) -> list[tuple[str, str]]:
    """Names and what they stand for, from texts such as ``in=0,1``."""
    found = [text.partition("=") for text in texts or ()]
    for own, equals, rest in found:
        if not own.strip() or not (rest.strip() if equals else bare):
            raise ModuleError(f"{option} is written name=..., got {own + equals + rest!r}")
    return [(own.strip(), rest.strip()) for own, _, rest in found]


def _numbers(option: str, text: str) -> tuple[int, ...]:
    """Whole numbers from texts such as ``0,1``.

    >>> _numbers("--in", "0,1")
    (0, 1)
    """
    try:
        return tuple(int(one) for one in text.split(",")) if text else ()
    except ValueError as cause:
        raise ModuleError(f"{option} is written name=0,1 with whole numbers, got {text!r}") from cause


def _saved(module: Module, folder: Path, as_json: bool) -> None:
    _show({"folder": str(folder), **_data(module)}, f"{_text(module)}\nwritten: {folder}", as_json)


def _show(data: dict[str, Any], text: str, as_json: bool) -> None:
    typer.echo(json_text(data) if as_json else text)


def _data(module: Module) -> dict[str, Any]:
    """A module as plain data."""
    from cutq.compose.tomlfile import module_tables

    weights = [{"values": None if one.values is None else one.values.tolist()} for one in module.weights]
    tables = module_tables(module)
    rows = [{**row, **own} for row, own in zip(tables["weights"], weights, strict=True)]
    return {**tables, "weights": rows}


def _text(module: Module) -> str:
    """A module for people."""
    from cutq.compose.assembly import Assembly

    card = module.card
    lines = [f"{module.name}: {card.summary}" if card.summary else module.name]
    lines += [f"  {key:<8} {value}" for key in ("task", "limits", "source", "licence") if (value := getattr(card, key))]
    lines += [f"  {'digest':<8} {module.digest}"]
    if isinstance(module.body, Assembly):
        joins = [f"{join.source} -> {join.target}" for join in module.body.joins]
        lines += _rows("modules", [(node.name, node.module.name) for node in module.body.nodes])
        lines += _rows("edges", [(one,) for one in joins])
    lines += _rows("ports", [(port.name, port.type) for port in module.ports])
    lines += _rows("weights", [(one.name, str(one.shape), _state(one)) for one in module.weights])
    promised = [(one.name, f"{one.value:.6g}", f"± {one.tolerance:g}") for one in card.metrics]
    return "\n".join([*lines, *_rows("promises", promised)])


def _state(weight: Any) -> str:
    return ", ".join([*(["no values yet"] if weight.values is None else []), *(["frozen"] if weight.frozen else [])])


def _listing(rows: Sequence[Listing]) -> str:
    shown = [(row.name, row.body or "broken", row.error or row.summary) for row in rows]
    return "\n".join(_rows("modules", shown) or ["no modules"])


def _rows(title: str, rows: Sequence[Sequence[str]]) -> list[str]:
    """A table with a title; nothing where it has no rows."""
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows)
    return [f"{title} ({len(rows)})", *(f"  {line}".rstrip() for line in lines)]
