"""Colours: one for each fragment, one for cuts.

Neighbouring fragments are mostly consecutive, so consecutive colours differ most. Reds are left to the cuts.
Pictures also write the fragments' names: colour never stands alone.
"""

from __future__ import annotations

INK = "#22262B"
"""Text and everything that belongs to no fragment."""

GREY = "#6B7280"
"""Cut gates, captions and links."""

CUT = "#C1121F"
"""A cut of one wire or one gate."""

FRAGMENTS = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#30208F", "#BFBF70",
    "#503050", "#508FFF", "#008030", "#BFAFFF", "#602020", "#0060EF",
)  # fmt: skip
"""Colours of the first fragments: four of Okabe and Ito, then each time the one farthest from those before.

Any two differ by at least 22 (CIE 1976) to normal, protanopic and deuteranopic eyes alike.
"""

JOINT = ("#8E0F6E", "#B3460B", "#1F3A93", "#4D5300", "#00545A")
"""Colours of joint cuts: what shares one of them is one bond."""

_ROUNDS = (("#000000", 0.0), ("#000000", 0.4), ("#FFFFFF", 0.35))
"""What is mixed into the colours each time they come round again."""


def fragment_colour(fragment: int) -> str:
    """The colour of a fragment, by its position in the network; repeats after three rounds of shades.

    >>> fragment_colour(0), fragment_colour(12), fragment_colour(36)
    ('#0072b2', '#00446b', '#0072b2')
    """
    around, index = divmod(fragment, len(FRAGMENTS))
    return mix(FRAGMENTS[index], *_ROUNDS[around % len(_ROUNDS)])


def joint_colour(position: int) -> str:
    """The colour of the joint cut at this position among the joint cuts."""
    return JOINT[position % len(JOINT)]


def tint(colour: str, share: float = 0.84) -> str:
    """The colour with this share of white in it.

    >>> tint("#0072B2", 0.5)
    '#80b8d8'
    """
    return mix(colour, "#FFFFFF", share)


def legible(colour: str) -> str:
    """The colour for text on white: light ones are darkened.

    >>> legible("#0072B2"), legible("#BFAFFF")
    ('#0072B2', '#706a95')
    """
    red, green, blue = _channels(colour)
    return mix(colour, INK, 0.5) if 0.3 * red + 0.59 * green + 0.11 * blue > 145 else colour


def mix(colour: str, other: str, share: float) -> str:
    """A colour with a share of another in it; both and the result as ``#rrggbb``."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round((1 - share) * one + share * two):02x}" for one, two in pairs)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[start : start + 2], 16) for start in (1, 3, 5))
