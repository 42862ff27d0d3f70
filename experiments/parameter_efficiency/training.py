"""Features of a problem from a module that is frozen, tuned, trained from scratch or left random; and heads on them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

import cutq
from cutq.compose.scores import refitted
from experiments.parameter_efficiency.encoder import Form, copies, data, encoder, tanh_layer
from experiments.parameter_efficiency.problems import Problem, Reals, source


@dataclass(frozen=True)
class Arm:
    """A module, and what is done with its weights.

    Attributes:
        kind: "quantum" or "tanh".
        start: "frozen" as the source left it, or "tuned" from there; trained from "scratch", or left "random".
        reads: numbers that come out of a copy.
        form: of the quantum encoder.
        before, steps: of L-BFGS, on the source and on a problem.
    """

    kind: str
    start: str
    reads: int
    form: Form
    before: int
    steps: int


def fresh(arm: Arm, seed: int) -> cutq.Module:
    """The module with the weights that it begins with."""
    return encoder(arm.form, arm.reads, seed) if arm.kind == "quantum" else tanh_layer(arm.form.joined, arm.reads, seed)


@cache
def pretrained(arm: Arm, seed: int) -> cutq.Module:
    """The module after it was trained on the source with a head, which is thrown away."""
    return trained(fresh(arm, seed), source(seed), arm.before, seed)


def module_for(arm: Arm, problem: Problem, seed: int) -> cutq.Module:
    """The module that an arm has for a problem."""
    if arm.start == "random":
        return fresh(arm, seed)
    if arm.start == "scratch":
        return trained(fresh(arm, seed), problem, arm.steps, seed)
    known = pretrained(replace(arm, start="frozen", steps=0), seed)
    return known if arm.start == "frozen" else trained(known, problem, arm.steps, seed)


def trained(module: cutq.Module, problem: Problem, steps: int, seed: int) -> cutq.Module:
    """The module after some steps of L-BFGS on the rows of a problem, together with a linear head."""
    whole = with_head(module, problem)
    loss = "binary-cross-entropy" if problem.outputs == 1 else "cross-entropy"
    given = data(module, problem.train.inputs), problem.train.labels
    cutq.train(whole, loss, given, outputs=["head.y"], optimiser="l-bfgs", epochs=steps, seed=seed, scale=0.3)
    found = {one.name.removeprefix("encoder."): one.values for one in whole.weights if one.name.startswith("encoder.")}
    return module.with_weights(found)


def with_head(module: cutq.Module, problem: Problem) -> cutq.Composition:
    """Copies of a module and a linear head on all that they say."""
    port = module.classical_outputs[0]
    each = int(np.prod(port.shape))
    whole = copies(module, problem.copies, frozen=False)
    whole.add("head", cutq.classical("linear", problem.copies * each, problem.outputs))
    for k in range(problem.copies):
        through = None if module.quantum_outputs else "tanh"
        whole.connect(f"p{k}.{port.name}", f"head.x[{k * each}:{(k + 1) * each}]", through)
    return whole


@cache
def reader(arm: Arm, count: int, max_qubits: int | None = None) -> cutq.Model:
    """What copies of a module say, by its weights; cut at the wires between them, if they are not left whole."""
    module = fresh(arm, 0)
    port = module.classical_outputs[0].name
    return copies(module, count, frozen=False).compile([f"p{k}.{port}" for k in range(count)], max_qubits)


def features(arm: Arm, module: cutq.Module, inputs: Reals, max_qubits: int | None = None) -> Reals:
    """What the copies say of inputs (rows, copies, 16), (rows, numbers)."""
    model = reader(replace(arm, start="random", before=0, steps=0), inputs.shape[1], max_qubits)
    weights = model.values({f"encoder.{one.name}": one.values for one in module.weights})
    values = model(weights, data(module, inputs))
    return values if arm.kind == "quantum" else np.tanh(values)


def accuracy(arm: Arm, problem: Problem, seed: int) -> float:
    """On the test rows, of a head that is fitted to what the module says: for all arms in the same way."""
    module = module_for(arm, problem, seed)
    train, test = (features(arm, module, one.inputs) for one in (problem.train, problem.test))
    return refitted(train, problem.train.labels, test, problem.test.labels)


def head_size(numbers: int, problem: Problem) -> int:
    """Parameters of a linear head."""
    return (numbers + 1) * problem.outputs
