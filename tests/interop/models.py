"""Models and programs for the tests of adapters, and their values and derivatives without any."""

from __future__ import annotations

from functools import cache

import numpy as np

import cutq


@cache
def reader() -> cutq.Model:
    """Two inputs of different shapes, two weights, a cut wire, a classical head and two outputs."""
    x = [cutq.param(f"x[{i},{k}]") for i in range(2) for k in range(2)]
    encode = cutq.Circuit(2, tuple(cutq.Operation(("ry", "rz")[k % 2], (k // 2,), (x[k],)) for k in range(4)))
    ports = (cutq.ClassicalIn("x", (2, 2), low=-np.pi, high=np.pi), cutq.QuantumOut("out", (0, 1)))
    turn = cutq.Circuit(1, (cutq.Operation("rx", (0,), (cutq.param("t"),)),))
    whole = cutq.Composition("reader")
    whole.add("enc", cutq.Module("enc", encode, ports))
    whole.add("mix", cutq.ansatz.brickwork(2, layers=2, seed=0))
    whole.add("turn", cutq.Module("turn", turn, (cutq.ClassicalIn("t"), cutq.QuantumIn("in", (0,)), OUT)))
    whole.add("head", cutq.classical("linear", 2, 2, seed=5))
    whole.add("read", cutq.Module("read", cutq.Circuit(1, ()), (cutq.QuantumIn("in", (0,)), Z)))
    whole.add("last", cutq.Module("last", cutq.Circuit(1, ()), (cutq.QuantumIn("in", (0,)), Z)))
    whole.connect("enc.out", "mix.in")
    whole.connect("mix.out[0]", "turn.in")
    whole.connect("mix.out[1]", "read.in")
    whole.connect("turn.out", "last.in")
    whole.connect("read.z", "head.x[0]")
    whole.connect("last.z", "head.x[1]")
    return whole.compile(["head.y"], max_qubits=2)


OUT = cutq.QuantumOut("out", (0,))
Z = cutq.ClassicalOut("z", ("Z0",))


@cache
def program() -> cutq.Program:
    """Without data: two parameters, two values."""
    s, t = cutq.param("s"), cutq.param("t")
    operations = (cutq.Operation("ry", (0,), (s,)), cutq.Operation("cx", (0, 1)), cutq.Operation("rx", (1,), (t,)))
    circuit = cutq.Circuit(2, operations)
    return cutq.compile(cutq.split(circuit, cutq.CutPlan.from_partition(circuit, "AB")), ["Z0", "Z0 Z1"])


@cache
def bare() -> cutq.Model:
    """A model without inputs whose modules have names of methods, and weights of no and of two axes without values."""
    theta = [cutq.param(f"theta[{i},{k}]") for i in range(2) for k in range(2)]
    turn = cutq.Circuit(1, (cutq.Operation("rx", (0,), (cutq.param("w"),)), cutq.Operation("h", (0,))))
    mixed = cutq.Circuit(1, tuple(cutq.Operation(("ry", "rz")[k % 2], (0,), (theta[k],)) for k in range(4)))
    whole = cutq.Composition("bare")
    whole.add("plus", cutq.load_module("plus"))
    whole.add("train", cutq.Module("turn", turn, (cutq.QuantumIn("in", (0,)), OUT)))
    whole.add("forward", cutq.Module("mixed", mixed, (cutq.QuantumIn("in", (0,)), OUT)))
    whole.connect("plus.out", "train.in")
    whole.connect("train.out", "forward.in")
    return whole.compile(["Z@forward.out"])


def rows(count: int, seed: int = 0) -> np.ndarray:
    """Data of the reader, (count, 5)."""
    return np.random.default_rng(seed).uniform(-3, 3, (count, 5))


def ports(x: np.ndarray) -> dict[str, np.ndarray]:
    """Rows of the reader's data by inputs."""
    return {"enc.x": x[..., :4].reshape(*x.shape[:-1], 2, 2), "turn.t": x[..., 4]}


def pulled(params: np.ndarray, x: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives of the reader by parameters and by rows of data."""
    _, pullback = reader().vjp_all(params, ports(x))
    found = pullback(weights)
    lead = x.shape[:-1]
    return found.params, np.concatenate(
        [found.data["enc.x"].reshape(*lead, 4), found.data["turn.t"][..., None]], axis=-1
    )
