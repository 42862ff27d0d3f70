"""One batched run against enumerating the variants of a device: ``python -m benchmarks.variants [--quick]``.

Three modules in a row, ``shared`` wire cuts between neighbours. The enumeration prepares |0>, |1>, |+>, |+i> on every
incoming wire and measures X, Y, Z on every outgoing one: 4^in 3^out circuits for a fragment, each simulated by cutq
itself, as the rows of one batch in the angles of the preparations and bases; its Pauli tensors are then contracted. The
other side is the compiled network.
"""

from __future__ import annotations

import argparse
import itertools

import numpy as np

import cutq
from benchmarks.families import Case, Draft, module_chain
from benchmarks.table import Table, at_least, one_thread, paired, time_text

PREPARED = np.array([(0, 0, 0), (np.pi, 0, 0), (np.pi / 2, 0, 0), (np.pi / 2, np.pi / 2, 0)])
"""u3 angles that take |0> to |0>, |1>, |+>, |+i>."""

PAULI_OF_PREPARED = np.array([[1, 1, 0, 0], [-1, -1, 2, 0], [-1, -1, 0, 2], [1, -1, 0, 0]])
"""I, X, Y, Z as sums of the prepared states."""

BASES = np.array([(-np.pi / 2, 0, 0), (np.pi / 2, 0, np.pi / 2), (0, 0, 0)])
"""u3 angles that take the measured bases X, Y, Z to Z."""

ROWS = 64
"""Variants simulated together."""

TABLE = Table("wires; shared,variants,cutq,enumerated,difference,ratio,target")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.variants")
    parser.add_argument("--quick", action="store_true", help="one leg on each side")
    options = parser.parse_args()
    TABLE.head("Three modules: one batched run of each against the 4^in 3^out variants, same simulator")
    with one_thread():
        for wires, shared in ((6, 1),) if options.quick else ((8, 1), (12, 2), (12, 3)):
            _measure(wires, shared)


def _measure(wires: int, shared: int) -> None:
    case = module_chain(wires, 2, shared=shared)
    angles = case.draw()
    program = cutq.compile(case.network(), case.observables)
    pieces = [_piece(wires, shared, position) for position in range(3)]
    programs = [cutq.compile(piece.network(), piece.observables) for piece in pieces]

    def enumerated() -> float:
        tensors = [
            pauli_tensor(program, own, *_legs(shared, position))
            for position, (program, own) in enumerate(zip(programs, np.split(angles, 3), strict=True))
        ]
        first, middle, last = tensors
        return float(first[0] @ middle @ last[:, 0]) / 4**shared

    difference = program(angles)[0] - enumerated()
    pair = paired(lambda: program(angles), enumerated, rounds=3)
    count = sum(4**i * 3**o for i, o in (_legs(shared, position) for position in range(3)))
    verdict = at_least(pair.ratio, 100) if (wires, shared) == (12, 3) else ""
    cells = (time_text(pair.ours), time_text(pair.theirs), f"{difference:.1e}", pair.ratio, verdict)
    TABLE.row(f"{wires}, {shared}", count, *cells)


def _legs(shared: int, position: int) -> tuple[int, int]:
    """Incoming and outgoing wires of the first, middle and last module."""
    return shared * (position > 0), shared * (position < 2)


def _piece(wires: int, shared: int, position: int) -> Case:
    """A module between preparations and bases whose angles are parameters; it measures every I/Z word of its legs."""
    draft = Draft()
    incoming, outgoing = _legs(shared, position)
    for wire in range(incoming):
        draft.turn(wire)
    draft.module(range(wires), 2)
    measured = range(wires - outgoing, wires)
    for wire in measured:
        draft.turn(wire)
    last = [] if outgoing else [f"Z{wires - 1}"]
    words = [
        " ".join([*(f"Z{wire}" for wire, seen in zip(measured, bits, strict=True) if seen), *last]) or "1"
        for bits in itertools.product((0, 1), repeat=outgoing)
    ]
    return Case(draft.circuit(), cutq.CutPlan.uncut(), tuple(words))


def pauli_tensor(program: cutq.Program, angles: np.ndarray, incoming: int, outgoing: int) -> np.ndarray:
    """The fragment's tensor over I, X, Y, Z of its legs, (4**incoming, 4**outgoing), from all its variants."""
    prepared = _settings(PREPARED, incoming)
    bases = _settings(BASES, outgoing)
    rows = np.concatenate(
        [
            np.repeat(prepared, len(bases), axis=0),
            np.broadcast_to(angles, (len(prepared) * len(bases), angles.size)),
            np.tile(bases, (len(prepared), 1)),
        ],
        axis=1,
    )
    measured = np.concatenate([program(rows[k : k + ROWS]) for k in range(0, len(rows), ROWS)])
    tensor = measured.reshape((4,) * incoming + (3,) * outgoing + (2,) * outgoing)
    for leg in range(incoming):
        tensor = np.moveaxis(np.tensordot(PAULI_OF_PREPARED, tensor, axes=(1, leg)), 0, leg)
    for leg in range(outgoing):
        tensor = _letters(tensor, incoming + leg, incoming + outgoing)
    return tensor.reshape(4**incoming, 4**outgoing)


def _letters(tensor: np.ndarray, axis: int, seen: int) -> np.ndarray:
    """Join a leg's axis of bases with its axis of I/Z, the first of those, to one of I, X, Y, Z."""
    moved = np.moveaxis(tensor, (axis, seen), (0, 1))
    return np.moveaxis(np.stack([moved[:, 0].mean(axis=0), *moved[:, 1]]), 0, axis)


def _settings(table: np.ndarray, legs: int) -> np.ndarray:
    """The angles of every choice of one row for each leg, (choices, 3 * legs)."""
    choices = list(itertools.product(range(len(table)), repeat=legs))
    return table[np.array(choices, dtype=int).reshape(len(choices), legs)].reshape(len(choices), 3 * legs)


if __name__ == "__main__":
    main()
