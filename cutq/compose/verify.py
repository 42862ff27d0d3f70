"""``verify``: every number that a module promises, computed again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cutq.circuits.circuit import Circuit
from cutq.compose.assembly import Assembly
from cutq.compose.card import Metric
from cutq.compose.checks import CHECKS
from cutq.compose.flatten import flatten
from cutq.compose.module import Module
from cutq.compose.wiring import Wiring
from cutq.errors import CutqError, ModuleError

MOST_QUBITS = 10
"""Modules with more qubits are not checked for what takes dense arrays, unless they promise it."""

TRACE = 1e-10
"""How far a channel may be from keeping the trace."""


@dataclass(frozen=True)
class Checked:
    """A promise and what was found.

    Attributes:
        metric: its name.
        promised, found: the two numbers.
        tolerance: how far they may be apart.
        note: why nothing was found, where found is nan.
    """

    metric: str
    promised: float
    found: float
    tolerance: float
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether the promise holds."""
        return abs(self.found - self.promised) <= self.tolerance


@dataclass(frozen=True)
class Verification:
    """What came of :func:`verify`; ``str`` makes a table of it.

    Attributes:
        module: the name of the module.
        rows: all promises, those that every module makes last.
    """

    module: str
    rows: tuple[Checked, ...]

    @property
    def ok(self) -> bool:
        """Whether all promises hold."""
        return all(row.ok for row in self.rows)

    def __str__(self) -> str:
        wide = max([len(row.metric) for row in self.rows] + [6])
        lines = [f"{self.module}: {'all promises hold' if self.ok else 'promises are broken'}"]
        lines.append(f"  {'metric':<{wide}}  {'promised':>12}  {'found':>12}  {'tolerance':>9}")
        for row in self.rows:
            end = "ok" if row.ok else f"BROKEN{': ' if row.note else ''}{row.note}"
            lines.append(
                f"  {row.metric:<{wide}}  {row.promised:>12.6g}  {row.found:>12.6g}  {row.tolerance:>9.1e}  {end}"
            )
        return "\n".join(lines)


def verify(module: Module) -> Verification:
    """Compute every number on the card of a module again, and what every module promises: finite weights, and that a
    small one keeps the trace.

    Raises:
        ModuleError: the card names a check that is not in the table.

    >>> from cutq.compose.blocks.arithmetic import full_adder
    >>> print(verify(full_adder()))  # doctest: +ELLIPSIS
    full-adder: all promises hold
      metric                              promised         found  tolerance
      truth table, largest deviation             0  ...
    """
    rows = [_recomputed(module, metric) for metric in module.card.metrics]
    return Verification(module.name, (*rows, *_general(module)))


def _recomputed(module: Module, metric: Metric) -> Checked:
    if metric.check not in CHECKS:
        raise ModuleError(
            f"metric {metric.name!r} of module {module.name!r} is computed by {metric.check!r}, which is none of "
            f"{', '.join(CHECKS)}"
        )
    try:
        found, note = CHECKS[metric.check](module, metric.options), ""
    except CutqError as cause:
        found, note = float("nan"), str(cause)
    return Checked(metric.name, metric.value, found, metric.tolerance, note)


def _general(module: Module) -> Iterator[Checked]:
    lost = sum(int((~np.isfinite(one.values)).sum()) for one in module.weights if one.values is not None)
    yield Checked("weights that are not finite", 0.0, float(lost), 0.0)
    if _is_small_channel(module):
        yield _recomputed(module, Metric("trace, largest deviation", "isometry", 0.0, TRACE, options={"draws": 2}))


def _is_small_channel(module: Module) -> bool:
    if isinstance(module.body, Circuit):
        return module.body.num_qubits <= MOST_QUBITS
    if not isinstance(module.body, Assembly):
        return False
    flat = flatten(module.body)
    if flat.links or any(leaf.circuit is None for leaf in flat.leaves):
        return False
    return max(Wiring(flat).register(range(len(flat.leaves))).values(), default=-1) < MOST_QUBITS
