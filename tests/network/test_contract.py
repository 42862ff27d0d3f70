"""Contraction: squared and absorbed leaves, trees, loops, many words, small values, limits."""

from __future__ import annotations

import itertools

import cotengra
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutq import Circuit, CutPlan, GateCut, Observable, Operation, TooLargeError, WireCut, expectations, split
from cutq.exact.amplitudes import fragment_amplitudes
from cutq.network import contract, contraction, loops
from cutq.network.contraction import plan_contraction
from tests import oracle
from tests.strategies import circuits, observables, plans
from tests.zoo import dense, line, ring, tfim, u3_layer


def agree(circuit: Circuit, plan: CutPlan, words: list[str]) -> None:
    expected = [oracle.value(circuit, Observable(word)) for word in words]
    np.testing.assert_allclose(expectations(split(circuit, plan), words), expected, rtol=0, atol=1e-12)


def test_a_chain_is_squared_from_its_ends() -> None:
    circuit = u3_layer(tfim(9, 2))
    plan = CutPlan.from_partition(circuit, "AAABBBCCC")
    contraction = plan_contraction(split(circuit, plan))
    assert [step.squared for step in contraction.steps] == [True, True]
    assert [core.fragments for core in contraction.cores] == [(1,)]
    agree(circuit, plan, ["Z0", "X4 Y8", "Z0 Z4 Z8"])


def test_amplitudes_are_absorbed_where_squaring_would_make_a_larger_tensor() -> None:
    """Twelve cut gates between two fragments of three qubits: 8 x 4096 amplitudes, never 4096 x 4096."""
    circuit = u3_layer(dense(6, 20, 3))
    plan = CutPlan.from_partition(circuit, "AAABBB")
    network = split(circuit, plan)
    assert len(network.bonds) >= 10
    contraction = plan_contraction(network)
    assert [step.squared for step in contraction.steps] == [False]
    assert contraction.metric_entries == 0
    agree(circuit, plan, ["Z0", "Y2 X3", "Z0 Z1 Z2 Z3 Z4 Z5"])


def test_absorbed_fragments_bring_their_branches_along() -> None:
    """Fragment C hangs on the narrow B, which is absorbed into A."""
    ops = [Operation("ry", (q,), (0.3 + q,)) for q in range(5)]
    ops += [Operation("cp", (2, 3), (0.7,)), Operation("cx", (3, 4))]
    ops += [Operation(name, (q, 2), (0.4,) * (name == "crx")) for name in ("cx", "crx", "cz") for q in (0, 1)]
    circuit = u3_layer(Circuit(5, tuple(ops)))
    plan = CutPlan.from_partition(circuit, "AABCC")
    squares = {(step.fragment, step.squared) for step in plan_contraction(split(circuit, plan)).steps}
    assert (1, False) in squares
    agree(circuit, plan, ["Z4", "X2", "Y0 Z3", "Z0 Z1 Z2 Z3 Z4"])


@pytest.fixture(params=["as planned", "amplitudes first", "between bra and ket", "one after another"])
def _every_way_round_a_loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    ways = {
        "amplitudes first": loops._amplitudes_first,
        "between bra and ket": loops._between_bra_and_ket,
        "as planned": loops.plan_loop,
        "one after another": loops.plan_loop,
    }
    if request.param == "one after another":
        monkeypatch.setattr(loops, "MANY", 0)
    monkeypatch.setattr(contraction, "plan_loop", ways[request.param])


@pytest.mark.usefixtures("_every_way_round_a_loop")
@pytest.mark.parametrize("labels", ["ABCABC", "AABBCC", "ABCDEF"])
def test_loops(labels: str) -> None:
    circuit = u3_layer(ring(6))
    plan = CutPlan.from_partition(circuit, labels)
    assert any(core.loop for core in plan_contraction(split(circuit, plan)).cores)
    agree(circuit, plan, ["Z0", "X2 Y5", "1"])


@pytest.mark.usefixtures("_every_way_round_a_loop")
def test_loops_with_branches() -> None:
    ops = [Operation("h", (q,)) for q in range(7)]
    ops += [Operation("cp", (q, (q + 1) % 4), (0.5 + q,)) for q in range(4)]
    ops += [Operation("crx", (1, 4), (0.9,)), Operation("cx", (4, 5)), Operation("cry", (5, 6), (1.1,))]
    circuit = u3_layer(Circuit(7, tuple(ops)))
    agree(circuit, CutPlan.from_partition(circuit, "ABCDEFG"), ["Z6", "X0 Z4", "Y1 Y2 Y6", "1"])


def test_contracting_one_after_another_costs_what_cotengra_counts() -> None:
    indices = [("a", "b"), ("b", "c", "e"), ("c", "d"), ("d", "a"), ("e", "f"), ("f", "out")]
    sizes = {"a": 2, "b": 3, "c": 4, "d": 2, "e": 5, "f": 2, "out": 3}
    sweep = loops._Sweep(tuple(indices), ("out",), sizes, (2, 0, 1, 5, 3, 4))
    tree = cotengra.ContractionTree.from_path(indices, ("out",), sizes, ssa_path=sweep.get_ssa_path())
    assert sweep.cost() == (loops.COMPLEX_FLOPS * tree.contraction_cost(), tree.max_size())


def test_dimensions_beyond_floating_point_are_contracted_one_after_another() -> None:
    sizes = dict.fromkeys("abc", 2**700)
    loop = loops._loop(None, [("a", "b"), ("b", "c"), ("c", "a")], (), sizes)
    assert loop.entries == 2**1400
    assert loop.flops == loops.COMPLEX_FLOPS * (2**2100 + 2**1400)


