"""Fragments as operations on bits: what each gate becomes, how phases are gathered, and that nothing changes."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cutq import Circuit, CutPlan, Fragment, GateCut, Operation, Segment, Slot, Step, WireCut, split
from cutq.circuits.gates import GATES
from cutq.exact.lowering import Affine, Op, Shape, lower
from cutq.network.network import Leg
from tests.strategies import PARAMETERS, circuits, haar, joint_cuts, ladders, numbers, plans

Amplitudes = NDArray[np.complex128]

ANGLES = (0.7, -0.4, 1.1, 0.3)

# --- a plain interpreter: one array axis for each bit -----------------------------------------------------------------

FIXED = {"flip": [[0, 1], [1, 0]], "swap": np.eye(4)[[0, 2, 1, 3]]}


def apply(op: Op, state: Amplitudes, angles: Sequence[float]) -> Amplitudes:
    """One operation on an array with an axis for each bit, by its dense matrix."""
    if op.kind == "duplicate":
        assert state.ndim == op.bit, "bits appear in their order"
        return np.stack([state, state], axis=-1)
    if op.kind in ("phase", "diagonal"):
        bits = (op.bit,) if op.other < 0 else (op.bit, op.other)
        for own, angle in op.terms or ((bits, op.angle),):
            marks = np.prod([np.indices(state.shape)[bit] for bit in own], axis=0) if own != (-1,) else 1
            state = state * np.exp(-1j * angles[angle] * marks)
        return state
    bits = (op.bit,) if op.other < 0 else (op.bit, op.other)
    matrix = _matrix(op, angles).reshape((2,) * (2 * len(bits)))
    moved = np.tensordot(matrix, state, axes=(range(len(bits), 2 * len(bits)), bits))
    return np.moveaxis(moved, range(len(bits)), bits)


def _matrix(op: Op, angles: Sequence[float]) -> Amplitudes:
    """On ``bit``, or on ``bit`` and ``other``."""
    if op.kind in ("rotate_x", "rotate_y"):
        factor = 1.0 if op.kind == "rotate_x" else 1j
        size = 2 if op.other < 0 else 4
        generator = np.zeros((size, size), complex)
        for value in range(size // 2):
            low, high = (0, 1) if size == 2 else (value, 2 + (value ^ op.both))
            generator[high, low] = factor * op.signs[value]
            generator[low, high] = np.conj(generator[high, low])
        angle = angles[op.angle]
        # exp(-i a G), as the eigenvalues of G are -1, 0, 1.
        return np.eye(size) - (1 - np.cos(angle)) * generator @ generator - 1j * np.sin(angle) * generator
    entries = np.asarray(FIXED.get(op.kind, op.entries), complex)
    own = entries.reshape(2 * (1 + (entries.size > 4)), -1)
    if op.other < 0 or op.kind in ("matrix2", "swap"):
        return own
    acting = np.diag([1 - op.value, op.value])
    return np.kron(own, acting) + np.kron(np.eye(2), np.eye(2) - acting)


def interpreted(shape: Shape, angles: Sequence[float]) -> Amplitudes:
    """The final state, an axis for each bit."""
    bits = [*range(shape.width), *(bit for _, bit in shape.incoming)]
    state = np.zeros((2,) * len(bits), complex)
    for values in itertools.product((0, 1), repeat=len(shape.incoming)):
        ones = {bit for pair, value in zip(shape.incoming, values, strict=True) if value for bit in pair}
        state[tuple(int(bit in ones) for bit in bits)] = np.exp(-1j * angles[0])
    for op in shape.ops:
        state = apply(op, state, angles)
    return state


def at(affine: Affine, values: Mapping[str, float]) -> float:
    return float(sum(weight * angle.at(values) for angle, weight in affine))


def over_legs(shape: Shape, state: Amplitudes) -> Amplitudes:
    """The state over the outputs and over the legs' indices, (2, ..., dimension of each leg ...)."""
    axes = [*range(shape.outputs), *itertools.chain.from_iterable(shape.legs)]
    dims = [2] * shape.outputs + [1 << len(leg) for leg in shape.legs]
    return state.transpose(axes).reshape(dims)


