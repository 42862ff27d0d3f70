"""Blocks of a large state: where its rows lie, words on them, densities on the legs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cutq import Circuit, CutPlan, Operation, WireCut, split
from cutq.exact import blocks, tiles
from cutq.exact.blocks import Blocks
from cutq.exact.compile import compile as compiled
from cutq.exact.groups import Group, Mask
from cutq.exact.placing import leg_bits


def groups(seed: int, monkeypatch: pytest.MonkeyPatch) -> list[Group]:
    """Fragments with incoming and outgoing wires whose lanes are legs, outputs or both."""
    monkeypatch.setattr("cutq.exact.planning.ALONE_BITS", 5)
    rng = np.random.default_rng(seed)
    ops = [Operation("h", (q,)) for q in range(8)]
    for _ in range(3):
        ops += [Operation("cx", (int(q), int(q) + 1)) for q in rng.permutation(7)]
    cuts = [(q, k) for k, op in enumerate(ops) if len(op.qubits) == 2 for q in op.qubits]
    plan = CutPlan(tuple(WireCut(*cuts[k]) for k in rng.permutation(len(cuts))[:4]))
    program = compiled(split(Circuit(8, tuple(ops)), plan), ["Z0 Z3 Z7", "X1 Y5"], route="fragments")
    return [group for group in program.plan.groups if group.placed.alone]


@pytest.mark.parametrize(("seed", "bits"), list(itertools.product(range(5), (4, 14))))
def test_blocks_hold_the_state_once_and_make_its_densities(
    seed: int, bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BITS", bits)
    found = groups(seed, monkeypatch)
    assert found
    for group in found:
        own = Blocks.of(group)
        rows = own.firsts[:, None, None] | own.rows[:, None] | own.legs
        assert np.array_equal(np.sort(rows.ravel()), np.arange(1 << (group.shape.num_bits - 3)))
        rng = np.random.default_rng(seed)
        state = rng.normal(size=1 << group.shape.num_bits) + 1j * rng.normal(size=1 << group.shape.num_bits)
        matrix = state.reshape(-1, 8)[rows.reshape(-1, len(own.legs))].reshape(-1, own.dim)
        gram = matrix.conj().T @ matrix
        order = group.placed.order
        final = [order.index(bit) for bit in (*range(group.shape.outputs), *leg_bits(group.shape))]
        ordered = state.reshape((2,) * len(order)).transpose(final).reshape(group.rows, -1)
        expected = ordered.conj().T @ ordered
        np.testing.assert_allclose(own.density(np.concatenate([gram.real, gram.imag])), expected, atol=1e-11)
        back = own.spread(expected, np.dtype(float)).reshape(2, own.dim, own.dim)
        np.testing.assert_allclose(own.density(back) / len(own.kept), expected, atol=1e-11)


def test_words_are_grouped_by_what_they_flip(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Blocks.of(groups(0, monkeypatch)[0])
    words = own.words([Mask(0, 1), Mask(0, 2), Mask(3, 1, 1), Mask(3, 3, 2)])
    assert words.flips[:, 2:].tolist() == [[0, 2], [2, 4]]
    assert words.words[:, 1].tolist() == [0, 0, 1, 2]
    assert own.words([Mask()]).plain
    assert not own.words([Mask(0, 1)]).plain


def test_deposit() -> None:
    assert tiles.deposit([]).tolist() == [0]
    assert tiles.deposit([2, 1]).tolist() == [0, 4, 2, 6]
