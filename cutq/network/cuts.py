"""Cuts as values: places in a circuit where it is taken apart."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass

from cutq.errors import PlanError


@dataclass(frozen=True)
class WireCut:
    """A cut of a qubit's wire.

    Attributes:
        qubit: the qubit.
        after: number of the operation on that qubit after which the wire is cut.
    """

    qubit: int
    after: int

    def __post_init__(self) -> None:
        for name in ("qubit", "after"):
            object.__setattr__(self, name, _whole(f"{name} of a wire cut", getattr(self, name)))


@dataclass(frozen=True)
class GateCut:
    """A cut of two-qubit gates, as one bond.

    Attributes:
        ops: numbers of the operations; several make one joint bond. Its dimension is the product of their ranks,
            where a star, a run or a group among them counts as one (:class:`~cutq.network.network.Component`).
        side: for a joint cut, qubits of its first side: each gate has exactly one of its two qubits there. Left out,
            the sides follow from the fragments that the cut separates.
    """

    ops: tuple[int, ...]
    side: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "ops", tuple(sorted(whole_numbers("ops of a gate cut", self.ops))))
        if self.side is not None:
            object.__setattr__(self, "side", tuple(sorted(whole_numbers("side of a gate cut", self.side))))
        if not self.ops or len(set(self.ops)) < len(self.ops):
            raise PlanError(f"a gate cut names one or more different operations, got ops={self.ops}")


def _whole(what: str, value: object) -> int:
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError as cause:
        raise PlanError(f"the {what} is a whole number, got {value!r}") from cause


def whole_numbers(what: str, values: object) -> tuple[int, ...]:
    """The values as whole numbers, or an error that names them."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise PlanError(f"the {what} are a tuple of numbers, got {values!r}")
    return tuple(_whole(what, value) for value in values)


Cut = WireCut | GateCut


def first_op(cut: Cut) -> int:
    """The number of the first operation that the cut names."""
    return cut.after if isinstance(cut, WireCut) else cut.ops[0]


def cut_text(cut: Cut) -> str:
    """The cut in words, for tables and messages.

    >>> cut_text(WireCut(3, 17)), cut_text(GateCut((21, 24)))
    ('wire of qubit 3 after operation 17', 'gates 21, 24 jointly')
    """
    if isinstance(cut, WireCut):
        return f"wire of qubit {cut.qubit} after operation {cut.after}"
    if len(cut.ops) == 1:
        return f"gate {cut.ops[0]}"
    return f"gates {', '.join(map(str, cut.ops))} jointly"
