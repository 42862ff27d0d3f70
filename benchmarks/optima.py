"""The main job on a folder of circuits with known optima: ``python -m benchmarks.optima FOLDER [--most-qubits 20]``.

``FOLDER/index.json`` lists circuits: ``{"circuits": [{"file": ..., "qubits": ..., "results": {"5": {"best_log_gamma":
..., "proven_optimal_M1": ...}}}]}``, for each width the least known sum of log gammas. Every circuit gets a seeded
layer of random u3 gates, so that no value vanishes by symmetry; Z on every qubit and three random words are compared
with a state vector.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np

import cutq
from tests import oracle
from tests.zoo import u3_layer

MOST_STATES = 2**14
"""Plans whose bonds multiply to more are not evaluated."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.optima")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most-qubits", type=int, default=20)
    options = parser.parse_args()
    entries = json.loads((options.folder / "index.json").read_text())["circuits"]
    print(f"{'circuit':<24}{'width':>6}{'log gamma':>11}{'known':>11}", end="  ")
    print(f"{'proven':<8}{'search s':>9}{'run s':>8}{'error':>10}")
    proven, known, worst = 0, 0, 0.0
    for entry in entries:
        if entry["qubits"] <= options.most_qubits:
            circuit = u3_layer(cutq.load(options.folder / entry["file"]))
            words = _words(circuit.num_qubits)
            state = oracle.statevector(circuit)
            expected = np.array([cutq.Observable(word) for word in words], dtype=object)
            reference = np.array([oracle.word_value(state, one.terms[0][0]) for one in expected])
            for width, result in entry["results"].items():
                row = _row(circuit, int(width), words, reference)
                proven += row["proven"]
                known += bool(row["proven"] and result["proven_optimal_M1"])
                worst = max(worst, row["error"])
                _print(entry["file"], width, row, result["best_log_gamma"])
                if row["proven"] and result["proven_optimal_M1"]:
                    assert math.isclose(row["log_gamma"], result["best_log_gamma"], abs_tol=1e-6)
    print(f"\n{proven} proven, {known} of them with a known proven optimum, all equal; largest error {worst:.1e}")


def _words(num_qubits: int) -> list[str]:
    rng = np.random.default_rng(1)
    random = [rng.choice(list("XYZ"), num_qubits) for _ in range(3)]
    return [f"Z{q}" for q in range(num_qubits)] + [" ".join(f"{p}{q}" for q, p in enumerate(row)) for row in random]


def _row(circuit: cutq.Circuit, width: int, words: list[str], reference: np.ndarray) -> dict[str, float]:
    start = time.perf_counter()
    plan = cutq.find_cuts(circuit, width, objective="gamma", search=cutq.Search(merge_gates=False, joint=False))
    searched = time.perf_counter()
    network = cutq.split(circuit, plan)
    assert max(network.widths) <= width
    error = 0.0
    if math.prod(plan.price.bond_dims) <= MOST_STATES:
        error = float(np.abs(cutq.expectations(network, words) - reference).max())
    done = time.perf_counter()
    return {
        "log_gamma": math.log(plan.gamma),
        "proven": plan.proven_optimal,
        "search": searched - start,
        "run": done - searched,
        "error": error,
    }


def _print(name: str, width: str, row: dict[str, float], known: float) -> None:
    print(
        f"{Path(name).stem:<24}{width:>6}{row['log_gamma']:>11.4f}{known:>11.4f}  {row['proven']!s:<8}"
        f"{row['search']:>9.2f}{row['run']:>8.2f}{row['error']:>10.1e}",
        flush=True,
    )


if __name__ == "__main__":
    main()
