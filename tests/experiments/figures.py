"""What figures of experiments keep: they come from their CSV alone, and their labels do not overlap."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from types import ModuleType

import matplotlib
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text


def check_regenerates(drawing: ModuleType, home: Path, tmp_path: Path) -> None:
    """All figures of a folder, from a copy of its results elsewhere."""
    shutil.copy(home / "results.csv", tmp_path / "results.csv")
    written = drawing.draw(tmp_path / "results.csv", tmp_path)
    assert sorted(path.name for path in written) == sorted(path.name for path in home.glob("*.[sp][vn]g"))
    first = {path: path.read_bytes() for path in written}
    drawing.draw(tmp_path / "results.csv", tmp_path)
    for path, content in first.items():
        assert path.read_bytes() == content
        kept = (home / path.name).read_bytes()
        if f"v{matplotlib.__version__}".encode() in kept or f"version{matplotlib.__version__}".encode() in kept:
            assert content == kept, path.name


def check_labels(figure: Figure) -> None:
    """No two texts overlap, and all are inside of the picture."""
    FigureCanvasAgg(figure).draw()
    boxes = [(text.get_text(), text.get_window_extent()) for text in shown(figure)]
    for text, box in boxes:
        assert figure.bbox.x0 - 1 <= box.x0 < box.x1 <= figure.bbox.x1 + 1, text
        assert figure.bbox.y0 - 1 <= box.y0 < box.y1 <= figure.bbox.y1 + 1, text
    for (one, first), (other, second) in itertools.combinations(boxes, 2):
        assert not first.padded(-1).overlaps(second.padded(-1)), f"{one!r} overlaps {other!r}"


def shown(figure: Figure) -> list[Text]:
    """Texts that are drawn."""
    hidden = {
        label
        for axis in figure.findobj(Axis)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
        for label in (tick.label1, tick.label2)
        if not _within(axis, tick.get_loc())
    }
    texts = (text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip())
    return [text for text in texts if text not in hidden]


def _within(axis: Axis, place: float) -> bool:
    low, high = sorted(axis.get_view_interval())
    return low <= place <= high


def check_readable(figure: Figure) -> None:
    """Axes say what they are of, and letters are large enough at half size."""
    for axes in figure.axes:
        assert axes.get_xlabel()
        assert axes.get_ylabel()
        assert axes.get_title(loc="left")
    assert min(text.get_fontsize() for text in shown(figure)) >= 9
