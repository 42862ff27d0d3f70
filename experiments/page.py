"""The one page of a report as HTML: sections with text, figures as SVG with hover values, tables that sort."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

STYLE = """
:root { color-scheme: light dark; --ink: #22262b; --paper: #ffffff; --soft: #6b7280; --line: #d8dbe0; --band: #f4f5f7 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8eb; --paper: #16181c; --soft: #9aa3af; --line: #343942; --band: #1e2127 }
  figure svg { filter: invert(0.91) hue-rotate(180deg) }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 60rem; padding: 0 1rem }
h1, h2 { line-height: 1.2 } h2 { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1rem }
figure { margin: 1rem 0 } figure svg { width: 100%; max-width: 46rem; height: auto }
figcaption, .provenance { color: var(--soft); font-size: 0.9rem }
.scroll { overflow: auto; max-height: 32rem; border: 1px solid var(--line) }
table { border-collapse: collapse; font-size: 0.85rem; font-variant-numeric: tabular-nums }
th, td { padding: 0.2rem 0.6rem; text-align: right; white-space: nowrap }
tr:nth-child(even) td { background: var(--band) }
th { position: sticky; top: 0; background: var(--paper); border-bottom: 1px solid var(--line) }
th button { all: unset; cursor: pointer; font-weight: 600 } th button:focus-visible { outline: 2px solid #0072b2 }
th[aria-sort=ascending] button::after { content: " \\2191" }
th[aria-sort=descending] button::after { content: " \\2193" }
[data-tip]:hover { stroke: currentColor; stroke-width: 2 }
#tip { position: fixed; pointer-events: none; padding: 0.2rem 0.5rem; font-size: 0.85rem; background: var(--ink);
  color: var(--paper); border-radius: 4px; white-space: pre; z-index: 2 }
"""

SCRIPT = """
function order(ranks, descending) {
  const places = ranks.map((rank, place) => place);
  return places.sort((a, b) => (descending ? ranks[b] - ranks[a] : ranks[a] - ranks[b]) || a - b);
}
function sortTable(table, column, descending) {
  const body = table.tBodies[0], rows = Array.from(body.rows);
  const ranks = rows.map(row => Number(row.cells[column].dataset.rank));
  order(ranks, descending).forEach(place => body.appendChild(rows[place]));
}
function clicked(button) {
  const head = button.closest("th"), descending = head.getAttribute("aria-sort") === "ascending";
  for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", descending ? "descending" : "ascending");
  sortTable(head.closest("table"), head.cellIndex, descending);
}
function start() {
  const tip = document.getElementById("tip");
  document.querySelectorAll("th button").forEach(one => one.addEventListener("click", () => clicked(one)));
  document.addEventListener("mousemove", event => {
    const mark = event.target.closest && event.target.closest("[data-tip]");
    tip.hidden = !mark;
    if (!mark) return;
    tip.textContent = mark.dataset.tip;
    tip.style.left = Math.max(0, Math.min(event.clientX + 12, window.innerWidth - tip.offsetWidth - 4)) + "px";
    tip.style.top = Math.max(0, event.clientY - tip.offsetHeight - 8) + "px";
  });
}
if (typeof document !== "undefined") start();
"""


@dataclass(frozen=True)
class Section:
    """An experiment on the page.

    Attributes:
        name: of the experiment.
        paragraphs: of its page, as plain text; ``code`` in backticks.
        figures: by name as SVG.
        rows: of its table.
        provenance: what is the same in all rows.
    """

    name: str
    paragraphs: Sequence[str]
    figures: Mapping[str, str]
    rows: Sequence[Mapping[str, str]]
    provenance: Mapping[str, str]


def page(sections: Sequence[Section], title: str, facts: str) -> str:
    """The whole page."""
    links = " · ".join(f'<a href="#{one.name}">{html.escape(one.name)}</a>' for one in sections)
    body = "\n".join(map(_section, sections))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head><body>\n"
        f'<h1>{html.escape(title)}</h1><p class="provenance">{html.escape(facts)}</p><nav>{links}</nav>\n'
        f'{body}\n<div id="tip" role="tooltip" hidden></div><script>{SCRIPT}</script></body></html>\n'
    )


def _section(one: Section) -> str:
    figures = "\n".join(
        f'<figure id="{one.name}-{name}">{svg}'
        f"<figcaption>{one.name}: {name}; point at a mark for its values</figcaption></figure>"
        for name, svg in one.figures.items()
    )
    text = "\n".join(f"<p>{_marked(paragraph)}</p>" for paragraph in one.paragraphs)
    same = ", ".join(f"{html.escape(key)} {html.escape(value)}" for key, value in one.provenance.items())
    return (
        f'<section id="{one.name}"><h2>{html.escape(one.name)}</h2>\n{text}\n{figures}\n'
        f'<p class="provenance">{same}</p>\n<details open><summary>{len(one.rows)} rows</summary>'
        f"{table(one.rows)}</details></section>"
    )


def _marked(text: str) -> str:
    """Plain text with its code and its bold words.

    >>> _marked("**a** < `b`")
    '<b>a</b> &lt; <code>b</code>'
    """
    escaped = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
    return re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", escaped)


def table(rows: Sequence[Mapping[str, str]]) -> str:
    """A table whose cells carry their rank in their column, by which it is sorted."""
    if not rows:
        return "<p>no results yet</p>"
    names = list(rows[0])
    places = {name: ranks([row[name] for row in rows]) for name in names}
    head = "".join(f'<th scope="col"><button type="button">{html.escape(name)}</button></th>' for name in names)
    lines = [
        "".join(f'<td data-rank="{places[name][k]}">{html.escape(row[name])}</td>' for name in names)
        for k, row in enumerate(rows)
    ]
    body = "\n".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>'


def ranks(texts: Sequence[str]) -> list[int]:
    """The place of each text among the different ones: numbers by size, then other texts, then nothing.

    >>> ranks(["10", "9", "", "b", "9.0", "a"])
    [1, 0, 4, 3, 0, 2]
    """
    keys = [_key(text) for text in texts]
    place = {key: k for k, key in enumerate(sorted(set(keys)))}
    return [place[key] for key in keys]


def _key(text: str) -> tuple[int, float, str]:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isnan(number):
        return (0, number, "")
    return (1, 0.0, text) if text else (2, 0.0, "")
