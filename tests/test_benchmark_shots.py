"""The parts of the benchmarks of shots, with sizes that say nothing but that they run."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks import shots, shots_ansatz, shots_chain, shots_times
from benchmarks.families import module_chain
from benchmarks.shots_cases import Ansatz, brick_chain, link_chain, num_variants
from cutq import expectations


def test_the_ansatz_has_one_value_however_it_is_cut() -> None:
    case = Ansatz(7)
    assert max(case.networks["gates"].widths) == 4
    assert max(case.networks["wires"].widths) == 5
    for network in case.networks.values():
        np.testing.assert_allclose(expectations(network, list(shots_ansatz.OBSERVABLES)), case.exact, atol=1e-12)


@pytest.mark.parametrize("scheme", shots_ansatz.SCHEMES)
def test_errors_of_the_ansatz_are_those_that_are_stated(scheme: str) -> None:
    found = shots_ansatz.SCHEMES[scheme].errors(Ansatz(7), 10**5, 3)
    assert 0.4 < found.rmse / math.sqrt(np.mean(found.variances)) < 2


def test_aer_and_the_addon_are_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("qiskit_addon_cutting")
    pytest.importorskip("qiskit_aer")
    shots_ansatz.errors_table(7, shots_ansatz.TINY, ["uncut", "wires (5 + 5), pilot"])
    rows = capsys.readouterr().out.splitlines()
    assert [row.split("  ")[0] for row in rows[3:]] == [
        "qiskit-addon-cutting",
        *["uncut"] * 2,
        *["wires (5 + 5), pilot"] * 2,
    ]


def test_times_are_taken(capsys: pytest.CaptureFixture[str]) -> None:
    shots_times.simulated_table(shots=10**4, rounds=2)
    assert "144" in capsys.readouterr().out


def test_every_way_to_spend_shots_on_a_chain(capsys: pytest.CaptureFixture[str]) -> None:
    shots_chain.chain_table(1, 1)
    rows = capsys.readouterr().out.splitlines()
    assert len(rows) == 3 + 1 + len(shots_chain.SCHEMES)
    network, word = brick_chain(0)
    assert (network.num_qubits, len(network.bonds), word.count("Z")) == (7, 2, 7)


def test_variances_grow_on_unitary_links_and_are_drawn(tmp_path: Path) -> None:
    found = shots_chain.growth_table((1, 4, 6), (1, 1), (1, 1))
    unitary, contractive = (found[link, "uniform"] for link in ("unitary", "contractive"))
    assert unitary.circuits == contractive.circuits == (7, 43, 67)
    assert unitary.stated[-1] > contractive.stated[-1]
    target = tmp_path / "growth.svg"
    shots_chain.draw(found, target)
    assert "cut wires K" in target.read_text(encoding="utf-8")


def test_circuits_of_chains_are_those_of_the_formula(capsys: pytest.CaptureFixture[str]) -> None:
    shots.circuits_table((1, 2), 0)
    assert "192 (not made)" in capsys.readouterr().out
    for frames, first in (("sic", 4), ("six", 6)):
        counts = [num_variants(*link_chain(cuts, 0, "contractive"), frames) for cuts in (1, 2, 3, 4)]
        assert counts == [3 + 3 * first * (cuts - 1) + first for cuts in (1, 2, 3, 4)]


def test_distinct_circuits_of_the_addon() -> None:
    pytest.importorskip("qiskit_addon_cutting")
    from benchmarks.shots_peers import wire_chain_experiments

    assert [wire_chain_experiments(*link_chain(cuts, 0, "contractive")) for cuts in (1, 2)] == [(16, 10), (192, 34)]


def test_circuits_of_a_gradient(capsys: pytest.CaptureFixture[str]) -> None:
    shots.gradient_table(module_chain(3, 1))
    assert "met (<= 1.2)" in capsys.readouterr().out
