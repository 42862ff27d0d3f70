"""Recipes of physics: the same code with few steps, the same weights from the same seed, and folders that are read."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import cutq
from experiments.pretrain import autoencoders, ground_states, parity, phases
from experiments.pretrain.__main__ import all_recipes, check, publish
from experiments.pretrain.__main__ import main as pretrain
from experiments.pretrain.recipe import Recipe, Trained

QUICK = {
    "parity-cell": partial(parity.train, starts=1, epochs=3),
    "tfim-ground-4": partial(ground_states.train, "tfim", starts=1, epochs=6, most=8),
    "heisenberg-ground-4": partial(ground_states.train, "heisenberg", starts=1, epochs=6, most=8),
    "tfim-chain-16": partial(ground_states.train_whole, "tfim", 16, starts=1, epochs=4),
    "heisenberg-chain-12": partial(ground_states.train_whole, "heisenberg", 12, starts=1, epochs=4),
    "autoencoder-6-2": partial(autoencoders.train, 6, 2, starts=1, epochs=2),
    "autoencoder-4-1": partial(autoencoders.train, 4, 1, starts=1, epochs=2),
    "phase-classifier-8": partial(phases.train, starts=1, epochs=1),
}
"""Training with few steps, from a seed."""

RECIPES: dict[str, Recipe] = {
    one.name: one for file in (autoencoders, ground_states, parity, phases) for one in file.RECIPES
}


def test_all_are_recipes_of_the_command() -> None:
    assert set(RECIPES) == set(QUICK) <= {one.name for one in all_recipes()}


@pytest.mark.parametrize("name", sorted(QUICK))
def test_few_steps(name: str) -> None:
    if name == "phase-classifier-8":
        pytest.importorskip("sklearn", reason="its baseline is a logistic regression")
    first, second = QUICK[name](3), QUICK[name](3)
    assert isinstance(first, Trained)
    assert first.module == second.module
    assert first.history == second.history
    assert all(np.isfinite(value) for value in first.scores.values())
    assert first.history[-1] <= first.history[0]
    promised = replace(first.module, card=RECIPES[name].card(first)).verify()
    assert promised.ok, str(promised)
    assert set(RECIPES[name].baseline()) >= set(first.scores)


@pytest.mark.parametrize("name", ["parity-cell", "tfim-ground-4", "tfim-chain-16"])
def test_folders(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = replace(RECIPES[name], train=QUICK[name])
    assert publish(recipe, tmp_path)
    assert check(recipe, tmp_path)
    assert "weights differ by 0.0e+00 (ok)" in capsys.readouterr().out
    assert cutq.load_module(tmp_path / name).card.metrics
    other = replace(recipe, train=lambda seed: QUICK[name](seed + 1))
    assert not check(other, tmp_path)


def test_names_that_do_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert pretrain(["no-such-module"]) == 2
    assert "no-such-module" in capsys.readouterr().err


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(RECIPES))
def test_training_again_gives_the_published_scores(name: str) -> None:
    assert pretrain([name, "--check", "--anywhere"]) == 0
