"""Input maps: angles as functions of inputs and weights, in a small fixed grammar that is read, never executed.

A text has numbers, ``pi``, elements of inputs and weights (``x``, ``x[0]``, ``w[1,2]``), ``+ - * /``, parentheses and
the functions of :data:`FUNCTIONS`. It is evaluated over whole arrays at once, with exact derivatives.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.compose.names import shown
from cutq.errors import ModuleError, ParameterError

Reals = NDArray[np.float64]

MOST_LETTERS = 8000
"""Longest text of an expression."""

MOST_DEPTH = 120
"""Deepest nesting."""

LARGEST = 1e300
"""Largest number."""


@dataclass(frozen=True)
class Function:
    """A row of the table of functions.

    Attributes:
        arguments: how many it takes; None for any number from one.
        value: the function.
        derivatives: its derivatives by each argument, from the arguments and the value.
    """

    arguments: int | None
    value: Callable[..., Reals]
    derivatives: Callable[..., tuple[Reals, ...]]


def _norm(*terms: Reals) -> Reals:
    return np.asarray(np.sqrt(sum(term * term for term in terms)))


FUNCTIONS: dict[str, Function] = {
    "sin": Function(1, np.sin, lambda v, x: (np.cos(x),)),
    "cos": Function(1, np.cos, lambda v, x: (-np.sin(x),)),
    "tan": Function(1, np.tan, lambda v, x: (1 + v * v,)),
    "exp": Function(1, np.exp, lambda v, x: (v,)),
    "log": Function(1, np.log, lambda v, x: (1 / x,)),
    "sqrt": Function(1, np.sqrt, lambda v, x: (0.5 / v,)),
    "tanh": Function(1, np.tanh, lambda v, x: (1 - v * v,)),
    "abs": Function(1, np.abs, lambda v, x: (np.sign(x),)),
    "arcsin": Function(1, np.arcsin, lambda v, x: (1 / np.sqrt(1 - x * x),)),
    "arccos": Function(1, np.arccos, lambda v, x: (-1 / np.sqrt(1 - x * x),)),
    "arctan": Function(1, np.arctan, lambda v, x: (1 / (1 + x * x),)),
    "arctan2": Function(2, np.arctan2, lambda v, y, x: (x / (x * x + y * y), -y / (x * x + y * y))),
    "norm": Function(None, _norm, lambda v, *xs: tuple(x / v for x in xs)),
}
"""The functions of the grammar; ``norm`` is the Euclidean norm of its arguments."""

Node = tuple[Any, ...]
"""``("number", value)``, ``("name", text)``, ``("+", a, b)`` and so on, ``("neg", a)``, ``("call", name, ...)``."""


@dataclass(frozen=True)
class Expression:
    """A function of named numbers.

    Attributes:
        text: how it is written, without superfluous spaces.

    Raises:
        ModuleError: the text is not of the grammar, with what is wrong.

    >>> product = Expression("(pi - x[0]) * (pi - x[1])")
    >>> product.names
    ('x[0]', 'x[1]')
    >>> value, slopes = product.derivatives({"x[0]": np.array(0.0), "x[1]": np.array(math.pi - 2)})
    >>> round(float(value), 6), float(slopes["x[0]"])
    (6.283185, -2.0)
    """

    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _written(_parsed(self.text)))

    @cached_property
    def node(self) -> Node:
        """The expression as a tree."""
        return _parsed(self.text)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The elements it depends on, in order of appearance."""
        return tuple(dict.fromkeys(_names(self.node)))

    @cached_property
    def form(self) -> Expression:
        """The same function of ``v0``, ``v1``, ... in the place of its names: one for ``2*x[0]`` and ``2*x[1]``."""
        return Expression(_written(_renamed(self.node, {name: f"v{k}" for k, name in enumerate(self.names)})))

    def value(self, values: Mapping[str, Reals]) -> Reals:
        """Its values, with the axes of the arguments.

        Raises:
            ParameterError: it has no value there, for example ``arccos`` outside of -1 to 1.
        """
        return self._finite(_value(self.node, values), values, "value")

    def derivatives(self, values: Mapping[str, Reals]) -> tuple[Reals, dict[str, Reals]]:
        """Its values and its derivatives by each name.

        Raises:
            ParameterError: it has no value or no derivative there.
        """
        value, slopes = _derivatives(self.node, values)
        self._finite(value, values, "value")
        for slope in slopes.values():
            self._finite(slope, values, "derivative")
        return value, slopes

    def _finite(self, found: Reals, values: Mapping[str, Reals], what: str) -> Reals:
        if not np.isfinite(found).all():
            arrays = np.broadcast_arrays(found, *(values[name] for name in self.names))
            where = tuple(np.argwhere(~np.isfinite(arrays[0]))[0])
            at = ", ".join(f"{name} = {one[where]:.6g}" for name, one in zip(self.names, arrays[1:], strict=True))
            raise ParameterError(
                f"{self.text!r} has no {what}{f' at {at}' if at else ''}; keep the inputs inside its range"
            )
        return found