def test_self_loops_of_wires_and_gates() -> None:
    """Expectation values mend such cuts first; the contraction can also close them."""
    circuit = u3_layer(line(3, 3))
    gate = next(number for number, op in enumerate(circuit.operations) if op.qubits == (0, 1))
    network = split(circuit, CutPlan((WireCut(1, gate), GateCut((gate,)), GateCut((gate + 5, gate + 6)))))
    assert any(bond.ends[0] == bond.ends[1] for bond in network.bonds)
    words = [((1, "Z"),), ((0, "X"), (2, "Y"))]
    found = contract.word_values(network, words, lambda f: fragment_amplitudes(network.fragments[f], {}), {})
    state = oracle.statevector(circuit)
    np.testing.assert_allclose(found, [oracle.word_value(state, word) for word in words], rtol=0, atol=1e-12)


@given(st.data())
@settings(max_examples=60)
def test_any_network_is_contracted_as_it_stands(data: st.DataObject) -> None:
    """Without light cones and mended cuts: the law of test_laws on the contraction alone."""
    circuit = data.draw(circuits())
    network = split(circuit, data.draw(plans(circuit)))
    words = [word for word, _ in data.draw(observables(circuit.num_qubits)).terms]
    found = contract.word_values(network, words, lambda f: fragment_amplitudes(network.fragments[f], {}), {})
    state = oracle.statevector(circuit)
    np.testing.assert_allclose(found, [oracle.word_value(state, word) for word in words], rtol=0, atol=1e-10)


def test_many_words_in_several_passes_give_the_same_values(monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = u3_layer(tfim(6, 2))
    network = split(circuit, CutPlan.from_partition(circuit, "AAABBB"))
    words = [f"Z{a} X{b}" for a in range(6) for b in range(6) if a != b]
    at_once = expectations(network, words)
    monkeypatch.setattr(contract, "METRIC_ENTRIES", 40)
    np.testing.assert_allclose(expectations(network, words), at_once, rtol=0, atol=1e-14)


def test_small_values_of_long_chains_keep_their_relative_accuracy() -> None:
    """200 separate qubits with <Z> = 0.3 each: 0.3**200 = 1e-105, which a plain product of metrics also carries."""
    tilt = float(np.arccos(0.3))
    ops = [Operation("ry", (q,), (tilt,)) for q in range(200)] + [Operation("cz", (q, q + 1)) for q in range(199)]
    circuit = Circuit(200, tuple(ops))
    word = " ".join(f"Z{q}" for q in range(200))
    network = split(circuit, CutPlan.from_partition(circuit, [q // 4 for q in range(200)]))
    assert expectations(network, [word])[0] == pytest.approx(0.3**200, rel=1e-10)


def test_a_loop_that_does_not_fit_is_refused() -> None:
    """Five fragments that all meet, four gates each pair: too large before anything is simulated."""
    ops = [Operation("cx", pair) for pair in itertools.combinations(range(6), 2) for _ in range(8)]
    circuit = Circuit(6, tuple(ops))
    network = split(circuit, CutPlan.from_partition(circuit, "ABCDEF"))
    with pytest.raises(TooLargeError, match="contraction of the fragments needs a tensor of"):
        contract.word_values(network, [((0, "Z"),)], lambda _: pytest.fail("work was done"), {})


def test_narrow_fragments_on_loops_are_contracted_before_squaring() -> None:
    """A triangle with seven gates on each side: the state has 2**9 entries, any square 2**28."""
    rng = np.random.default_rng(2)
    ops = [Operation("ry", (q,), (0.4 + q,)) for q in range(9)]
    ops += [Operation("cx", (q, q + 1)) for q in (0, 1, 3, 4, 6, 7)]
    for a, b in ((0, 3), (3, 6), (6, 0)):
        for k in range(7):
            ops.append(Operation("rzz", (a + k % 3, b + (2 * k + 1) % 3), (float(rng.uniform(0, 2)),)))
            ops.append(Operation("rx", (a + k % 3,), (0.3 + k,)))
    circuit = u3_layer(Circuit(9, tuple(ops)))
    plan = CutPlan.from_partition(circuit, "AAABBBCCC")
    (core,) = plan_contraction(split(circuit, plan)).cores
    assert core.loop is not None
    assert core.loop.squared is None
    agree(circuit, plan, ["Z0 Z1 Z2 Z3 Z4 Z5 Z6 Z7 Z8", "X0 Y4", "Z8"])


def test_loops_with_branches_contracted_before_squaring() -> None:
    ops = [Operation("h", (q,)) for q in range(7)]
    ops += [Operation("cp", (q, (q + 1) % 3), (0.5 + q + k,)) for k in range(6) for q in range(3)]
    ops += [Operation("crx", (1, 4), (0.9,)), Operation("cx", (4, 5)), Operation("cry", (2, 6), (1.1,))]
    ops += [Operation("cz", (3, 6)), Operation("ry", (3,), (0.4,))]
    circuit = u3_layer(Circuit(7, tuple(ops)))
    plan = CutPlan.from_partition(circuit, "ABCFDEF")
    (core,) = plan_contraction(split(circuit, plan)).cores
    assert core.loop is not None
    assert core.loop.squared is None
    agree(circuit, plan, ["Z0 Z1 Z2 Z3 Z4 Z5 Z6", "X5", "Y3 X0", "1"])
