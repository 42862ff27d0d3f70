"""Pictures as files."""

from __future__ import annotations

import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib
import pytest

from cutq.circuits.angles import param
from cutq.circuits.circuit import Circuit, Operation
from cutq.circuits.observable import observable
from cutq.errors import CutqError, PlanError
from cutq.network.cuts import GateCut, WireCut
from cutq.network.plan import CutPlan, Found
from cutq.network.price import price
from cutq.network.split import split
from cutq.show.draw import draw
from cutq.show.layout import lay_out

SMALL = Circuit(
    4,
    (
        Operation("h", (0,)), Operation("cx", (0, 1)), Operation("rz", (1,), (2 * param("t") + 0.1,)),
        Operation("cp", (1, 2), (0.25,)), Operation("swap", (2, 3)), Operation("rzz", (0, 1), (0.4,)),
        Operation("sdg", (2,)), Operation("crx", (3, 2), (param("t"),)), Operation("ecr", (0, 3)),
    ),
    metadata={"name": "small <&> $x$"},
)  # fmt: skip
SMALL_PLAN = CutPlan((GateCut((3,)), GateCut((8,))))


def wide(num_qubits: int, layers: int) -> Circuit:
    pairs = [(q, q + 1) for layer in range(layers) for q in range(layer % 2, num_qubits - 1, 2)]
    return Circuit(num_qubits, tuple(Operation("cz", pair) for pair in pairs))


