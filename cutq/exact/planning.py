"""The plan over a network's fragments: their groups, the contraction of their densities, the words read out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cutq.circuits.circuit import Operation
from cutq.exact.couplings import Couplings, CouplingSource, PhaseCouplings, transfer
from cutq.exact.densities import Reals
from cutq.exact.gatetensors import AngleRows
from cutq.exact.gatewise import Reading
from cutq.exact.groups import Group, Mask, Readout, Squares, angle_table, mask
from cutq.exact.homes import LeafSpec
from cutq.exact.lowering import Shape, lower
from cutq.exact.padding import FRESH, closing, paddings
from cutq.exact.placing import alone, leg_bits, side_by_side
from cutq.exact.plan import Constants, Plan
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


@dataclass(frozen=True)
class _Kind:
    """What fragments that are run together have in common."""

    shape: Shape
    turned: tuple[bool, ...]
    alone: int


class _Planning:
    """The short-lived state of :func:`fragment_plan`."""

    def __init__(self, network: Network, parameters: tuple[str, ...], sums: WordSums, settings: Settings) -> None:
        self.network, self.sums, self.settings = network, sums, settings
        self.parameters = parameters
        self.position = {name: k for k, name in enumerate(parameters)}
        measured = {qubit for word in sums.words for qubit, _ in word}
        # A fragment without legs that nothing measures contributes its norm, 1.
        self.fragments = [one for one in network.fragments if one.legs or not measured.isdisjoint(one.outputs)]
        self.lowered = [lower(fragment) for fragment in self.fragments]
        self.paddings = paddings([shape for shape, _ in self.lowered])
        self.shapes = [p.shape if p else shape for p, (shape, _) in zip(self.paddings, self.lowered, strict=True)]
        self.couplings = [(b, c) for b, bond in enumerate(network.bonds) for c in range(len(bond.dims)) if bond.ops]
        self.tape = self._tape()
        self.place = {leaf: int(offset) for leaf, offset in zip(self.tape.leaves, self.tape.offsets, strict=False)}

    def plan(self) -> Plan:
        constants, sources = self._couplings()
        constants += self._closings()
        readings = [self._reading()] if any(one.home >= len(self.fragments) for one in self.tape.readouts) else []
        return Plan(
            self.parameters,
            self._groups(),
            (*sources, *readings),
            Constants.of(constants),
            self.tape,
            self.sums,
            np.dtype(float),
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
        shape = self.shapes[number]
        names = self._leg_indices(number)
        cost = float(1 << (shape.outputs + 2 * len(leg_bits(shape))))
        indices = tuple(names[bit] for bit in leg_bits(shape))
        return LeafSpec(indices, frozenset(self._outputs(number)), cost)

    def _outputs(self, number: int) -> tuple[int, ...]:
        """The qubits that a fragment is read out at."""
        return self.fragments[number].outputs[: self.shapes[number].outputs]

    def _leg_indices(self, number: int) -> dict[int, Hashable]:
        """The index of each bit of a fragment's legs."""
        fragment, (own, _), shape = self.fragments[number], self.lowered[number], self.shapes[number]
        found: dict[int, Hashable] = {}
        padding = self.paddings[number]
        virtual = dict(shape.incoming)
        for leg, bits in zip(fragment.legs, own.legs, strict=True):
            for k, bit in enumerate(bits):
                coupled = bool(self.network.bonds[leg.bond].ops)
                place = virtual[leg.segment] if padding and leg.end == 1 and leg.segment is not None else bit
                found[place] = (leg.bond, leg.end, k) if coupled else (leg.bond, k)
        if padding:
            found |= {virtual[qubit]: ("fresh", number, qubit) for qubit in padding.fresh}
            found |= {qubit: ("end", number, qubit) for qubit in padding.ends}
        return found

    def _closing_leaves(self) -> list[LeafSpec]:
        """What closes the legs that fragments were given."""
        leaves = []
        for number, padding in enumerate(self.paddings):
            if padding:
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

    def _groups(self) -> tuple[Group, ...]:
        kinds: dict[_Kind, list[int]] = {}
        for f, shape in enumerate(self.shapes):
            alone = f if shape.num_bits >= ALONE_BITS else -1
            kinds.setdefault(_Kind(shape, self._turned(f), alone), []).append(f)
        squares = self._squares()
        readouts = self._readouts()
        return tuple(self._group(kind, members, squares, readouts) for kind, members in kinds.items())

    def _turned(self, number: int) -> tuple[bool, ...]:
        """For each bit of the legs whether it is the second end of its bond."""
        shape = self.shapes[number]
        ends = {bit: True for _, bit in shape.incoming}
        for leg, bits in zip(self.fragments[number].legs, self.lowered[number][0].legs, strict=True):
            ends |= {bit: leg.end == 1 for bit in bits if leg.segment is None or leg.end == 0}
        return tuple(ends.get(bit, False) for bit in leg_bits(shape))

    def _group(
        self,
        kind: _Kind,
        members: Sequence[int],
        squares: Mapping[int, Mapping[Mask, int]],
        readouts: Mapping[int, Sequence[_Read]],
    ) -> Group:
        bits = kind.shape.num_bits + (3 if len(members) < FEW else 0)
        large = (
            bits >= ALONE_BITS and kind.shape.width + len(kind.shape.incoming) >= 5 and self.settings.engine != "numpy"
        )
        placed = alone(kind.shape) if large else side_by_side(kind.shape)
        angles = angle_table(placed, [self.lowered[f][1] for f in members], self.position)
        masks = tuple(dict.fromkeys(one for f in members for one in squares.get(f, ())))
        offsets = [[squares.get(f, {}).get(one, -1) for f in members] for one in masks]
        wanted = Squares(masks, np.array(offsets, dtype=np.int64).reshape(len(masks), len(members)))
        return Group(kind.shape, placed, angles, kind.turned, wanted, _gathered(members, readouts))

    def _squares(self) -> dict[int, dict[Mask, int]]:
        """For each fragment the words whose densities the contraction needs, and where they go."""
        found: dict[int, dict[Mask, int]] = {}
        for (leaf, word), offset in self.place.items():
            if leaf < len(self.fragments):
                own = mask(word, self._outputs(leaf))
                found.setdefault(leaf, {})[own] = offset
        return found

    def _readouts(self) -> dict[int, list[_Read]]:
        """For each fragment its environments and the words that are read out there."""
        words: dict[int, list[tuple[Mask, int]]] = {}
        for column, (readout, local) in enumerate(self.tape.placements):
            home = self.tape.readouts[readout].home
            if home >= len(self.fragments):
                continue
            outputs = self._outputs(home)
            words.setdefault(readout, []).append((mask(local, outputs), column))
        found: dict[int, list[_Read]] = {}
        for number, one in enumerate(self.tape.readouts):
            if one.home >= len(self.fragments):
                continue
            pairs = sorted(words[number], key=lambda pair: (pair[0].flip, pair[0].sign, pair[0].power, pair[1]))
            found.setdefault(one.home, []).append(
                _Read(tuple(m for m, _ in pairs), [c for _, c in pairs], int(self.tape.offsets[one.tensor]), one.tensor)
            )
        return found

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


