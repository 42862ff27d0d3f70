"""The circuit that a plan runs: the operations it keeps, in its order of time, renumbered; and the way back."""

from __future__ import annotations

from bisect import bisect, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from cutq.circuits.circuit import Circuit, Group, Operation
from cutq.errors import PlanError
from cutq.network.cuts import Cut, WireCut, cut_text
from cutq.network.influence import outside, targets
from cutq.network.network import Bond, Component, Fragment, Network, Slot, Step, merge
from cutq.network.plan import CutPlan
from cutq.network.stars import BASES, keeps


@dataclass(frozen=True)
class Layout:
    """A circuit in an order.

    Attributes:
        circuit: the circuit as its user numbers it.
        order: numbers of the operations that are kept, in their order of time.
    """

    circuit: Circuit
    order: tuple[int, ...]

    @cached_property
    def position(self) -> dict[int, int]:
        """By number the position in the order."""
        return {number: position for position, number in enumerate(self.order)}

    @cached_property
    def laid_out(self) -> Circuit:
        """The operations that are kept, in the order."""
        operations = tuple(self.circuit.operations[number] for number in self.order)
        return replace(self.circuit, operations=operations, groups=moved_groups(self.circuit, self.position))

    def moved(self, cut: Cut) -> Cut:
        """A cut in the numbers of the circuit that is laid out."""
        if isinstance(cut, WireCut):
            return replace(cut, after=self.position[cut.after])
        return replace(cut, ops=tuple(self.position[number] for number in cut.ops))

    def restored(self, network: Network, plan: CutPlan) -> Network:
        """The network of the circuit that is laid out, in the numbers of the circuit of its user."""
        kept = set(self.order)
        return replace(
            network,
            fragments=tuple(self._fragment(fragment) for fragment in network.fragments),
            bonds=tuple(self._bond(bond, cut) for bond, cut in zip(network.bonds, plan.cuts, strict=True)),
            groups=self.circuit.groups,
            order=self.order,
            dropped=tuple((k, op) for k, op in enumerate(self.circuit.operations) if k not in kept),
            observables=plan.observables,
        )

    def _fragment(self, fragment: Fragment) -> Fragment:
        items: list[Step | Slot] = [replace(item, number=self.order[item.number]) for item in fragment.items]
        return replace(fragment, items=tuple(items))

    def _bond(self, bond: Bond, cut: Cut) -> Bond:
        """The bond with its operations in the order of their numbers."""
        if isinstance(cut, WireCut):
            return replace(bond, cut=cut)
        was = sorted(self.position[number] for number in cut.ops)
        now = {position: cut.ops.index(self.order[place]) for position, place in enumerate(was)}
        back = sorted(now, key=now.__getitem__)
        return replace(
            bond,
            cut=cut,
            ops=tuple(bond.ops[k] for k in back),
            flipped=tuple(bond.flipped[k] for k in back),
            components=tuple(self._component(component, now) for component in bond.components),
        )

    def _component(self, component: Component, now: dict[int, int]) -> Component:
        inner = tuple((self.order[position], op) for position, op in component.inner)
        number = component.number if component.number is None else self.order[component.number]
        return replace(component, ops=tuple(now[k] for k in component.ops), inner=inner, number=number)


def moved_groups(circuit: Circuit, position: Mapping[int, int]) -> tuple[Group, ...]:
    """The groups of which all operations are kept, with their new numbers in the order of time."""
    return tuple(
        replace(group, ops=tuple(sorted(position[number] for number in group.ops)))
        for group in circuit.groups
        if all(number in position for number in group.ops)
    )


def layout(circuit: Circuit, plan: CutPlan) -> Layout:
    """The layout of a plan that names an order.

    Raises:
        PlanError: the order is none of this circuit: it exchanges operations that do not commute, or leaves one out
            that the plan's observables depend on.
    """
    assert plan.order is not None
    _check_numbers(circuit, plan.order)
    _check_left_out(circuit, plan)
    _check_exchanges(circuit, plan.order)
    for cut in plan.cuts:
        named = (cut.after,) if isinstance(cut, WireCut) else cut.ops
        missing = sorted(set(named) - set(plan.order))
        if missing:
            raise PlanError(
                f"the cut of {cut_text(cut)} names operation {missing[0]}, which the plan's order leaves out"
            )
    return Layout(circuit, plan.order)


def network_layout(network: Network) -> Layout:
    """The layout that a network was made with."""
    circuit = merge(network)
    return Layout(circuit, tuple(range(len(circuit.operations))) if network.order is None else network.order)


def _check_numbers(circuit: Circuit, order: Sequence[int]) -> None:
    size = len(circuit.operations)
    strange = next((number for number in order if not 0 <= number < size), None)
    if strange is not None:
        raise PlanError(f"the plan's order names operation {strange}, but the circuit has {size}, numbered from 0")
    if len(set(order)) < len(order):
        twice = next(number for number in order if order.count(number) > 1)
        raise PlanError(f"the plan's order names every operation at most once, but operation {twice} twice")


def _check_left_out(circuit: Circuit, plan: CutPlan) -> None:
    assert plan.order is not None
    if len(plan.order) == len(circuit.operations):
        return
    if not plan.observables:
        missing = min(set(range(len(circuit.operations))) - set(plan.order))
        raise PlanError(
            f"the plan's order leaves out operation {missing} ({circuit.operations[missing].name}), but the plan names "
            "no observables that do not depend on it"
        )
    needed = outside(circuit, plan.order, targets(plan.observables))
    if needed:
        raise PlanError(
            f"the plan's order leaves out operation {needed[0]} ({circuit.operations[needed[0]].name}), which "
            f"{', '.join(map(str, plan.observables))} depend on"
        )


def _check_exchanges(circuit: Circuit, order: Sequence[int]) -> None:
    """Of each two operations on a qubit whose order is changed, both keep one reflection there."""
    seen: dict[int, list[int]] = {}
    for number in order:
        for qubit in circuit.operations[number].qubits:
            before = seen.setdefault(qubit, [])
            for later in before[bisect(before, number) :]:
                if not exchange(circuit.operations[number], circuit.operations[later]):
                    raise PlanError(
                        f"the plan's order has operation {later} ({circuit.operations[later].name}) before operation "
                        f"{number} ({circuit.operations[number].name}), but on qubit {qubit} the two do not commute"
                    )
            insort(before, number)


def exchange(one: Operation, other: Operation) -> bool:
    """Whether two operations commute because on each qubit they share both keep one reflection.

    >>> exchange(Operation("cx", (0, 1)), Operation("rz", (0,), (0.3,)))
    True
    >>> exchange(Operation("cx", (0, 1)), Operation("cx", (1, 2)))
    False
    """
    shared = set(one.qubits) & set(other.qubits)
    return all(any(_keeps(one, qubit, basis) and _keeps(other, qubit, basis) for basis in BASES) for qubit in shared)


def _keeps(op: Operation, qubit: int, basis: str) -> bool:
    return keeps(op.on(tuple(range(len(op.qubits)))), op.qubits.index(qubit), basis)