def _parsed(text: object) -> Node:
    if not isinstance(text, str) or not text.strip():
        raise ModuleError(f"an expression is a text such as '2*x[0] + pi', got {shown(text)}")
    if len(text) > MOST_LETTERS:
        raise ModuleError(f"an expression has at most {MOST_LETTERS} letters, got {len(text)}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval").body
        return _node(tree, text, 0)
    except (SyntaxError, RecursionError, MemoryError, ValueError) as cause:
        if isinstance(cause, ModuleError):
            raise
        raise ModuleError(f"expression {text[:80]!r} cannot be read: {cause}") from cause


_OPERATORS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def _node(tree: ast.AST, text: str, depth: int) -> Node:
    if depth > MOST_DEPTH:
        raise ModuleError(f"expression {text[:80]!r} is nested more than {MOST_DEPTH} deep")
    match tree:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and abs(value) <= LARGEST:
            return ("number", float(value))
        case ast.Name(id="pi"):
            return ("number", math.pi)
        case ast.Name(id=name) if name not in FUNCTIONS:
            return ("name", name)
        case ast.Subscript(value=ast.Name(id=name), slice=index) if name not in FUNCTIONS and name != "pi":
            return ("name", f"{name}[{','.join(_indices(index, text))}]")
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return ("neg", _node(inner, text, depth + 1))
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _node(inner, text, depth + 1)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return (_OPERATORS[type(op)], _node(left, text, depth + 1), _node(right, text, depth + 1))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS and arguments:
            wanted = FUNCTIONS[name].arguments
            if wanted not in (None, len(arguments)):
                raise ModuleError(f"{name} takes {wanted} arguments, got {len(arguments)} in {text[:80]!r}")
            return ("call", name, *(_node(one, text, depth + 1) for one in arguments))
    shown = ast.get_source_segment(text.strip(), tree) if hasattr(tree, "lineno") else None
    raise ModuleError(
        f"expression {text[:80]!r}: {(shown or type(tree).__name__)[:40]!r} is no number, element, + - * / or one of "
        f"{', '.join(FUNCTIONS)}"
    )


def _indices(index: ast.AST, text: str) -> Iterator[str]:
    for one in index.elts if isinstance(index, ast.Tuple) else [index]:
        if not isinstance(one, ast.Constant) or type(one.value) is not int:
            raise ModuleError(f"elements are named by whole numbers, such as x[0] or w[0,1], in {text[:80]!r}")
        yield str(one.value)


_BINDS = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 3, "number": 4, "name": 4, "call": 4}


def _written(node: Node) -> str:
    """The text of a tree; equal trees have equal texts."""
    kind = node[0]
    if kind == "number":
        return "pi" if node[1] == math.pi else repr(node[1])
    if kind == "name":
        return str(node[1])
    if kind == "neg":
        return f"-{_bracketed(node[1], 4)}"
    if kind == "call":
        return f"{node[1]}({', '.join(map(_written, node[2:]))})"
    level = _BINDS[kind]
    spaced = f" {kind} " if level == 1 else kind
    return f"{_bracketed(node[1], level)}{spaced}{_bracketed(node[2], level + 1)}"


def _bracketed(node: Node, level: int) -> str:
    text = _written(node)
    return text if _BINDS[node[0]] >= level else f"({text})"


def _names(node: Node) -> Iterator[str]:
    if node[0] == "name":
        yield node[1]
    for inner in node[1:]:
        if isinstance(inner, tuple):
            yield from _names(inner)


def _renamed(node: Node, names: Mapping[str, str]) -> Node:
    if node[0] == "name":
        return ("name", names[node[1]])
    return (node[0], *(_renamed(one, names) if isinstance(one, tuple) else one for one in node[1:]))


def _value(node: Node, values: Mapping[str, Reals]) -> Reals:
    return _derivatives(node, values, wanted=False)[0]


def _derivatives(node: Node, values: Mapping[str, Reals], wanted: bool = True) -> tuple[Reals, dict[str, Reals]]:
    """Value and derivatives; the second is empty unless wanted."""
    kind = node[0]
    if kind == "number":
        return np.asarray(node[1]), {}
    if kind == "name":
        value = values[node[1]]
        return value, {node[1]: np.ones_like(value)} if wanted else {}
    inner = [_derivatives(one, values, wanted) for one in (node[2:] if kind == "call" else node[1:])]
    arguments = [value for value, _ in inner]
    with np.errstate(all="ignore"):
        value, slopes = _applied(kind if kind != "call" else node[1], arguments, wanted)
        total: dict[str, Reals] = {}
        for slope, (_, own) in zip(slopes, inner, strict=bool(slopes)):
            for name, one in own.items():
                total[name] = total[name] + slope * one if name in total else slope * one
    return value, total


def _applied(kind: str, arguments: list[Reals], wanted: bool) -> tuple[Reals, tuple[Reals, ...]]:
    if kind in FUNCTIONS:
        row = FUNCTIONS[kind]
        value = np.asarray(row.value(*arguments))
        return value, row.derivatives(value, *arguments) if wanted else ()
    if kind == "neg":
        return -arguments[0], (np.asarray(-1.0),)
    left, right = arguments
    one = np.asarray(1.0)
    match kind:
        case "+":
            return left + right, (one, one)
        case "-":
            return left - right, (one, -one)
        case "*":
            return left * right, (right, left)
        case _:
            return np.asarray(left / right), (1 / right, -left / (right * right))
