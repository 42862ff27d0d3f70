"""Addresses of ports, ``"mix.in[0:2]"``, and of outputs, ``"0.5*Z@a.out[0] X@b.out"``."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cutq.compose.names import shown
from cutq.errors import CompositionError, ObservableError

_SPOT = re.compile(r"(?P<node>[A-Za-z_][\w-]*)\.(?P<port>[A-Za-z_][\w.-]*?)(?:\[(?P<index>[^\[\]]*)\])?", re.ASCII)
_LETTER = re.compile(r"(?P<letter>[IXYZ])@(?P<spot>[A-Za-z_][\w.-]*(?:\[\d{1,9}\])?)(?![\w@\[])", re.ASCII)
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class Spot:
    """A port of a node, or some of its elements.

    Attributes:
        node: name of the node.
        port: name of its port.
        elements: which of them, in this order; None for all.
    """

    node: str
    port: str
    elements: tuple[int, ...] | None = None

    def __str__(self) -> str:
        index = "" if self.elements is None else f"[{_listed(self.elements)}]"
        return f"{self.node}.{self.port}{index}"


def spot(address: str) -> Spot:
    """The spot that an address names: a port, one element, a slice or a list.

    >>> spot("mix.in[0:2]"), str(spot("reader.mix.in[2]"))
    (Spot(node='mix', port='in', elements=(0, 1)), 'reader.mix.in[2]')
    """
    found = _SPOT.fullmatch(address) if isinstance(address, str) else None
    if not found:
        raise CompositionError(f"an address is written 'node.port' or 'node.port[0:2]', got {shown(address)}")
    index = found["index"]
    return Spot(found["node"], found["port"], None if index is None else _elements(address, index))


def _elements(address: str, index: str) -> tuple[int, ...]:
    sliced = re.fullmatch(r"\s*(\d{1,9})\s*:\s*(\d{1,9})\s*", index)
    if sliced and int(sliced[1]) < int(sliced[2]) <= int(sliced[1]) + 10**6:
        return tuple(range(int(sliced[1]), int(sliced[2])))
    numbers = [part.strip() for part in index.split(",")]
    if not all(re.fullmatch(r"\d{1,9}", number, re.ASCII) for number in numbers):
        raise CompositionError(f"elements are named [2], [0:2] or [0,2], counted from 0, got {shown(address)}")
    found = tuple(map(int, numbers))
    if len(set(found)) < len(found):
        raise CompositionError(f"elements are named once, got {shown(address)}")
    return found


def _listed(elements: tuple[int, ...]) -> str:
    consecutive = elements == tuple(range(elements[0], elements[-1] + 1))
    return f"{elements[0]}:{elements[-1] + 1}" if consecutive and len(elements) > 1 else ",".join(map(str, elements))


Letter = tuple[str, Spot]
"""A Pauli letter and where it is measured."""


def terms(text: str) -> Iterator[tuple[float, tuple[Letter, ...]]]:
    """The terms of an output: weights and words.

    >>> [(weight, [(letter, str(at)) for letter, at in word]) for weight, word in terms("0.5*Z@a.out[0] X@b.out - 2")]
    [(0.5, [('Z', 'a.out[0]'), ('X', 'b.out')]), (-2.0, [])]

    Raises:
        ObservableError: pointing at what has no meaning.
    """
    if not isinstance(text, str) or not text.strip():
        raise ObservableError(f"an output is written as text such as 'Z@mix.out[0]', got {shown(text)}")
    position, first = 0, True
    while position < len(text):
        sign, position = _sign(text, position, first)
        weight, word, position = _term(text, position)
        yield sign * weight, word
        first = False


def _sign(text: str, position: int, first: bool) -> tuple[float, int]:
    position = _skip(text, position)
    if text[position : position + 1] in ("+", "-"):
        return (-1.0 if text[position] == "-" else 1.0), _skip(text, position + 1)
    if not first:
        raise _error(text, position, "a sign is missing between two terms")
    return 1.0, position


def _term(text: str, position: int) -> tuple[float, tuple[Letter, ...], int]:
    weight, word = 1.0, list[Letter]()
    expects, seen = True, False
    while position < len(text) and text[position] not in "+-":
        number, letter = _NUMBER.match(text, position), _LETTER.match(text, position)
        if text[position] == "*" and not expects:
            expects, position = True, _skip(text, position + 1)
            continue
        if letter:
            word.append((letter["letter"], spot(letter["spot"])))
        elif number and expects:
            weight *= float(number[0])
            if not math.isfinite(weight):
                raise _error(text, position, "a weight is a finite number")
        else:
            raise _error(text, position, "no Pauli such as Z@mix.out[0], no number, sign or '*'")
        expects, seen = False, True
        position = _skip(text, (letter or number).end())  # type: ignore[union-attr]
    if expects or not seen:
        raise _error(text, position, "a factor is missing")
    return weight, tuple(word), position


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _error(text: str, position: int, why: str) -> ObservableError:
    shown = text if len(text) <= 80 else text[:77] + "..."
    return ObservableError(f"output {shown!r}, character {position + 1}: {why}")
