"""Where bits lie in memory: placed operations, run by the kernels, are the lowered ones."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cutq import Circuit, CutPlan, Operation, split
from cutq.exact import kernels
from cutq.exact.lanes import LANES
from cutq.exact.lowering import Shape, lower
from cutq.exact.placing import KINDS, Placed, alone, changed, leg_bits, side_by_side
from tests.exact.test_lowering import interpreted, random_shape

SEEDS = range(25)
Reals = NDArray[np.float64]


def turns(placed: Placed, angles: Reals) -> Reals:
    """Cosines and sines of the kernels' angles; ``angles`` is (the shape's angles, 8)."""
    own = np.array([angles[k] * weights for k, weights in placed.angles])
    return np.concatenate([np.cos(own).ravel(), np.sin(own).ravel()])


def run(placed: Placed, angles: Reals, dtype: type = np.float64) -> tuple[Reals, Reals]:
    """The final state by the kernels, (rows, lanes), real and imaginary parts."""
    re, im = np.full((2, 1, LANES << placed.num_bits), np.nan, dtype)
    scratch = np.empty((2, 2 * LANES * placed.scratch), dtype)
    own = turns(placed, angles).astype(dtype)[None]
    kernels.forward(
        placed.ops, placed.terms, placed.constants.astype(dtype), placed.places, placed.alone, own, placed.first_bits,
        re, im, 0, 1, *scratch,
    )  # fmt: skip
    return re.reshape(-1, LANES), im.reshape(-1, LANES)


def lanes_of_angles(shape: Shape, seed: int) -> Reals:
    return np.random.default_rng([seed, 7]).normal(size=(shape.num_angles, LANES))


@pytest.mark.parametrize("seed", SEEDS)
def test_eight_fragments_side_by_side_are_eight_fragments(seed: int) -> None:
    shape, _ = random_shape(seed)
    placed, angles = side_by_side(shape), lanes_of_angles(shape, seed)
    re, im = run(placed, angles)
    for lane in range(LANES):
        expected = interpreted(shape, angles[:, lane]).transpose(placed.order).ravel()
        np.testing.assert_allclose(re[:, lane] + 1j * im[:, lane], expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("seed", SEEDS)
def test_side_by_side_ends_with_outputs_above_legs(seed: int) -> None:
    shape, _ = random_shape(seed)
    placed = side_by_side(shape)
    assert placed.order == (*range(shape.outputs), *leg_bits(shape))
    assert placed.num_bits == shape.num_bits == placed.first_bits + sum(op.kind == "duplicate" for op in shape.ops)
    assert "lane_swap" not in {KINDS[kind] for kind in placed.ops[:, 0]}
    assert placed.angles == tuple((k, (1.0,) * LANES) for k in range(shape.num_angles))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("legs", [0, 1, 4])
def test_one_fragment_alone_is_the_fragment(seed: int, legs: int) -> None:
    shape, angles = random_shape(seed, width=6, ops=26, wires=legs, gates=legs)
    placed = alone(shape)
    re, im = run(placed, np.repeat(np.array(angles)[:, None], LANES, axis=1))
    expected = interpreted(shape, angles).transpose(placed.order).ravel()
    np.testing.assert_allclose((re + 1j * im).ravel(), expected, rtol=0, atol=1e-13)
    assert sorted(placed.order) == list(range(shape.num_bits))
    assert placed.num_bits == shape.num_bits - 3


@pytest.mark.parametrize("seed", SEEDS)
def test_placed_operations_change_rows_only(seed: int) -> None:
    """What the lanes hold is never the bit of an operation, and positions lie inside the state of that moment."""
    for placed in (side_by_side(random_shape(seed)[0]), alone(random_shape(seed, width=6)[0])):
        bits = placed.first_bits
        for kind, bit, other, *_ in placed.ops.tolist():
            bits += KINDS[kind] == "duplicate"
            if KINDS[kind] == "lane_swap":
                assert placed.alone
                assert 0 <= other < 3
            elif KINDS[kind] == "diagonal":
                assert placed.terms[bit:other, 0].max() < bits
                assert (placed.terms[bit:other, 1] < placed.terms[bit:other, 0]).all()
            else:
                assert -1 <= bit < bits
                assert -1 <= other < bits
        assert bits == placed.num_bits


def test_kinds_are_numbered_as_the_kernels_know_them() -> None:
    for number, kind in enumerate(KINDS):
        assert getattr(kernels, kind.upper()) == number


def layered(num_qubits: int, layers: int) -> Shape:
    ops = []
    for _ in range(layers):
        ops += [Operation("ry", (q,), (0.3 + q,)) for q in range(num_qubits)]
        ops += [Operation("cz", (q, q + 1)) for q in range(num_qubits - 1)]
    (fragment,) = split(Circuit(num_qubits, tuple(ops)), CutPlan.uncut()).fragments
    return lower(fragment)[0]


@pytest.mark.parametrize(("layers", "swaps"), [(1, 3), (2, 6), (5, 15)])
def test_each_lane_is_exchanged_once_in_a_layer(layers: int, swaps: int) -> None:
    """Every qubit is turned in every layer, so no three qubits can stay in the lanes; each needs one exchange."""
    placed = alone(layered(8, layers))
    assert (placed.ops[:, 0] == KINDS.index("lane_swap")).sum() <= swaps


def test_bits_that_nothing_changes_stay_in_the_lanes() -> None:
    ops = [Operation("ry", (q,), (0.3 + q,)) for q in range(5)]
    ops += [Operation("cz", (q, r)) for q in range(5) for r in range(q)] + ops
    circuit = Circuit(8, (*ops, *(Operation("cz", (0, q)) for q in range(5, 8))))
    (fragment,) = (one for one in split(circuit, CutPlan.uncut()).fragments if one.width == 8)
    placed = alone(lower(fragment)[0])
    assert sorted(placed.order[-3:]) == [5, 6, 7]
    assert "lane_swap" not in {KINDS[kind] for kind in placed.ops[:, 0]}


def test_a_swap_alone_is_no_work() -> None:
    ops = [Operation("ry", (q,), (0.3 + q,)) for q in range(6)] + [Operation("swap", (0, 5)), Operation("swap", (2, 3))]
    ops += [Operation("cx", (q, q + 1)) for q in range(5)]
    (fragment,) = split(Circuit(6, tuple(ops)), CutPlan.uncut()).fragments
    shape = lower(fragment)[0]
    assert "swap" in {op.kind for op in shape.ops}
    assert "swap" not in {KINDS[kind] for kind in alone(shape).ops[:, 0]}


def test_changed_bits() -> None:
    shape, _ = random_shape(3, ops=60)
    kinds = {op.kind for op in shape.ops}
    assert kinds >= {"rotate_x", "rotate_y", "matrix", "matrix2", "flip", "phase"}
    for op in shape.ops:
        if op.kind in ("phase", "diagonal", "duplicate", "swap"):
            assert changed(op) == ()
        else:
            assert op.bit in changed(op)
        assert set(changed(op)) <= set(op.bits)
