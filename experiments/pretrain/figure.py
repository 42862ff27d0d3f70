"""The picture of a pretrained module: how its training went, for all seeds."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np

from experiments.pretrain.recipe import Recipe, Trained


def figure(recipe: Recipe, runs: Sequence[Trained]) -> bytes:
    """Training losses by epoch, one line for each seed, as SVG; the same runs give the same bytes."""
    import matplotlib

    with matplotlib.rc_context({"svg.hashsalt": recipe.name, "svg.fonttype": "path", "font.size": 9}):
        from matplotlib.figure import Figure

        drawing = Figure(figsize=(4.2, 2.6), layout="constrained")
        axes = drawing.subplots()
        for number, run in enumerate(runs):
            own = number == recipe.seed
            label = f"seed {number}, published" if own else None
            axes.plot(np.arange(1, len(run.history) + 1), run.history, color="#0072b2" if own else "#b0b0b0",
                      lw=1.6 if own else 0.8, zorder=2 if own else 1, label=label)  # fmt: skip
        losses = [loss for run in runs for loss in run.history]
        if losses and 0 < 100 * min(losses) < max(losses):
            axes.set_yscale("log")
        axes.set_xlabel("epoch")
        axes.set_ylabel("training loss")
        axes.legend(frameon=False)
        out = io.BytesIO()
        drawing.savefig(out, format="svg", metadata={"Date": None})
        return out.getvalue()
