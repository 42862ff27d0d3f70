"""Fragments at the ends of a chain, run as if they were in its middle.

Eight fragments of one shape are run at the price of one. The first and the last module of a chain differ from the
others only in legs that are missing: a wire that begins in ``|0>`` instead of coming from a neighbour, an output
instead of a wire to the next. Given these legs they run with the others; small constant tensors close the legs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cutq.circuits.gates import PAULIS
from cutq.circuits.observable import Word
from cutq.exact.densities import BASIS, Reals
from cutq.exact.lowering import Shape

FEW = 2
"""Shapes of so many fragments are looked at..."""

MANY = 3
"""...and given the legs of a shape of so many."""


@dataclass(frozen=True)
class Padding:
    """A fragment with further legs.

    Attributes:
        shape: the shape it takes.
        fresh: its qubits that begin in ``|0>`` and get an incoming leg.
        ends: its outputs that become outgoing legs.
    """

    shape: Shape
    fresh: tuple[int, ...]
    ends: tuple[int, ...]


def paddings(shapes: Sequence[Shape]) -> list[Padding | None]:
    """For each fragment of a rare shape the legs that make it one of a common shape."""
    count = Counter(shapes)
    common = [shape for shape, members in count.most_common() if members >= MANY and _only_wires(shape)]
    found: dict[Shape, Padding | None] = {}
    for shape, members in count.items():
        fitting = [_padding(shape, other) for other in common] if members <= FEW and _only_wires(shape) else []
        found[shape] = next((padding for padding in fitting if padding), None)
    return [found[shape] for shape in shapes]


def _only_wires(shape: Shape) -> bool:
    """Whether its operations look at no virtual bit, so that all its legs are wires."""
    return all(bit < shape.width for op in shape.ops for bit in op.bits)


def _padding(shape: Shape, other: Shape) -> Padding | None:
    own, wanted = ({qubit for qubit, _ in one.incoming} for one in (shape, other))
    alike = shape.width == other.width and shape.ops == other.ops and shape.num_angles == other.num_angles
    if not alike or not own <= wanted or other.outputs > shape.outputs:
        return None
    return Padding(other, tuple(sorted(wanted - own)), tuple(range(other.outputs, shape.outputs)))


def closing(word: Word) -> Reals:
    """What closes an outgoing leg whose qubit is measured: a Pauli matrix in the basis of a leg, (4,).

    >>> closing(((3, "Z"),)).tolist(), closing(()).tolist()
    ([1.0, 0.0, 0.0, -1.0], [1.0, 0.0, 0.0, 1.0])
    """
    matrix = PAULIS[word[0][1] if word else "I"]
    return np.asarray(np.einsum("kl,Pkl->P", matrix, BASIS).real)


FRESH = np.array([1.0, 0.0, 0.0, 0.0])
"""What closes an incoming leg: ``|0><0|``."""
