"""Pictures of circuits in fewer bytes: what matplotlib writes as curves becomes circles and boxes again."""

from __future__ import annotations

import re

FONT = "DejaVu Sans, Verdana, Helvetica, sans-serif"


def small(svg: bytes) -> bytes:
    """The same picture, without groups and remarks, numbers to a hundredth of a point.

    >>> small(b'<svg><g id="a"><path d="M 1 2.0001 L 3 2" style="fill: none"/></g></svg>').decode()
    '<svg><path d="M1 2L3 2" style="fill:none"/></svg>'
    """
    found = re.sub(r"<metadata>.*?</metadata>|<!DOCTYPE.*?>|</?g\b.*?>", "", svg.decode(), flags=re.DOTALL)
    found = re.sub(r"font-family: [^;\"]*; ", "", found)
    found = found.replace("<svg ", f'<svg font-family="{FONT}" ', 1)
    found = re.sub(r' transform="rotate\(-?0 [^"]*\)"', "", found)
    found = re.sub(r"; stroke-line(join|cap): \w+|text-anchor: start; ", "", found)
    found = re.sub(r'<path d="([^"]*)" (style="[^"]*")/>', _shape, found)
    found = re.sub(r"\d+\.\d{3,}", lambda one: _short(float(one[0])), found)
    found = re.sub(r'style="([^"]*)"', lambda one: one[0].replace(": ", ":").replace("; ", ";"), found)
    return re.sub(r"\s*\n\s*", "\n", found).encode()


def _shape(path: re.Match[str]) -> str:
    """A path as a circle or a box with round corners, if it is one of these."""
    curve, style = path[1], path[2]
    numbers = [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?", curve)]
    xs, ys = numbers[::2], numbers[1::2]
    left, top, width, height = min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
    if "C" in curve:
        centre = f'cx="{_short(left + width / 2)}" cy="{_short(top + height / 2)}"'
        return f'<circle {centre} r="{_short(width / 2)}" {style}/>'
    if "Q" in curve:
        place = f'x="{_short(left)}" y="{_short(top)}" width="{_short(width)}" height="{_short(height)}"'
        return f'<rect {place} rx="{_short(xs[0] - left)}" {style}/>'
    line = re.sub(r" ?([MLz]) ?", r"\1", " ".join(curve.split()))
    return f'<path d="{line}" {style}/>'


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
