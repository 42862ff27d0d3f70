"""Modules of every kind of body, and folders of theirs, for the tests of saving and loading."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from cutq import (
    Card,
    Circuit,
    ClassicalIn,
    ClassicalOut,
    Composition,
    Group,
    Metric,
    Module,
    Operation,
    QuantumIn,
    QuantumOut,
    Weight,
    classical,
    param,
)


def encoder() -> Module:
    """A circuit with data, a weight with values and one without, an input map, ranges and a card."""
    operations = (
        Operation("ry", (0,), (param("turn"),)),
        Operation("rx", (1,), (2 * param("w[0]") + 0.1,)),
        Operation("rzz", (0, 1), (param("w[1]") - param("v"),)),
        Operation("unitary", (0, 1), (), tuple(map(tuple, np.diag(np.exp(1j * np.arange(4)))))),
        Operation("cx", (0, 1)),
    )
    ports = (
        ClassicalIn("x", (2,), low=-1.0),
        ClassicalIn("phi", (), "angle", -0.25, 3.5),
        QuantumOut("out", (1, 0)),
        ClassicalOut("z", ("Z0", "0.1*X1 - 1.2*Z0 Z1 + 3"), ("first", "second")),
        ClassicalOut("p", probabilities=(1,)),
    )
    weights = (Weight("w", (2,), [0.1, -1 / 3], frozen=True), Weight("v", ()))
    card = Card(
        "encodes two numbers",
        'A task with "quotes"\nand lines, ünïcode and C:\\backslashes.',
        "|x| above 1",
        "MIT",
        "me, eq. (1)",
        (
            Metric("mean z", "mean", 0.25, 1e-6, 0.5, {"port": "z", "points": [[0.1, 1], [2, -3.0]], "exact": True}),
            Metric("plain", "mean", 1),
        ),
    )
    circuit = Circuit(2, operations, 0.3 * param("v"), (Group("pair", (3, 4)),), {"name": "mine", "notes": ("a",)})
    return Module("encoder", circuit, ports, weights, {"turn": "2*arccos(x[0])/(1 + x[1]*x[1]) - phi"}, card)


def mixer(seed: int = 0) -> Module:
    """A circuit between two wires and two."""
    names = ("theta[0,0]", "theta[0,1]", "theta[1,0]", "theta[1,1]")
    layers = [Operation("ry", (k % 2,), (param(name),)) for k, name in enumerate(names)]
    circuit = Circuit(2, (*layers[:2], Operation("cx", (0, 1)), *layers[2:]))
    ports = (QuantumIn("in", (0, 1)), QuantumOut("out", (0, 1)))
    return Module("mixer", circuit, ports).initialised(seed)


def source() -> Module:
    """A pair of wires."""
    return Module("pair", Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1)))), (QuantumOut("out", (0, 1)),))


def reader() -> Composition:
    """Quantum edges only, with ties, frozen weights, wires that are discarded, measured and left open."""
    found = Composition("reader")
    found.add("src", source())
    found.add("a", mixer(1), tie="t")
    found.add("b", mixer(1), tie="t")
    found.add("c", mixer(2), frozen=True)
    found.connect("src.out", "a.in")
    found.connect("a.out", "b.in")
    found.connect("b.out[1]", "c.in[0]")
    found.connect("b.out[0]", "c.in[1]")
    found.measure("z", "Z@c.out[0]", "0.5*X@c.out[0] Z@c.out[1] - 2")
    found.card = Card("reads", metrics=(Metric("z", "mean", 0.5),))
    return found


def model() -> Composition:
    """Classical links with and without functions, a classical node with weights, and other names for ports."""
    found = Composition("model")
    found.add("enc", encoder())
    found.add("head", classical("linear", 2, 2, seed=5))
    found.add("second", encoder())
    found.connect("enc.z", "head.x")
    found.connect("head.y", "second.x", through="sigmoid")
    found.connect("enc.p[1]", "second.phi")
    found.discard("enc.out[0]", "enc.out[1]")
    found.expose("enc.x", "data")
    found.expose("second.z", "answer")
    return found


def nested() -> Composition:
    """Compositions three deep, some of them several times."""
    middle = Composition("middle")
    middle.add("model", model(), frozen=True)
    middle.add("side", reader())
    outer = Composition("outer")
    for name in ("one", "two"):
        outer.add(name, middle, tie="both")
    outer.add("head", classical("tanh", 2))
    outer.connect("one.side.z", "head.x")
    outer.expose("two.model.answer", "answer")
    return outer


def zoo() -> dict[str, Module]:
    """Modules by name."""
    plain = Module("plain", Circuit(1, (Operation("h", (0,)),)), (QuantumIn("in", (0,)), QuantumOut("out", (0,))))
    return {
        "plain": plain,
        "encoder": encoder(),
        "mixer": mixer(),
        "linear": classical("linear", 3, 2, seed=1),
        "tanh": classical("tanh", 3),
        "reader": reader().module,
        "model": model().module,
        "nested": nested().module,
    }


def resum(folder: Path) -> None:
    """Write SHA256SUMS anew, as one does who changes a folder on purpose."""
    names = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("SHA256SUMS", "tensors.safetensors")
    )
    lines = (f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    (folder / "SHA256SUMS").write_bytes("".join(lines).encode())


def rewrite(folder: Path, name: str, old: str, new: str) -> None:
    """Replace text of a file, and write the sums anew."""
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text, (old, text)
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    resum(folder)
