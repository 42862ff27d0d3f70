"""What is measured beside peers, by mode: one quantity of one case for one peer is a task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

SEED = 7
MODES = ("quick", "medium", "full")
ROUNDS = {"quick": 2, "medium": 5, "full": 7}
SEEDS = {"quick": (4, 2), "medium": (40, 6), "full": (100, 24)}
"""Estimates of cutq, and of the addon at the fewest shots; at ten times as many shots it makes half as many."""

SCHEMES = ("uncut", "gates, uniform", "gates, pilot", "gates, adaptive", "wires (5 + 5), adaptive")
QUICK_SCHEMES = ("uncut", "gates, uniform", "wires (5 + 5), adaptive")
SHOTS = {"quick": (10_000,), "medium": (10_000, 100_000), "full": (10_000, 100_000)}
SEARCH = {"quick": 0.1, "medium": 2.0, "full": 4.0}
"""Seconds in which cotengra looks for an order."""

CHAINS = ("chain n=4 K=1", "chain n=4 K=4", "chain n=4 K=6", "chain n=8 K=6", "chain n=4 K=60")
STATES = ("chain n=4 K=1", "chain n=4 K=4", "chain n=4 K=6")
"""Chains of which lightning holds the whole state; the last one has 22 qubits."""

COMPILED = ("chain n=4 K=1", "chain n=4 K=6", "chain n=8 K=6")
"""Chains whose uncut contraction is compiled by JAX; longer ones are compiled for minutes."""


@dataclass(frozen=True)
class Task:
    """One quantity of one case, beside one peer.

    Attributes:
        part: which file measures it, of the keys of :data:`experiments.against_peers.measure.PARTS`.
        case: a name of :mod:`experiments.against_peers.cases`.
        step: what is done, such as "value", "gradient", "plan"; of shots the scheme.
        quantity: "seconds", "circuits", "distinct circuits", "gamma" or "RMSE".
        peer: of :data:`experiments.against_peers.peers.PEERS`.
        rounds, peer_rounds: how often each side is measured; in turn where the numbers are equal; none of a published
            number.
        shots: in total, where there are any.
        limit: seconds that a search may take.
        seed: of angles and shots.
    """

    part: str
    case: str
    step: str
    quantity: str
    peer: str
    rounds: int = 1
    peer_rounds: int = 1
    shots: int = 0
    limit: float = 0.0
    seed: int = SEED


def tasks(mode: str) -> Iterator[Task]:
    """All tasks of a mode."""
    for part in (_chains, _workflows, _shots, _plans, _lines, _clusters, _distributions, _contractions):
        yield from part(mode)


def _timed(task: Task, mode: str, peer_rounds: int | None = None) -> Task:
    """A task that is timed in turn, or whose peer is timed so many times."""
    rounds = ROUNDS[mode]
    return replace(task, rounds=rounds, peer_rounds=rounds if peer_rounds is None else peer_rounds)


def _chains(mode: str) -> Iterator[Task]:
    for case in CHAINS[: 1 if mode == "quick" else None]:
        for step in ("value", "gradient"):
            yield _timed(Task("chains", case, step, "seconds", "PennyLane"), mode, 3 if case == CHAINS[-1] else None)
            if case in STATES:
                yield _timed(
                    Task("chains", case, step, "seconds", "lightning"), mode, 3 if case == STATES[-1] else None
                )
        yield Task("chains", case, "value", "circuits", "PennyLane")
        yield from _uncut("chains", case, mode)
    if mode == "full":
        yield _timed(Task("chains", "chain n=4 K=6", "shift gradient", "seconds", "PennyLane"), mode, 1)


def _uncut(part: str, case: str, mode: str) -> Iterator[Task]:
    """Contraction of the uncut circuit: orders are searched in a limited time, JAX compiles what is not too long."""
    search = Task(part, case, "value", "seconds", "cotengra", limit=SEARCH[mode])
    yield _timed(search, mode)
    if case in COMPILED or (part == "contractions" and mode != "quick"):
        for step in ("value", "gradient")[mode == "quick" :]:
            yield _timed(replace(search, step=step, peer="cotengra + JAX"), mode)


def _workflows(mode: str) -> Iterator[Task]:
    longest = {"quick": 1, "medium": 2, "full": 3}[mode]
    for kind in ("gates", "wires"):
        for cuts in range(1, longest + 1):
            task = Task("workflows", f"{kind} K={cuts}", "value", "seconds", "addon")
            yield _timed(task, mode, 3)
            yield from (replace(task, quantity=name) for name in ("circuits", "distinct circuits"))
            yield _timed(replace(task, peer="lightning"), mode)
    if mode == "full":
        longest_run, left_out = (Task("workflows", f"gates K={cuts}", "value", "seconds", "addon") for cuts in (4, 5))
        for task in (_timed(longest_run, mode, 1), _timed(left_out, mode, 0)):
            yield task
            yield from (replace(task, quantity=name, rounds=1) for name in ("circuits", "distinct circuits"))


def _shots(mode: str) -> Iterator[Task]:
    ours, theirs = SEEDS[mode]
    for number, shots in enumerate(SHOTS[mode]):
        for step in SCHEMES if mode != "quick" else QUICK_SCHEMES:
            task = Task("shots", "EfficientSU2 8", step, "RMSE", "addon", ours, theirs >> number, shots)
            yield task
            if step != "uncut":
                yield replace(task, peer="uncut", peer_rounds=ours)
    exact = Task("shots", "EfficientSU2 8", "gates, uniform", "seconds", "cotengra", shots=SHOTS[mode][0])
    yield replace(_timed(exact, mode), limit=SEARCH[mode])


PLANS: Sequence[tuple[str, str, Sequence[str], int]] = (
    ("EfficientSU2 12, 7", "plan", ("addon", "QCut"), 3),
    ("QAOA cubic 16, 6", "plan", ("addon", "QCut"), 1),
    ("QAOA cubic 16, 6", "plan, circuits", ("addon", "QCut"), 1),
    ("QAOA cubic 16, 6", "plan, joint", ("QCut",), 1),
    ("EfficientSU2 100, 25", "plan", ("QCut", "addon"), 3),
    ("EfficientSU2 100, 25", "plan, circuits", ("QCut",), 1),
    ("EfficientSU2 100, 25", "plan, joint", ("QCut",), 1),
    ("grid 4x4 x8, 8", "plan", ("addon", "QCut"), 3),
    ("grid 4x4 x8, 8", "plan, joint", ("QCut",), 1),
    ("grid 6x6 x4, 20", "plan", ("QCut",), 3),
    ("grid 6x6 x4, 20", "plan, joint", ("QCut",), 1),
)
"""Circuit and width, what is searched, who is asked, and how often."""

HELD = ("EfficientSU2 12, 7", "QAOA cubic 16, 6", "grid 4x4 x8, 8")
"""Circuits of which lightning holds the whole state."""


def _plans(mode: str) -> Iterator[Task]:
    for case, step, peers, rounds in PLANS[: {"quick": 1, "medium": 5, "full": None}[mode]]:
        for peer in peers:
            often = 1 if peer == "addon" or mode == "quick" else rounds
            task = Task("plans", case, step, "seconds", peer, often, often)
            yield task
            yield replace(task, quantity="circuits" if step == "plan, circuits" else "gamma")
        if step == "plan":
            yield replace(task, peer="cotengra", limit=SEARCH["quick"])
            if case in HELD:
                yield replace(task, peer="lightning")


def _lines(mode: str) -> Iterator[Task]:
    for number in (40, 50, 80)[: 1 if mode == "quick" else None]:
        task = _timed(Task("lines", f"line {number} in 10s", "recombine", "seconds", "qTPU", shots=100_000), mode, 0)
        with_addon = mode != "quick" and number < 80  # it did not come to an end with 80 qubits
        for peer in ("qTPU", "addon") if with_addon else ("qTPU",):
            for step in ("recombine", "plan and recombine"):
                own = replace(task, step=step, peer=peer)
                yield from (own, replace(own, quantity="circuits", rounds=1))
        yield replace(task, peer="cotengra", peer_rounds=task.rounds, limit=SEARCH[mode])


def _clusters(mode: str) -> Iterator[Task]:
    for size in {"quick": (10,), "medium": (10, 16), "full": (10, 16, 18, 19)}[mode]:
        task = _timed(Task("clusters", f"clusters of {size}", "value", "seconds", "cuTensorNet"), mode, 0)
        yield task if size < 18 else replace(task, rounds=3)
        if size in (10, 18) and mode != "quick":
            yield replace(task, quantity="circuits", peer="qTPU", rounds=1)


def _distributions(mode: str) -> Iterator[Task]:
    for number in (10, 12, 14, 16)[: 1 if mode == "quick" else None]:
        task = _timed(Task("distributions", f"ladder {number} in 3s", "distribution", "seconds", "4^K loop"), mode)
        yield task if number < 16 else replace(task, peer_rounds=3)
        yield replace(task, peer="lightning")
        yield replace(task, peer="cutqc2", peer_rounds=0)


def _contractions(mode: str) -> Iterator[Task]:
    if mode == "quick":
        yield from _uncut("contractions", "brick 20 x4", mode)
        return
    yield from _uncut("contractions", "brick 100 x4", mode)
    if mode == "full":
        yield from _uncut("contractions", "staircase 100 x4", mode)
