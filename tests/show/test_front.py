"""Pictures of Pareto fronts."""

from __future__ import annotations

import itertools
import math
import random
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib
import pytest

from cutq.circuits.circuit import Circuit, Operation
from cutq.circuits.observable import observable
from cutq.errors import CutqError, PlanError
from cutq.network.cuts import GateCut
from cutq.network.plan import CutPlan, Found
from cutq.network.price import Price
from cutq.search.front import find_plans
from cutq.search.options import Search
from cutq.show.front import CHARTS, chart, draw_front
from cutq.show.front_layout import COLUMN_GAP, PITCH, columns, decades, record, scale
from cutq.show.front_rows import is_proven, number_text, rows, width
from tests.show.test_draw import svg_texts

MODEL = "wire cuts and gate cuts"


def plan(wide: int, circuits: int, gamma: float, flops: int, proven: str = "", *, cuts: int = 1) -> CutPlan:
    price = Price((wide, 1), (4,), gamma, circuits, 2.5, flops, 1024, (wide, 1))
    found = Found(wide, proven or "circuits", (wide, 1), price, bool(proven), 1.0, MODEL)
    return CutPlan(tuple(GateCut((k,)) for k in range(cuts)), found=found)


def many(widths: list[int], seed: int = 0) -> list[CutPlan]:
    rng = random.Random(seed)
    kinds = ["", "circuits", "gamma"]
    return [
        plan(w, rng.randrange(1, 10**6), 10 ** rng.uniform(0, 9), 300 << min(w, 60), rng.choice(kinds)) for w in widths
    ]


CASES = {
    "one": [plan(4, 50, 9.0, 33248, "circuits")],
    "uncut": [plan(8, 1, 1, 195584, cuts=0)],
    "three": [plan(4, 50, 9.0, 33248, "circuits"), plan(3, 675, 81.0, 23776, "gamma"), plan(9, 2, 1.0, 195584)],
    "twelve": many(list(range(24, 0, -2))),
    "nothing to run": [plan(1, 0, 1.0, 0)],
    "huge": [plan(40, 10, 3.0, 2**50), plan(30, 22**60, 1e300, 2**40), plan(10, 22**5000, math.inf, 10**800)],
    "all beyond floats": [plan(2, 10**400, math.inf, 10**400)],
    "one width": many([3] * 9),
    "not to scale": many([2, 3, 4, 4, 4, 5, 5, 100, 180] * 3),
    "more than the table holds": many([*range(1, 31), *range(1, 32)]),
}


