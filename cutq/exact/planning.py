"""The plan over a network's fragments: their groups, the contraction of their densities, the words read out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cutq.circuits.circuit import Operation
from cutq.exact.copies import Copies
from cutq.exact.couplings import Couplings, CouplingSource, PhaseCouplings, transfer
from cutq.exact.densities import Reals
from cutq.exact.equals import Division, divided
from cutq.exact.forms import Form, forms
from cutq.exact.gatetensors import AngleRows
from cutq.exact.gatewise import Reading
from cutq.exact.groups import Folded, Group, Kind, Mask, Squares, angle_table, mask
from cutq.exact.homes import LeafSpec
from cutq.exact.padding import FRESH, closing
from cutq.exact.placing import alone, leg_bits, side_by_side
from cutq.exact.plan import Constants, Fixed, Plan
from cutq.exact.reads import Read, gathered, reads
from cutq.exact.settings import Settings
from cutq.exact.sums import WordSums
from cutq.exact.tape import Tape, plan_tape
from cutq.exact.trees import contraction_tree
from cutq.network.network import Network
from cutq.network.protocols import CONTROLLED_U, schmidt_form

ALONE_BITS = 15
"""Fragments of so many bits, legs included, are run one by one, with the lanes as bits of their state..."""

FEW = 4
"""... and where there are fewer of one shape, those with an eighth of the amplitudes already."""


def fragment_plan(network: Network, parameters: tuple[str, ...], sums: WordSums, settings: Settings) -> Plan:
    """The plan for the words of some observables, in parameters in this order."""
    return _Planning(network, parameters, sums, settings).plan()


@dataclass(frozen=True, eq=False)
class Member:
    """One fragment of a group: its angles, where densities of its words go, and what is read out at it."""

    angles: Sequence[Folded]
    squares: Mapping[Mask, int]
    reads: Sequence[Read] = ()


def group(kind: Kind, members: Sequence[Member], position: Mapping[str, int], settings: Settings) -> Group:
    """A group of fragments, in parameters at these positions."""
    bits = kind.shape.num_bits + (3 if len(members) < FEW else 0)
    wide = kind.shape.width + len(kind.shape.incoming) >= 5
    placed = (
        alone(kind.shape) if bits >= ALONE_BITS and wide and settings.engine != "numpy" else side_by_side(kind.shape)
    )
    masks = tuple(dict.fromkeys(one for member in members for one in member.squares))
    offsets = [[member.squares.get(one, -1) for member in members] for one in masks]
    return Group(
        kind.shape,
        placed,
        angle_table(placed, [member.angles for member in members], position),
        kind.turned,
        Squares(masks, np.array(offsets, dtype=np.int64).reshape(len(masks), len(members))),
        gathered([member.reads for member in members]),
    )


class _Planning:
    """The short-lived state of :func:`fragment_plan`."""

    def __init__(self, network: Network, parameters: tuple[str, ...], sums: WordSums, settings: Settings) -> None:
        self.network, self.sums, self.settings = network, sums, settings
        self.parameters = parameters
        self.position = {name: k for k, name in enumerate(parameters)}
        measured = {qubit for word in sums.words for qubit, _ in word}
        # A fragment without legs that nothing measures contributes its norm, 1.
        self.fragments = [one for one in network.fragments if one.legs or not measured.isdisjoint(one.outputs)]
        self.forms = forms(self.fragments)
        self.couplings = [(b, c) for b, bond in enumerate(network.bonds) for c in range(len(bond.dims)) if bond.ops]
        self.tape = self._tape()
        self.place = {leaf: int(offset) for leaf, offset in zip(self.tape.leaves, self.tape.offsets, strict=False)}

    def plan(self) -> Plan:
        constants, couplings = self._couplings()
        constants += self._closings()
        readings = [self._reading()] if any(one.home >= len(self.fragments) for one in self.tape.readouts) else []
        found = reads(self.tape, [self._outputs(f) for f in range(len(self.fragments))])
        divisions = self._divisions(found)
        return Plan(
            self.parameters,
            self._groups(divisions, found),
            (*self._copies(divisions), *couplings, *readings),
            Constants.of(constants),
            self.tape,
            self.sums,
            np.dtype(float),
            self._fixed(divisions),
        )

    # --- the contraction ---

    def _tape(self) -> Tape:
        leaves = [self._fragment_leaf(f) for f in range(len(self.fragments))]
        leaves += [LeafSpec(self._coupling_indices(b, c)) for b, c in self.couplings]
        leaves += self._closing_leaves()
        leaves = leaves or [LeafSpec(())]
        sizes = {index: 4 for leaf in leaves for index in leaf.indices}
        tree = contraction_tree([leaf.indices for leaf in leaves], sizes)
        return plan_tape(leaves, sizes, tree, self.sums.words)

    def _fragment_leaf(self, number: int) -> LeafSpec:
        shape, names = self.forms[number].shape, self._leg_indices(number)
        bits = leg_bits(shape)
        cost = float(1 << (shape.outputs + 2 * len(bits)))
        return LeafSpec(tuple(names[bit] for bit in bits), frozenset(self._outputs(number)), cost)

    def _outputs(self, number: int) -> tuple[int, ...]:
        """The qubits that a fragment is read out at."""
        return self.fragments[number].outputs[: self.forms[number].shape.outputs]

    def _leg_indices(self, number: int) -> dict[int, Hashable]:
        """The index of each bit of a fragment's legs."""
        form, found = self.forms[number], dict[int, Hashable]()
        for leg, bits in zip(self.fragments[number].legs, form.legs, strict=True):
            coupled = bool(self.network.bonds[leg.bond].ops)
            found |= {bit: (leg.bond, leg.end, k) if coupled else (leg.bond, k) for k, bit in enumerate(bits)}
        if form.padding:
            virtual = dict(form.shape.incoming)
            found |= {virtual[qubit]: ("fresh", number, qubit) for qubit in form.padding.fresh}
            found |= {qubit: ("end", number, qubit) for qubit in form.padding.ends}
        return found

    def _closing_leaves(self) -> list[LeafSpec]:
        """What closes the legs that fragments were given."""
        leaves = []
        for number, form in enumerate(self.forms):
            if padding := form.padding:
                leaves += [LeafSpec((("fresh", number, qubit),)) for qubit in padding.fresh]
                outputs = self.fragments[number].outputs
                leaves += [LeafSpec((("end", number, q),), frozenset({outputs[q]})) for q in padding.ends]
        return leaves

    def _coupling_indices(self, bond: int, component: int) -> tuple[Hashable, ...]:
        dims = self.network.bonds[bond].dims
        first = sum(_num_bits(dim) for dim in dims[:component])
        bits = range(first, first + _num_bits(dims[component]))
        return tuple((bond, end, k) for end in (0, 1) for k in bits)

    # --- fragments ---

    def _divisions(self, homes: Mapping[int, Sequence[Read]]) -> list[tuple[Form, Division]]:
        """Fragments that are equal, with what becomes of them."""
        keys = {form: (form.shape, form.turned, form.angles) for form in dict.fromkeys(self.forms)}
        firsts: dict[Hashable, Form] = {}
        first = {form: firsts.setdefault(key, form) for form, key in keys.items()}
        equal: dict[Form, list[int]] = {}
        for number, form in enumerate(self.forms):
            equal.setdefault(first[form], []).append(number)
        wanted = self._squares()
        return [(form, divided(own, form.constant, wanted, homes)) for form, own in equal.items()]

    def _squares(self) -> dict[int, dict[Mask, int]]:
        """For each fragment the words whose densities the contraction needs, and where they go."""
        found: dict[int, dict[Mask, int]] = {}
        for (leaf, word), offset in self.place.items():
            if leaf < len(self.fragments):
                own = mask(word, self._outputs(leaf))
                found.setdefault(leaf, {})[own] = offset
        return found

    def _groups(
        self, divisions: Sequence[tuple[Form, Division]], found: Mapping[int, Sequence[Read]]
    ) -> tuple[Group, ...]:
        kinds: dict[Kind, list[Member]] = {}
        for form, division in divisions:
            for number in division.run:
                first = number == division.run[0]
                squares = {one: places[0] for one, places in division.squares.items()} if first else {}
                kinds.setdefault(_kind(form, number), []).append(Member(form.angles, squares, found.get(number, ())))
        return tuple(group(kind, members, self.position, self.settings) for kind, members in kinds.items())

    def _copies(self, divisions: Sequence[tuple[Form, Division]]) -> list[Copies]:
        """The densities that are copied, those of one size together."""
        sizes: dict[int, list[tuple[int, Sequence[int]]]] = {}
        for form, division in divisions:
            for first, *others in division.squares.values():
                if others:
                    sizes.setdefault(4 ** len(leg_bits(form.shape)), []).append((first, others))
        return [Copies.of(size, tensors) for size, tensors in sizes.items()]

    def _fixed(self, divisions: Sequence[tuple[Form, Division]]) -> tuple[Fixed, ...]:
        found = [(form, division.fixed) for form, division in divisions if division.fixed]
        return tuple(Fixed(_kind(form, number), form.angles, own) for number, (form, own) in enumerate(found))

    # --- couplings ---

    def _couplings(self) -> tuple[list[tuple[int, Reals]], list[CouplingSource]]:
        """Couplings as tensors between densities: those that are fixed, and the others by gate."""
        constants: list[tuple[int, Reals]] = []
        varying: dict[tuple[str, bool], list[tuple[Operation, int]]] = {}
        for number, (b, c) in enumerate(self.couplings):
            component = self.network.bonds[b].components[c]
            offset = self.place.get((len(self.fragments) + number, ()))
            if offset is None:
                continue
            if component.operation is not None and _coupling_parameters(component.operation):
                key = (component.operation.name, component.flipped)
                varying.setdefault(key, []).append((component.operation, offset))
            else:
                constants.append((offset, transfer(component.coupling(_ANYTHING))))
        return constants, [self._varying(*key, places) for key, places in varying.items()]

    def _closings(self) -> list[tuple[int, Reals]]:
        """The tensors that close legs which fragments were given."""
        first = len(self.fragments) + len(self.couplings)
        fresh = [not leaf.support for leaf in self._closing_leaves()]
        return [
            (offset, FRESH if fresh[leaf - first] else closing(word))
            for (leaf, word), offset in self.place.items()
            if leaf >= first and fresh
        ]

    def _reading(self) -> Reading:
        """Words that are read out at such a tensor."""
        found = []
        for column, (readout, local) in enumerate(self.tape.placements):
            one = self.tape.readouts[readout]
            if one.home >= len(self.fragments):
                found.append((int(self.tape.offsets[one.tensor]), closing(local), one.tensor, column))
        offsets, entries, tensors, columns = zip(*found, strict=True)
        places = np.array(offsets)[:, None] + np.arange(4)
        return Reading(places, np.array(entries), np.array(tensors), np.array(columns))

    def _varying(self, name: str, flipped: bool, places: Sequence[tuple[Operation, int]]) -> CouplingSource:
        angles = tuple(op.params for op, _ in places)
        make = PhaseCouplings if name in CONTROLLED_U else Couplings
        offsets = np.array([offset for _, offset in places], dtype=np.int64)
        return CouplingSource(make(name, flipped, angles), AngleRows.of(angles, self.position), offsets)


def _coupling_parameters(op: Operation) -> tuple[str, ...]:
    """The parameters that the coupling of a cut gate depends on."""
    phase = schmidt_form(op).phase
    return op.parameters if phase is None else phase.parameters


_ANYTHING: Mapping[str, float] = defaultdict(float)
"""Values of parameters that a coupling does not depend on."""


def _kind(form: Form, number: int) -> Kind:
    """The kind of the fragment, or of the fixed fragment, of this number."""
    return Kind(form.shape, form.turned, number if form.shape.num_bits >= ALONE_BITS else -1)


def _num_bits(dim: int) -> int:
    return (dim - 1).bit_length()
