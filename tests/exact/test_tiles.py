"""Passes over a large state: every operation once, none before another that it does not commute with, all inside."""

from __future__ import annotations

import numpy as np
import pytest

from cutq import Circuit, CutPlan, Operation, param, split
from cutq.exact import tiles
from cutq.exact.lowering import lower
from cutq.exact.placing import Placed, alone
from cutq.exact.tiles import Pass, deposit, stages


def placed(seed: int, num_qubits: int = 9, ops: int = 60) -> Placed:
    """A circuit whose operations can be told from each other by their angles."""
    rng = np.random.default_rng(seed)
    found = []
    for k in range(ops):
        name = str(rng.choice(["rx", "ry", "rz", "rzz", "crx", "rxx", "crz", "p"]))
        count = 2 if name in ("rzz", "crx", "rxx", "crz") else 1
        qubits = tuple(int(q) for q in rng.permutation(num_qubits)[:count])
        found.append(Operation(name, qubits, (param("t") * (k + 1),)))
    fragment = split(Circuit(num_qubits, tuple(found)), CutPlan.uncut()).fragments[0]
    return alone(lower(fragment)[0])


def looked_and_changed(row: np.ndarray, terms: np.ndarray) -> tuple[frozenset[int], frozenset[int]]:
    if row[0] == tiles.DIAGONAL:
        return frozenset(int(bit) for bit in terms[row[1] : row[2], :2].ravel() if bit >= 0), frozenset()
    seen = {int(row[1])} if row[0] == tiles.LANE_SWAP else {int(bit) for bit in row[1:3] if bit >= 0}
    if row[0] == tiles.PHASE:
        return frozenset(seen), frozenset()
    rotates = row[0] in (1, 2)
    return frozenset(seen), frozenset(seen if rotates and row[3] else {int(row[1])})


def original_bits(one: Pass) -> dict[int, int]:
    """For each bit as a pass numbers them the bit of the state."""
    run = (1 << one.bits) // len(one.chunks)
    low = list(range(run.bit_length() - 1))
    high = [int(one.chunks[1 << k]).bit_length() - 1 for k in range(len(one.chunks).bit_length() - 1)]
    return dict(enumerate([*low, *high, *(int(bit) for bit in one.outer)])) | {-1: -1}


def key(row: np.ndarray, terms: np.ndarray) -> tuple[object, ...]:
    """What an operation is, by its angles."""
    if row[0] == tiles.DIAGONAL:
        return (int(row[0]), *sorted(int(angle) for angle in terms[row[1] : row[2], 2]))
    return (int(row[0]), *(int(x) for x in row[3:7]), int(row[2]) if row[0] == tiles.LANE_SWAP else 0)


@pytest.mark.parametrize("size", [1, 3, 11])
@pytest.mark.parametrize("seed", range(6))
def test_passes_keep_the_order_of_what_does_not_commute(seed: int, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "TILE_BITS", max(size, 2))
    monkeypatch.setattr(tiles, "CHUNK_BITS", min(size - 1, 3))
    plan = placed(seed)
    (stage,) = stages(plan)
    found = []
    for one in stage.passes:
        place = original_bits(one)
        for row in one.ops:
            looked, changed = looked_and_changed(row, one.terms)
            assert all(bit < one.bits for bit in changed)
            found.append((key(row, one.terms), {place[b] for b in looked}, {place[b] for b in changed}))
    before = [(key(row, plan.terms), *looked_and_changed(row, plan.terms)) for row in plan.ops]
    left = list(before)
    for name, looked, changed in found:
        at = next(k for k, item in enumerate(left) if item == (name, looked, changed))
        for _, seen, touched in left[:at]:
            assert not changed & seen
            assert not looked & touched
        if name[0] == tiles.LANE_SWAP:
            assert at == 0
        del left[at]
    assert not left


def test_tiles_cover_a_state_once() -> None:
    for stage in stages(placed(1)):
        for one in stage.passes:
            run = np.arange((1 << one.bits) // len(one.chunks))
            rows = (deposit(one.outer.tolist())[:, None, None] | one.chunks[:, None] | run).ravel()
            assert np.array_equal(np.sort(rows), np.arange(1 << stage.width))


def test_few_passes_are_needed_for_clifford_layers() -> None:
    """Controlled flips between all pairs of 18 bits change each bit many times; they take few passes over memory."""
    ops = [Operation("cx", (i, j)) for i in range(18) for j in range(i + 1, 18)]
    fragment = split(Circuit(18, tuple(ops)), CutPlan.uncut()).fragments[0]
    (stage,) = stages(alone(lower(fragment)[0]))
    assert sum(len(one.ops) for one in stage.passes) >= len(ops)
    assert len(stage.passes) <= 8
