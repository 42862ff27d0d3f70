"""Published encoders of data: what their cards promise, how they are trained again, and the models around them."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import cutq
from cutq import ModuleError, load_module
from cutq.compose.blocks.states import zero
from cutq.compose.datasets import DATASETS, dataset
from cutq.compose.scores import circles_accuracy, numbers, refitted

pytest.importorskip("sklearn")
pytest.importorskip("optax")

from experiments.pretrain import digits, reuploading

RECIPES = {one.name: one for file in (digits, reuploading) for one in file.RECIPES}
MODULES = Path(cutq.__file__).parents[1] / "modules"


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(RECIPES))
def test_promises_hold(name: str) -> None:
    found = load_module(name).verify()
    assert found.ok, str(found)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(RECIPES))
def test_other_weights_break_promises(name: str) -> None:
    module = load_module(name).with_weights({"scale": np.zeros(load_module(name).weights[1].shape)})
    assert not replace(module, card=replace(module.card, metrics=module.card.metrics[:1])).verify().ok


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_folders_say_how_they_were_made(name: str) -> None:
    said = tomllib.loads((MODULES / name / "recipe.toml").read_text(encoding="utf-8"))
    assert said["data"]["sha256"] == DATASETS[said["data"]["name"]].sha256
    assert said["command"] == f"python -m experiments.pretrain {name}"
    module = load_module(name)
    score = module.card.metrics[0]
    assert score.value == said["scores"][score.name][said["seed"]]
    assert score.baseline == said["baseline"][score.name]
    built = digits.patch_encoder(0) if name == digits.NAME else reuploading.unit(int(name[-1]))
    assert (module.body, module.ports, module.angles) == (built.body, built.ports, built.angles)


def test_goals() -> None:
    said = tomllib.loads((MODULES / digits.NAME / "recipe.toml").read_text(encoding="utf-8"))
    for name in (digits.REFITTED, digits.JOINT):
        assert min(said["scores"][name]) >= 0.93
        assert min(said["scores"][name]) > said["baseline"][name]
    matched = digits.PIXELS * digits.EQUAL + digits.EQUAL
    assert abs(digits.patch_encoder(0).num_weights - matched) <= 1


# --- training ---


def test_digits_are_trained_to_the_same_bits_from_a_seed() -> None:
    runs = [digits.digits_model(digits.patch_encoder(3)) for _ in range(2)]
    fits = [digits.fitted(whole, seed=3, epochs=2, rows=96) for whole in runs]
    np.testing.assert_array_equal(fits[0].params, fits[1].params)
    assert fits[0].losses[1, 0] < fits[0].losses[0, 0]
    one, two = (digits.trained_encoder(whole, digits.patch_encoder(3)) for whole in runs)
    assert one.digest == two.digest != digits.patch_encoder(3).digest
    other = digits.fitted(digits.digits_model(digits.patch_encoder(4)), seed=4, epochs=1, rows=96)
    assert not np.array_equal(other.params, fits[0].params)


def test_units_are_trained_to_the_same_bits_from_a_seed() -> None:
    one, two = (reuploading.train(0, qubits=2, steps=5) for _ in range(2))
    assert one.module.digest == two.module.digest
    assert one.scores == two.scores
    assert one.history[-1] < one.history[0]


@pytest.mark.long
def test_whole_training_reaches_the_goal() -> None:
    found = digits.train(0)
    assert found.scores[digits.JOINT] >= 0.93
    assert found.scores[digits.REFITTED] >= found.scores[digits.BEFORE]


# --- scores ---


def test_numbers_are_those_of_the_model() -> None:
    encoder, data = digits.patch_encoder(0), dataset("digits")
    whole = digits.digits_model(encoder)
    rng = np.random.default_rng(0)
    matrix, bias = rng.normal(size=(10, 40)), rng.normal(size=10)
    whole.assign({"head.weight": matrix, "head.bias": bias})
    features = numbers(encoder, data.test[:3].reshape(-1, 16)).reshape(3, 40)
    found = whole.compile()(data=digits.images(data.test[:3]))
    np.testing.assert_allclose(found, features @ matrix.T + bias, atol=1e-12)


def test_a_linear_head_separates_what_can_be_separated() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 60)
    features = np.eye(3)[labels] + rng.normal(size=(60, 3)) * 0.05
    assert refitted(features[:40], labels[:40], features[40:], labels[40:]) == 1.0


def test_modules_without_numbers_have_no_score() -> None:
    with pytest.raises(ModuleError, match="scored by what comes out of its classical ports"):
        circles_accuracy(zero(), {})


def test_polynomials_have_as_many_weights_as_they_say() -> None:
    points = np.random.default_rng(0).uniform(-1, 1, (5, 2))
    assert reuploading._monomials(points, 6).shape == (5, 27)
    np.testing.assert_allclose(reuploading._monomials(points, 1), points[:, ::-1])
