"""From a flat graph and outputs to the steps of a model: one network for each level of classical links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cutq.circuits.observable import Observable
from cutq.compose.binding import Integers, bind
from cutq.compose.circuits import Layout, lay
from cutq.compose.cutting import cut
from cutq.compose.flatten import Flat, Leaf, Link, Number, Word
from cutq.compose.functions import Classical
from cutq.compose.ports import ClassicalIn
from cutq.compose.steps import FunctionStep, LinkStep, NetworkStep, Step, Sums
from cutq.compose.wiring import Wiring, is_result, source_leaves
from cutq.errors import CompositionError
from cutq.exact.compile import compile as compile_network


@dataclass(frozen=True)
class Planned:
    """The steps of a model and the columns of its board.

    Attributes:
        parameters: names of trainable numbers; they are the first columns.
        initial: their values, nan where not chosen.
        constants: columns of frozen numbers, and their values.
        data: for each input of the whole its port and its columns.
        steps: what is done in turn.
        outputs: the numbers that are asked for.
        width: how many columns.
    """

    parameters: tuple[str, ...]
    initial: np.ndarray[Any, np.dtype[np.float64]]
    constants: tuple[Integers, np.ndarray[Any, np.dtype[np.float64]]]
    data: Mapping[str, tuple[ClassicalIn, Integers]]
    steps: tuple[Step, ...]
    outputs: Sums
    width: int

    @cached_property
    def inputs(self) -> Mapping[str, ClassicalIn]:
        """The ports that data are given for."""
        return {name: port for name, (port, _) in self.data.items()}


def plan(
    flat: Flat,
    ports: Mapping[str, ClassicalIn],
    outputs: Sequence[Number],
    max_qubits: int | None,
    options: Mapping[str, Any],
) -> Planned:
    """The steps that give some numbers.

    Args:
        flat: the leaves.
        ports: the open classical inputs of the whole.
        outputs: the numbers that are asked for.
        max_qubits: as in ``Composition.network``.
        options: of ``cutq.compile``.
    """
    return _Planning(flat, ports, outputs, max_qubits, options).plan()


@dataclass
class _Board:
    """Columns by what they hold, in order of appearance."""

    columns: dict[object, int]

    def __call__(self, what: object) -> int:
        return self.columns.setdefault(what, len(self.columns))

    def several(self, what: Iterable[object]) -> Integers:
        return np.array([self(one) for one in what], dtype=np.int64)


class _Planning:
    """The short-lived state of :func:`plan`."""

    def __init__(
        self,
        flat: Flat,
        ports: Mapping[str, ClassicalIn],
        outputs: Sequence[Number],
        max_qubits: int | None,
        options: Mapping[str, Any],
    ) -> None:
        self.flat, self.ports, self.outputs = flat, ports, outputs
        self.max_qubits, self.options = max_qubits, options
        self.wiring = Wiring(flat)
        self.level = {
            leaf: number
            for number, parts in enumerate(self.wiring.levels)
            for part in parts
            for leaf in self.wiring.parts[part]
        }
        self.trainable = [name for name in self.weights if name not in self.frozen]
        self.board = _Board({name: k for k, name in enumerate(self.trainable)})

    # --- weights ---

    @cached_property
    def weights(self) -> dict[str, float]:
        """All elements of weights that leaves need, with their values, nan where they have none."""
        found: dict[str, float] = {}
        for leaf in self.flat.leaves:
            for weight in leaf.module.weights:
                names = [f"{leaf.key}.{one}" for one in weight.elements]
                if names and names[0] not in found:
                    values = np.full(weight.size, np.nan) if weight.values is None else weight.values.ravel()
                    found |= dict(zip(names, map(float, values), strict=True))
        return found

    @cached_property
    def frozen(self) -> set[str]:
        return {
            f"{leaf.key}.{one}"
            for leaf in self.flat.leaves
            for weight in leaf.module.weights
            if leaf.frozen or weight.frozen
            for one in weight.elements
        }

    def _fixed(self, name: str) -> float:
        value = self.weights[name]
        if value != value:
            raise CompositionError(
                f"frozen weights have values, but {name!r} has none; write it with assign(...), or unfreeze its module"
            )
        return value

    # --- what is needed ---

    @cached_property
    def needed(self) -> set[int]:
        """Leaves that the outputs depend on."""
        found: set[int] = set()
        todo = {leaf for number in self.outputs for leaf in source_leaves(number)}
        feeding: dict[int, set[int]] = {}
        for link in self.flat.links:
            for leaf, _ in link.targets:
                feeding.setdefault(leaf, set()).update(one for s in link.sources for one in source_leaves(s))
        while todo:
            past = self.wiring.past(todo) - found
            found |= past
            todo = {before for leaf in past for before in feeding.get(leaf, ())} - found
        return found

    @cached_property
    def links(self) -> dict[int, list[Link]]:
        """The links that are needed, by the levels that they lead to."""
        found: dict[int, list[Link]] = {}
        for link in self.flat.links:
            leaf, _ = link.targets[0]
            if leaf in self.needed:
                found.setdefault(self.level[leaf], []).append(link)
        return found

    @cached_property
    def words(self) -> dict[int, list[Word]]:
        """The words that are read at each level."""
        found: dict[int, dict[Word, None]] = {}
        numbers: list[Any] = list(self.outputs)
        numbers += [source for links in self.links.values() for link in links for source in link.sources]
        for number in numbers:
            if not is_result(number):
                for _, word in number:
                    for level, own in self._by_level(word).items():
                        found.setdefault(level, {})[own] = None
        return {level: list(words) for level, words in found.items()}

    def _by_level(self, word: Word) -> dict[int, Word]:
        found: dict[int, list[tuple[int, int, str]]] = {}
        for letter in sorted(word):
            found.setdefault(self.level[letter[0]], []).append(letter)
        return {level: tuple(own) for level, own in found.items()}

    # --- steps ---

    def plan(self) -> Planned:
        data = {
            name: (port, self.board.several(("input", *one) for one in self.flat.lookup[name]))
            for name, port in self.ports.items()
        }
        steps: list[Step] = []
        for level, parts in enumerate(self.wiring.levels):
            leaves = [leaf for part in parts for leaf in sorted(self.wiring.parts[part]) if leaf in self.needed]
            steps += self._links(self.links.get(level, []))
            steps += self._networks(self.words.get(level, []))
            steps += [self._function(leaf) for leaf in leaves if self.flat.leaves[leaf].circuit is None]
        asked = Sums.of([self._terms(number) for number in self.outputs])
        frozen = [(k, self._fixed(str(name))) for name, k in self.board.columns.items() if name in self.frozen]
        return Planned(
            tuple(self.trainable),
            np.array([self.weights[name] for name in self.trainable]),
            (np.array([k for k, _ in frozen], dtype=np.int64), np.array([value for _, value in frozen])),
            data,
            tuple(steps),
            asked,
            len(self.board.columns),
        )

    def _links(self, links: Sequence[Link]) -> list[Step]:
        """The links into a level; those without a function are one step."""
        plain = [link for link in links if link.function is None]
        return [
            *([self._link(plain)] if plain else []),
            *(self._link([link]) for link in links if link.function is not None),
        ]

    def _link(self, links: Sequence[Link]) -> Step:
        targets = [target for link in links for target in link.targets]
        ranges = [port for link in links for port in self._ranges(link)]
        return LinkStep(
            Sums.of([self._terms(source) for link in links for source in link.sources]),
            links[0].function,
            self.board.several(("input", *target) for target in targets),
            np.array([port.low for port in ranges]),
            np.array([port.high for port in ranges]),
            tuple(link.name for link in links for _ in link.targets),
        )

    def _ranges(self, link: Link) -> list[ClassicalIn]:
        """The port of each input that a link drives; they are inputs of one leaf."""
        ports = self.flat.leaves[link.targets[0][0]].module.classical_inputs
        owner = {element: port for port in ports for element in port.elements}
        return [owner[element] for _, element in link.targets]

    def _terms(self, number: Any) -> list[tuple[float, tuple[int, ...]]]:
        if is_result(number):
            return [(1.0, (self.board(("result", *number)),))]
        return [
            (weight, tuple(self.board(("word", own)) for own in self._by_level(word).values()))
            for weight, word in number
        ]

    def _function(self, number: int) -> Step:
        leaf = self.flat.leaves[number]
        body = leaf.module.body
        assert isinstance(body, Classical)
        return FunctionStep(
            body,
            self.board.several(("input", number, one) for p in leaf.module.classical_inputs for one in p.elements),
            self.board.several(f"{leaf.key}.{one}" for weight in leaf.module.weights for one in weight.elements),
            self.board.several(("result", number, k) for k in range(body.outputs)),
        )

    def _networks(self, words: Sequence[Word]) -> list[Step]:
        """The networks of a level: one for all that is read at the end of wires, others for what is read before."""
        groups: dict[frozenset[int] | None, list[Word]] = {}
        for word in words:
            late = all((leaf, qubit) not in self.flat.used for leaf, qubit, _ in word)
            groups.setdefault(None if late else self._before(word), []).append(word)
        found = []
        for leaves, own in groups.items():
            past = self.wiring.past({leaf for word in own for leaf, _, _ in word}) if leaves is None else leaves
            found.append(self._network(past, own))
        return found

    def _before(self, word: Word) -> frozenset[int]:
        """The leaves that a word in the middle depends on; its wires have not gone on before all of them are done."""
        past = self.wiring.past({leaf for leaf, _, _ in word})
        for leaf, qubit, letter in word:
            after = self.flat.used.get((leaf, qubit))
            if after is not None and after[0] in past:
                one, other = self.flat.leaves[leaf].path, self.flat.leaves[after[0]].path
                raise CompositionError(
                    f"a word is read at one time, but {letter} on qubit {qubit} of {one!r} is gone when {other!r} is "
                    "done, on which the rest of the word depends; read the two separately"
                )
        return past

    def _network(self, leaves: frozenset[int], words: Sequence[Word]) -> Step:
        laid = lay(self.wiring, leaves)
        names = [leaf.path for leaf in self.flat.leaves]
        network = cut(Layout(laid), self.max_qubits, names)
        observables = [
            Observable.of([(tuple((laid.register[leaf, q], letter) for leaf, q, letter in word), 1.0)])
            for word in words
        ]
        program = compile_network(network, observables, **self.options)
        binding = bind(program.parameters, laid.sources, self._column)
        return NetworkStep(network, program, binding, self.board.several(("word", word) for word in words))

    def _column(self, name: str) -> int:
        """The column of an element of a weight or an input, by its name in the whole."""
        return self.board(self._inputs.get(name, name))

    @cached_property
    def _inputs(self) -> dict[str, tuple[str, int, str]]:
        """The inputs of leaves by their names in the whole."""
        leaves: Sequence[Leaf] = self.flat.leaves
        return {
            f"{leaf.path}.{one}": ("input", number, one)
            for number, leaf in enumerate(leaves)
            for port in leaf.module.classical_inputs
            for one in port.elements
        }
