"""Cases whose peers cannot be run here, beside what they publish; distributions also beside what can."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

import cutq
from benchmarks.distributed_vqe import MAX_BYTES, brute_force
from benchmarks.distributions import kronecker_sum, pauli_tensors
from benchmarks.families import Case, dist_vqe
from benchmarks.shots_cases import Replay
from experiments.against_peers import states
from experiments.against_peers.beside import Beside, counted, timed
from experiments.against_peers.cases import case_of
from experiments.against_peers.contraction import NO_ANGLES, contractions
from experiments.against_peers.tasks import Task

SMALL = (13, 5)
"""Qubits and clusters of a small circuit whose value is held against a state vector."""


def lines(task: Task) -> Beside:
    """A line in fragments of 10 qubits: its circuits, and all of an estimate but the shots themselves."""
    case = case_of(task.case)
    network = case.network()
    if task.quantity == "circuits":
        chosen = own_plan(case) if task.step.startswith("plan") else network
        return counted(sum(map(len, cutq.variants(chosen, case.observables[0]))), math.nan)
    ours = recombining(case, task)
    if task.peer != "cotengra":
        return timed(ours, None, task.rounds, 0)
    theirs = contractions(case, NO_ANGLES, task.limit, compiled=False)["value"]
    return timed(ours, theirs, task.rounds, task.peer_rounds)


def own_plan(case: Case) -> cutq.Network:
    """The fragments of the cuts that cutq finds, with the fewest circuits."""
    return cutq.split(case.circuit, cutq.find_cuts(case.circuit, 10, objective="circuits"))


def recombining(case: Case, task: Task) -> Callable[[], object]:
    """All of an estimate but its runner, whose counts are repeated; with the search for cuts where it is asked for."""
    replay = Replay(cutq.SimulatedRunner(task.seed))

    def step() -> object:
        network = own_plan(case) if task.step.startswith("plan") else case.network()
        return cutq.estimate(
            network, case.observables[0], runner=replay.again(), shots=task.shots, allocation="uniform", seed=task.seed
        )

    return step


def clusters(task: Task) -> Beside:
    """Clusters of qubits on 100 qubits, exact value of Z on all, compiled before; or circuits for a device."""
    case = case_of(task.case)
    angles = case.draw(task.seed)
    if task.quantity == "circuits":
        return counted(cutq.price(case.network(), case.observables, angles).circuits, math.nan)
    start = time.process_time()
    program = cutq.compile(case.network(), case.observables, max_bytes=MAX_BYTES)
    program(angles)
    once = time.process_time() - start
    found = timed(lambda: program(angles), None, task.rounds, 0, small_difference(task.seed))
    return replace(found, ours_once=once)


def small_difference(seed: int) -> float:
    """The difference of a small circuit of this kind from a state vector."""
    case = dist_vqe(*SMALL)
    angles = case.draw(seed)
    return abs(float(cutq.compile(case.network(), case.observables)(angles)[0]) - brute_force(case, angles))


def distributions(task: Task) -> Beside:
    """All probabilities of a line in pieces of three qubits, beginning with its network."""
    case = case_of(task.case)
    network, angles, qubits = case.network(), case.draw(task.seed), range(case.circuit.num_qubits)
    theirs = _other(case, angles, task.peer)

    def ours() -> np.ndarray:
        return cutq.probabilities(network, qubits, angles)

    if theirs is None:
        return timed(ours, None, task.rounds, 0)
    difference = float(np.abs(ours().reshape(-1) - theirs()).max())
    return timed(ours, theirs, task.rounds, task.peer_rounds, difference)


def _other(case: Case, angles: np.ndarray, peer: str) -> Callable[[], np.ndarray] | None:
    """The sum over 4^K Kronecker products, which gets its tensors ready; or the uncut state."""
    if peer == "4^K loop":
        tensors = pauli_tensors(case, angles)
        return lambda: kronecker_sum(tensors)
    if peer == "lightning":
        whole = states.distribution(case)
        return lambda: np.asarray(whole(angles))
    return None
