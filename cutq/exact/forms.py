"""Fragments in the form in which they are run; what is equal but for its place in the network is worked out once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from cutq.exact.groups import Folded, folded
from cutq.exact.lowering import Affine, Shape, lower
from cutq.exact.padding import Padding, paddings
from cutq.exact.placing import leg_bits
from cutq.network.network import Fragment, Slot


@dataclass(frozen=True, eq=False)
class Form:
    """What fragments that are equal but for the numbers of their qubits, operations and bonds have in common.

    Attributes:
        shape: their shape, with the legs that they were given.
        angles: their angles.
        legs: for each leg, without those that they were given, the shape's bits of its index.
        turned: for each bit of all legs, most significant first, whether it is the second end of its bond.
        padding: the legs that they were given.
    """

    shape: Shape
    angles: tuple[Folded, ...]
    legs: tuple[tuple[int, ...], ...]
    turned: tuple[bool, ...]
    padding: Padding | None

    @property
    def constant(self) -> bool:
        """Whether no angle depends on a parameter."""
        return not any(terms for _, terms in self.angles)


def forms(fragments: Sequence[Fragment]) -> list[Form]:
    """The form of each fragment, one object for all that look the same."""
    numbers: dict[Hashable, int] = {}
    of = [numbers.setdefault(_look(fragment), len(numbers)) for fragment in fragments]
    examples = dict(zip(of, fragments, strict=True))
    lowered = {number: lower(fragment) for number, fragment in examples.items()}
    padded = dict(zip(of, paddings([lowered[number][0] for number in of]), strict=True))
    found = {number: _form(one, *lowered[number], padded[number]) for number, one in examples.items()}
    return [found[number] for number in of]


def _look(fragment: Fragment) -> Hashable:
    """Everything about a fragment but the numbers of its qubits, operations and bonds."""
    items = tuple(
        (item.leg, item.component, item.segment, item.letters) if isinstance(item, Slot) else item.operation
        for item in fragment.items
    )
    legs = tuple((leg.end, leg.dims, leg.segment) for leg in fragment.legs)
    return fragment.width, len(fragment.outputs), items, legs


def _form(fragment: Fragment, own: Shape, angles: tuple[Affine, ...], padding: Padding | None) -> Form:
    shape = padding.shape if padding else own
    virtual = dict(shape.incoming)
    legs = tuple(
        (virtual[leg.segment],) if padding and leg.end == 1 and leg.segment is not None else bits
        for leg, bits in zip(fragment.legs, own.legs, strict=True)
    )
    second = set(virtual.values())
    second |= {bit for leg, bits in zip(fragment.legs, legs, strict=True) for bit in bits if leg.end == 1}
    turned = tuple(bit in second for bit in leg_bits(shape))
    return Form(shape, tuple(map(folded, angles)), legs, turned, padding)
