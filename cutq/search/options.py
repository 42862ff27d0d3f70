"""What a search is asked: options, limits, objectives, and how it tells what it does."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from numbers import Real
from time import monotonic

from cutq.errors import PlanError

OBJECTIVES = ("gamma", "circuits", "shots", "flops")
"""What a search can minimise; :func:`cutq.find_cuts` says how each is counted."""

PROVABLE = ("gamma", "circuits")
"""Objectives of which a plan can be proven optimal."""


LEAST_TIME = 1e-3
"""A search that comes late still makes its first plan."""


@dataclass(frozen=True)
class Search:
    """Options and limits of a search.

    Attributes:
        wire_cuts: whether wires may be cut.
        gate_cuts: whether two-qubit gates may be cut.
        merge_gates: whether adjacent gates on one pair of qubits, of known angles and with the one-qubit gates between
            them, are multiplied and cut as one unitary.
        joint: whether several gates may be cut as one bond (stars, gates between the same two fragments), and commuting
            gates may change places for that; in circuits of up to 20,000 operations.
        reuse: whether a qubit whose wire has ended may host another; the width of a fragment is then the number of
            qubits that it needs at a time.
        max_fragments: most fragments, not counting qubits that nothing happens to; None for any number.
        max_circuits: most device circuits; None for any number.
        device_sizes: qubits of the devices that all fragments have to fit at the same time, side by side on one device
            where there is room; None for one device of ``max_qubits``, or several, that run one fragment after another.
        time_limit: seconds after which the search returns the best plan so far, with a bound. A first plan is always
            made, and the last one priced, which takes about 15 seconds for 20,000 two-qubit gates.
        seed: of every random choice.
    """

    wire_cuts: bool = True
    gate_cuts: bool = True
    merge_gates: bool = True
    joint: bool = True
    reuse: bool = False
    max_fragments: int | None = None
    max_circuits: int | None = None
    device_sizes: tuple[int, ...] | None = None
    time_limit: float = 10.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("wire_cuts", "gate_cuts", "merge_gates", "joint", "reuse"):
            if not isinstance(getattr(self, name), bool):
                raise PlanError(f"{name} is True or False, got {getattr(self, name)!r}")
        if isinstance(self.time_limit, bool) or not isinstance(self.time_limit, Real) or not self.time_limit > 0:
            raise PlanError(f"time_limit is a positive number of seconds, got {self.time_limit!r}")
        for name in ("max_fragments", "max_circuits"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, whole(name, getattr(self, name), 1))
        object.__setattr__(self, "seed", whole("seed", self.seed, 0))
        if self.device_sizes is not None:
            object.__setattr__(self, "device_sizes", _sizes(self.device_sizes))
        if self.reuse and self.device_sizes is not None:
            raise PlanError(
                "device_sizes packs fragments side by side, by their widths without reuse of qubits, so it contradicts "
                "reuse=True; leave one of the two out"
            )

    @property
    def model(self) -> str:
        """The model in which its plans are proven, in words."""
        kinds = [name for name, on in (("wire cuts", self.wire_cuts), ("gate cuts", self.gate_cuts)) if on]
        extras = [
            text
            for text, on in (
                ("gates on one pair multiplied", self.merge_gates),
                ("joint cuts", self.joint),
                ("qubits used again", self.reuse),
            )
            if on
        ]
        cuts = " and ".join(kinds) or "no cuts"
        how = f"{cuts}, {', '.join(extras)}" if extras else f"independent {cuts}"
        return f"{how}; gates in the orders searched" if self.joint else how


@dataclass(frozen=True)
class Progress:
    """Where a search is; what ``progress=`` is called with.

    Attributes:
        stage: what it is doing, in words.
        seconds: since it began.
        time_limit: seconds that it may take.
        cost: the objective of the best plan so far; infinite if there is none, or if several plans are compared.
        bound: no plan is below in the search that goes on now.
    """

    stage: str
    seconds: float
    time_limit: float
    cost: float = math.inf
    bound: float = 0.0


Listener = Callable[[Progress], object]
"""Takes progress; what it returns is not looked at."""


def shares(seconds: float, count: int) -> Iterator[float]:
    """For each of some tasks, when its turn comes, its even share of the time that is left."""
    end = monotonic() + seconds
    for left in range(count, 0, -1):
        yield max(LEAST_TIME, (end - monotonic()) / left)


def whole(what: str, value: object, least: int) -> int:
    """The value as a whole number of at least `least`, or an error that names it."""
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        number = least - 1
    if isinstance(value, bool) or number < least:
        raise PlanError(f"{what} is a whole number of at least {least}, got {value!r}")
    return number


def _sizes(sizes: object) -> tuple[int, ...]:
    if isinstance(sizes, str) or not isinstance(sizes, Iterable):
        raise PlanError(f"device_sizes are a tuple of numbers of qubits, got {sizes!r}")
    found = tuple(whole("each of device_sizes", size, 1) for size in sizes)
    if not found:
        raise PlanError("device_sizes names one device or more, got none")
    return tuple(sorted(found, reverse=True))