# --- the same, from what legs and letters mean ------------------------------------------------------------------------


def by_letters(fragment: Fragment, values: Mapping[str, float]) -> Amplitudes:
    """The fragment's tensor by running it once for each choice of letters and of incoming basis states."""
    outputs = len(fragment.outputs)
    choices = [range(1) if _leaves(leg) else range(leg.dim) for leg in fragment.legs]
    found = np.zeros((2,) * outputs + tuple(leg.dim for leg in fragment.legs), complex)
    for choice in itertools.product(*choices):
        state = _run(fragment, choice, values)
        # The segments behind the outputs end in wires, and are axes of their legs.
        axes = [leg.segment for leg in fragment.legs if _leaves(leg)]
        place = tuple(slice(None) if _leaves(leg) else k for leg, k in zip(fragment.legs, choice, strict=True))
        found[(slice(None),) * outputs + place] = state.transpose(*range(outputs), *axes)
    return found


def _leaves(leg: Leg) -> bool:
    return leg.segment is not None and leg.end == 0


def _run(fragment: Fragment, choice: Sequence[int], values: Mapping[str, float]) -> Amplitudes:
    state = np.zeros((2,) * fragment.width, complex)
    start = {leg.segment: k for leg, k in zip(fragment.legs, choice, strict=True) if not _leaves(leg)}
    state[tuple(start.get(segment, 0) for segment in range(fragment.width))] = 1
    for item in fragment.items:
        if isinstance(item, Slot):
            dims = fragment.legs[item.leg].dims
            letter = np.unravel_index(choice[item.leg], dims)[item.component]
            op, qubits = item.letters[letter], (item.segment,)
        else:
            op, qubits = item.operation, item.operation.qubits
        k = len(qubits)
        tensor = op.unitary(values).reshape((2,) * (2 * k))
        state = np.moveaxis(np.tensordot(tensor, state, axes=(range(k, 2 * k), qubits)), range(k), qubits)
    return state


def check(fragment: Fragment, values: Mapping[str, float]) -> Shape:
    shape, affine = lower(fragment)
    assert len(affine) == shape.num_angles
    found = over_legs(shape, interpreted(shape, [at(one, values) for one in affine]))
    np.testing.assert_allclose(found, by_letters(fragment, values), rtol=0, atol=1e-13)
    return shape


# --- tests ------------------------------------------------------------------------------------------------------------


@given(st.data())
@settings(max_examples=100)
def test_a_lowered_fragment_is_the_fragment(data: st.DataObject) -> None:
    ladder = data.draw(st.booleans())
    circuit = data.draw((ladders if ladder else circuits)(parameters=PARAMETERS, max_qubits=4, max_ops=12))
    plan = data.draw(joint_cuts(circuit) if ladder else plans(circuit, max_cuts=4))
    values = {name: data.draw(numbers) for name in circuit.parameters}
    for fragment in split(circuit, plan).fragments:
        if sum(leg.dim.bit_length() - 1 for leg in fragment.legs) <= 6:
            check(fragment, values)


def whole(*ops: Operation, width: int = 2) -> Fragment:
    items = tuple(Step(k, op) for k, op in enumerate(ops))
    return Fragment(tuple(Segment(q) for q in range(width)), items, (), tuple(range(width)))


KINDS: dict[str, str] = {
    **dict.fromkeys(("id",), ""),
    **dict.fromkeys(("x", "cx"), "flip"),
    **dict.fromkeys(("y", "h", "sx", "sxdg", "cy", "ch", "csx"), "matrix"),
    **dict.fromkeys(("z", "s", "sdg", "t", "tdg", "rz", "p", "u1", "cz", "cs", "csdg", "cp", "cu1"), "phase"),
    **dict.fromkeys(("rx", "rxx", "ryy", "rzx", "crx"), "rotate_x"),
    **dict.fromkeys(("ry", "cry"), "rotate_y"),
    "u2": "phase matrix phase",
    **dict.fromkeys(("u3", "u"), "phase rotate_y phase"),
    "crz": "phase phase",
    "rzz": "phase phase phase",
    "cu3": "phase rotate_y phase",
    "cu": "phase rotate_y phase phase",
    "swap": "swap",
    **dict.fromkeys(("iswap", "ecr"), "matrix2"),
}
"""What each gate of the table becomes."""