@dataclass(frozen=True, eq=False)
class _Read:
    """Words read out in one environment: masks, their columns, the environment's offset and number."""

    masks: tuple[Mask, ...]
    columns: list[int]
    offset: int
    tensor: int


def _gathered(members: Sequence[int], readouts: Mapping[int, Sequence[_Read]]) -> tuple[Readout, ...]:
    """Readouts with the same masks, one for each member at most."""
    rounds: dict[tuple[tuple[Mask, ...], int], dict[int, _Read]] = {}
    for m, f in enumerate(members):
        seen: dict[tuple[Mask, ...], int] = {}
        for read in readouts.get(f, ()):
            turn = seen[read.masks] = seen.get(read.masks, -1) + 1
            rounds.setdefault((read.masks, turn), {})[m] = read
    found = []
    for (masks, _), reads in rounds.items():
        columns = np.full((len(masks), len(members)), -1, dtype=np.int64)
        offsets, tensors = np.full((2, len(members)), -1, dtype=np.int64)
        for m, read in reads.items():
            columns[:, m], offsets[m], tensors[m] = read.columns, read.offset, read.tensor
        found.append(Readout(masks, columns, offsets, tensors))
    return tuple(found)


def _num_bits(dim: int) -> int:
    return (dim - 1).bit_length()
