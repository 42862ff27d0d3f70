"""Amplitudes of a fragment: one batched run against one run for each value of its legs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cutq import Circuit, CutPlan, GateCut, Operation, Slot, Step, TooLargeError, WireCut, split
from cutq.exact import amplitudes
from cutq.exact.amplitudes import apply, fragment_amplitudes
from cutq.network.network import Fragment
from tests import oracle
from tests.strategies import haar
from tests.zoo import dense, line


def one_by_one(fragment: Fragment) -> np.ndarray:
    """The same tensor, each entry of the legs from a run of its own."""
    shape = [size for leg in fragment.legs for size in leg.dims]
    entries = np.zeros((2 ** len(fragment.outputs), *shape), dtype=complex)
    for index in np.ndindex(*shape):
        entries[(slice(None), *index)] = _run(fragment, index)
    return entries.reshape(-1, *(leg.dim for leg in fragment.legs))


def _run(fragment: Fragment, index: tuple[int, ...]) -> np.ndarray:
    starts = [sum(len(leg.dims) for leg in fragment.legs[:k]) for k in range(len(fragment.legs))]
    incoming = {leg.segment: index[k] for leg, k in zip(fragment.legs, starts, strict=True) if leg.end == 1}
    ops = [Operation("x", (segment,)) for segment, bit in incoming.items() if segment is not None and bit]
    for item in fragment.items:
        if isinstance(item, Step):
            ops.append(item.operation)
        elif isinstance(item, Slot):
            ops.append(item.letters[index[starts[item.leg] + item.component]])
    state = oracle.statevector(Circuit(fragment.width, tuple(ops)))
    for leg, k in sorted(zip(fragment.legs, starts, strict=True), key=lambda pair: -(pair[0].segment or 0)):
        if leg.segment is not None and leg.end == 0:
            state = np.take(state, index[k], axis=leg.segment)
    return state.ravel()


@pytest.mark.parametrize("labels", ["AABB", "ABAB", "ABCD"])
def test_gate_legs(labels: str) -> None:
    circuit = dense(4, 7, 2)
    for fragment in split(circuit, CutPlan.from_partition(circuit, labels)).fragments:
        np.testing.assert_allclose(fragment_amplitudes(fragment, {}), one_by_one(fragment), atol=1e-14)


def test_wire_legs_and_joint_legs() -> None:
    circuit = line(4, 3)
    cx = [number for number, op in enumerate(circuit.operations) if len(op.qubits) == 2]
    plan = CutPlan((WireCut(1, cx[1]), WireCut(2, cx[4]), GateCut((cx[2], cx[7])), WireCut(1, cx[6])))
    for fragment in split(circuit, plan).fragments:
        np.testing.assert_allclose(fragment_amplitudes(fragment, {}), one_by_one(fragment), atol=1e-14)


@pytest.mark.parametrize("pieces", [2**18, 4, 1])
@pytest.mark.parametrize("axes", [(0,), (3,), (2, 0), (1, 4)])
def test_matrices_act_in_place_whatever_the_size_of_the_pieces(
    axes: tuple[int, ...], pieces: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amplitudes, "PIECE_ENTRIES", pieces)
    rng = np.random.default_rng(0)
    state = rng.normal(size=(2,) * 5 + (3,)) + 0j
    k, matrix = len(axes), haar(len(axes), 1)
    tensor = matrix.reshape((2,) * (2 * k))
    expected = np.moveaxis(np.tensordot(tensor, state, axes=(range(k, 2 * k), axes)), range(k), axes)
    apply(state, matrix, axes)
    np.testing.assert_allclose(state, expected, atol=1e-14)


def test_permutations_and_diagonals_change_only_their_slices() -> None:
    state = np.arange(8.0).reshape(2, 2, 2) + 0j
    apply(state, Operation("cx", (0, 1)).unitary({}), (0, 2))
    np.testing.assert_array_equal(state.ravel(), [0, 1, 2, 3, 5, 4, 7, 6])
    apply(state, Operation("cz", (0, 1)).unitary({}), (0, 1))
    np.testing.assert_array_equal(state.ravel(), [0, 1, 2, 3, 5, 4, -7, -6])


def test_a_fragment_that_does_not_fit_says_how_much_it_needs() -> None:
    wide = split(line(40, 1), CutPlan.uncut()).fragments[0]
    assert math.log2(16 * 2**40) == 44
    with pytest.raises(TooLargeError, match=r"fragment of 40 qubits and 0 legs needs 1\.76e\+04 GB"):
        fragment_amplitudes(wide, {})
