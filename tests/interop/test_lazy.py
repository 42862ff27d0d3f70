"""Adapters are loaded when they are asked for, and no sooner."""

from __future__ import annotations

import subprocess
import sys

import pytest

import cutq


def test_importing_them_imports_no_library() -> None:
    program = "import sys, cutq; cutq.interop; print([m for m in ('numpy', 'torch', 'jax') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize(("name", "what"), [("torch", "Layer"), ("jax", "function")])
def test_they_are_there_after_importing_cutq(name: str, what: str) -> None:
    pytest.importorskip(name)
    program = f"import cutq; print(cutq.interop.{name}.{what}.__name__)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == what
    assert name in dir(cutq.interop)


def test_an_adapter_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'tensorflow'"):
        cutq.interop.tensorflow  # noqa: B018
