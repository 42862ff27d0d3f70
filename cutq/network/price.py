"""What a network costs: on a device in circuits and shots, on this computer in operations and memory."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cutq.network.contraction import BYTES_PER_AMPLITUDE, plan_contraction
from cutq.network.network import Bond, Fragment, Network, Slot
from cutq.network.protocols import GATE_CIRCUITS, WIRE_CIRCUITS

FLOPS_ONE_QUBIT = 14
FLOPS_TWO_QUBIT = 30
"""Real operations per amplitude of a dense gate on one and on two qubits."""


@dataclass(frozen=True)
class Price:
    """The price of a network, from its structure alone.

    Attributes:
        widths: qubits of each fragment.
        bond_dims: dimension of each bond.
        gamma: product of the gammas of the bonds, at the worst case over angles that are parameters.
        circuits: different circuits on a device: for each fragment the product over its legs of 3 bases for an
            outgoing wire, 4 preparations for an incoming one, 5 operations for a gate, run or star of rank 2, 22 for
            rank 4, and the square of the bond dimension for a joint cut of several of them; summed over the fragments.
        flops: floating-point operations of one exact evaluation: batched amplitudes and contraction of one word.
        bytes: size of the largest tensor, of a fragment or on the way.
    """

    widths: tuple[int, ...]
    bond_dims: tuple[int, ...]
    gamma: float
    circuits: int
    flops: int
    bytes: int

    @property
    def sampling_overhead(self) -> float:
        """``gamma**2``: by what factor shot-by-shot sampling multiplies the shots for a given error.

        Tabulating the fragments' circuits and contracting costs far less: about a sum over fragments of something
        exponential in that fragment's own legs, as long as there are many shots for each circuit.
        """
        return self.gamma * self.gamma


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
        plan.flops + sum(amplitudes),
        BYTES_PER_AMPLITUDE * plan.entries,
    )


def fragment_circuits(network: Network, fragment: Fragment) -> int:
    """How many different circuits of this fragment a device runs; see :class:`Price`."""
    return math.prod(_leg_circuits(network.bonds[leg.bond], leg.end) for leg in fragment.legs)


def _leg_circuits(bond: Bond, end: int) -> int:
    if not bond.ops:
        return WIRE_CIRCUITS[end]
    if len(bond.components) > 1:
        return math.prod(bond.dims) ** 2
    return GATE_CIRCUITS[bond.components[0].dim]


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
