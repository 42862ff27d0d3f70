"""Two joint cuts on one fragment without ancillas: each parity needs its qubits at one time, and may be in the way."""

from __future__ import annotations

import numpy as np
import pytest

from cutq import CutPlan, GateCut, split
from cutq.errors import DeviceError
from cutq.network.legspace import places
from cutq.network.network import Network
from cutq.network.terms import bond_terms
from cutq.shots.instructions import variant_program
from cutq.shots.variants import Choice, Variant
from tests.shots.devices import expected, layered, op, simulated

EXACT = 1e-9


def two_bonds(seed: int) -> Network:
    """Three qubits with two joint cuts of two gates each, all in a random order with others between them."""
    rng = np.random.default_rng(seed)
    cut = [op("cx", 0, 3), op("rzz", 1, 4, params=(0.4,)), op("cy", int(rng.choice([0, 2])), 5), op("cz", 1, 6)]
    middle = [*cut, *(op("h", int(q)) for q in rng.integers(0, 3, rng.integers(0, 4)))]
    middle += [op("cx", *map(int, rng.permutation(3)[:2]))] * int(rng.integers(0, 2))
    middle = [middle[k] for k in rng.permutation(len(middle))]
    circuit = layered(7, *middle, op("cx", 3, 4), op("cx", 5, 6), op("cx", 0, 1), op("cx", 1, 2), seed=seed)
    numbers = [[circuit.operations.index(own) for own in pair] for pair in (cut[:2], cut[2:])]
    return split(circuit, CutPlan(tuple(GateCut(tuple(sorted(own)), (0, 1, 2)) for own in numbers)))


def joint_choice(network: Network, bond: int, vectors: np.ndarray) -> Choice:
    """What is done at the places of a bond on its first side."""
    fragment = network.fragments[network.bonds[bond].ends[0]]
    where = tuple(k for k, place in enumerate(places(fragment)) if fragment.legs[place.leg].bond == bond)
    return Choice(where, "term", vectors)


def is_parity(choice: Choice) -> bool:
    """Whether the vectors, in two letters of each of two places, are no product with an outcome at either place."""
    table = choice.vectors.reshape(-1, 2, 2)
    return all(
        np.linalg.matrix_rank(table.transpose(axes).reshape(2, -1), tol=1e-6) > 1 for axes in ((1, 0, 2), (2, 0, 1))
    )


def test_two_parities_on_one_fragment() -> None:
    """Each may be in the way of the other one; what is run has its distribution all the same."""
    rng, without, with_ancillas, refused = np.random.default_rng(0), 0, 0, 0
    for seed in range(20):
        network = two_bonds(seed)
        position = network.bonds[0].ends[0]
        fragment = network.fragments[position]
        known = [[joint_choice(network, k, term.left.vectors) for term in bond_terms(bond, {}, ancilla=False)]
                 for k, bond in enumerate(network.bonds)]  # fmt: skip
        parities = [[choice for choice in own if is_parity(choice)] for own in known]
        for _ in range(2):
            choices = tuple(own[rng.integers(len(own))] for own in parities)
            one = Variant(position, fragment, {}, choices, "XYZ")
            try:
                programs = [variant_program(one), variant_program(one, reuse=True), variant_program(one, midway=False)]
            except DeviceError:
                refused += 1
                continue
            exact = expected(one)
            assert max(np.abs(simulated(program) - exact).max() for program in programs) < EXACT
            without += programs[0].num_qubits == fragment.width
            with_ancillas += programs[0].num_qubits > fragment.width
    assert min(without, with_ancillas, refused) > 0


@pytest.mark.parametrize("rotated", [0, 1])
def test_a_measurement_gives_way_to_a_rotation(rotated: int) -> None:
    """On one qubit the gates of one bond come first, on another one those of the other: one of two ladders is run."""
    gates = [op("cx", 0, 2), op("cx", 1, 5), op("cx", 1, 3), op("cx", 0, 4)]
    circuit = layered(6, *gates, op("cx", 2, 3), op("cx", 4, 5))
    network = split(circuit, CutPlan((GateCut((6, 8), (0, 1)), GateCut((7, 9), (0, 1)))))
    position = network.bonds[0].ends[0]
    turn, parity = np.array([[1, 0, 0, 1j]]) / np.sqrt(2), np.array([[1, 0, 0, 1], [1, 0, 0, -1]]) / 2
    choices = tuple(joint_choice(network, bond, turn if bond == rotated else parity) for bond in (0, 1))
    for own in (choices, choices[::-1]):
        one = Variant(position, network.fragments[position], {}, own, "XY")
        program = variant_program(one)
        assert program.num_qubits == 3
        assert np.abs(simulated(program) - expected(one)).max() < EXACT
    both = tuple(joint_choice(network, bond, turn) for bond in (0, 1))
    with pytest.raises(DeviceError, match="ancilla=True"):
        variant_program(Variant(position, network.fragments[position], {}, both, "XY"))
