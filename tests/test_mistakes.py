"""Mistakes that reasonable people make in Python: each gets a CutqError of one line, none a bare TypeError."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from cutq import (
    Circuit,
    CutPlan,
    CutqError,
    GateCut,
    Operation,
    Search,
    WireCut,
    amplitude,
    amplitudes,
    compile,
    expectation,
    expectations,
    find_cuts,
    find_plans,
    gradient,
    heavy_outputs,
    param,
    probabilities,
    sample,
    split,
)

CIRCUIT = Circuit(2, (Operation("rx", (0,), (param("t"),)), Operation("cx", (0, 1))))
NETWORK = split(CIRCUIT, CutPlan.uncut())
PROGRAM = compile(NETWORK, ["Z0"], engine="numpy")

MISTAKES: dict[str, Callable[[], object]] = {
    "a circuit for a network": lambda: expectation(CIRCUIT, "Z0", [0.1]),
    "something else for a circuit": lambda: find_cuts("circuit.qasm", 2),
    "a list of cuts for a plan": lambda: split(CIRCUIT, [GateCut((1,))]),
    "one cut for a tuple": lambda: CutPlan(GateCut((1,))),
    "a number for a cut": lambda: CutPlan((1,)),
    "one number for ops": lambda: GateCut(1),
    "a side that is a number": lambda: GateCut((1,), side=0),
    "a fraction for an operation": lambda: GateCut((1.9,)),
    "no number after": lambda: WireCut(0, None),
    "text for numbers": lambda: WireCut("0", "1"),
    "one angle for a tuple": lambda: Operation("rx", (0,), 0.3),
    "one qubit for a tuple": lambda: Operation("h", 0),
    "no name": lambda: Operation(None, (0,)),
    "text for qubits": lambda: Operation("cx", "01"),
    "fractions for qubits": lambda: Operation("cx", (0.9, 1.2)),
    "letters for qubits": lambda: Operation("h", ("a",)),
    "a ragged matrix": lambda: Operation("unitary", (0,), matrix=[[1, 0], [1]]),
    "a matrix of text": lambda: Operation("unitary", (0,), matrix=[["a", "b"], ["c", "d"]]),
    "angles of a matrix gate": lambda: Operation("unitary", (0,), (param("t"),), matrix=np.eye(2)),
    "an integer beyond floats": lambda: Operation("rx", (0,), (10**400,)),
    "an angle that overflows": lambda: param("s") * 1e308 * 1e308,
    "a constant that overflows": lambda: param("s") + 1e308 + 1e308,
    "an angle by zero": lambda: param("s") / 0,
    "a fraction of a qubit": lambda: Circuit(2.5),
    "text for operations": lambda: Circuit(2, ("h",)),
    "a number for labels": lambda: CutPlan.from_partition(CIRCUIT, 5),
    "no mapping for values": lambda: CIRCUIT.values(None),
    "numbers for names": lambda: CIRCUIT.values({1: 0.3, "t": 0.1}),
    "a value beyond floats": lambda: CIRCUIT.values({"t": 10**400}),
    "one observable for a list": lambda: expectations(NETWORK, "Z0", [0.1]),
    "an observable for a list": lambda: expectations(NETWORK, 3, [0.1]),
    "no time limit": lambda: Search(time_limit=None),
    "text for a time limit": lambda: Search(time_limit="3"),
    "a width of text": lambda: find_cuts(CIRCUIT, "2"),
    "a width that is true": lambda: find_cuts(CIRCUIT, True),
    "an option that is no truth value": lambda: Search(joint=1),
    "devices with reuse": lambda: Search(device_sizes=(4, 5), reuse=True),
    "no device": lambda: Search(device_sizes=()),
    "a device of text": lambda: Search(device_sizes=("5",)),
    "no fragments": lambda: Search(max_fragments=0),
    "half a circuit": lambda: Search(max_circuits=0.5),
    "a seed below zero": lambda: Search(seed=-1),
    "no observables": lambda: find_cuts(CIRCUIT, 1, observables=[]),
    "a width of zero for a front": lambda: find_plans(CIRCUIT, 0),
    "a plan that is no JSON": lambda: CutPlan.from_json("cuts"),
    "a plan of another format": lambda: CutPlan.from_json("{}"),
    "an order with a number twice": lambda: split(CIRCUIT, CutPlan(order=(0, 0))),
    "an order beyond the circuit": lambda: split(CIRCUIT, CutPlan(order=(0, 99))),
    "an order that leaves something out": lambda: split(CIRCUIT, CutPlan(order=())),
    "an unknown objective": lambda: find_cuts(CIRCUIT, 1, objective="cheap"),
    "a circuit for a program": lambda: compile(CIRCUIT, ["Z0"]),
    "one observable for a program": lambda: compile(NETWORK, "Z0"),
    "numbers for observables": lambda: compile(NETWORK, [0]),
    "a program that does not fit": lambda: compile(NETWORK, ["Z0"], max_bytes=1),
    "memory in words": lambda: compile(NETWORK, ["Z0"], max_bytes="4 GB"),
    "no threads": lambda: compile(NETWORK, ["Z0"], threads=0),
    "an engine that is not there": lambda: compile(NETWORK, ["Z0"], engine="gpu"),
    "a type of numpy for its name": lambda: compile(NETWORK, ["Z0"], dtype=np.complex64),
    "a list for a route": lambda: compile(NETWORK, ["Z0"], route=["gates"]),
    "a program without its values": lambda: PROGRAM(),
    "names for values": lambda: PROGRAM({"t": 0.1}),
    "one number for values": lambda: PROGRAM(0.1),
    "ragged values": lambda: PROGRAM([[0.1], [0.1, 0.2]]),
    "complex values": lambda: PROGRAM([0.1j]),
    "NaN in a batch": lambda: PROGRAM([[0.1], [np.nan]]),
    "one number for weights": lambda: PROGRAM.vjp([0.1])[1](1.0),
    "no weights": lambda: PROGRAM.vjp([0.1])[1](None),
    "observables for one": lambda: gradient(NETWORK, ["Z0"], [0.1]),
    "a batch for one gradient": lambda: gradient(NETWORK, "Z0", [[0.1]]),
    "the values for the qubits": lambda: probabilities(NETWORK, [0.1]),
    "one qubit for a list": lambda: probabilities(NETWORK, 0, [0.1]),
    "a qubit from the end": lambda: probabilities(NETWORK, [-1], [0.1]),
    "a qubit twice": lambda: probabilities(NETWORK, [0, 0], [0.1]),
    "half a qubit": lambda: probabilities(NETWORK, [0.5], [0.1]),
    "a short bit string": lambda: amplitude(NETWORK, "0", [0.1]),
    "a number for a bit string": lambda: amplitude(NETWORK, 1, [0.1]),
    "a two among bits": lambda: amplitude(NETWORK, [0, 2], [0.1]),
    "one bit string for a list": lambda: amplitudes(NETWORK, "01", [0.1]),
    "bit strings of two lengths": lambda: amplitudes(NETWORK, ["01", "1"], [0.1]),
    "no shots": lambda: sample(NETWORK, 0, [0.1], seed=0),
    "a float of shots": lambda: sample(NETWORK, 1e3, [0.1], seed=0),
    "more shots than memory": lambda: sample(NETWORK, 10**12, [0.1], seed=0),
    "a generator for a seed": lambda: sample(NETWORK, 1, [0.1], seed=np.random.default_rng(0)),
    "values for shots": lambda: sample(NETWORK, [0.1], 3, seed=0),
    "no strings": lambda: heavy_outputs(NETWORK, 0, [0.1]),
    "values for their number": lambda: heavy_outputs(NETWORK, [0.1], 3),
    "a circuit for a network of states": lambda: heavy_outputs(CIRCUIT, 1, [0.1]),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_named(name: str) -> None:
    with pytest.raises(CutqError) as caught:
        MISTAKES[name]()
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 400


def test_integers_of_numpy_are_integers() -> None:
    two = np.int64(2)
    assert find_cuts(CIRCUIT, two) == CutPlan.uncut()
    assert Operation("cx", (np.int64(0), np.int64(1))) == Operation("cx", (0, 1))
    assert WireCut(np.int64(0), np.int64(1)) == WireCut(0, 1)