def blocks(circuit: Circuit, size: int) -> CutPlan:
    return CutPlan.from_partition(circuit, [qubit // size for qubit in range(circuit.num_qubits)])


def svg_texts(path: Path) -> list[str]:
    return [element.text or "" for element in ET.parse(path).iter() if element.tag.endswith("}text")]


CHAIN = Circuit(3, (Operation("cx", (0, 1)), Operation("h", (1,)), Operation("cx", (1, 2))))
CASES = {
    "small": (SMALL, SMALL_PLAN),
    "joint": (SMALL, CutPlan((GateCut((3, 8)),))),
    "wire": (CHAIN, CutPlan((WireCut(1, 0),))),
    "uncut": (SMALL, CutPlan.uncut()),
    "own bond": (Circuit(2, (Operation("cx", (0, 1)),) * 2), CutPlan((GateCut((1,)),))),
    "no qubits": (Circuit(0), CutPlan()),
    "no gates": (Circuit(5), CutPlan()),
    "idle qubits": (Circuit(80, (Operation("h", (3,)),)), CutPlan()),
    "folded": (Circuit(2, (Operation("rx", (0,), (0.1,)),) * 100), CutPlan((WireCut(0, 50),))),
    "large": (wide(100, 10), blocks(wide(100, 10), 11)),
}


@pytest.mark.parametrize("name", CASES)
def test_svg_is_xml_and_the_same_each_time(name: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    draw(*CASES[name], first)
    draw(*CASES[name], str(second))
    assert ET.parse(first).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert first.read_bytes() == second.read_bytes()
    assert sorted(tmp_path.iterdir()) == [first, second]


@pytest.mark.parametrize("name", ["small", "no qubits", "large"])
def test_png_is_one_and_the_same_each_time(name: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first.PNG", tmp_path / "second.png"
    draw(*CASES[name], first)
    draw(*CASES[name], second)
    assert first.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert first.read_bytes() == second.read_bytes()


def test_the_picture_names_gates_angles_bonds_and_fragments(tmp_path: Path) -> None:
    draw(SMALL, SMALL_PLAN, tmp_path / "a.svg")
    texts = svg_texts(tmp_path / "a.svg")
    for expected in (
        "H",
        "RZ",
        "2t+0.1",
        "RZZ",
        "S†",
        "RX",
        "ECR₀",
        "0.25",
        "q3",
        "F0",
        "F1",
        "2 qubits",
        "0",
        "1",
    ):
        assert expected in texts
    found = price(split(SMALL, SMALL_PLAN))
    assert f"dim 4, gamma {found.gamma:.4g}" in texts
    assert any("widths 2 (2 times)" in text and f"{found.circuits} device circuits" in text for text in texts)
    assert any(text.startswith("small <&> $x$: 4 qubits, 9 gates, cut into 2 fragments") for text in texts)


def test_joint_cuts_show_their_number_at_every_gate(tmp_path: Path) -> None:
    draw(*CASES["joint"], tmp_path / "a.svg")
    assert svg_texts(tmp_path / "a.svg").count("0") == 2
    assert any("jointly" in text for text in svg_texts(tmp_path / "a.svg"))


def test_large_circuits_are_drawn_without_names_of_gates(tmp_path: Path) -> None:
    draw(*CASES["large"], tmp_path / "a.svg")
    texts = svg_texts(tmp_path / "a.svg")
    assert {"F0", "F9", "11 qubits", "1 qubit", "5 bonds"} <= set(texts)
    assert any(text.startswith("large circuit") for text in texts)


@pytest.mark.parametrize(("proven", "words"), [(True, "gamma proven optimal"), (False, "not proven: gamma at least 2")])
def test_found_plans_say_whether_they_are_proven(proven: bool, words: str, tmp_path: Path) -> None:
    network = split(SMALL, SMALL_PLAN)
    found = Found(2, "gamma", network.widths, price(network), proven, 2.0, "a model")
    draw(SMALL, CutPlan(SMALL_PLAN.cuts, found=found), tmp_path / "a.svg")
    assert any(words in text for text in svg_texts(tmp_path / "a.svg"))


def test_operations_stand_in_the_order_of_the_plan() -> None:
    circuit = Circuit(3, (Operation("cz", (0, 1)), Operation("cz", (0, 2)), Operation("h", (0,))))
    network = split(circuit, CutPlan((WireCut(0, 1),), order=(1, 0, 2)))
    layout = lay_out(circuit, network)
    assert [gate.operation.qubits for gate in layout.gates] == [(0, 2), (0, 1), (0,)]
    (cut,) = layout.cuts
    assert layout.gates[0].column < cut.column < layout.gates[1].column
    assert all(gate.fragments[0] == gate.fragments[-1] for gate in layout.gates)


def test_operations_that_a_plan_leaves_out_are_counted(tmp_path: Path) -> None:
    plan = CutPlan(order=(0,), observables=(observable("Z0"),))
    draw(CHAIN, plan, tmp_path / "a.svg")
    texts = svg_texts(tmp_path / "a.svg")
    assert "H" not in texts
    assert any("2 gates that the observables do not depend on left out" in text for text in texts)


def test_names_counted_by_qiskit_are_left_out(tmp_path: Path) -> None:
    for number in (1, 2):
        circuit = Circuit(1, (Operation("h", (0,)),), metadata={"name": f"circuit-{number}"})
        draw(circuit, CutPlan(), tmp_path / f"{number}.svg")
    assert (tmp_path / "1.svg").read_bytes() == (tmp_path / "2.svg").read_bytes()


@pytest.mark.parametrize("name", ["plan.pdf", "plan"])
def test_other_endings_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(CutqError, match=r"ends in \.svg or \.png, but .*plan"):
        draw(SMALL, SMALL_PLAN, tmp_path / name)
    assert not any(tmp_path.iterdir())


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(CutqError, match="nowhere"):
        draw(SMALL, SMALL_PLAN, tmp_path / "nowhere" / "a.svg")


def test_a_path_that_cannot_be_replaced_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "a.svg").mkdir()
    (tmp_path / "a.svg" / "inside").touch()
    with pytest.raises(CutqError, match=r"a\.svg"):
        draw(SMALL, SMALL_PLAN, tmp_path / "a.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["a.svg"]


def test_a_wrong_plan_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(PlanError):
        draw(SMALL, CutPlan((GateCut((99,)),)), tmp_path / "a.svg")
    assert not any(tmp_path.iterdir())


def test_an_existing_picture_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text("old")
    draw(SMALL, SMALL_PLAN, tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text().startswith("<?xml")


def test_settings_of_matplotlib_are_left_alone_and_pyplot_is_not_imported(tmp_path: Path) -> None:
    before = dict(matplotlib.rcParams)
    draw(SMALL, SMALL_PLAN, tmp_path / "a.svg")
    assert dict(matplotlib.rcParams) == before
    code = "import sys, cutq.show.draw; print('matplotlib.pyplot' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_two_hundred_qubits_and_ten_thousand_gates(tmp_path: Path) -> None:
    circuit = wide(200, 101)
    assert len(circuit.operations) > 10_000
    start = time.process_time()
    draw(circuit, blocks(circuit, 20), tmp_path / "a.svg")
    assert time.process_time() - start < 10
    assert (tmp_path / "a.svg").stat().st_size < 3_000_000
