"""Plans: the cuts of a circuit as one value, and what a search found out about them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from cutq.circuits.circuit import Circuit
from cutq.circuits.observable import Observable, observable
from cutq.errors import PlanError
from cutq.network.cuts import Cut, GateCut, WireCut, cut_text, first_op, whole_numbers
from cutq.network.joint import joint_cuts
from cutq.network.planfile import plan_json, read_plan
from cutq.network.price import Price

MOST_ROWS = 30
"""Cuts that a printed plan lists one by one."""


@dataclass(frozen=True)
class Found:
    """What a search says of the plan it found.

    Attributes:
        max_qubits: the width that was asked for.
        objective: what was minimised, for example ``"gamma"``.
        widths: number of qubits of each fragment.
        price: the plan's price.
        proven_optimal: whether no plan of the model is cheaper.
        bound: lower bound on the objective; equal to the plan's own value where it is proven.
        model: the model in which this is true: which cuts and reductions were allowed.
        report: what the search did, in words.
        reuse: whether a qubit whose wire has ended may host another, so that ``price.reused_widths`` count.
        interrupted: whether the search was stopped from the keyboard.
    """

    max_qubits: int
    objective: str
    widths: tuple[int, ...]
    price: Price
    proven_optimal: bool
    bound: float
    model: str
    report: str = ""
    reuse: bool = False
    interrupted: bool = False


@dataclass(frozen=True)
class CutPlan:
    """The cuts of a circuit.

    Attributes:
        cuts: the cuts, in the order of the operations they name, whatever order they were given in.
        order: numbers of the operations that are run, in their order of time; None for all, in the circuit's own order.
            Operations that commute may change places, and those that the observables do not depend on may be missing.
        observables: what the plan is good for, where its order leaves operations out; else empty.
        found: what the search that made the plan says of it; None for plans made by hand, no part of equality.

    >>> CutPlan((GateCut((7,)), GateCut((3,)))) == CutPlan((GateCut((3,)), GateCut((7,))))
    True
    """

    cuts: tuple[Cut, ...] = ()
    order: tuple[int, ...] | None = None
    observables: tuple[Observable, ...] = ()
    found: Found | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.cuts, Iterable):
            raise PlanError(f"a plan has a tuple of cuts, got {self.cuts!r}")
        for cut in self.cuts:
            if not isinstance(cut, WireCut | GateCut):
                raise PlanError(f"a plan has values of cutq.WireCut and cutq.GateCut, got {cut!r}")
        ordered = sorted(self.cuts, key=lambda cut: (first_op(cut), isinstance(cut, GateCut), cut_text(cut)))
        object.__setattr__(self, "cuts", tuple(ordered))
        if self.order is not None:
            object.__setattr__(self, "order", whole_numbers("order of a plan", self.order))
        several = (self.observables,) if isinstance(self.observables, str | Observable) else self.observables
        object.__setattr__(self, "observables", tuple(observable(one) for one in several))

    @classmethod
    def uncut(cls) -> CutPlan:
        """The plan without cuts: its fragments are the circuit's connected parts."""
        return cls()

    @classmethod
    def from_partition(cls, circuit: Circuit, labels: Iterable[object], *, joint: bool = False) -> CutPlan:
        """The plan that cuts every gate between qubits of different labels, one label for each qubit.

        With ``joint`` the gates between two labels are grouped so that the product of the bonds is as small as it
        gets: gates that share an eigenbasis on one qubit become one cut, a star of rank 2, gates that follow each other
        on one pair of qubits another, a run, and those of a recorded multi-controlled gate a third, a group
        (:class:`~cutq.network.network.Component`).

        >>> from cutq.circuits.circuit import Operation
        >>> circuit = Circuit(3, (Operation("cx", (0, 1)), Operation("cx", (1, 2))))
        >>> CutPlan.from_partition(circuit, "AAB").cuts
        (GateCut(ops=(1,), side=None),)
        >>> fan = Circuit(3, (Operation("cx", (0, 1)), Operation("t", (0,)), Operation("cx", (0, 2))))
        >>> CutPlan.from_partition(fan, "ABB", joint=True).cuts
        (GateCut(ops=(0, 2), side=(0,)),)
        """
        if not isinstance(labels, Iterable):
            raise PlanError(f"a partition is a text such as 'AABB' or a list of labels, got {labels!r}")
        names = list(labels)
        if len(names) != circuit.num_qubits:
            raise PlanError(
                f"a partition has one label for each qubit, but {len(names)} labels were given for "
                f"{circuit.num_qubits} qubits: {''.join(map(str, names))!r}"
            )
        crossing = [
            number for number, op in enumerate(circuit.operations) if len({names[qubit] for qubit in op.qubits}) == 2
        ]
        if joint:
            return cls(tuple(joint_cuts(circuit, names, crossing)))
        return cls(tuple(GateCut((number,)) for number in crossing))

    @property
    def widths(self) -> tuple[int, ...]:
        """Number of qubits of each fragment; of found plans."""
        return self._known("widths").widths

    @property
    def gamma(self) -> float:
        """Product of the gammas of the cuts; of found plans."""
        return self.price.gamma

    @property
    def price(self) -> Price:
        """What running the plan costs; of found plans."""
        return self._known("price").price

    @property
    def proven_optimal(self) -> bool:
        """Whether the search proved that no plan of its model is cheaper; False for plans made by hand."""
        return self.found is not None and self.found.proven_optimal

    @property
    def bound(self) -> float:
        """Lower bound on the objective over all plans of the model; of found plans."""
        return self._known("bound").bound

    def to_json(self) -> str:
        """The plan as JSON, with what its search said.

        >>> plan = CutPlan((GateCut((3,)), WireCut(0, 1)))
        >>> CutPlan.from_json(plan.to_json()) == plan
        True
        """
        return plan_json(self)

    @classmethod
    def from_json(cls, text: str) -> CutPlan:
        """The plan that :meth:`to_json` wrote.

        Raises:
            PlanError: this is no plan.
        """
        cuts, order, observables, found = read_plan(text)
        return cls(cuts, order, tuple(map(Observable, observables)), None if found is None else Found(**found))

    def _known(self, what: str) -> Found:
        if self.found is None:
            raise PlanError(
                f"a plan made by hand does not know its {what}; split the circuit and ask network.widths, "
                "network.gamma or cutq.price(network)"
            )
        return self.found

    def __str__(self) -> str:
        lines = _table(self.found) if self.found else []
        rows = [f"  {cut_text(cut)}" for cut in self.cuts[:MOST_ROWS]] or ["  none: the circuit stays whole"]
        more = [f"  ... and {len(self.cuts) - MOST_ROWS} more"] if len(self.cuts) > MOST_ROWS else []
        return "\n".join([*lines, *self._reductions(), f"cuts ({len(self.cuts)})", *rows, *more])

    def _reductions(self) -> list[str]:
        """What the plan does besides cutting, in words."""
        rows = [("only for", ", ".join(map(str, self.observables)))] if self.observables else []
        if self.order is not None:
            rows.append(("order", f"{len(self.order)} operations, in an order of the plan's own"))
        return [f"{name:<16} {text}" for name, text in rows]