@pytest.mark.parametrize("name", [name for name, row in GATES.items() if row.num_qubits <= 2])
def test_each_gate_becomes_few_operations(name: str) -> None:
    row = GATES[name]
    layer = [Operation("u3", (q,), (0.4, 0.2 + q, 0.9)) for q in range(2)]
    for qubits in itertools.permutations(range(2), row.num_qubits):
        op = Operation(name, qubits, ANGLES[: row.num_angles])
        assert [one.kind for one in check(whole(op), {}).ops] == KINDS[name].split()
        check(whole(*layer, op, *layer, op), {})


def test_a_matrix_gate_is_dense() -> None:
    one, two = (Operation("unitary", tuple(range(n)), matrix=haar(n, 3)) for n in (1, 2))
    assert [op.kind for op in check(whole(one, two), {}).ops] == ["matrix", "matrix2"]


SLOTS: dict[str, tuple[str, str]] = {
    "cz": ("duplicate phase",) * 2,
    "rzz": ("duplicate phase",) * 2,
    "cx": ("duplicate phase", "duplicate flip"),
    "cy": ("duplicate phase", "duplicate matrix"),
    "ch": ("duplicate phase", "duplicate matrix"),
    "rxx": ("duplicate flip",) * 2,
    "cu3": ("duplicate phase", "duplicate phase rotate_y phase"),
    "ecr": ("duplicate flip matrix", "duplicate flip"),
    "swap": ("duplicate duplicate phase phase phase flip flip",) * 2,
    "iswap": ("duplicate duplicate phase phase phase flip flip",) * 2,
}
"""What a gate that is cut leaves at its two qubits."""


@pytest.mark.parametrize("name", SLOTS)
def test_each_kind_of_letters_becomes_few_operations(name: str) -> None:
    circuit = Circuit(2, (Operation(name, (0, 1), ANGLES[: GATES[name].num_angles]),))
    fragments = split(circuit, CutPlan((GateCut((0,)),))).fragments
    for fragment, kinds in zip(fragments, SLOTS[name], strict=True):
        assert sorted(op.kind for op in check(fragment, {}).ops) == sorted(kinds.split())


def test_a_cut_product_leaves_one_letter_and_no_bit() -> None:
    circuit = Circuit(2, (Operation("rxx", (0, 1), (np.pi * 2,)),))
    for fragment in split(circuit, CutPlan((GateCut((0,)),))).fragments:
        shape = check(fragment, {})
        assert shape.num_bits == 1
        assert shape.legs == ((),)


def test_a_star_is_one_bit_however_many_gates_it_has() -> None:
    ops = [Operation("h", (0,))]
    for q in (1, 2, 3):
        ops += [Operation("cx", (0, q)), Operation("ry", (q,), (0.3,))]
    circuit = Circuit(4, tuple(ops))
    network = split(circuit, CutPlan((GateCut((1, 3, 5), (0,)),)))
    shapes = [check(fragment, {}) for fragment in network.fragments]
    assert all(sum(op.kind == "duplicate" for op in shape.ops) == 1 for shape in shapes)


def test_wires_start_as_the_identity_and_end_as_a_leg() -> None:
    ops = (Operation("h", (0,)), Operation("t", (0,)), Operation("h", (0,)))
    fragments = split(Circuit(1, ops), CutPlan((WireCut(0, 0), WireCut(0, 1)))).fragments
    found = sorted((shape.incoming, shape.legs, shape.outputs) for shape in (check(one, {}) for one in fragments))
    assert found == [((), ((0,),), 0), (((0, 1),), ((1,),), 1), (((0, 1),), ((1,), (0,)), 0)]


