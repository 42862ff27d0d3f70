"""Cuts between modules: which wires are cut, how wide the groups are, and what is said of a module that is too wide."""

from __future__ import annotations

import pytest

from cutq import Circuit, Composition, CompositionError, Module, Operation, PlanError, QuantumIn, QuantumOut, merge


def brick(qubits: int, ins: tuple[int, ...] = (), outs: tuple[int, ...] = ()) -> Module:
    """A ladder of gates on all qubits."""
    ops = [Operation("ry", (q,), (0.3 + q,)) for q in range(qubits)]
    ops += [Operation("cx", (q, q + 1)) for q in range(qubits - 1)]
    ports = ((QuantumIn("in", ins),) if ins else ()) + ((QuantumOut("out", outs),) if outs else ())
    return Module("brick", Circuit(qubits, tuple(ops)), ports)


def wire(count: int) -> Module:
    every = tuple(range(count))
    return Module("wire", Circuit(count), (QuantumIn("in", every), QuantumOut("out", every)))


def chain(count: int, width: int = 3, shared: int = 1) -> Composition:
    """Ladders joined by so many wires."""
    last = tuple(range(width - shared, width))
    whole = Composition("chain")
    whole.add("c0", brick(width, (), last))
    for k in range(1, count):
        whole.add(f"c{k}", brick(width, tuple(range(shared)), last))
        whole.connect(f"c{k - 1}.out", f"c{k}.in")
    return whole


@pytest.mark.parametrize(
    ("width", "fragments"), [(None, 6), (3, 6), (4, 6), (5, 3), (6, 3), (7, 2), (12, 2), (13, 1), (99, 1)]
)
def test_neighbours_come_together_while_they_fit(width: int | None, fragments: int) -> None:
    network = chain(6).network(width)
    assert len(network.fragments) <= max(fragments, 3 if fragments == 2 else fragments)
    assert len(network.bonds) == len(network.fragments) - 1
    assert width is None or max(network.widths) <= width
    assert merge(network) == chain(6).circuit()


def test_those_that_share_most_wires_come_together_first() -> None:
    whole = Composition("star")
    whole.add("a", brick(3, (), (0, 1, 2)))
    whole.add("b", brick(2, (0, 1)))
    whole.add("c", brick(2, (0,)))
    whole.connect("a.out[0,1]", "b.in")
    whole.connect("a.out[2]", "c.in")
    network = whole.network(3)
    assert [bond.cut.qubit for bond in network.bonds] == [2]  # type: ignore[union-attr]
    assert sorted(network.widths) == [2, 3]


def test_wires_without_gates_are_not_cut() -> None:
    whole = Composition("wires")
    whole.add("a", brick(2, (), (0, 1)))
    whole.add("w", wire(2))
    whole.add("v", wire(2))
    whole.add("b", brick(2, (0, 1), (0, 1)))
    whole.add("u", wire(2))
    for source, target in (("a", "w"), ("w", "v"), ("v", "b"), ("b", "u")):
        whole.connect(f"{source}.out", f"{target}.in")
    assert len(whole.network().bonds) == 2
    assert len(whole.network(2).bonds) == 0
    assert whole.network(2).widths == (2,)
    alone = Composition("alone")
    alone.add("s", Module("s", Circuit(2), (QuantumOut("out", (0, 1)),)))
    alone.add("w", wire(2))
    alone.connect("s.out", "w.in")
    assert alone.network(1).widths == (1, 1)


def test_parts_of_a_module_that_no_gate_joins_are_groups_of_their_own() -> None:
    apart = Module(
        "apart", Circuit(4, (Operation("cx", (0, 1)), Operation("cx", (2, 3)))), (QuantumOut("out", (1, 2)),)
    )
    whole = Composition("whole")
    whole.add("a", apart)
    whole.add("b", brick(2, (0, 1)))
    whole.connect("a.out", "b.in")
    assert max(whole.network(2).widths) == 2
    assert max(whole.network(3).widths) == 3
    assert whole.network(4).widths == (4,)


def test_a_wire_that_leaves_a_group_and_comes_back_is_cut_twice() -> None:
    whole = Composition("loop")
    whole.add("a", brick(3, (), (0, 1, 2)))
    whole.add("b", brick(3, (0,), (0,)))
    whole.add("c", brick(3, (0, 1, 2)))
    whole.connect("a.out[1,2]", "c.in[1,2]")
    whole.connect("a.out[0]", "b.in")
    whole.connect("b.out", "c.in[0]")
    network = whole.network(4)
    assert sorted(network.widths) == [3, 4]
    assert len(network.bonds) == 2
    assert merge(network) == whole.circuit()


def test_a_module_that_is_too_wide_is_named_with_the_cheapest_cuts() -> None:
    whole = chain(3)
    with pytest.raises(CompositionError) as caught:
        whole.network(2)
    assert str(caught.value) == (
        "a fragment fits max_qubits=2, but module 'c0' has a connected part of 3 qubits; the cheapest cuts found "
        "inside it are 1 of gamma 4 (wire of qubit 1 after operation 3, in the numbers of circuit()): cut the whole "
        "with find_cuts(composition.circuit(), ...), or raise max_qubits"
    )
    late = Composition("late")
    late.add("a", brick(1, (), (0,)))
    late.add("b", brick(4, (1,)))
    late.connect("a.out", "b.in")
    with pytest.raises(CompositionError, match="module 'b' has a connected part of 4 qubits"):
        late.network(3)
    with pytest.raises(CompositionError, match="module 'b'"):
        late.network(2)


def test_the_module_is_named_even_if_its_fragment_begins_with_a_cut() -> None:
    # The first thing in the fragment of 'b' is the leg of the wire, which carries a number of 'a'.
    whole = Composition("whole")
    whole.add("a", brick(2, (), (1,)))
    whole.add("b", brick(3, (0,)))
    whole.connect("a.out", "b.in")
    with pytest.raises(
        CompositionError,
        match=r"module 'b' has a connected part of 3 qubits; the cheapest cuts found .*operation [2-9]",
    ):
        whole.network(2)


def test_gates_that_are_cut_for_nothing() -> None:
    apart = Module("apart", Circuit(2, (Operation("rzz", (0, 1), (0.0,)),)), (QuantumOut("out", (0, 1)),))
    whole = Composition("whole")
    whole.add("a", apart)
    with pytest.raises(CompositionError, match=r"the cheapest cuts found inside it are 1 of gamma 1 \(gate 0"):
        whole.network(1)


@pytest.mark.parametrize("width", [0, -1, 1.5, True, "3", 10**400 * -1])
def test_widths_are_whole_numbers(width: object) -> None:
    with pytest.raises(PlanError, match="max_qubits is a whole number from 1 or None"):
        chain(2).network(width)  # type: ignore[arg-type]