def _table(found: Found) -> list[str]:
    price = found.price
    state = "proven optimal" if found.proven_optimal else f"not proven: no plan is below {found.bound:.6g}"
    rows = [
        ("fragments", f"{len(found.widths)} of width {_counted(found.widths)} (at most {found.max_qubits} qubits)"),
        ("qubits reused", f"width {_counted(price.reused_widths)} where qubits are measured, reset and used again"),
        ("gamma", _factor(price.gamma)),
        ("device circuits", magnitude(price.circuits)),
        (
            "shots",
            f"{_factor(price.shots_factor)} times as many if tabulated, {_factor(price.sampling_overhead)} times "
            "shot by shot",
        ),
        ("bonds", _counted(price.bond_dims) or "none"),
        ("exact run", f"{magnitude(price.flops)} flops, largest tensor {magnitude(price.bytes)} bytes"),
        ("objective", f"{found.objective}, {state} ({found.model})"),
        ("search", found.report),
    ]
    return [f"{name:<16} {text}" for name, text in rows]


def _factor(number: float) -> str:
    return f"{number:.6g}" if math.isfinite(number) else "more than 1e+308"


def _counted(numbers: Iterable[int]) -> str:
    """Different numbers in their order, equal ones counted.

    >>> _counted((2, 4, 2, 2))
    '2 (3 times), 4'
    """
    counts = Counter(numbers).items()
    return ", ".join(magnitude(number) + (f" ({count} times)" if count > 1 else "") for number, count in counts)


def magnitude(number: int) -> str:
    """A count that may be astronomical: exact while it is short, else as a power of ten.

    >>> magnitude(1250), magnitude(16**1000)
    ('1250', '1e+1204')
    """
    if number < 10**7:
        return str(number)
    exponent = math.floor(math.log10(number))
    return f"{number / 10**exponent:.3g}e+{exponent}" if exponent < 300 else f"1e+{exponent}"
