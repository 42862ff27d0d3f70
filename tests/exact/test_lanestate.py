"""Fragments side by side: the compiled engine against numpy, whatever the rows, the shapes, the threads."""

from __future__ import annotations

import numpy as np
import pytest

from cutq import Circuit, CutPlan, Network, Operation, Program, WireCut, compile, param, split
from cutq.exact.program import Program as Made
from tests.exact.test_alonestate import random_network, random_words


def made(network: Network, what: list[object], **settings: object) -> Program:
    """The program of the fragments themselves, none of which is run alone."""
    program = compile(network, what, route="fragments", **settings)  # type: ignore[arg-type]
    assert isinstance(program, Made)
    assert program.plan.groups
    assert not any(group.placed.alone for group in program.plan.groups)
    return program


def chain(modules: int, width: int = 3) -> Network:
    """Modules of one shape, wire by wire, each with its own angles and one that all share."""
    ops: list[Operation] = []
    cuts: list[WireCut] = []
    for m in range(modules):
        qubits = [m * (width - 1) + k for k in range(width)]
        for k, q in enumerate(qubits):
            ops.append(Operation("u3", (q,), (param(f"a{m}"), 0.3 * k + param("shared"), 0.2)))
        ops += [Operation("crx", (q, q + 1), (param(f"b{m}") - 0.5 * param("shared"),)) for q in qubits[:-1]]
        ops.append(Operation("rzz", (qubits[0], qubits[-1]), (param(f"a{m}"),)))
        cuts.append(WireCut(qubits[-1], len(ops) - 1))
    return split(Circuit(modules * (width - 1) + 1, tuple(ops)), CutPlan(tuple(cuts[:-1])))


def both(network: Network, what: list[object], rows: int, seed: int) -> None:
    program, reference = made(network, what), made(network, what, engine="numpy")
    params = np.random.default_rng(seed).normal(size=(rows, len(program.parameters)))
    assert np.array_equal(program(params), program.vjp(params)[0])
    for found, expected in zip(program.value_and_jacobian(params), reference.value_and_jacobian(params), strict=True):
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("rows", [1, 3, 8, 9])
@pytest.mark.parametrize("seed", range(8))
def test_values_and_derivatives_are_those_of_the_numpy_engine(seed: int, rows: int) -> None:
    both(random_network(seed, num_qubits=5, ops=18), list(random_words(seed, 5)), rows, seed)


@pytest.mark.parametrize("modules", [2, 5, 9])
@pytest.mark.parametrize("rows", [1, 7])
def test_groups_of_many_members(modules: int, rows: int) -> None:
    """Members and rows share lanes, and the last lanes hold nothing."""
    last = 2 * modules
    what = [f"Z{last}", "Z0 + 0.5*X2", f"Y1 Z2 X{last - 1}", " ".join(f"Z{q}" for q in range(last + 1))]
    both(chain(modules), [*what, *(f"Z{q}" for q in range(last))], rows, modules)


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_threads_change_no_bit(seed: int, threads: int) -> None:
    for network in (random_network(seed, num_qubits=5, ops=18), chain(6)):
        what = list(random_words(seed, 5))
        one, more = made(network, what), made(network, what, threads=threads)
        params = np.random.default_rng(seed).normal(size=(19, len(one.parameters)))
        for found, expected in zip(more.value_and_jacobian(params), one.value_and_jacobian(params), strict=True):
            assert np.array_equal(found, expected)


@pytest.mark.parametrize("seed", range(4))
def test_a_row_does_not_depend_on_the_others(seed: int) -> None:
    network = chain(4) if seed == 0 else random_network(seed, num_qubits=5, ops=18)
    program = made(network, list(random_words(seed, 5)))
    params = np.random.default_rng(seed).normal(size=(11, len(program.parameters)))
    values, jacobian = program.value_and_jacobian(params)
    for row in (0, 4, 10):
        one_value, one_jacobian = program.value_and_jacobian(params[row])
        np.testing.assert_allclose(one_value, values[row], rtol=0, atol=1e-14)
        np.testing.assert_allclose(one_jacobian, jacobian[row], rtol=0, atol=1e-13)


@pytest.mark.parametrize("seed", range(4))
def test_single_precision(seed: int) -> None:
    network = random_network(seed, num_qubits=5, ops=18)
    single = made(network, list(random_words(seed, 5)), dtype="complex64")
    double = made(network, list(random_words(seed, 5)))
    params = np.random.default_rng(seed).normal(size=(3, len(single.parameters)))
    for found, expected in zip(single.value_and_jacobian(params), double.value_and_jacobian(params), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-5)
        assert found.dtype == float
        assert not np.array_equal(found, expected)


def test_a_pullback_may_be_used_again_and_leaves_the_values() -> None:
    program = made(chain(4), ["Z8", "X3 Z4", "Z0"])
    params = np.random.default_rng(0).normal(size=(5, len(program.parameters)))
    values, pullback = program.vjp(params)
    weights = np.random.default_rng(1).normal(size=values.shape)
    first, kept = pullback(weights), values.copy()
    other = pullback(2 * weights)
    assert np.array_equal(pullback(weights), first)
    assert np.array_equal(values, kept)
    np.testing.assert_allclose(other, 2 * first, rtol=0, atol=1e-13)