@pytest.mark.parametrize("name", CASES)
def test_svg_is_xml_and_the_same_each_time(name: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    draw_front(CASES[name], first)
    draw_front(tuple(CASES[name]), str(second))
    assert ET.parse(first).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert first.read_bytes() == second.read_bytes()
    assert sorted(tmp_path.iterdir()) == [first, second]


@pytest.mark.parametrize("name", ["one", "huge"])
def test_png_is_one_and_the_same_each_time(name: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first.PNG", tmp_path / "second.png"
    draw_front(CASES[name], first)
    draw_front(CASES[name], second)
    assert first.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert first.read_bytes() == second.read_bytes()


def test_the_picture_says_what_its_plans_are(tmp_path: Path) -> None:
    draw_front(CASES["three"], tmp_path / "a.svg")
    texts = svg_texts(tmp_path / "a.svg")
    for expected in (
        "3 plans, widths 3 to 9",
        "circuits 2 to 675 · gamma 1 to 81 · flops 23776 to 195584",
        "device circuits",
        "gamma",
        "flops of one exact evaluation",
        "qubits of the widest fragment",
        "fewest circuits",
        "least gamma",
    ):
        assert expected in texts
    for number in ("0", "1", "2"):
        assert texts.count(number) >= len(CHARTS) + 1
    assert any(text.startswith("numbers: plans · filled: proven") for text in texts)


def test_the_picture_says_what_its_plans_are_for(tmp_path: Path) -> None:
    found = CASES["one"][0]
    draw_front([CutPlan(found.cuts, observables=(observable("Z0 Z1"),), found=found.found)], tmp_path / "a.svg")
    assert any(text.endswith("only for Z0 Z1") for text in svg_texts(tmp_path / "a.svg"))


def test_astronomical_numbers_are_said_to_be_so(tmp_path: Path) -> None:
    draw_front(CASES["huge"], tmp_path / "a.svg")
    texts = svg_texts(tmp_path / "a.svg")
    assert {"1e+6712", "> 1e+308", "1e+800", "↑", "10²⁰⁰", "10²⁰⁰⁰"} <= set(texts)
    assert any("arrow: beyond 1e+308" in text for text in texts)


def test_a_table_of_many_plans_says_what_it_hides(tmp_path: Path) -> None:
    draw_front(CASES["more than the table holds"], tmp_path / "a.svg")
    assert "and 1 more plan" in svg_texts(tmp_path / "a.svg")


def test_a_plan_is_filled_where_it_is_proven() -> None:
    plans = [plan(3, 9, 9.0, 9, proven) for proven in ("gamma", "circuits", "")]
    plans.append(plan(3, 1, 1.0, 9, "gamma", cuts=0))
    filled = {objective: chart(plans, objective, *about).proven for objective, *about in CHARTS}
    assert filled["circuits"] == (False, True, False, True)
    assert filled["gamma"] == (True, False, False, True)
    assert filled["flops"] == (False,) * 4
    assert [row[-1] for row in rows(plans)] == ["least gamma", "fewest circuits", "-", "uncut"]


@pytest.mark.parametrize("seed", range(20))
def test_no_two_plans_overlap(seed: int) -> None:
    rng = random.Random(seed)
    widths = [rng.choice([rng.randrange(1, 9), rng.randrange(1, 200)]) for _ in range(rng.randrange(1, 40))]
    found = columns(widths, rng.choice([2.0, 6.3]))
    places = sorted(found.places)
    assert all(b - a >= PITCH - 1e-9 for a, b in itertools.pairwise(places))
    assert places[0] >= COLUMN_GAP
    assert places[-1] <= found.size - COLUMN_GAP
    ranked = sorted(range(len(widths)), key=found.places.__getitem__)
    assert [widths[k] for k in ranked] == sorted(widths)
    if found.linear and len(found.centres) > 2:
        (a, x), (b, y), (c, z) = itertools.islice(found.centres.items(), 3)
        assert (y - x) / (b - a) == pytest.approx((z - y) / (c - b))


@pytest.mark.parametrize("seed", range(50))
def test_scales_hold_their_values_and_have_a_few_ticks(seed: int) -> None:
    rng = random.Random(seed)
    largest = 10 ** rng.uniform(0, 4)
    powers = [rng.uniform(0, largest) for _ in range(rng.randrange(1, 8))]
    found = scale(powers)
    assert all(0 <= found.part(power) <= 1 for power in powers)
    texts = [text for _, text in found.ticks]
    assert 1 <= len(texts) <= 7
    assert len(set(texts)) == len(texts)
    assert all(0 <= found.part(power) <= 1 for power, _ in found.ticks)


@pytest.mark.parametrize("seed", range(10))
def test_the_step_is_the_least_value_so_far(seed: int) -> None:
    rng = random.Random(seed)
    places = [(float(x), rng.uniform(0, 9)) for x in rng.sample(range(30), 12)]
    corners = record(places)
    for x, _ in places:
        least = min(height for other, height in places if other <= x)
        assert min(height for other, height in corners if other <= x) == least
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in itertools.pairwise(corners))


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (1.0, "1"), (9999.6, "10000"), (1e300, "1e+300"), (math.inf, "> 1e+308"), (10**400, "1e+400")],
)
def test_numbers_are_short(number: float, text: str) -> None:
    assert number_text(number) == text
    assert math.isfinite(decades(number))


def test_found_plans_are_drawn_with_the_widths_that_were_asked_for(tmp_path: Path) -> None:
    chain = Circuit(5, tuple(Operation("cx", (q, q + 1)) for q in range(4)))
    plain = find_plans(chain, 3, search=Search(time_limit=1))
    again = find_plans(chain, 3, search=Search(time_limit=1, reuse=True))
    assert max(map(width, plain)) == 3
    assert all(width(one) <= 3 for one in again)
    assert any(max(one.widths) > 3 for one in again)
    assert any(is_proven(one, "circuits") or is_proven(one, "gamma") for one in plain)
    draw_front(again, tmp_path / "a.svg")
    assert "qubits of the widest fragment, qubits used again" in svg_texts(tmp_path / "a.svg")


def test_no_plans_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="one plan or more, got none"):
        draw_front([], tmp_path / "a.svg")
    with pytest.raises(PlanError, match="plan 1 was made by hand"):
        draw_front([*CASES["one"], CutPlan()], tmp_path / "a.svg")
    with pytest.raises(PlanError, match="got str at position 0"):
        draw_front("plans", tmp_path / "a.svg")  # type: ignore[arg-type]
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["plan.pdf", "plan", "nowhere/a.svg"])
def test_paths_that_are_no_pictures_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(CutqError, match=r"plan|nowhere"):
        draw_front(CASES["one"], tmp_path / name)
    assert not any(tmp_path.iterdir())


def test_settings_of_matplotlib_are_left_alone_and_pyplot_is_not_imported(tmp_path: Path) -> None:
    before = dict(matplotlib.rcParams)
    draw_front(CASES["one"], tmp_path / "a.svg")
    assert dict(matplotlib.rcParams) == before
    code = "import sys, cutq.show.front; print('matplotlib.pyplot' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
