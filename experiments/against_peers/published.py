"""Numbers that peers' authors have published or logged, and those read in an earlier run of the peers.

A number is compared where the case is the same one; :data:`NUMBERS` says what each is, :data:`SOURCES` from where.
"""

from __future__ import annotations

from collections.abc import Mapping

Key = tuple[str, str, str, str]
"""Case, step, quantity and peer."""

SOURCES: Mapping[str, str] = {
    "PennyLane": "an earlier run of PennyLane 0.45",
    "lightning": "an earlier run of PennyLane 0.45",
    "addon": "an earlier run of qiskit-addon-cutting 0.10; lines from the logs of qTPU",
    "QCut": "an earlier run of QCut 2.2",
    "cotengra": "an earlier run of cotengra",
    "cotengra + JAX": "an earlier run of cotengra",
    "qTPU": "logs of qTPU's artifact",
    "cuTensorNet": "logs of qTPU's artifact, on a GPU",
    "cutqc2": "logs of cutqc2",
}


def _chain(name: str, value: float, gradient: float) -> dict[Key, float]:
    return {
        (name, "value", "seconds", "PennyLane"): value,
        (name, "gradient", "seconds", "PennyLane"): gradient,
    }


def _workflow(name: str, circuits: int, distinct: int, seconds: float) -> dict[Key, float]:
    return {
        (name, "value", "circuits", "addon"): circuits,
        (name, "value", "distinct circuits", "addon"): distinct,
        (name, "value", "seconds", "addon"): seconds,
    }


def _line(name: str, peer: str, circuits: int, recombine: float, plan: float) -> dict[Key, float]:
    return {
        (name, "recombine", "circuits", peer): circuits,
        (name, "plan and recombine", "circuits", peer): circuits,
        (name, "recombine", "seconds", peer): recombine,
        (name, "plan and recombine", "seconds", peer): plan + recombine,
    }


NUMBERS: Mapping[Key, float] = {
    **_chain("chain n=4 K=1", 0.017, 0.024),
    **_chain("chain n=4 K=4", 0.067, 0.098),
    **_chain("chain n=4 K=6", 0.098, 0.159),
    **_chain("chain n=8 K=6", 0.157, 0.228),
    **_chain("chain n=4 K=60", 1.27, 2.68),
    ("chain n=4 K=6", "value", "circuits", "PennyLane"): 67,
    ("chain n=4 K=6", "shift gradient", "seconds", "PennyLane"): 5.8,
    ("chain n=4 K=6", "gradient", "seconds", "lightning"): 5.96,
    **_workflow("gates K=1", 12, 10, 0.06),
    **_workflow("gates K=2", 72, 50, 0.35),
    **_workflow("gates K=3", 432, 250, 2.8),
    **_workflow("gates K=4", 2_592, 1_250, 21.5),
    **_workflow("gates K=5", 15_552, 6_250, 194.0),
    **_workflow("wires K=1", 16, 10, 0.07),
    **_workflow("wires K=2", 192, 34, 0.55),
    **_workflow("wires K=3", 2_048, 58, 5.5),
    ("EfficientSU2 100, 25", "plan", "gamma", "QCut"): 729,
    ("EfficientSU2 100, 25", "plan", "seconds", "QCut"): 2.4,
    **_line("line 40 in 10s", "addon", 864, 11.0, 7.0),
    **_line("line 50 in 10s", "addon", 6_480, 83.0, 70.0),
    **_line("line 40 in 10s", "qTPU", 84, 0.0035, 6.2),
    **_line("line 50 in 10s", "qTPU", 156, 0.0035, 6.8),
    **_line("line 80 in 10s", "qTPU", 228, 0.0006, 10.3),
    ("clusters of 10", "value", "seconds", "cuTensorNet"): 8.0,
    ("clusters of 16", "value", "seconds", "cuTensorNet"): 72.0,
    ("clusters of 18", "value", "seconds", "cuTensorNet"): 284.0,
    ("clusters of 19", "value", "seconds", "cuTensorNet"): 1608.0,
    ("clusters of 10", "value", "circuits", "qTPU"): 10_440,
    ("clusters of 18", "value", "circuits", "qTPU"): 5_256,
    ("ladder 10 in 3s", "distribution", "seconds", "cutqc2"): 0.048,
    ("ladder 12 in 3s", "distribution", "seconds", "cutqc2"): 0.24,
    ("ladder 14 in 3s", "distribution", "seconds", "cutqc2"): 1.56,
    ("ladder 16 in 3s", "distribution", "seconds", "cutqc2"): 12.6,
    ("brick 100 x4", "value", "seconds", "cotengra"): 0.010,
    ("brick 100 x4", "gradient", "seconds", "cotengra + JAX"): 0.05,
    ("staircase 100 x4", "value", "seconds", "cotengra"): 0.079,
    ("staircase 100 x4", "gradient", "seconds", "cotengra + JAX"): 0.68,
}
"""Seconds and numbers; ranges by their middle."""

ADDON_ERRORS: Mapping[int, float] = {10_000: 0.0775, 100_000: 0.0246}
UNCUT_ERRORS: Mapping[int, float] = {10_000: 0.0094, 100_000: 0.0030}
"""Root mean squared errors by shots."""


def published(case: str, step: str, quantity: str, peer: str, shots: int = 0) -> float | None:
    """The peer's published number for a case, None where there is none."""
    if quantity == "RMSE":
        return ADDON_ERRORS.get(shots) if peer == "addon" else UNCUT_ERRORS.get(shots)
    return NUMBERS.get((case, step, quantity, peer))
