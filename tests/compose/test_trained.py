"""Published modules of physics that were trained: promises, references, and what changed weights do to promises."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import cutq
from cutq import Composition, ModuleError, TooLargeError, load_module
from cutq.compose import physics, references
from cutq.compose.checks import CHECKS
from cutq.compose.trained_checks import TRAINED, energy_text, kept, parity_values
from experiments.pretrain import autoencoders, ground_states, parity, phases

RECIPES = {one.name: one for file in (autoencoders, ground_states, parity, phases) for one in file.RECIPES}
MODULES = Path(cutq.__file__).parents[1] / "modules"


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_promises_hold_and_are_quick_to_verify(name: str) -> None:
    module = load_module(name)
    start = time.process_time()
    found = module.verify()
    assert found.ok, str(found)
    assert time.process_time() - start < 10  # five seconds on an idle computer
    assert module.card.metrics[0].baseline is not None
    assert all((MODULES / name / file).is_file() for file in ("recipe.toml", "figure.svg", "SHA256SUMS"))
    assert "Scores over 5 seeds" in (MODULES / name / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_other_weights_break_promises(name: str) -> None:
    module = load_module(name)
    weight = module.weights[-1]
    moved = module.with_weights({weight.name: weight.values + 0.3})
    assert not replace(moved, card=replace(moved.card, metrics=moved.card.metrics[:2])).verify().ok


def test_goals() -> None:
    promised = {name: {one.check: one for one in load_module(name).card.metrics} for name in RECIPES}
    assert promised["tfim-ground-4"]["energy"].value <= 1e-4
    assert promised["heisenberg-ground-4"]["energy"].value <= 1e-4
    assert promised["autoencoder-6-2"]["compression"].value >= 0.98
    assert promised["autoencoder-6-2"]["reconstruction"].value >= 0.98
    assert promised["parity-cell"]["parity_accuracy"].value == 1.0
    chain = promised["tfim-chain-16"]["chain_energy_error"]
    assert chain.baseline is not None
    assert chain.value < chain.baseline / 3


# --- references ---


@pytest.mark.parametrize(("sites", "field"), [(2, 0.3), (4, 1.0), (6, 1.7), (8, 0.2)])
def test_free_fermions_are_diagonalisation(sites: int, field: float) -> None:
    values, vectors = np.linalg.eigh(references.ising(sites, field))
    assert physics.ising_energy(sites, field) == pytest.approx(values[0], abs=1e-10)
    energy, state = physics.ground("tfim", sites, field)
    assert energy == pytest.approx(values[0], abs=1e-10)
    assert state @ references.ising(sites, field).real @ state == pytest.approx(values[0], abs=1e-9)
    assert (state > 0).all()
    assert abs(vectors[:, 0] @ state) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("sites", [2, 4, 7])
def test_heisenberg(sites: int) -> None:
    lowest = np.linalg.eigvalsh(references.heisenberg(sites))[0]
    assert physics.chain_energy("heisenberg", sites) == pytest.approx(lowest)


def test_long_chains_without_a_formula_are_refused() -> None:
    with pytest.raises(TooLargeError, match="12 sites"):
        physics.chain_energy("heisenberg", 14)


def test_product_states() -> None:
    assert physics.product_energy("heisenberg", 4) == -3.0
    # Two sites: -cos(a) cos(b) - sin(a) - sin(b), by hand.
    angles = np.linspace(0, np.pi, 1001)
    grid = -np.cos(angles)[:, None] * np.cos(angles) - np.sin(angles)[:, None] - np.sin(angles)
    assert physics.product_energy("tfim", 2) == pytest.approx(grid.min(), abs=1e-5)
    assert physics.product_energy("tfim", 8) > physics.ising_energy(8)


def test_spins_are_expectation_values() -> None:
    state = physics.ising_states(4, [0.7])
    zz = references.ising(4, 0.0).real
    x = references.ising(4, 1.0).real - zz
    expected = [[-state[0] @ zz @ state[0] / 3, -state[0] @ x @ state[0] / 4]]
    np.testing.assert_allclose(physics.spins(state), expected, atol=1e-12)


def test_fields_for_tests_are_others() -> None:
    for count in (20, 40):
        train, test = (physics.fields(0.5, 1.5, count, part) for part in ("train", "test"))
        assert len(train) == len(test) == count
        assert abs(train[:, None] - test).min() > 1e-4


def test_no_subspace_is_better_than_principal_vectors() -> None:
    states = physics.ising_states(4, physics.fields(0.5, 1.5, 20, "train"))
    bound = physics.principal_fidelity(states, states, 2)
    rng = np.random.default_rng(0)
    for _ in range(20):
        frame, _ = np.linalg.qr(states[rng.choice(20, 2, replace=False)].T + 0.01 * rng.normal(size=(16, 2)))
        assert ((states @ frame) ** 2).sum(axis=1).mean() <= bound + 1e-12


# --- checks ---


def test_checks_are_in_the_table() -> None:
    assert TRAINED.items() <= CHECKS.items()


def test_energies_of_chains_are_dense_ones() -> None:
    block = load_module("tfim-ground-4")
    found = CHECKS["chain_energy_error"](block, {"model": "tfim", "sites": 4})
    assert found == pytest.approx(CHECKS["energy"](block, {"reference": "tfim", "qubits": 4}), abs=1e-12)
    with pytest.raises(ModuleError, match="8 sites"):
        CHECKS["chain_energy_error"](block, {"model": "tfim", "sites": 8})


def test_a_chain_of_eight_sites_is_a_dense_one() -> None:
    block, glue = load_module("tfim-ground-4"), ground_states.glue("tfim", 2)
    whole = ground_states.chain(block, glue, 2).module
    found = CHECKS["chain_energy_error"](whole, {"model": "tfim", "sites": 8})
    assert found == pytest.approx(CHECKS["energy"](whole, {"reference": "tfim", "qubits": 8}), abs=1e-12)


def test_reconstruction_is_that_of_states() -> None:
    module = load_module("autoencoder-4-1")
    options = {"sites": 4, "low": 0.5, "high": 1.5, "count": 3, "part": "test"}
    everything = tuple(range(4))
    open_ended = replace(module, ports=(cutq.QuantumIn("in", everything), cutq.QuantumOut("out", everything)))
    (unitary,) = cutq.kraus(open_ended)
    code = module.quantum_outputs[0].qubits[0]
    total, stayed = [], []
    for state in physics.ising_states(4, physics.fields(0.5, 1.5, 3, "test")):
        after = np.moveaxis((unitary @ state).reshape((2,) * 4), code, 0).reshape(2, 8)
        fresh = np.zeros((2, 8, 2, 8), dtype=complex)
        fresh[:, 0, :, 0] = after @ after.conj().T
        whole = after.reshape(-1)
        total.append(np.vdot(whole, fresh.reshape(16, 16) @ whole).real)
        stayed.append((abs(after[:, 0]) ** 2).sum())
    assert CHECKS["reconstruction"](module, options) == pytest.approx(np.mean(total), abs=1e-12)
    assert CHECKS["compression"](module, options) == pytest.approx(np.mean(stayed), abs=1e-12)


def test_kept_is_a_projector() -> None:
    circuit = cutq.Circuit(3, (cutq.Operation("ry", (0,), (0.7,)), cutq.Operation("ry", (2,), (1.1,))))
    network = cutq.split(circuit, cutq.CutPlan.uncut())
    assert cutq.expectation(network, kept((0, 2))) == pytest.approx((np.cos(0.35) * np.cos(0.55)) ** 2)


def test_parity_of_all_strings() -> None:
    values = parity_values(load_module("parity-cell"), {"length": 5, "draws": 64, "seed": 1})
    assert values.shape == (64,)
    assert (values > 0.999).all()


def test_the_classifier_reads_chains_of_other_modules() -> None:
    whole = Composition("read")
    whole.add("a", load_module("tfim-ground-4"))
    whole.add("b", load_module("tfim-ground-4"))
    whole.add("phase", load_module("phase-classifier-8"))
    for node, first in (("a", 0), ("b", 4)):
        for port, start in (("left", first), ("right", first + 2)):
            whole.connect(f"{node}.{port}", f"phase.in[{start}:{start + 2}]")
    assert np.isfinite(whole.compile(["phase.logit"], max_qubits=8)()).all()


def test_energies_as_texts() -> None:
    assert energy_text("heisenberg", ["a.x", "b.y"]).count("@") == 6
