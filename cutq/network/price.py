"""What a network costs: on a device in circuits and shots, on this computer in operations and memory."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cutq.network.contraction import BYTES_PER_AMPLITUDE, plan_contraction
from cutq.network.network import Bond, Fragment, Network, Slot
from cutq.network.protocols import GATE_CIRCUITS, WIRE_CIRCUITS
from cutq.network.reuse import schedule
from cutq.network.shots import ERROR, SHOTS_PER_CIRCUIT, WIRE_SHOTS, gate_shots

FLOPS_ONE_QUBIT = 14
FLOPS_TWO_QUBIT = 30
"""Real operations per amplitude of a dense gate on one and on two qubits."""


@dataclass(frozen=True)
class Way:
    """One way to estimate observables on devices, and what it takes.

    Attributes:
        name: ``"tabulated"``, where each fragment's circuits are measured and their tensors contracted, or
            ``"sampled"``, shot by shot.
        circuits: different circuits.
        shots: of all circuits together; a prediction, where an error was asked for.
        stderr: the largest standard error; a prediction.
        seconds: at the shot rate that was asked for.
        fragment_circuits: circuits of each fragment of the network that is left of what the observables depend on.
        fragment_shots: shots of each.
    """

    name: str
    circuits: int
    shots: float
    stderr: float
    seconds: float
    fragment_circuits: tuple[int, ...]
    fragment_shots: tuple[float, ...]


@dataclass(frozen=True)
class Price:
    """The price of a network, from its structure alone.

    Attributes:
        widths: qubits of each fragment.
        bond_dims: dimension of each bond.
        gamma: product of the gammas of the bonds, at the worst case over angles that are parameters.
        circuits: different circuits on a device: for each fragment the product over its legs of 3 bases for an
            outgoing wire, 4 preparations for an incoming one, and for each gate, run or star of a gate cut 5 operations
            for rank 2 and 22 for rank 4; summed over the fragments. Qubits that nothing happens to need none.
        shots_factor: by what tabulating the circuits and contracting the tables multiplies the shots for a given error;
            see :mod:`cutq.network.shots`.
        flops: floating-point operations of one exact evaluation: batched amplitudes and contraction of one word.
        bytes: size of the largest tensor, of a fragment or on the way.
        reused_widths: qubits of each fragment where a qubit whose wire has ended is measured, reset and used again.
        ways: what estimating observables takes, where some were named.
    """

    widths: tuple[int, ...]
    bond_dims: tuple[int, ...]
    gamma: float
    circuits: int
    shots_factor: float
    flops: int
    bytes: int
    reused_widths: tuple[int, ...] = ()
    ways: tuple[Way, ...] = ()

    @property
    def sampling_overhead(self) -> float:
        """``gamma**2``: by what factor shot-by-shot sampling multiplies the shots for a given error.

        Tabulating the fragments' circuits and contracting costs far less, ``shots_factor``: a sum over fragments of
        something exponential in that fragment's own legs, as long as there are many shots for each circuit.
        """
        return self.gamma * self.gamma

    def shots(self, error: float = ERROR) -> float:
        """Shots predicted for this standard error of a word of Paulis: ``shots_factor / error**2``, but no less than 50
        for each circuit."""
        return max(self.shots_factor / error**2, as_float(SHOTS_PER_CIRCUIT * self.circuits))


def as_float(count: int) -> float:
    """A count as a floating-point number, infinite where it is too large for one.

    >>> as_float(3), as_float(10**400)
    (3.0, inf)
    """
    try:
        return float(count)
    except OverflowError:
        return math.inf


def price(network: Network) -> Price:
    """The price of a network.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> circuit = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> found = price(split(circuit, CutPlan.from_partition(circuit, "AB")))
    >>> found.gamma, found.circuits
    (3.0, 10)
    """
    plan = plan_contraction(network)
    amplitudes = [fragment_flops(fragment) for fragment in network.fragments]
    return Price(
        network.widths,
        tuple(math.prod(bond.dims) for bond in network.bonds),
        network.gamma,
        sum(fragment_circuits(network, fragment) for fragment in network.fragments),
        sum(math.sqrt(fragment_shots(network, fragment)) for fragment in network.fragments if _runs(fragment)) ** 2,
        plan.flops + sum(amplitudes),
        BYTES_PER_AMPLITUDE * plan.entries,
        tuple(schedule(fragment).width for fragment in network.fragments),
    )


def fragment_circuits(network: Network, fragment: Fragment) -> int:
    """How many different circuits of this fragment a device runs; see :class:`Price`."""
    if not _runs(fragment):
        return 0
    return math.prod(_leg_circuits(network.bonds[leg.bond], leg.end) for leg in fragment.legs)


def _runs(fragment: Fragment) -> bool:
    """Whether there is anything to run: a qubit that nothing happens to is in the state 0."""
    return bool(fragment.items or fragment.legs)


def _leg_circuits(bond: Bond, end: int) -> int:
    if not bond.ops:
        return WIRE_CIRCUITS[end]
    return math.prod(GATE_CIRCUITS[component.dim] for component in bond.components)


def fragment_shots(network: Network, fragment: Fragment) -> float:
    """By what its legs multiply the variance of this fragment; see :mod:`cutq.network.shots`."""
    return math.prod(_leg_shots(network.bonds[leg.bond], leg.end) for leg in fragment.legs)


def _leg_shots(bond: Bond, end: int) -> float:
    return gate_shots(bond.gamma) if bond.ops else WIRE_SHOTS[end]


def fragment_flops(fragment: Fragment) -> int:
    """Floating-point operations of its batched amplitudes; the batch grows where a leg's slot is first met."""
    batch = math.prod(leg.dim for leg in fragment.legs if leg.segment is not None and leg.end == 1)
    met: set[tuple[int, int]] = set()
    total = 0
    for item in fragment.items:
        if isinstance(item, Slot):
            if (item.leg, item.component) not in met:
                met.add((item.leg, item.component))
                batch *= len(item.letters)
            total += FLOPS_ONE_QUBIT * batch
        else:
            total += (FLOPS_TWO_QUBIT if len(item.operation.qubits) == 2 else FLOPS_ONE_QUBIT) * batch
    return total << fragment.width
