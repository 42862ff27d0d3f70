"""Fragments at the ends of a chain that take the shape of those in its middle."""

from __future__ import annotations

import numpy as np
import pytest

from cutq import Circuit, CutPlan, Operation, WireCut, param, split
from cutq.exact.compile import compile
from cutq.exact.lowering import lower
from cutq.exact.padding import paddings


def chain(width: int, modules: int, shared: int) -> tuple[Circuit, CutPlan]:
    """Modules of one shape in a row; the last wires of one are the first of the next."""
    ops: list[Operation] = []
    last: dict[int, int] = {}
    cuts = []
    step = width - shared
    for module in range(modules):
        wires = range(module * step, module * step + width)
        cuts += [WireCut(q, last[q]) for q in wires if q in last]
        for q in wires:
            ops.append(Operation("ry", (q,), (param(f"a{len(ops)}"),)))
            ops.append(Operation("rz", (q,), (param(f"a{len(ops)}"),)))
        for q in wires[:-1]:
            ops.append(Operation("cz", (q, q + 1)))
            last |= {q: len(ops) - 1, q + 1: len(ops) - 1}
    return Circuit(max(last) + 1, tuple(ops)), CutPlan(tuple(cuts))


@pytest.mark.parametrize(("width", "modules", "shared"), [(3, 5, 1), (4, 5, 2), (2, 6, 1)])
def test_all_modules_of_a_chain_run_as_one_group(width: int, modules: int, shared: int) -> None:
    circuit, plan = chain(width, modules, shared)
    n = circuit.num_qubits
    words = [f"{letter}{q}" for q in range(n) for letter in "XYZ"] + [f"Y0 Z{n - 1}", f"X{n - 2} Y{n - 1}", "Z0 Z1"]
    one = compile(split(circuit, plan), words, route="fragments")
    uncut = compile(split(circuit, CutPlan.uncut()), words, engine="numpy", route="fragments")
    assert [group.members for group in one.plan.groups] == [modules]
    params = np.random.default_rng(0).normal(size=(2, len(circuit.parameters)))
    for found, expected in zip(one.value_and_jacobian(params), uncut.value_and_jacobian(params), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_only_missing_wires_are_added() -> None:
    circuit, plan = chain(3, 5, 1)
    shapes = [lower(fragment)[0] for fragment in split(circuit, plan).fragments]
    first, *middle, last = paddings(shapes)
    assert middle == [None] * 3
    assert first is not None
    assert last is not None
    assert (first.fresh, first.ends, last.fresh, last.ends) == ((0,), (), (), (2,))


def test_other_operations_are_no_reason_to_pad() -> None:
    circuit, plan = chain(3, 5, 1)
    changed = (Operation("h", (0,)), *circuit.operations)
    cuts = tuple(WireCut(cut.qubit, cut.after + 1) for cut in plan.cuts if isinstance(cut, WireCut))
    shapes = [lower(fragment)[0] for fragment in split(Circuit(circuit.num_qubits, changed), CutPlan(cuts)).fragments]
    assert paddings(shapes)[0] is None
