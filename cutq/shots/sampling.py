"""Shot-by-shot sampling of joint terms: for devices with feed-forward, and for fragments with too many legs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cutq.circuits.checks import is_one_of, shown, truth
from cutq.circuits.observable import Observable
from cutq.errors import PlanError, ShotsError, TooLargeError
from cutq.exact.checks import whole_number
from cutq.network.cone import light_cone
from cutq.network.contraction import MAX_BYTES, size_text
from cutq.network.legspace import Reals
from cutq.network.network import Network
from cutq.network.wire_terms import WIRES
from cutq.shots.allocation import whole_shots
from cutq.shots.draws import Drawn, Sampling, draw, run_draws
from cutq.shots.estimate import Estimate
from cutq.shots.experiment import Quantities
from cutq.shots.jobs import Counts, Runner, checked_runner
from cutq.shots.links import link_units, network_links
from cutq.shots.measure import Effort
from cutq.shots.observables import listed_observables, named_values, quantities
from cutq.shots.outcomes import Batches, batches, dealt
from cutq.shots.readings import Bases, shared_bases

LEAST = 2
"""Samples without which there is no error bar."""

BATCHES = 50
"""Independent parts in which averages are taken, whose spread is the error."""

SAMPLE_BYTES = 16
"""Memory of a sample for each link, and as much beside."""


@dataclass(frozen=True)
class Protocol:
    """How bonds are cut.

    Attributes:
        communication: whether wires are cut with feed-forward.
        wires: which row of :data:`cutq.network.wire_terms.WIRES` cuts them without.
        ancilla: whether ancillas may choose the letters of cut gates.
        midway: whether a qubit that is measured at a cut gate may be used again.

    Raises:
        PlanError: no row of the table has the name that is given for wires.
        ParameterError: what should be one is no truth value.
    """

    communication: bool = False
    wires: str = "sic"
    ancilla: bool = True
    midway: bool = True

    def __post_init__(self) -> None:
        for name in ("communication", "ancilla", "midway"):
            object.__setattr__(self, name, truth(name, getattr(self, name)))
        if not is_one_of(self.wires, tuple(WIRES)):
            raise PlanError(f"wires are cut by one of the protocols {', '.join(WIRES)}, got {shown(self.wires)}")


def sampled_estimate(
    network: Network,
    observables: Sequence[Observable | str] | Observable | str,
    params: ArrayLike | None = None,
    *,
    runner: Runner,
    shots: int,
    communication: bool = False,
    wires: str = "sic",
    ancilla: bool = True,
    midway: bool = True,
    pooled: bool = True,
    seed: int = 0,
    max_circuits: int | None = None,
) -> Estimate:
    """Estimate expectation values from single shots of randomly drawn terms of all cuts, with error bars.

    For each sample a term of every bond is drawn, and each fragment is run once. With outcomes of +-1 a sample varies
    by ``gamma**2 - E**2`` (Peng et al., PRL 125 150504; Mitarai, Fujii, NJP 23 023021), so that this takes far more
    shots than :func:`cutq.estimate`. Where fragments have so few different circuits that many samples share them, the
    averages of fragments are multiplied instead, which is unbiased as well and varies less.

    Args:
        network: the network.
        observables: what is asked for.
        params: values in the order of ``network.parameters``, (P,).
        runner: runs the circuits.
        shots: how many in total at most, of all fragments; a circuit of several fragments counts once for each, and
            what reads nothing is not run.
        communication: whether wires are cut with feed-forward, up to four from one fragment to another jointly, at
            gamma ``2**(wires + 1) - 1``. Fragments that wires join are then run in one circuit, one after the other.
        wires: the protocol of wires without feed-forward: ``"sic"``, ``"pauli"`` or ``"std4"``.
        ancilla: whether ancillas may choose the operations of cut gates, see :func:`cutq.network.terms.bond_terms`.
        midway: whether a qubit that is measured at a cut gate may be used again; if not, an ancilla is measured.
        pooled: whether averages of fragments are multiplied where that pays.
        seed: of the draws and of the jobs; equal seeds give equal estimates where the runner simulates.
        max_circuits: how many different circuits may be run.

    Returns:
        The estimate; its values are (observables,). What each fragment adds to the variances is not known, and NaN.

    Raises:
        ShotsError: there are too few shots for two samples, or the terms drawn need more circuits than allowed.
        TooLargeError: so many samples do not fit in memory.
        PlanError: the terms of a bond cannot be written out, or wires lead in a ring, which feed-forward cannot follow.
        CountsError: what the runner returned cannot be counts of these circuits.
        DeviceError: the runner's device cannot run a circuit, such as one with feed-forward.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> from cutq.shots.simulated import SimulatedRunner
    >>> pair = Circuit(2, (Operation("ry", (0,), (0.8,)), Operation("cx", (0, 1))))
    >>> network = split(pair, CutPlan.from_partition(pair, "AB"))
    >>> found = sampled_estimate(network, "X0 X1", runner=SimulatedRunner(), shots=20_000)
    >>> found.shots, bool(abs(found.values[0] - np.sin(0.8)) < 4 * found.stderr[0])
    (20000, True)
    """
    protocol, pooled = Protocol(communication, wires, ancilla, midway), truth("pooled", pooled)
    effort = Effort(whole_number("shots", shots, least=0), seed=seed, max_circuits=max_circuits)
    checked_runner(runner)
    asked, values = quantities(listed_observables(network, observables)), named_values(network, params)
    parts = samplings(network, asked, values, protocol)
    counts = sample_numbers(parts, effort.shots or 0)
    _check_bytes(parts, counts)
    drawn = draw(parts, counts, effort.seed)
    seen = run_draws(drawn, runner, effort.max_circuits)
    found = [_evaluated(one, own, pooled) for one, own in zip(drawn, seen, strict=True)]
    method = {
        "estimator": "sampled", "communication": protocol.communication, "wires": wires,
        "gamma": [one.gamma for one in parts], "samples": counts, "pooled": [own.pooled for own in found],
        "seed": effort.seed,
    }  # fmt: skip
    return _estimate(asked, network, drawn, found, method)


def samplings(
    network: Network, asked: Quantities, values: Mapping[str, float], protocol: Protocol
) -> tuple[Sampling, ...]:
    """What is sampled: words that commute qubit by qubit together, each time with the cuts that they depend on."""
    groups = shared_bases(asked.words, range(network.num_qubits))
    return tuple(_sampling(network, asked, values, protocol, group) for group in groups)


def _sampling(
    network: Network, asked: Quantities, values: Mapping[str, float], protocol: Protocol, group: Bases
) -> Sampling:
    letters = {qubit: letter.lower() for qubit, letter in enumerate(group.letters) if letter != "I"}
    cone = light_cone(network, letters)
    links = network_links(
        cone, values, communication=protocol.communication, wires=protocol.wires, ancilla=protocol.ancilla
    )
    return Sampling(
        cone,
        values,
        tuple("".join(group.letters[qubit] for qubit in fragment.outputs) for fragment in cone.fragments),
        tuple(asked.words[k] for k in group.words),
        asked.weights[:, list(group.words)],
        links,
        link_units(len(cone.fragments), links),
        protocol.midway,
    )


def sample_numbers(parts: Sequence[Sampling], shots: int) -> list[int]:
    """How many samples of each part, by their weights and gammas.

    Raises:
        ShotsError: the shots are too few.
    """
    least = sum(LEAST * one.shots for one in parts)
    if shots < least:
        raise ShotsError(
            f"{shots} shots are too few: {LEAST} samples of each of {len(parts)} groups of words that are read "
            f"together take {least} of the fragments"
        )
    shares = [math.sqrt(one.shots) * one.gamma * float(np.abs(one.weights).sum()) for one in parts]
    (more,) = whole_shots([np.array(shares)], shots - least)
    return [LEAST + int(own) // one.shots for one, own in zip(parts, more, strict=True)]


def _check_bytes(parts: Sequence[Sampling], counts: Sequence[int]) -> None:
    """Raise :class:`TooLargeError` for more samples than fit in memory."""
    need = sum(SAMPLE_BYTES * count * (1 + len(one.links)) for one, count in zip(parts, counts, strict=True))
    if need > MAX_BYTES:
        raise TooLargeError(
            f"drawing {sum(counts)} samples takes {size_text(need)}, more than the {size_text(MAX_BYTES)} allowed; ask "
            "for fewer shots, with several seeds"
        )


@dataclass(frozen=True, eq=False)
class _Found:
    """Values of one part.

    Attributes:
        values: (quantities,).
        covariance: (quantities, quantities).
        pooled: whether averages were multiplied.
    """

    values: Reals
    covariance: Reals
    pooled: bool


def _evaluated(drawn: Drawn, counts: Sequence[Counts], pooled: bool) -> _Found:
    asked, size = drawn.asked, len(drawn.terms)
    left, outcomes = iter(counts), []
    for unit, circuits, seeds in zip(asked.units, drawn.circuits, drawn.seeds, strict=True):
        seen = [next(left) if variant.num_bits else None for variant in circuits.variants]
        outcomes.append(dealt(asked, unit, circuits, seen, np.random.default_rng(seeds[0])))
    # Averages change nothing where one circuit is all that a sample is, or where hardly two samples share one.
    few = [asked.rows(unit) <= size // BATCHES for unit, run in zip(asked.units, asked.run, strict=True) if run]
    pays = pooled and len(few) > 1 and any(few)
    values, covariance = _moments(batches(asked, drawn.terms, outcomes, BATCHES if pays else size), size)
    return _Found(values, covariance, pays)


def _moments(found: Iterable[Batches], size: int) -> tuple[Reals, Reals]:
    """The mean of batches of so many samples in total, and its covariance."""
    numbers, rows = map(np.concatenate, zip(*found, strict=True))
    shares = numbers / size
    values = shares @ rows
    apart = shares[:, None] * (rows - values)
    return values, apart.T @ apart * (len(rows) / (len(rows) - 1))


def _estimate(
    asked: Quantities, network: Network, drawn: Sequence[Drawn], found: Sequence[_Found], method: Mapping[str, Any]
) -> Estimate:
    """Parts are independent: their values and covariances add up."""
    count = len(asked.names)
    return Estimate(
        asked.names,
        asked.constants + sum((own.values for own in found), np.zeros(count)),
        sum((own.covariance for own in found), np.zeros((count, count))),
        sum(one.shots for one in drawn),
        sum(len(one.jobs) for one in drawn),
        np.full((len(network.fragments), count), np.nan),
        method,
    )
