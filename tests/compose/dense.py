"""Brute force for compositions: what each output means, read off the graph by recursion, in plain numpy.

A number is asked for where it is needed: a wire is followed back to the module that it comes from, an input to what
feeds it, through as many compositions as there are. Nothing is flattened, planned or cut.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np

from cutq import Circuit, Composition, Module
from cutq.circuits.gates import PAULIS
from cutq.compose.assembly import Assembly
from cutq.compose.functions import Classical

Path = tuple[str, ...]
Place = tuple[Path, int]

_WORD = re.compile(r"([IXYZ])@([\w-]+)\.([\w.-]+?)(?:\[(\d+)\])?(?=\s|$)")

ELEMENTARY = {
    "identity": lambda x: x,
    "negative": lambda x: -x,
    "tanh": np.tanh,
    "relu": lambda x: np.where(x > 0, x, 0.0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "sin": np.sin,
    "cos": np.cos,
    "square": lambda x: x**2,
    "half-turn": lambda x: np.pi * x,
    "softmax": lambda x: np.exp(x) / np.exp(x).sum(),
    "digit": np.round,
}

SCOPE = {
    "pi": math.pi, "norm": lambda *xs: math.sqrt(sum(x * x for x in xs)), "abs": abs,
    **{name: getattr(np, name) for name in "sin cos tan exp log sqrt tanh arcsin arccos arctan arctan2".split()},
}  # fmt: skip


class NoTimeError(Exception):
    """A word is asked for at a time that does not exist."""


class Dense:
    """A composition with all its numbers."""

    def __init__(self, whole: Composition, params: Mapping[str, float], data: Mapping[str, np.ndarray]) -> None:
        self.whole = Module("whole", whole.assembly)
        self.data = data
        self.trainable: dict[str, float] = {}
        self.numbers: dict[str, float] = {}
        self._weights(self.whole.body, "", False)
        self.numbers |= {name: value for name, value in params.items() if name in self.trainable}

    def output(self, text: str) -> float:
        """A sum of words on quantum outputs of the outermost modules."""
        return self._text((), text)

    def port(self, node: str, port: str) -> list[float]:
        """The numbers of a classical output."""
        module = self.module((node,))
        return [self.number((node,), port, k) for k in range(math.prod(module.port(port).shape))]

    def measured(self, name: str) -> list[float]:
        """The numbers of a measured output."""
        (one,) = (one for one in self.whole.body.measured if one.name == name)
        return [self._text((), text) for text in one.outputs]

    # --- the graph ---

    def module(self, path: Path) -> Module:
        module = self.whole
        for name in path:
            (module,) = (node.module for node in module.body.nodes if node.name == name)
        return module

    def key(self, path: Path) -> str:
        keys = []
        module = self.whole
        for name in path:
            (node,) = (node for node in module.body.nodes if node.name == name)
            keys.append(node.tie or node.name)
            module = node.module
        return ".".join(keys)

    def inner(self, path: Path, port: str) -> tuple[Path, str]:
        """Where a port of a composition is inside it."""
        for name, at in self.module(path).body.names:
            if name == port:
                return (*path, at.node), at.port
        node, name = port.split(".", 1)
        return (*path, node), name

    def before(self, path: Path, port: str, k: int) -> tuple[Path, object, int] | tuple[None, str, int]:
        """The edge into an element of an input, of this composition or of one around it; else the whole's port."""
        if not path:
            return None, port, k
        body = self.module(path[:-1]).body
        for join in body.joins:
            if (join.target.node, join.target.port) == (path[-1], port):
                own = join.target.elements or range(math.prod(self.module(path).port(port).shape))
                if k in own:
                    return path[:-1], join, list(own).index(k)
        named = [name for name, at in body.names if (at.node, at.port) == (path[-1], port)]
        return self.before(path[:-1], named[-1] if named else f"{path[-1]}.{port}", k)

    # --- wires ---

    def place(self, path: Path, port: str, k: int) -> Place:
        """The qubit of a circuit that a wire of an output is."""
        module = self.module(path)
        if isinstance(module.body, Circuit):
            return path, module.port(port).qubits[k]
        inside, name = self.inner(path, port)
        return self.place(inside, name, k)

    def source(self, place: Place) -> Place | None:
        """Where a qubit comes from."""
        path, qubit = place
        for port in self.module(path).quantum_inputs:
            if qubit in port.qubits:
                around, join, k = self.before(path, port.name, port.qubits.index(qubit))
                assert around is not None, "an open quantum input"
                own = join.source.elements
                return self.place((*around, join.source.node), join.source.port, k if own is None else own[k])
        return None

    def past(self, paths: Sequence[Path]) -> list[Path]:
        """These circuits and all before them, in an order of time."""
        found: list[Path] = []

        def visit(path: Path) -> None:
            for qubit in range(self.module(path).body.num_qubits):
                source = self.source((path, qubit))
                if source is not None and source[0] not in found:
                    visit(source[0])
            if path not in found:
                found.append(path)

        for path in paths:
            visit(path)
        return found

    def word(self, letters: Mapping[Place, str]) -> float:
        """The expectation value of a word on wires as they leave their circuits."""
        letters = {place: letter for place, letter in letters.items() if letter != "I"}
        past = self.past([path for path, _ in letters])
        axes: dict[Place, int] = {}
        state = np.ones((), dtype=complex)
        taken = set()
        for path in past:
            circuit = self.module(path).body
            for qubit in range(circuit.num_qubits):
                source = self.source((path, qubit))
                taken.add(source)
                if source is None:
                    axes[path, qubit] = state.ndim
                    state = np.multiply.outer(state, np.array([1, 0]))
                else:
                    axes[path, qubit] = axes[source]
            values = self.angles(path)
            for op in circuit.operations:
                state = _applied(state, op.unitary(values), [axes[path, q] for q in op.qubits])
        if taken.intersection(letters):
            raise NoTimeError
        acted = state
        for place, letter in letters.items():
            acted = _applied(acted, PAULIS[letter], [axes[place]])
        return float(np.vdot(state, acted).real)

    # --- numbers ---

    def angles(self, path: Path) -> dict[str, float]:
        """The parameters of a circuit."""
        module = self.module(path)
        arrays = {port.name: self.input(path, port.name) for port in module.classical_inputs}
        for weight in module.weights:
            names = [f"{self.key(path)}.{weight.name}{_index(i)}" for i in np.ndindex(*weight.shape)]
            arrays[weight.name] = np.array([self.numbers[name] for name in names]).reshape(weight.shape)
        found = {}
        for name in module.body.parameters:
            text = module.angles[name].text if name in module.angles else name
            found[name] = float(eval(text, {"__builtins__": {}}, SCOPE | arrays))
        return found

    def input(self, path: Path, port: str) -> np.ndarray:
        """A classical input."""
        shape = self.module(path).port(port).shape
        return np.array([self.fed(path, port, k) for k in range(math.prod(shape))]).reshape(shape)

    def fed(self, path: Path, port: str, k: int) -> float:
        around, join, which = self.before(path, port, k)
        if around is None:
            return float(np.asarray(self.data[join]).ravel()[which])
        source = (*around, join.source.node)
        size = math.prod(self.module(source).port(join.source.port).shape)
        own = range(size) if join.source.elements is None else join.source.elements
        carried = np.array([self.number(source, join.source.port, one) for one in own])
        return float(carried[which] if join.function is None else _through(join.function, carried, {})[which])

    def number(self, path: Path, port: str, k: int) -> float:
        """A number that a module gives."""
        module = self.module(path)
        if isinstance(module.body, Circuit):
            terms = module.port(port).observables[k].terms
            return sum(weight * self.word({(path, q): letter for q, letter in word}) for word, weight in terms)
        if isinstance(module.body, Assembly):
            for one in module.body.measured:
                if one.name == port:
                    return self._text(path, one.outputs[k])
            inside, name = self.inner(path, port)
            return self.number(inside, name, k)
        weights = {
            weight.name: np.array(
                [self.numbers[f"{self.key(path)}.{weight.name}{_index(i)}"] for i in np.ndindex(*weight.shape)]
            ).reshape(weight.shape)
            for weight in module.weights
        }
        return float(_through(module.body, self.input(path, "x"), weights)[k])

    def _text(self, path: Path, text: str) -> float:
        total = 0.0
        signs, terms = re.findall(r"(?:^|\s)([+-])\s", f"+ {text}"), re.split(r"\s[+-]\s", text)
        for sign, term in zip(signs, terms, strict=True):
            letters = {self.place((*path, node), port, int(k or 0)): one for one, node, port, k in _WORD.findall(term)}
            factor = re.match(r"[\d.]+", term)
            total += float(f"{sign}{factor[0] if factor else 1}") * self.word(letters)
        return total

    def _weights(self, body: Assembly, prefix: str, frozen: bool) -> None:
        for node in body.nodes:
            key, fixed = f"{prefix}{node.tie or node.name}", frozen or node.frozen
            if isinstance(node.module.body, Assembly):
                self._weights(node.module.body, f"{key}.", fixed)
                continue
            for weight in node.module.weights:
                for index in np.ndindex(*weight.shape):
                    name = f"{key}.{weight.name}{_index(index)}"
                    value = math.nan if weight.values is None else float(weight.values[index])
                    if name not in self.numbers:
                        self.numbers[name] = value
                        if not (fixed or weight.frozen):
                            self.trainable[name] = value


def _index(index: tuple[int, ...]) -> str:
    return f"[{','.join(map(str, index))}]" if index else ""


def _applied(state: np.ndarray, matrix: np.ndarray, axes: Sequence[int]) -> np.ndarray:
    k = len(axes)
    tensor = np.asarray(matrix).reshape((2,) * (2 * k))
    return np.moveaxis(np.tensordot(tensor, state, axes=(range(k, 2 * k), axes)), range(k), axes)


def _through(function: Classical, x: np.ndarray, weights: Mapping[str, np.ndarray]) -> np.ndarray:
    if function.call is not None:
        return np.asarray(function.call(x))
    if function.function == "linear":
        return weights["weight"] @ x + weights["bias"]
    return ELEMENTARY[function.function](x)