def test_phases_of_a_brick_layer_are_one_operation() -> None:
    width = 8
    rotations = [Operation("ry", (q,), (0.1 + q,)) for q in range(width)]
    layer = [Operation("rzz", (q, q + 1), (0.2 + q,)) for start in (0, 1) for q in range(start, width - 1, 2)]
    layer += [Operation("rz", (q,), (0.3,)) for q in range(width)]
    shape = check(whole(*rotations, *layer, *rotations, *layer, width=width), {})
    diagonal = [op for op in shape.ops if op.kind == "diagonal"]
    assert len(diagonal) == 2
    assert len(shape.ops) == 2 * width + 2
    for op in diagonal:
        pairs = [bits for bits, _ in op.terms if len(bits) == 2]
        assert sorted(pairs) == [(q, q + 1) for q in range(width - 1)]
        assert sorted(bits for bits, _ in op.terms if len(bits) == 1) == [(q,) for q in range(width)]
    # One angle for each set of bits, one for each rotation, and the global phase.
    assert shape.num_angles == 1 + 2 * (width + 2 * width - 1)


def test_few_phases_stay_apart_and_more_are_gathered() -> None:
    three = [Operation("t", (q,)) for q in range(3)]
    assert [op.kind for op in check(whole(*three, width=4), {}).ops] == ["phase"] * 3
    four = [*three, Operation("cz", (2, 3))]
    assert [op.kind for op in check(whole(*four, width=4), {}).ops] == ["diagonal"]


def test_only_what_shares_a_bit_with_phases_ends_them() -> None:
    ops = [Operation("cp", (0, 1), (0.4,)), Operation("h", (2,)), Operation("rz", (0,), (0.3,)), Operation("h", (1,))]
    shape = check(whole(*ops, width=3), {})
    assert [(op.kind, op.bit) for op in shape.ops] == [("matrix", 2), ("phase", 0), ("phase", 0), ("matrix", 1)]
    assert {op.other for op in shape.ops if op.kind == "phase"} == {-1, 1}


def test_equal_sets_of_bits_share_an_angle() -> None:
    ops = [Operation("s", (0,)), Operation("cz", (0, 1)), Operation("t", (0,)), Operation("cp", (1, 0), (1.3,))]
    shape = check(whole(*ops), {})
    assert [op.bits for op in shape.ops] == [(0,), (0, 1)]


def test_fragments_that_differ_in_angles_alone_have_one_shape() -> None:
    one, two, other = (
        lower(whole(Operation("ry", (0,), (a,)), Operation(name, (0, 1), (a,))))[0]
        for a, name in ((0.1, "rzz"), (2.0, "rzz"), (0.1, "cp"))
    )
    assert one == two
    assert hash(one) == hash(two)
    assert one != other


def random_fragment(seed: int, width: int = 4, ops: int = 22, wires: int = 2, gates: int = 2) -> Fragment:
    """A fragment with operations of every kind on random bits, wires that begin or end in a cut, and letters."""
    rng = np.random.default_rng(seed)
    names = sorted(name for name, row in GATES.items() if row.num_qubits <= 2)
    found: list[Operation] = []
    for _ in range(ops):
        name = str(rng.choice([*names, "unitary"]))
        count = int(rng.integers(1, 3)) if name == "unitary" else GATES[name].num_qubits
        # The last qubit is cut off, so that the others see letters.
        lone = count == 2 and rng.random() < gates / ops
        qubits = (int(rng.integers(width)), width) if lone else rng.permutation(width)[:count].tolist()
        matrix = haar(count, int(rng.integers(99))) if name == "unitary" else None
        angles = () if name == "unitary" else tuple(rng.normal(size=GATES[name].num_angles).tolist())
        found.append(Operation(name, tuple(qubits), angles, matrix=matrix))
    places = [(q, k) for k, op in enumerate(found) for q in op.qubits if q < width]
    cuts = [GateCut((k,)) for k, op in enumerate(found) if width in op.qubits]
    chosen = [WireCut(*places[k]) for k in rng.permutation(len(places))[:wires]]
    fragments = split(Circuit(width + 1, tuple(found)), CutPlan((*cuts, *chosen))).fragments
    return max(fragments, key=lambda one: (one.width, len(one.items)))


def random_shape(seed: int, **sizes: int) -> tuple[Shape, list[float]]:
    """The shape of a random fragment, and random angles for it."""
    shape, _ = lower(random_fragment(seed, **sizes))
    return shape, np.random.default_rng(seed).normal(size=shape.num_angles).tolist()
