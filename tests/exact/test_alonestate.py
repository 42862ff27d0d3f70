"""Large fragments run one by one: against the numpy engine and a state vector, on any number of threads."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from cutq import Circuit, CutPlan, GateCut, Network, Observable, Operation, WireCut, param, split
from cutq.circuits.gates import GATES
from cutq.exact import alonestate, blocks, planning, tiles
from cutq.exact import compile as compiling
from cutq.exact.program import Program
from tests import oracle
from tests.strategies import haar

NAMES = sorted(name for name, row in GATES.items() if row.num_qubits <= 2)
ROOM = {"tiles of 4 rows": (2, 0, 4), "tiles of 8 rows": (3, 1, 6), "one tile": (11, 3, 14)}
"""Bits of a tile, of its chunks and of a block."""


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fragments of five bits are large, they are cut smaller than memory needs, and nothing else is tried."""
    monkeypatch.setattr(planning, "ALONE_BITS", 5)
    monkeypatch.setattr(compiling, "WORTH_SECONDS", math.inf)
    monkeypatch.setattr(alonestate, "THREADED_BITS", 0)
    sizes(monkeypatch, 3, 1, 6)


def sizes(monkeypatch: pytest.MonkeyPatch, tile: int, chunk: int, block: int) -> None:
    monkeypatch.setattr(tiles, "TILE_BITS", tile)
    monkeypatch.setattr(tiles, "CHUNK_BITS", chunk)
    monkeypatch.setattr(blocks, "BLOCK_BITS", block)


def random_network(seed: int, num_qubits: int = 7, ops: int = 26, cuts: int = 3) -> Network:
    """Gates of every kind on random qubits, some cut at wires, some at gates."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(ops):
        name = rng.choice([*NAMES, "unitary"])
        count = int(rng.integers(1, 3)) if name == "unitary" else GATES[name].num_qubits
        qubits = tuple(int(q) for q in rng.permutation(num_qubits)[:count])
        if name == "unitary":
            found.append(Operation(name, qubits, matrix=haar(count, int(rng.integers(99)))))
        else:
            angles = [
                param(rng.choice(["s", "t"])) * rng.normal() + rng.normal() for _ in range(GATES[name].num_angles)
            ]
            found.append(Operation(name, qubits, tuple(angles)))
    wires = [(q, k) for k, op in enumerate(found) for q in op.qubits]
    pairs = [k for k, op in enumerate(found) if len(op.qubits) == 2]
    chosen = [WireCut(*wires[k]) for k in rng.permutation(len(wires))[: rng.integers(1, cuts)]]
    plan = CutPlan((*chosen, *(GateCut((int(k),)) for k in rng.permutation(pairs)[: rng.integers(1, cuts)])))
    return split(Circuit(num_qubits, tuple(found)), plan)


def random_words(seed: int, num_qubits: int = 7) -> list[Observable]:
    """Sums of words with several flips, signs and counts of Y."""
    rng = np.random.default_rng(seed)
    letters = rng.choice(list("IIXYZ"), (4, 3, num_qubits))
    words = [[tuple((q, str(x)) for q, x in enumerate(word) if x != "I") for word in group] for group in letters]
    return [Observable.of([(word, float(rng.normal())) for word in group]) for group in words]


def both(seed: int, **settings: object) -> tuple[Program, np.ndarray]:
    network = random_network(seed)
    program = compiling.compile(network, random_words(seed), **settings)  # type: ignore[arg-type]
    return program, np.random.default_rng(seed).normal(size=(2, len(program.parameters)))


def runs_alone(program: Program) -> bool:
    return any(group.placed.alone for group in program.plan.groups)


@pytest.mark.parametrize("room", ROOM)
@pytest.mark.parametrize("seed", range(12))
def test_values_and_derivatives_are_those_of_the_numpy_engine(
    seed: int, room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes(monkeypatch, *ROOM[room])
    program, params = both(seed)
    reference, _ = both(seed, engine="numpy")
    assert runs_alone(program)
    for found, expected in zip(program.value_and_jacobian(params), reference.value_and_jacobian(params), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_threads_change_no_bit(seed: int) -> None:
    one, params = both(seed)
    two, _ = both(seed, threads=2)
    for found, expected in zip(two.value_and_jacobian(params), one.value_and_jacobian(params), strict=True):
        assert np.array_equal(found, expected)


@pytest.mark.parametrize("seed", range(4))
def test_single_precision(seed: int) -> None:
    single, params = both(seed, dtype="complex64")
    double, _ = both(seed)
    for found, expected in zip(single.value_and_jacobian(params), double.value_and_jacobian(params), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
        assert not np.array_equal(found, expected)


def all_pairs(num_qubits: int) -> Circuit:
    """Two layers of phases on all pairs, with every bit changed in between."""
    ops = []
    for layer in range(2):
        ops += [Operation("ry", (q,), (param(f"y{layer}") * (1 + q / 10),)) for q in range(num_qubits)]
        ops += [
            Operation("rzz", pair, (param(f"z{layer}") * (1 + k / 50),))
            for k, pair in enumerate(itertools.combinations(range(num_qubits), 2))
        ]
    return Circuit(num_qubits, tuple(ops))


@pytest.mark.parametrize("tiled", [True, False])
@pytest.mark.parametrize("num_qubits", [13, 15, 16])
def test_diagonal_operations_on_more_bits_than_a_block_has(
    num_qubits: int, tiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes(monkeypatch, 11, 3, 14)
    monkeypatch.setattr(alonestate, "THREADED_BITS", 0 if tiled else 20)
    circuit = all_pairs(num_qubits)
    texts = [f"Z0 Z{num_qubits - 1}", f"X1 Y{num_qubits - 2}", f"Y0 X2 Z{num_qubits - 1}", "X0"]
    program = compiling.compile(split(circuit, CutPlan.uncut()), texts)
    assert runs_alone(program)
    params = np.array([0.3, 0.7, 0.45, 0.2])[: len(program.parameters)]
    state = oracle.statevector(circuit, dict(zip(program.parameters, params, strict=True)))
    expected = [oracle.word_value(state, Observable(text).terms[0][0]) for text in texts]
    values, jacobian = program.value_and_jacobian(params)
    np.testing.assert_allclose(values, expected, rtol=0, atol=1e-12)
    for k in range(len(params)):
        step = 1e-4 * np.eye(len(params))[k]
        near, far = (program(params + n * step) - program(params - n * step) for n in (1, 2))
        slope = (8 * near - far) / 12e-4
        np.testing.assert_allclose(jacobian[:, k], slope, rtol=0, atol=1e-8)
