"""``python -m experiments.pretrain [NAME ...] [--check]``: train modules and publish them in ``modules/``."""

from __future__ import annotations

import argparse
import statistics
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import cutq
from cutq.compose.readme import readme_text
from cutq.errors import CutqError
from experiments.pretrain.figure import figure
from experiments.pretrain.recipe import SEEDS, Recipe, Trained

MODULES = Path(__file__).resolve().parents[2] / "modules"

FILES = ("digits", "reuploading", "parity", "ground_states", "autoencoders", "phases")
"""Files of recipes; each has a tuple ``RECIPES``."""

WEIGHTS = 1e-6
"""How far weights may be that are trained again on the same machine."""

SPREADS, ROUNDING = 4.0, 1e-5
"""How many standard deviations of the published seeds a score may be from their mean, and how far besides."""

WORDS = ("summary", "task", "limits", "source")
"""What a card says in words."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    recipes = {one.name: one for one in all_recipes()}
    unknown = [name for name in options.names if name not in recipes]
    if unknown:
        print(f"no pretrained module is called {unknown[0]!r}; they are {', '.join(recipes)}", file=sys.stderr)
        return 2
    chosen = [recipes[name] for name in options.names or recipes]
    done = [
        check(one, options.into, anywhere=options.anywhere) if options.check else publish(one, options.into)
        for one in chosen
    ]
    return 0 if all(done) else 1


def all_recipes() -> list[Recipe]:
    """The recipes of all files."""
    found = [import_module(f"experiments.pretrain.{file}") for file in FILES]
    return [one for file in found for one in file.RECIPES]


def publish(recipe: Recipe, home: Path) -> bool:
    """Train over all seeds, and write the module of the recipe's own; whether its promises hold."""
    runs = [recipe.train(seed) for seed in range(SEEDS)]
    own = runs[recipe.seed] if recipe.seed < SEEDS else recipe.train(recipe.seed)
    module = replace(own.module, card=recipe.card(own))
    promises = module.verify()
    print(promises)
    said = _recipe(recipe, runs)
    text = f"{readme_text(module, recipe.name, True)}\n{_scores(said)}\n{recipe.text}"
    module.save(home / recipe.name, readme=text, recipe=said, figure=figure(recipe, runs), overwrite=True)
    return promises.ok


def check(recipe: Recipe, home: Path, *, anywhere: bool = False) -> bool:
    """Train the published seed again, and compare weights, the words of the card, and promises.

    Sums end in other bits on other machines, and long searches lead far from there; ``anywhere`` takes scores within
    the spread of the published seeds for equal weights.
    """
    there = cutq.load_module(home / recipe.name)
    again = recipe.train(recipe.seed)
    pairs = zip(there.weights, again.module.weights, strict=True)
    apart = max((float(abs(a.values - b.values).max()) for a, b in pairs), default=0.0)
    fresh = recipe.card(again)
    reworded = [word for word in WORDS if getattr(fresh, word) != getattr(there.card, word)]
    promises = there.verify()
    same = apart <= WEIGHTS or (anywhere and _within(home / recipe.name, again))
    print(f"{recipe.name}: weights differ by {apart:.1e} ({'ok' if same else 'CHANGED'})")
    if reworded:
        print(f"{recipe.name}: the card's {', '.join(reworded)} CHANGED; publish it again")
    print(promises)
    return same and not reworded and promises.ok


def _within(folder: Path, again: Trained) -> bool:
    """Whether scores are within the spread of the published ones."""
    published = tomllib.loads((folder / "recipe.toml").read_text(encoding="utf-8"))["scores"]
    return all(
        abs(value - statistics.mean(published[name])) <= SPREADS * statistics.stdev(published[name]) + ROUNDING
        for name, value in again.scores.items()
    )


def _recipe(recipe: Recipe, runs: Sequence[Trained]) -> dict[str, Any]:
    scores = {name: [run.scores[name] for run in runs] for name in runs[0].scores}
    return {
        "kind": "trained",
        "command": f"python -m experiments.pretrain {recipe.name}",
        "seed": recipe.seed,
        "seeds": len(runs),
        **recipe.about,
        "scores": {name: [float(value) for value in values] for name, values in scores.items()},
        "baseline": {name: float(value) for name, value in recipe.baseline().items()},
        "versions": {name: _version(name) for name in ("cutq", "numpy", "optax", "scipy")},
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def _scores(said: Mapping[str, Any]) -> str:
    """A table of scores over the seeds, with the baseline."""
    rows = [
        f"## Scores over {said['seeds']} seeds",
        "",
        "| score | published | mean | standard deviation | classical baseline |",
    ]
    rows.append("|---|---|---|---|---|")
    for name, values in said["scores"].items():
        own = values[said["seed"]] if said["seed"] < len(values) else float("nan")
        base = said["baseline"].get(name)
        cells = (own, statistics.mean(values), statistics.stdev(values))
        shown = " | ".join(f"{value:.4g}" for value in cells)
        rows.append(f"| {name} | {shown} | {'-' if base is None else f'{base:.4g}'} |")
    return "\n".join(rows) + "\n"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m experiments.pretrain", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="pretrained modules; all if left out")
    parser.add_argument("--check", action="store_true", help="write nothing; train again and compare")
    parser.add_argument("--anywhere", action="store_true", help="with --check: scores within the spread are enough")
    parser.add_argument("--into", type=Path, default=MODULES, metavar="FOLDER", help="where the folders lie")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CutqError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
