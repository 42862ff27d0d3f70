"""Training: losses, optimisers, seeds, checkpoints, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cutq
from cutq.compose.learn.losses import LOSSES, evaluated
from cutq.compose.learn.train import structure
from tests.compose.test_estimate import cell, hybrid, turned

optax = pytest.importorskip("optax", reason="pip install 'cutq[train]'")


def classifier() -> cutq.Composition:
    """Two inputs, a cell, and a linear head of two classes."""
    whole = cutq.Composition("classifier")
    whole.add("start", turned("start", 2.0))
    whole.add("cell", cell().with_weights({"w": np.array([0.1, 0.2, 0.3])}))
    whole.add("head", cutq.classical("linear", 2, 2, seed=1))
    whole.connect("start.out", "cell.in")
    whole.connect("cell.z", "head.x")
    return whole


def labelled(rows: int = 24) -> tuple[dict[str, Any], np.ndarray]:
    x = np.random.default_rng(3).uniform(-1.5, 1.5, rows)
    return {"start.x": x}, (x > 0).astype(int)


HEAD = {"outputs": ["head.y"]}


def run(**options: Any) -> tuple[cutq.Composition, cutq.Fit]:
    whole = classifier()
    chosen: dict[str, Any] = {"epochs": 4, "batch_size": 5, "seed": 7} | HEAD | options
    return whole, cutq.train(whole, "cross-entropy", labelled(), **chosen)


@pytest.mark.parametrize("name", LOSSES)
def test_slopes_of_losses(name: str) -> None:
    rng = np.random.default_rng(0)
    outputs = rng.normal(size=(5, 1 if name.startswith("binary") else 3))
    targets = {
        "squared-error": rng.normal(size=(5, 3)),
        "cross-entropy": np.array([0, 2, 1, 1, 0]),
        "binary-cross-entropy": np.array([0, 1, 1, 0, 1]),
    }.get(name)
    checked = LOSSES[name].check(targets, *outputs.shape)
    value, slopes = evaluated(LOSSES[name], outputs, checked)
    for index in np.ndindex(*outputs.shape):
        moved = outputs.copy()
        moved[index] += 1e-6
        assert (evaluated(LOSSES[name], moved, checked)[0] - value) / 1e-6 == pytest.approx(slopes[index], abs=1e-5)


def test_training_lowers_the_loss_and_assigns_the_best_weights() -> None:
    whole, fit = run(epochs=30)
    assert fit.losses[-1, 0] < 0.5 * fit.losses[0, 0]
    assert fit.metrics["accuracy"][-1, 0] > 0.9
    model = whole.compile(**HEAD)
    assert np.array_equal(model.initial, fit.params[fit.best])
    assert fit.parameters == model.parameters


def test_the_same_seed_gives_the_same_weights() -> None:
    first, second, other = run()[1], run()[1], run(seed=8)[1]
    assert np.array_equal(first.params, second.params)
    assert not np.array_equal(first.params, other.params)


def test_several_seeds_at_once_are_those_one_by_one() -> None:
    # Rows of several seeds meet other lanes, so sums may differ in their last bits.
    together = run(seeds=3)[1]
    assert together.params.shape[0] == 3
    assert together.params[0] == pytest.approx(run()[1].params[0], abs=1e-10)
    assert not np.allclose(together.params[0], together.params[1])
    assert together.best == int(np.argmin(together.losses[together.best_epochs, range(3)]))


def test_open_weights_are_drawn_for_each_seed() -> None:
    whole = cutq.load_module("plus") >> cutq.ansatz.brickwork(1, layers=1)
    whole.measure("energy", "Z@brickwork-1-1.out")
    fit = cutq.train(whole, "energy", epochs=0, seeds=4, seed=2)
    assert len(np.unique(fit.params)) == fit.params.size
    assert abs(fit.params).max() <= np.pi


@pytest.mark.parametrize("options", [{}, {"seeds": 2}, {"optimiser": "rmsprop"}, {"patience": 50}])
def test_checkpoints_go_on_to_the_same_bit(tmp_path: Path, options: dict[str, Any]) -> None:
    file = tmp_path / "run.npz"
    whole, fit = run(epochs=6, validation=labelled(7), **options)
    run(epochs=2, validation=labelled(7), checkpoint=file, **options)
    resumed, again = run(epochs=6, validation=labelled(7), checkpoint=file, **options)
    assert np.array_equal(fit.params, again.params)
    assert np.array_equal(fit.losses, again.losses)
    assert np.array_equal(fit.validation, again.validation)
    assert np.array_equal(fit.metrics["accuracy"], again.metrics["accuracy"])
    assert resumed.digest == whole.digest


def test_checkpoints_of_other_training_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "run.npz"
    run(checkpoint=file)
    other = hybrid()
    with pytest.raises(cutq.TrainingError, match=r"its composition is '[0-9a-f]{64}', but here it is '[0-9a-f]{64}'"):
        cutq.train(other, "squared-error", ({"start.x": [0.1]}, [0.2]), outputs=["end.z"], checkpoint=file)
    with pytest.raises(cutq.TrainingError, match="its seed is 7, but here it is 8"):
        run(checkpoint=file, seed=8)
    with pytest.raises(cutq.TrainingError, match="its data is"):
        cutq.train(classifier(), "cross-entropy", labelled(25), epochs=4, batch_size=5, seed=7, checkpoint=file, **HEAD)
    file.write_bytes(b"no archive")
    with pytest.raises(cutq.TrainingError, match="is no checkpoint of training"):
        run(checkpoint=file)


def test_the_structure_of_a_composition_stays_while_it_is_trained() -> None:
    whole = classifier()
    before = structure(whole)
    cutq.train(whole, "cross-entropy", labelled(), epochs=1)
    assert structure(whole) == before
    whole.freeze("cell")
    assert structure(whole) != before


def test_frozen_and_tied_weights() -> None:
    whole = cutq.Composition("ties")
    whole.add("start", turned("start", 1.0))
    for name in ("a", "b"):
        whole.add(name, cell(), tie="pair")
    whole.add("c", cell(), frozen=True)
    for source, target in (("start", "a"), ("a", "b"), ("b", "c")):
        whole.connect(f"{source}.out", f"{target}.in")
    fit = cutq.train(whole, "squared-error", ({"start.x": [0.1, 0.5]}, [0.2, -0.2]), outputs=["Z@c.out"], epochs=3)
    assert fit.parameters == ("pair.w[0]", "pair.w[1]", "pair.w[2]")
    weights = {one.name: one.values for one in whole.weights}
    assert np.array_equal(weights["c.w"], cell().weights[0].values)
    assert not np.allclose(weights["pair.w"], cell().weights[0].values)


def test_early_stopping_keeps_the_best() -> None:
    whole, fit = run(epochs=200, patience=3, learning_rate=0.5, validation=labelled(9))
    assert fit.stopped == "patience"
    assert len(fit.losses) < 200
    epoch = fit.best_epochs[0]
    assert fit.validation[epoch, 0] == fit.validation.min()
    assert len(fit.losses) - 1 - epoch == 3
    inputs, labels = labelled(9)
    value, _ = evaluated(LOSSES["cross-entropy"], whole.compile(**HEAD)(data=inputs), labels)
    assert value == pytest.approx(fit.validation[epoch, 0], abs=1e-12)


def test_l_bfgs_finds_a_minimum() -> None:
    whole, fit = run(optimiser="l-bfgs", batch_size=None, epochs=200, seeds=2)
    model = whole.compile(**HEAD)
    inputs, labels = labelled()
    values, pullback = model.vjp(None, inputs)
    _, slopes = evaluated(LOSSES["cross-entropy"], values, labels)
    assert fit.losses.shape[1] == 2
    assert np.all(np.diff(fit.losses[:, 0]) <= 1e-12)
    assert abs(pullback(slopes)).max() < 1e-3


def test_an_own_loss_and_an_own_optimiser() -> None:
    def absolute(outputs: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
        off = outputs - targets
        return float(abs(off).mean()), np.sign(off) / off.size

    whole = classifier()
    targets = np.tile([0.3, -0.3], (24, 1))
    fit = cutq.train(
        whole,
        absolute,
        (labelled()[0], targets),
        epochs=20,
        optimiser=optax.chain(optax.clip(0.1), optax.adam(0.05)),
        **HEAD,
    )
    assert fit.losses[-1, 0] < 0.5 * fit.losses[0, 0]


def test_progress_is_told() -> None:
    told: list[cutq.Epoch] = []
    run(progress=told.append, validation=labelled(6))
    assert [one.number for one in told] == [1, 2, 3, 4]
    assert all(one.epochs == 4 and one.validation is not None for one in told)


def test_a_bar_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    run(progress=True, validation=labelled(6))
    lines = capsys.readouterr().err.split("\r")[1:]
    assert len(lines) == 4
    assert lines[-1].startswith("[########################] 4/4  loss ")
    assert lines[-1].endswith("\n")
    with pytest.raises(cutq.TrainingError, match="progress is True, False or a callable, got 3"):
        run(progress=3)


def test_on_shots() -> None:
    whole = cutq.load_module("plus") >> cutq.ansatz.brickwork(1, layers=1)
    whole.measure("energy", "Z@brickwork-1-1.out")
    options: dict[str, Any] = {"epochs": 25, "learning_rate": 0.3, "seed": 2}
    fit = cutq.train(whole, "energy", runner=cutq.SimulatedRunner(), shots=2000, **options)
    assert fit.losses[-1, 0] < -0.9
    assert whole.compile()()[0] < -0.9


def test_losses_that_are_not_finite_keep_the_last_good_state() -> None:
    calls: list[int] = []

    def bad(outputs: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
        calls.append(1)
        return float("nan") if len(calls) > 6 else float(outputs.sum()), np.ones_like(outputs)

    whole = classifier()
    with pytest.raises(cutq.TrainingError, match=r"seed 0 the loss was nan in epoch 1, step 1") as caught:
        cutq.train(whole, bad, labelled(), epochs=4, batch_size=5, **HEAD)
    fit = caught.value.fit
    assert fit.stopped == "not finite"
    assert len(fit.losses) == 1
    assert np.array_equal(whole.compile(**HEAD).initial, fit.params[0])


def test_parameters_that_are_not_finite_are_named() -> None:
    def steep(outputs: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
        return float(outputs.sum()), 1e300 * np.ones_like(outputs)

    with pytest.raises(cutq.TrainingError, match=r"cell.w\[0\] of seed 0 became -?inf in epoch 0, step 0"):
        cutq.train(classifier(), steep, labelled(), epochs=4, optimiser=optax.sgd(1e12), **HEAD)


INPUTS = labelled()[0]


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("cross-entropi", labelled()), {}, "no loss is called 'cross-entropi'; the nearest is 'cross-entropy'"),
        (("cross-entropy", INPUTS), {}, "compares with targets"),
        (("energy", labelled()), {}, "compares with nothing"),
        (("cross-entropy", (INPUTS, [0, 1])), {}, r"one number for each of 24 rows of data, got shape \(2,\)"),
        (("cross-entropy", (INPUTS, np.full(24, 2))), {}, "from 0 to 1, one for each output, but row 0 has 2"),
        (("cross-entropy", (INPUTS, np.full(24, 0.5))), {}, "whole numbers"),
        (("squared-error", (INPUTS, np.ones((24, 3)))), {}, r"\(24, 2\), got \(24, 3\)"),
        (("cross-entropy", ({"start.y": [1]}, [0])), {}, "no input 'start.y'"),
        (("cross-entropy", ({"start.x": [[1.0]]}, [0])), {}, "data of the input 'start.x' have shape"),
        (("cross-entropy", ({"start.x": [np.nan]}, [0])), {}, "finite"),
        (("cross-entropy", labelled()), {"epochs": -1}, "epochs is a whole number from 0, got -1"),
        (("cross-entropy", labelled()), {"batch_size": 0}, "batch_size"),
        (("cross-entropy", labelled()), {"optimiser": "adamm"}, "the nearest is 'adam'"),
        (("cross-entropy", labelled()), {"learning_rate": -1.0}, "positive number"),
        (("cross-entropy", labelled()), {"epoch": 3}, "the options of training are epochs"),
        (("cross-entropy", labelled()), {"shots": 100}, "both runner= and shots="),
        (("cross-entropy", labelled()), {"optimiser": "l-bfgs", "batch_size": 4}, "all data at once"),
        (("cross-entropy", labelled()), {"optimiser": "l-bfgs", "checkpoint": "x.npz"}, "no checkpoints"),
        ((lambda o, t: o, labelled()), {}, "returns a number and its slopes"),
        ((lambda o, t: (o, o), labelled()), {}, "one number with slopes"),
        (("cross-entropy", 3), {}, "data are a mapping"),
    ],
)  # fmt: skip
def test_refused(arguments: tuple[Any, ...], options: dict[str, Any], message: str) -> None:
    with pytest.raises(cutq.TrainingError, match=message):
        cutq.train(classifier(), *arguments, **{**HEAD, **options})


def test_nothing_to_train() -> None:
    whole = classifier()
    whole.freeze("cell", "head")
    with pytest.raises(cutq.TrainingError, match="nothing to train"):
        cutq.train(whole, "cross-entropy", labelled())
    with pytest.raises(cutq.TrainingError, match=r"a cutq.Composition is trained, got Module"):
        cutq.train(cell(), "energy")  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["frozen", "tied", "link", "nested"])
def test_gradients_equal_differences(kind: str) -> None:
    if kind == "link":
        whole, outputs, inputs = hybrid(), ["end.z"], {"start.x": 0.3}
    else:
        whole, inputs = cutq.Composition("row"), {"start.x": 0.3}
        whole.add("start", turned("start", 1.0))
        inner: Any = cell()
        if kind == "nested":
            inner = cutq.repeat(cell(), 2, name="two")
            inner.expose("c0.in", "in")
            inner.expose("c1.out", "out")
        for name in ("a", "b", "c"):
            whole.add(name, inner, tie="all" if kind == "tied" else None, frozen=kind == "frozen" and name == "b")
        for source, target in (("start", "a"), ("a", "b"), ("b", "c")):
            whole.connect(f"{source}.out", f"{target}.in")
        outputs = ["X@c.out"]
    model = whole.compile(outputs)
    _, jacobian = model.value_and_jacobian(None, inputs)
    step = 1e-4
    for k, unit in enumerate(np.eye(len(model.parameters))):
        # Differences of fourth order, so that 1e-7 is within reach.
        two, one, back, far = (model(model.initial + f * step * unit, inputs) for f in (2, 1, -1, -2))
        assert (8 * (one - back) - (two - far)) / (12 * step) == pytest.approx(jacobian[:, k], abs=1e-9)
