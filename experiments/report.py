"""``python -m experiments.report [-o report.html]``: all experiments on one page that needs no network.

The figures are drawn again from the results; a figure module with ``pictures(results)`` gives them with hover values,
of others the SVG files in their folder are shown.
"""

from __future__ import annotations

import argparse
import importlib
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cutq.cli.experiments import studies
from cutq.errors import CutqError
from cutq.show.files import check_folder, write_whole
from cutq.show.page import rendered
from experiments.harness import provenance, read
from experiments.page import Section, page

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[1]
SVG, LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
MARK = "hover-"
"""Beginning of the identities of lines whose marks carry values."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m experiments.report")
    parser.add_argument("-o", "--output", type=Path, default=Path("report.html"), metavar="FILE")
    target = parser.parse_args(arguments).output
    try:
        check_folder(target)
        write_whole(target, report().encode())
    except CutqError as error:
        print(f"report: {error}", file=sys.stderr)
        return 2
    print(f"written: {target}")
    return 0


def report(folders: Iterable[Path] | None = None) -> str:
    """The page of these experiments, of all where none are named."""
    chosen = [ROOT / "experiments" / one.name for one in studies(ROOT)] if folders is None else list(folders)
    facts = ", ".join(f"{key} {value}" for key, value in provenance().items())
    return page([section(folder) for folder in chosen], "What divide and conquer costs", f"drawn with {facts}")


def section(folder: Path, results: Path | None = None) -> Section:
    """An experiment's text, figures and rows; the rows of another file where one is named."""
    path = results or folder / "results.csv"
    rows = read(path) if path.exists() else []
    same = {name: rows[0][name] for name in rows[0] if len({row[name] for row in rows}) == 1} if rows else {}
    left = [{name: text for name, text in row.items() if name not in same} for row in rows]
    figures = _figures(folder, path) if rows else {}
    return Section(folder.name, _paragraphs(folder / "README.md"), figures, left, {k: v for k, v in same.items() if v})


def _paragraphs(readme: Path) -> list[str]:
    """What a page says before its first heading below the title, without pictures."""
    text = readme.read_text(encoding="utf-8") if readme.exists() else ""
    body = re.split(r"^## ", text, maxsplit=1, flags=re.MULTILINE)[0]
    blocks = [" ".join(block.split()) for block in body.split("\n\n")]
    return [block for block in blocks if block and not block.startswith(("#", "!["))]


def _figures(folder: Path, results: Path) -> dict[str, str]:
    """By name the figures as SVG, each with identities of its own."""
    drawing = importlib.import_module(f"experiments.{folder.name}.figure")
    if hasattr(drawing, "pictures"):
        found = {name: hovering(one) for name, one in drawing.pictures(results).items()}
    else:
        found = {one.stem: inline(one.read_bytes()) for one in sorted(folder.glob("*.svg"))}
    return {name: renamed(svg, f"{folder.name}-{name}-") for name, svg in found.items()}


def hovering(figure: Figure) -> str:
    """A figure as SVG whose marks carry their values, in the words of the axes."""
    tips: dict[str, list[str]] = {}
    for axes in figure.axes:
        for artist in axes.lines:
            key = f"{MARK}{len(tips)}"
            artist.set_gid(key)
            tips[key] = _tips(artist, axes)
    return inline(rendered(lambda: figure, "svg"), tips)


def _tips(artist: Any, axes: Any) -> list[str]:
    """The texts of the marks of a line that are drawn."""
    points = np.asarray(artist.get_xydata(), dtype=float)
    names = (axes.get_xlabel(), axes.get_ylabel())
    kept = points[np.isfinite(points).all(axis=1)]
    return [
        "\n".join([str(artist.get_label()), *(f"{name}: {value:.4g}" for name, value in zip(names, one, strict=True))])
        for one in kept
    ]


def inline(svg: bytes, tips: dict[str, list[str]] | None = None) -> str:
    """SVG as a part of a page: without prologue and metadata, as wide as there is room, with the texts of its marks."""
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", LINK)
    root = ET.fromstring(svg)
    for found in root.findall(f"{{{SVG}}}metadata"):
        root.remove(found)
    for name in ("width", "height"):
        root.attrib.pop(name, None)
    root.set("role", "img")
    for key, texts in (tips or {}).items():
        marks = list(root.iterfind(f".//{{{SVG}}}g[@id='{key}']//{{{SVG}}}use"))
        if len(marks) != len(texts):
            raise CutqError(f"a figure draws all its points, but {key} has {len(texts)} points and {len(marks)} marks")
        for mark, text in zip(marks, texts, strict=True):
            mark.set("data-tip", text)
    return ET.tostring(root, encoding="unicode")


def renamed(svg: str, prefix: str) -> str:
    """All identities and what refers to them with a prefix, so that figures on one page do not meet."""
    return re.sub(r'(\bid="|url\(#|href="#)', lambda found: found[0] + prefix, svg)


if __name__ == "__main__":
    sys.exit(main())
