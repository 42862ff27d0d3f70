"""Imports go down only: the table of rooms and floors, held against the source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import cutq

PACKAGE = Path(cutq.__file__).parent

FLOORS = {
    "errors": 0,
    "circuits": 1,
    "network": 2,
    "search": 3,
    "exact": 3,
    "shots": 4,
    "compose": 5,
    "interop": 6,
    "show": 6,
    "cli": 7,
    "__init__": 7,
    "__main__": 8,
}
"""Each room may import itself and the floors below it."""

ENGINES = {
    "cotengra": {"network/loops.py"},
    "opt_einsum": {"network/loops.py"},
    "qiskit": {"circuits/qiskit/", "circuits/qasm/", "shots/circuit.py", "shots/jobs.py", "shots/sampler.py"},
    "qiskit_qasm3_import": {"circuits/qasm/read3.py"},
    "openqasm3": {"circuits/qasm/"},
    "pennylane": {"shots/pennylane.py"},
    "scipy": {"circuits/qiskit/shannon.py", "compose/learn/optimisers.py", "compose/physics.py"},
    "optax": {"compose/learn/optimisers.py"},
    "jax": {"interop/jax.py", "compose/learn/optimisers.py"},
    "torch": {"interop/torch.py"},
    "sklearn": {"compose/datasets.py", "compose/scores.py"},
    "pymetis": {"search/seeds.py"},
    "matplotlib": {"show/"},
    "threadpoolctl": {"network/blas.py"},
    "numba": {
        "exact/kernels.py",
        "exact/large_kernels.py",
        "exact/tape_kernels.py",
        "exact/lanes.py",
        "search/kernels.py",
        "search/anneal_kernels.py",
    },
    "llvmlite": {"exact/lanes.py"},
    "typer": {"cli/"},
    "safetensors": {"compose/weights.py"},
    "tomli_w": {"compose/tomlfile.py"},
}
"""Third-party engines and the only files that import them."""

FILES = sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> list[str]:
    """Every module that a file imports, wherever in the file."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: import from the file, not relatively"
            found.append(node.module or "")
    return found


def room(parts: tuple[str, ...]) -> str:
    return parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(PACKAGE)) for path in FILES])
def test_imports_go_down(path: Path) -> None:
    own = room(path.relative_to(PACKAGE).parts)
    for module in imports(path):
        if module == "cutq":
            pytest.fail(f"{path}: inside cutq, import from the file")
        if module.startswith("cutq."):
            other = room(tuple(module.split(".")[1:]))
            assert other == own or FLOORS[other] < FLOORS[own], f"{path} imports {module} from a floor not below"


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(PACKAGE)) for path in FILES])
def test_engines_stay_behind_their_files(path: Path) -> None:
    name = path.relative_to(PACKAGE).as_posix()
    for module in imports(path):
        homes = ENGINES.get(module.split(".")[0])
        assert homes is None or any(name.startswith(home) for home in homes), f"{name} imports {module}"


def test_no_room_is_missing_from_the_table() -> None:
    rooms = {room(path.relative_to(PACKAGE).parts) for path in FILES}
    assert rooms == set(FLOORS)
