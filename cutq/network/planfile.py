"""Plans as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cutq.errors import PlanError
from cutq.network.cuts import Cut, GateCut, WireCut
from cutq.network.price import Price

if TYPE_CHECKING:
    from cutq.network.plan import CutPlan

FORMAT, VERSION = "cutq plan", 1

MOST_BITS = 1000
"""Bits of an integer that is written in decimals; Python refuses to write or read very long ones."""

PRICE: dict[str, type] = {
    "widths": tuple, "bond_dims": tuple, "gamma": float, "circuits": int, "shots_factor": float, "flops": int,
    "bytes": int, "reused_widths": tuple,
}  # fmt: skip
FOUND: dict[str, type] = {
    "max_qubits": int, "objective": str, "widths": tuple, "proven_optimal": bool, "bound": float, "model": str,
    "report": str, "reuse": bool, "interrupted": bool,
}  # fmt: skip
"""What a price and what a search said are made of, by the type of each attribute."""


def plan_json(plan: CutPlan) -> str:
    """The plan as one JSON object; infinite numbers are ``"inf"``, and integers too long for decimals hexadecimal."""
    return json.dumps(_written(plan_data(plan)), indent=2)


def plan_data(plan: CutPlan) -> dict[str, Any]:
    """The plan as a dictionary of plain values."""
    data: dict[str, Any] = {"format": FORMAT, "version": VERSION, "cuts": [_cut_data(cut) for cut in plan.cuts]}
    if plan.order is not None:
        data["order"] = list(plan.order)
    if plan.observables:
        data["observables"] = [str(one) for one in plan.observables]
    if plan.found is not None:
        data["found"] = {**vars(plan.found), "price": {name: getattr(plan.found.price, name) for name in PRICE}}
    return data


def _cut_data(cut: Cut) -> dict[str, Any]:
    if isinstance(cut, WireCut):
        return {"qubit": cut.qubit, "after": cut.after}
    return {"ops": list(cut.ops), **({} if cut.side is None else {"side": list(cut.side)})}


def read_plan(text: str) -> tuple[tuple[Cut, ...], tuple[int, ...] | None, tuple[str, ...], dict[str, Any] | None]:
    """Cuts, order, observables and the attributes of what a search said, as far as the text says them.

    Raises:
        PlanError: this is no plan.
    """
    try:
        data = json.loads(text)
    except (TypeError, ValueError) as cause:
        raise PlanError(f"a plan is read from JSON, but this is none: {cause}") from cause
    if not isinstance(data, Mapping) or data.get("format") != FORMAT or data.get("version") != VERSION:
        raise PlanError(
            f'a plan is a JSON object with "format": "{FORMAT}" and "version": {VERSION}, as plan.to_json() writes it, '
            f"got {text[:60]!r}"
        )
    try:
        order = data.get("order")
        return (
            tuple(_read_cut(entry) for entry in data["cuts"]),
            None if order is None else tuple(order),
            tuple(data.get("observables", ())),
            _read_found(data["found"]) if data.get("found") is not None else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as cause:
        raise PlanError(f"this plan lacks something or holds what it should not: {cause!r}") from cause


def _read_cut(entry: Mapping[str, Any]) -> Cut:
    if "qubit" in entry:
        return WireCut(entry["qubit"], entry["after"])
    side = entry.get("side")
    return GateCut(tuple(entry["ops"]), None if side is None else tuple(side))


def _read_found(entry: Mapping[str, Any]) -> dict[str, Any]:
    price = _checked(entry["price"], PRICE)
    return _checked({name: value for name, value in entry.items() if name != "price"}, FOUND) | {
        "price": Price(**price)
    }


def _checked(entry: Mapping[str, Any], kinds: Mapping[str, type]) -> dict[str, Any]:
    """The values of these names, each of its kind; every name exactly once."""
    if set(entry) != set(kinds):
        raise ValueError(f"it has {sorted(entry)}, but a plan that was found has {sorted(kinds)}")
    found = {name: _read(entry[name]) for name in kinds}
    for name, kind in kinds.items():
        value = float(found[name]) if kind is float and type(found[name]) is int else found[name]
        numbers = all(type(one) is int for one in value) if isinstance(value, tuple) else True
        if type(value) is not kind or not numbers:
            raise ValueError(f"{name} is {entry[name]!r}, but it should be of type {kind.__name__}")
        found[name] = value
    return found


def _read(value: Any) -> Any:
    if value == "inf":
        return math.inf
    if isinstance(value, str) and value.startswith("0x"):
        return int(value, 16)
    return tuple(map(_read, value)) if isinstance(value, list) else value


def _written(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _written(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_written(value) for value in data]
    if isinstance(data, int) and data.bit_length() > MOST_BITS:
        return hex(data)
    return "inf" if isinstance(data, float) and math.isinf(data) else data
