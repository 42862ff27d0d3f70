"""The report: one page without a network, whose figures carry values and whose tables sort."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cutq.cli.experiments import studies
from cutq.errors import CutqError
from experiments import page, report
from experiments.harness import read

NAMES = [one.name for one in studies(report.ROOT)]
DRAWN = {report.ROOT / "experiments" / name: importlib.import_module(f"experiments.{name}.figure") for name in NAMES}
FIGURES = {f"{folder.name}-{name}" for folder, one in DRAWN.items() for name in one.PANELS}
QUESTIONS = set(
    "scaling price_of_cuts gradients parameter_efficiency encoding noise crossover worth_of_a_wire "
    "against_peers".split()
)


@dataclass
class Reader(HTMLParser):
    """What a page holds."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def found(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def text() -> str:
    return report.report(DRAWN)


@pytest.fixture(scope="module")
def reader(text: str) -> Reader:
    found = Reader()
    found.feed(text)
    assert not found.open
    return found


def test_every_question_has_its_study_and_its_answer() -> None:
    text = (report.ROOT / "experiments" / "README.md").read_text(encoding="utf-8")
    assert set(NAMES) >= QUESTIONS
    for folder in DRAWN:
        assert re.search(rf"^## \[{folder.name}\]\({folder.name}/\): .*\?$", text, re.MULTILINE)
        assert re.search(rf"^!\[.*\]\({folder.name}/\w+\.svg\)$", text, re.MULTILINE)


def test_all_figures_and_tables_are_there(reader: Reader) -> None:
    assert {attrs["id"] for attrs in reader.found("figure")} == FIGURES
    assert len(reader.found("svg")) == len(FIGURES)
    assert len(reader.found("table")) == len(DRAWN)
    assert len(reader.found("tr")) == sum(len(read(folder / "results.csv")) + 1 for folder in DRAWN)
    assert len(reader.found("button")) == len(reader.found("th")) > 10


def test_needs_no_network(text: str, reader: Reader) -> None:
    for tag, attrs in reader.tags:
        assert tag not in ("link", "img", "iframe", "object")
        assert "src" not in attrs
        for name in ("href", "xlink:href"):
            assert (attrs.get(name) or "#").startswith("#")
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)
    assert not re.search(r"fetch\(|XMLHttpRequest|WebSocket", text)


def test_identities_are_unique_and_what_is_referred_to_is_there(text: str, reader: Reader) -> None:
    names = [attrs["id"] for _, attrs in reader.tags if attrs.get("id")]
    assert len(names) == len(set(names))
    used = re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', text)
    assert {one or other for one, other in used} <= set(names)


def test_marks_carry_their_values(reader: Reader) -> None:
    tips = [attrs["data-tip"] or "" for attrs in reader.found("use") if "data-tip" in attrs]
    pictures = [picture for folder, one in DRAWN.items() for picture in one.pictures(folder / "results.csv").values()]
    lines = [artist for picture in pictures for axes in picture.axes for artist in axes.lines]
    assert len(tips) == sum(np.isfinite(np.asarray(one.get_xydata(), dtype=float)).all(axis=1).sum() for one in lines)
    assert "shift, uncut\nparameters: 24\ncircuits: 48" in tips


def test_provenance_and_both_schemes(text: str) -> None:
    row = read(next(iter(DRAWN)) / "results.csv")[0]
    assert f"cutq {row['cutq']}" in text
    assert f"numpy {row['numpy']}" in text
    assert "prefers-color-scheme: dark" in text


def test_ranks_order_numbers_then_words_then_nothing() -> None:
    assert page.ranks(["1e-3", "20", "", "3", "x", "nan", "0.001"]) == [0, 2, 5, 1, 4, 3, 0]
    assert page.ranks([]) == []
    assert page.table([]) == "<p>no results yet</p>"


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_order_of_a_sorted_table() -> None:
    ranks = [2, 0, 1, 0]
    code = f"{page.SCRIPT}\nconsole.log(JSON.stringify([order({ranks}, false), order({ranks}, true)]))"
    done = subprocess.run(["node", "-e", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[1, 3, 2, 0], [0, 2, 1, 3]]


def test_text_is_escaped() -> None:
    section = page.Section("a", ["1 < 2 & `x<y`"], {}, [{"n": "<script>"}], {"cpu": "<b>"})
    text = page.page([section], "<title>", "facts & more")
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text
    assert "1 &lt; 2 &amp; <code>x&lt;y</code>" in text
    assert "<h1>&lt;title&gt;</h1>" in text


def test_a_mark_without_its_point_is_an_error() -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><g id="hover-0"><use/></g></svg>'
    assert 'data-tip="one"' in report.inline(svg, {"hover-0": ["one"]})
    with pytest.raises(CutqError, match="2 points and 1 marks"):
        report.inline(svg, {"hover-0": ["one", "two"]})


def test_a_folder_without_results(tmp_path: Path) -> None:
    found = report.section(next(iter(DRAWN)), tmp_path / "none.csv")
    assert (found.rows, found.figures) == ([], {})
    assert "no results yet" in page.page([found], "t", "f")


def test_written_whole_or_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report.main(["-o", str(tmp_path / "no" / "report.html")]) == 2
    assert "cannot write" in capsys.readouterr().err


@pytest.mark.long
def test_in_a_browser(tmp_path: Path, text: str) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser_path is None:
        pytest.skip("needs Chromium")
    target = tmp_path / "report.html"
    target.write_text(text, encoding="utf-8")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            _look(browser.new_page(color_scheme=scheme), target, tmp_path / f"{scheme}.png")
        browser.close()
    assert (tmp_path / "light.png").read_bytes() != (tmp_path / "dark.png").read_bytes()


def _look(view: Any, target: Path, picture: Path) -> None:
    """Use the page and take its picture; nothing goes wrong, and nothing is asked of the network."""
    faults: list[object] = []
    view.on("pageerror", lambda fault: faults.append(fault))
    view.route("http*://**", lambda route: route.abort())
    view.on("requestfailed", lambda request: faults.append(request))
    view.goto(target.as_uri())
    _use(view)
    view.screenshot(path=picture)
    assert not faults


def _use(view: Any) -> None:
    """Sort a column in both directions, and point at a mark."""
    table = view.locator("#gradients table")
    names = table.locator("th").all_inner_texts()
    column = [name.strip(" ↑↓") for name in names].index("circuits")
    for smaller in (True, False):
        table.locator("th button").nth(column).click()
        cells = [float(text) for text in table.locator(f"tbody td:nth-child({column + 1})").all_inner_texts()]
        assert cells == sorted(cells, reverse=not smaller)
    mark = view.locator("#gradients-circuits use[data-tip]").last  # no other lies on top of it
    mark.hover(force=True)
    assert view.locator("#tip").inner_text() == mark.get_attribute("data-tip")
    for name in NAMES:
        other = view.locator(f"#{name} use[data-tip]").first
        other.dispatch_event("mousemove")
        assert view.locator("#tip").inner_text() == other.get_attribute("data-tip")
