"""Folders of modules that were damaged or made with intent: each is refused, and nothing outside is touched."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
from safetensors.numpy import save as arrays_bytes

from cutq import Module, ModuleError, load_module, modules
from tests.compose.published_zoo import encoder, mixer, nested, reader, resum, zoo

NAMES = {"encoder": 200, "linear": 150, "reader": 150, "nested": 100}
"""Folders, and how often each is damaged; large ones take longer to copy."""

EVENTS: list[tuple[str, tuple[Any, ...]]] | None = None
"""What the interpreter did while a folder was read; None while nobody looks."""

WATCHED = (
    "open",
    "exec",
    "compile",
    "import",
    "os.",
    "shutil.",
    "subprocess.",
    "socket.",
    "pickle.",
    "marshal.",
    "ctypes.",
)


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if EVENTS is not None and event.startswith(WATCHED):
        EVENTS.append((event, args))


sys.addaudithook(_watch)

INSTALLED = tuple({os.path.realpath(one) for one in (sys.prefix, sys.base_prefix, *(p for p in sys.path if p))})


def load_watched(folder: Path) -> Module:
    """Load a folder, and check what was opened and executed meanwhile."""
    global EVENTS
    EVENTS = []
    try:
        return load_module(folder)
    finally:
        seen, EVENTS = EVENTS, None
        for event, args in seen:
            check_event(folder, event, args)


def check_event(folder: Path, event: str, args: tuple[Any, ...]) -> None:
    if event in ("open", "os.scandir", "os.listdir"):
        if isinstance(args[0], int):
            return
        path = os.fsdecode(args[0])
        # Names without a folder are opened in the one that was opened before.
        inside = os.sep not in path and path not in ("", ".", "..")
        real = os.path.realpath(path)
        assert inside or real == str(folder) or real.startswith(INSTALLED), (event, args)
        if event == "open" and not real.startswith(INSTALLED):
            assert not args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT), args
    elif event == "compile":
        # Expressions become trees of ast.parse, which are read and never executed.
        assert args[1] == "<unknown>", args
    elif event == "exec":
        assert os.path.realpath(args[0].co_filename).startswith(INSTALLED), args
    else:
        assert event == "import", (event, args)


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bases")
    found = {}
    for name in NAMES:
        options: dict[str, Any] = {"recipe": {"seed": 3}, "figure": b"<svg/>"} if name in ("encoder", "nested") else {}
        found[name] = zoo()[name].save(folder / name, **options)
        load_module(found[name])
    return found


@pytest.fixture
def work(tmp_path: Path) -> Callable[[Path], Path]:
    """Copies of folders; each replaces the one before."""
    target = tmp_path / "work"

    def copied(base: Path) -> Path:
        if target.is_symlink() or target.exists():
            shutil.rmtree(target)
        shutil.copytree(base, target, copy_function=shutil.copyfile)
        return target

    return copied


def refused(folder: Path, why: str = "") -> str:
    with pytest.raises(ModuleError) as caught:
        load_watched(folder)
    message = str(caught.value)
    assert message.startswith(str(folder)), message
    assert len(message.splitlines()) == 1, message
    assert why in message, message
    return message


def same_or_refused(folder: Path, base: Module) -> bool:
    """Whether a folder still holds the module that it held; all else is refused."""
    try:
        return load_watched(folder).digest == base.digest or pytest.fail("another module came out")
    except ModuleError as cause:
        message = str(cause)
    assert message.startswith(str(folder)), message
    assert len(message.splitlines()) == 1, message
    return False


def plain(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


# --- damage that SHA256SUMS tells ---


def flip(rng: random.Random, folder: Path) -> None:
    path = rng.choice(plain(folder))
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


def truncate(rng: random.Random, folder: Path) -> None:
    path = rng.choice(plain(folder))
    path.write_bytes(path.read_bytes()[: rng.randrange(path.stat().st_size)])


def append(rng: random.Random, folder: Path) -> None:
    path = rng.choice(plain(folder))
    path.write_bytes(path.read_bytes() + rng.choice((b"\n", b"\0", b" ", rng.randbytes(9))))


def remove(rng: random.Random, folder: Path) -> None:
    rng.choice(plain(folder)).unlink()


def swap(rng: random.Random, folder: Path) -> None:
    different = [(a, b) for a in plain(folder) for b in plain(folder) if a.read_bytes() < b.read_bytes()]
    one, other = rng.choice(different)
    contents = one.read_bytes(), other.read_bytes()
    one.write_bytes(contents[1])
    other.write_bytes(contents[0])


def link(rng: random.Random, folder: Path) -> None:
    path = rng.choice(plain(folder))
    outside = folder.parent / "outside"
    shutil.copy(path, outside)
    path.unlink()
    path.symlink_to(outside)


def extra(rng: random.Random, folder: Path) -> None:
    where = rng.choice([folder, *(path for path in folder.rglob("*") if path.is_dir())])
    name = rng.choice(
        ("x.py", "module.pkl", ".hidden", "a\nb", "module.toml~", "__init__.py", "\udcff", "pa rts", "Parts")
    )
    (where / name).write_bytes(b"import os")
    if rng.random() < 0.5:
        resum_any(folder)


def extra_folder(rng: random.Random, folder: Path) -> None:
    where = rng.choice([folder, *(path for path in folder.rglob("*") if path.is_dir())])
    (where / rng.choice(("x", "0" * 16, "0" * 15, "__pycache__", "F" * 16, "parts.d"))).mkdir()


def rename(rng: random.Random, folder: Path) -> None:
    path = rng.choice(plain(folder))
    path.rename(path.with_name(rng.choice(("Module.toml", "module.tom", "x", "SHA256SUMS.txt", "tensor.safetensors"))))


def sums(rng: random.Random, folder: Path) -> None:
    path = folder / "SHA256SUMS"
    lines = path.read_text().splitlines()
    k, line = rng.randrange(len(lines)), rng.choice(lines)
    digest, _, name = line.partition("  ")
    more = {
        "parent": [*lines, f"{digest}  ../{name}"],
        "absolute": [*lines, f"{digest}  {folder / name}"],
        "replaced": [*lines[:k], f"{digest}  ../../{name}", *lines[k + 1 :]],
        "passwd": [*lines, f"{digest}  /etc/passwd"],
        "twice": sorted([*lines, line]),
        "order": lines[::-1] if len(lines) > 1 else [],
        "case": [one.upper() for one in lines],
        "binary": [one.replace("  ", " *") for one in lines],
        "dot": [one.replace("  ", "  ./") for one in lines],
        "comment": ["# mine", *lines],
        "less": [one for one in lines if one != line],
        "unicode": [*lines, "\u2028\x1b[2J"],
        "own": [*lines, f"{digest}  SHA256SUMS"],
    }
    text = "".join(f"{one}\n" for one in rng.choice(sorted(more.items()))[1])
    path.write_bytes(rng.choice((text, text, text.replace("\n", "\r\n"))).encode())


def resum_any(folder: Path) -> None:
    with suppress(UnicodeEncodeError):
        resum(folder)


DAMAGES = [flip] * 10 + [truncate, append, remove, swap, link, extra, extra_folder, rename, sums, sums]


@pytest.mark.parametrize("name", NAMES)
def test_damage_is_refused(name: str, bases: dict[str, Path], work: Callable[[Path], Path]) -> None:
    """600 mutations; each is refused before anything but SHA256SUMS is read as what it claims to be."""
    rng = random.Random(name)
    for number in range(NAMES[name]):
        folder = work(bases[name])
        DAMAGES[number % len(DAMAGES)](rng, folder)
        refused(folder)
        assert [row.name for row in modules(folder.parent)] == ["work"]


# --- changes with intent, whose sums are right ---


@pytest.mark.parametrize("name", NAMES)
def test_random_changes_with_right_sums_never_pass_for_another(
    name: str, bases: dict[str, Path], work: Callable[[Path], Path]
) -> None:
    """300 mutations of the files that are believed: refused, or the same module, such as after a space in QASM."""
    rng, base = random.Random(name), load_module(bases[name])
    same = 0
    for number in range(NAMES[name] // 2):
        folder = work(bases[name])
        path = rng.choice(
            [one for one in plain(folder) if one.name in ("module.toml", "weights.safetensors", "circuit.qasm")]
        )
        content = bytearray(path.read_bytes())
        k = rng.randrange(len(content))
        if number % 4:
            content[k] ^= 1 << rng.randrange(8)
        else:
            content[k : k + rng.randrange(9)] = rng.choice((b"", b"[", b'"', b"=\n", b"\xff", b"1e999", b"-", b"{{{{"))
        path.write_bytes(content)
        resum(folder)
        same += same_or_refused(folder, base)
    assert same < NAMES[name] // 4


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all values, tables and lists included."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from leaves(inner, (*path, key))


def put(tables: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copied = dict(tables) if isinstance(tables, dict) else list(tables)
    copied[path[0]] = put(copied[path[0]], path[1:], value)
    return copied


OTHERS: tuple[Any, ...] = (
    [],
    {},
    "x",
    -1,
    2**70,
    1.5,
    True,
    float("nan"),
    [[[]]],
    {"a": {"b": [1]}},
    ["in", "in"],
    [1, 1],
)


@pytest.mark.parametrize("name", NAMES)
def test_every_value_of_the_tables_has_its_kind(
    name: str, bases: dict[str, Path], work: Callable[[Path], Path]
) -> None:
    rng = random.Random(name)
    folder = work(bases[name])
    text = (folder / "module.toml").read_text()
    tables = tomllib.loads(text)
    base = load_module(folder)
    places = list(leaves(tables))
    for path in rng.sample(places, min(len(places), NAMES[name] // 3)):
        for other in rng.sample(OTHERS, 3):
            (folder / "module.toml").write_text(tomli_w.dumps(put(tables, path, other)))
            resum(folder)
            same_or_refused(folder, base)
    (folder / "module.toml").write_text(text)
    resum(folder)
    assert load_watched(folder) == base


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a = " + "[" * 100_000, "RecursionError"),
        ("a = " + "{b=" * 50_000, "RecursionError"),
        ("[" + "a." * 40 + "b]\nc=1", "'format' is"),
        ('format = "cutq-module"\nversion = true', "'version' is a whole number"),
        ('format = "cutq-module"\nversion = ' + "9" * 5000, ""),
        ('format = "cutq-module"\nversion = 1\nversion = 1', "TOMLDecodeError"),
        ("\ufeffformat = 1", "TOMLDecodeError"),
        ("", "'format' is 'cutq-module', got None"),
        ("\0", "TOMLDecodeError"),
    ],
)
def test_toml_that_is_none(text: str, why: str, bases: dict[str, Path], work: Callable[[Path], Path]) -> None:
    folder = work(bases["encoder"])
    (folder / "module.toml").write_text(text)
    resum(folder)
    refused(folder, why)


def test_no_unicode(bases: dict[str, Path], work: Callable[[Path], Path]) -> None:
    for name in ("module.toml", "circuit.qasm"):
        folder = work(bases["encoder"])
        (folder / name).write_bytes(b"\xff" + (folder / name).read_bytes())
        resum(folder)
        refused(folder, "UnicodeDecodeError")


def packed(header: Any, data: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def _entry(dtype: str = "F64", shape: tuple[int, ...] = (2,), ends: tuple[int, int] = (0, 16)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(ends)}


GOOD = np.array([0.1, -1 / 3])

ARRAYS = {
    "empty": b"",
    "short": b"\x01",
    "length beyond": packed(b"{}", length=10**6),
    "length of 64 bits": packed(b"{}", length=2**64 - 1),
    "length of 63 bits": packed(b"{}", length=2**63),
    "header above the limit": packed(b"{" + b" " * 2**20 + b"}"),
    "no JSON": packed(b"\x80\x04\x95"),
    "pickle": b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R.",
    "numpy": b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }",
    "zip": b"PK\x03\x04" + b"\0" * 40,
    "list": packed([]),
    "nothing": packed({}),
    "deep": packed(b"[" * 10_000),
    "float32": arrays_bytes({"w": GOOD.astype(np.float32)}),
    "whole numbers": arrays_bytes({"w": np.array([1, 2])}),
    "objects": packed({"w": _entry("O")}, GOOD.tobytes()),
    "unknown type": packed({"w": _entry("PICKLE")}, GOOD.tobytes()),
    "half": packed({"w": _entry("BF16", ends=(0, 4))}, b"\0" * 4),
    "shape": arrays_bytes({"w": GOOD.reshape(2, 1)}),
    "three": arrays_bytes({"w": np.arange(3.0)}),
    "name": arrays_bytes({"u": GOOD}),
    "one more": arrays_bytes({"w": GOOD, "x": GOOD}),
    "metadata": arrays_bytes({"w": GOOD}, {"note": "hi"}),
    "nan": arrays_bytes({"w": np.array([0.1, np.nan])}),
    "inf": arrays_bytes({"w": np.array([-np.inf, 0.0])}),
    "other numbers": arrays_bytes({"w": GOOD + 1e-16 * np.array([1.0, 1.0]) + [0, 1e-15]}),
    "offsets beyond": packed({"w": _entry(ends=(0, 10**9))}, GOOD.tobytes()),
    "offsets turned": packed({"w": _entry(ends=(16, 0))}, GOOD.tobytes()),
    "offsets negative": packed({"w": _entry(ends=(-16, 0))}, GOOD.tobytes()),
    "shape of 2**64": packed({"w": _entry(shape=(2**32, 2**32))}, GOOD.tobytes()),
    "trailing": arrays_bytes({"w": GOOD}) + b"\0" * 8,
}


@pytest.mark.parametrize("which", ARRAYS)
def test_arrays_that_are_none(which: str, bases: dict[str, Path], work: Callable[[Path], Path]) -> None:
    folder = work(bases["encoder"])
    (folder / "weights.safetensors").write_bytes(ARRAYS[which])
    resum(folder)
    refused(folder)


def test_circuits_swapped_for_others(bases: dict[str, Path], work: Callable[[Path], Path]) -> None:
    folder = work(bases["encoder"])
    text = (folder / "circuit.qasm").read_text()
    others = (
        text.replace("cx q[0], q[1]", "cx q[1], q[0]"),
        text.replace("ry(", "rx(", 1),
        text.replace("0.1", "0.10000000000000002", 1),
        text.replace("cx q[0], q[1];", "", 1),
        text.replace("OPENQASM 3.0;", 'OPENQASM 3.0; include "/etc/passwd";'),
        text.replace("stdgates.inc", "../stdgates.inc"),
        "OPENQASM 3.0; qubit[99999999] q;",
        "OPENQASM 3.0; " + "(" * 50_000,
        "x = __import__('os').system('id')",
    )
    for other in others:
        assert other != text
        (folder / "circuit.qasm").write_text(other)
        resum(folder)
        refused(folder)
    (folder / "circuit.qasm").write_text(text.replace(";\n", ";  \n\n"))
    resum(folder)
    assert load_watched(folder) == encoder()


def test_modules_inside_swapped_for_others(
    bases: dict[str, Path], work: Callable[[Path], Path], tmp_path: Path
) -> None:
    folder, other = work(bases["reader"]), mixer(77).save(tmp_path / "other")
    part = folder / "parts" / mixer(2).digest[:16]
    for name in ("module.toml", "circuit.qasm", "weights.safetensors"):
        shutil.copy(other / name, part / name)
    resum(folder)
    refused(folder, "is named after the digest of its module")


# --- things that are no files ---


def test_links_to_folders(bases: dict[str, Path], work: Callable[[Path], Path], tmp_path: Path) -> None:
    for name in ("reader", "nested"):
        folder = work(bases[name])
        folders = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_dir())
        for k, path in enumerate(folders):
            folder = work(bases[name])
            shutil.move(folder / path, tmp_path / f"{name}{k}")
            (folder / path).symlink_to(tmp_path / f"{name}{k}")
            refused(folder, "is no folder of a module")


@pytest.mark.parametrize("name", ["module.toml", "circuit.qasm", "weights.safetensors", "README.md", "SHA256SUMS"])
def test_pipes_sockets_and_folders_in_place_of_files(
    name: str, bases: dict[str, Path], work: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = work(bases["encoder"])
    (folder / name).unlink()
    os.mkfifo(folder / name)
    refused(folder, "a pipe")
    folder = work(bases["encoder"])
    (folder / name).unlink()
    (folder / name).mkdir()
    refused(folder, "a folder")
    folder = work(bases["encoder"])
    (folder / name).unlink()
    monkeypatch.chdir(folder)  # paths of sockets are short
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(name)
        refused(folder, "a socket")


@pytest.mark.parametrize("name", ["module.toml", "circuit.qasm", "weights.safetensors", "figure.svg", "recipe.toml"])
def test_giant_files_are_refused_unread(name: str, bases: dict[str, Path], work: Callable[[Path], Path]) -> None:
    folder = work(bases["encoder"])
    os.truncate(folder / name, 2**41)
    refused(folder, "has 2199023255552 bytes, but at most")


def test_a_cache_of_tensors_is_a_plain_file(
    bases: dict[str, Path], work: Callable[[Path], Path], tmp_path: Path
) -> None:
    folder = work(bases["encoder"])
    cache = folder / "tensors.safetensors"
    cache.write_bytes(b"anything")
    assert load_watched(folder) == encoder()
    os.truncate(cache, 2**30 + 1)
    refused(folder, "at most 1073741824")
    cache.unlink()
    (tmp_path / "elsewhere").write_bytes(b"x")
    cache.symlink_to(tmp_path / "elsewhere")
    refused(folder, "a link")
    folder = work(bases["reader"])
    part = next(path for path in (folder / "parts").iterdir())
    (part / "tensors.safetensors").write_bytes(b"x")
    refused(folder, "has no place")


def test_too_many_files(bases: dict[str, Path], work: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    from cutq.compose import sums as limits

    monkeypatch.setattr(limits, "MOST_FILES", 8)
    refused(work(bases["nested"]), "at most 8 files")
    monkeypatch.setattr(limits, "MOST_FILES", 10_000)
    monkeypatch.setattr(limits, "MOST_BYTES", 3000)
    refused(work(bases["nested"]), "of 3000 bytes in all")


def test_depth(bases: dict[str, Path], work: Callable[[Path], Path]) -> None:
    folder = work(bases["reader"])
    inner = folder
    for _ in range(9):
        part = next(iter((inner / "parts").iterdir())) if (inner / "parts").is_dir() else inner / "parts" / ("0" * 16)
        part.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / "module.toml", part / "module.toml")
        inner = part
    resum(folder)
    refused(folder, "at most 8 deep")


def test_no_folder_at_all(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "module.toml: is missing")
    for name in ("file", "nothing"):
        with pytest.raises(ModuleError):
            load_watched(tmp_path / name)


def test_the_hook_sees_what_it_should(tmp_path: Path) -> None:
    """Without this the assertions above might hold because nothing is watched."""
    (tmp_path / "x").write_text("1")
    with pytest.raises(AssertionError):
        check_event(tmp_path / "m", "open", (str(tmp_path / "x"), "r", 0))
    with pytest.raises(AssertionError):
        check_event(tmp_path / "m", "open", ("../x", None, 0))
    with pytest.raises(AssertionError):
        check_event(tmp_path / "m", "compile", (b"import os", str(tmp_path / "m" / "x.py")))
    with pytest.raises(AssertionError):
        check_event(tmp_path / "m", "pickle.find_class", ("posix", "system"))
    global EVENTS
    EVENTS = []
    (tmp_path / "x").read_text()
    seen, EVENTS = EVENTS, None
    assert [event for event, _ in seen] == ["open"]


def test_the_folders_that_were_damaged_are_good_before(bases: dict[str, Path]) -> None:
    assert load_watched(bases["reader"]) == reader().module
    assert load_watched(bases["nested"]) == nested().module
