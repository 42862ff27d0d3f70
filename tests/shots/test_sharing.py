"""Equal fragments: shots of their own, unless sharing is asked for, and then fewer circuits and correlated errors."""

from __future__ import annotations

import numpy as np

import cutq
from cutq.shots.observables import observable_experiment
from tests.strategies import haar

UNITARY = haar(2, 5)
COPIES, SEEDS = 5, 150


def chain() -> cutq.Network:
    """Copies of one module on two qubits, each of which passes a wire on to the next."""
    ops = [cutq.Operation("unitary", (k, k + 1), matrix=UNITARY) for k in range(COPIES)]
    circuit = cutq.Circuit(COPIES + 1, tuple(ops))
    return cutq.split(circuit, cutq.CutPlan(tuple(cutq.WireCut(k + 1, k) for k in range(COPIES - 1))))


WORD = " ".join(f"Z{k}" for k in range(COPIES + 1))


def test_equal_fragments_have_circuits_of_their_own() -> None:
    asked = observable_experiment(chain(), WORD, None, None)
    assert [one.position for one in asked.tomographies] == list(range(COPIES))
    assert [one.num_circuits for one in asked.tomographies] == [3, 12, 12, 12, 4]


def test_shared_fragments_are_run_once() -> None:
    asked = observable_experiment(chain(), WORD, None, None, share=True)
    assert [(one.position, one.num_circuits) for one in asked.tomographies] == [(0, 3), (1, 12), (4, 4)]
    assert asked.readings[1] == asked.readings[2] == asked.readings[3]


def test_errors_of_shared_counts_are_predicted() -> None:
    network, exact = chain(), cutq.expectation(chain(), WORD)
    for share, shots in ((False, 43 * 800), (True, 19 * 800)):
        found = [
            cutq.estimate(
                network, WORD, runner=cutq.SimulatedRunner(), shots=shots, seed=seed, share=share, allocation="uniform"
            )
            for seed in range(SEEDS)
        ]
        errors = np.array([one.values[0] for one in found]) - exact
        predicted = np.sqrt(np.mean([one.covariance[0, 0] for one in found]))
        assert abs(predicted / errors.std() - 1) < 4 / np.sqrt(2 * SEEDS)
    assert found[0].method["variance"] == "first order"
