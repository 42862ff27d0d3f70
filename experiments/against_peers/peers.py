"""The packages beside which cutq is run: whether they are here, and their versions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import metadata
from importlib.util import find_spec

from experiments.harness import ExperimentError, needed

EXTRAS: Mapping[str, str] = {
    "pennylane": "pennylane",
    "qiskit_addon_cutting": "peers",
    "qiskit_aer": "aer",
    "jax": "jax",
    "pymetis": "metis",
}
"""By module the extra of this project that brings it."""

QCUT_COMMAND = 'pip install --no-deps "QCut==2.2.0"'
"""QCut asks for an older Aer, which nothing here uses; its other requirements come with the extras."""

PEERS: Mapping[str, tuple[str, ...]] = {
    "PennyLane": ("pennylane", "pennylane-lightning"),
    "lightning": ("pennylane-lightning",),
    "addon": ("qiskit-addon-cutting",),
    "QCut": ("QCut",),
    "cotengra": ("cotengra",),
    "cotengra + JAX": ("cotengra", "jax"),
    "4^K loop": ("numpy",),
    "uncut": ("cutq",),
    "qTPU": (),
    "cuTensorNet": (),
    "cutqc2": (),
}
"""By the name of a peer its packages; none where only published numbers are to be had."""


@cache
def check() -> None:
    """All that is run is here; asked before anything is measured.

    Raises:
        ExperimentError: a package is missing; names the command that installs it.
    """
    for module, extra in EXTRAS.items():
        needed(module, extra)
    if find_spec("QCut") is None:
        raise ExperimentError(f"QCut is missing; install it with: {QCUT_COMMAND}")


def version(peer: str) -> str:
    """The versions of a peer's packages, "not run" of one of which only numbers are published."""
    return ", ".join(f"{name} {metadata.version(name)}" for name in PEERS[peer]) or "not run"
