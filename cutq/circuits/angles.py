"""Angles: affine expressions ``a*s + b*t + c`` in named parameters, in radians."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real

from cutq.errors import ParameterError


@dataclass(frozen=True)
class Angle:
    """An affine expression in named parameters, in radians.

    Attributes:
        terms: pairs (parameter name, coefficient), sorted by name, no coefficient zero.
        constant: the part that depends on no parameter.

    Angles add, subtract and scale like numbers; a product of two parameters is not affine and is refused.

    >>> s, t = param("s"), param("t")
    >>> 2 * s - t + 0.1
    2.0*s - t + 0.1
    >>> (2 * s - t + 0.1).at({"s": 1.0, "t": 0.5})
    1.6
    """

    terms: tuple[tuple[str, float], ...] = ()
    constant: float = 0.0

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters it depends on."""
        return tuple(name for name, _ in self.terms)

    def at(self, values: Mapping[str, float]) -> float:
        """Its value in radians where every parameter has a value."""
        return self.constant + sum(coefficient * values[name] for name, coefficient in self.terms)

    def __add__(self, other: Angle | float) -> Angle:
        right = angle(other)
        return _collect((*self.terms, *right.terms), self.constant + right.constant)

    def __mul__(self, factor: float) -> Angle:
        if isinstance(factor, Angle):
            raise ParameterError(
                f"an angle is affine in its parameters, but ({self!r}) * ({factor!r}) is a product of two "
                "expressions; compute the product outside and bind it as one parameter"
            )
        scale = _finite(factor)
        return _collect(((name, scale * c) for name, c in self.terms), scale * self.constant)

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self) -> Angle:
        return self * -1.0

    def __sub__(self, other: Angle | float) -> Angle:
        return self + (-angle(other))

    def __rsub__(self, other: Angle | float) -> Angle:
        return angle(other) + (-self)

    def __truediv__(self, divisor: float) -> Angle:
        if isinstance(divisor, Angle):
            raise ParameterError(f"an angle is affine in its parameters, but it is divided by ({divisor!r})")
        if _finite(divisor) == 0.0:
            raise ParameterError(f"an angle is divided by zero: ({self!r}) / {divisor!r}")
        return _collect(((name, c / divisor) for name, c in self.terms), self.constant / divisor)

    def __repr__(self) -> str:
        parts = [_signed(c, name) for name, c in self.terms]
        if self.constant or not parts:
            parts.append(f"{'-' if self.constant < 0 else '+'} {abs(self.constant)!r}")
        text = " ".join(parts)
        return text[2:] if text.startswith("+ ") else "-" + text[2:]


def param(name: str) -> Angle:
    """The named parameter as an angle.

    >>> param("theta").parameters
    ('theta',)
    """
    if not isinstance(name, str) or not name.strip() or any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 for c in name):
        raise ParameterError(f"a parameter name is a non-empty text without control characters, got {name!r}")
    return Angle(((name, 1.0),))


def angle(value: Angle | float) -> Angle:
    """A number or an affine expression as an :class:`Angle`.

    >>> angle(0.5)
    0.5
    """
    return value if isinstance(value, Angle) else Angle((), _finite(value))


def _finite(value: object) -> float:
    try:
        number = float(value) if isinstance(value, Real) else math.nan
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        shown = repr(value) if number != math.inf or isinstance(value, float) else "a number beyond 1e308"
        raise ParameterError(f"an angle is a finite real number in radians or an affine expression, got {shown}")
    return number


def _collect(terms: Iterable[tuple[str, float]], constant: float) -> Angle:
    total: dict[str, float] = {}
    for name, coefficient in terms:
        total[name] = total.get(name, 0.0) + coefficient
    kept = tuple(sorted((name, c) for name, c in total.items() if c != 0.0))
    if not all(map(math.isfinite, (constant, *total.values()))):
        raise ParameterError(f"an angle has finite coefficients, but these overflow: {kept}, constant {constant}")
    return Angle(kept, constant)


def _signed(coefficient: float, name: str) -> str:
    sign = "-" if coefficient < 0 else "+"
    return f"{sign} {name}" if abs(coefficient) == 1.0 else f"{sign} {abs(coefficient)!r}*{name}"
