"""Reading seed files in each of their forms, and finding them; YAML itself is in test_yaml_content."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import Fault, Malformed, Place
from tracker.loading import reading
from tracker.loading.document import Document
from tracker.loading.reading import files, read, read_json, read_json_lines, read_stream

NFD = normalize("NFD", "한글")
PIECES = [
    "{",
    "}",
    "[",
    "]",
    '{"a": 1}',
    '"a": ',
    "a: ",
    ", ",
    "\n",
    " ",
    "\ufeff",
    "\0",
    "- ",
    "#",
    "NaN",
    NFD,
]
SEVERAL = "`{` follows the end of the JSON value; a file with one value a line is named .jsonl"
COLON = "`:` cannot stand here; put a text that holds `: ` in quotes, or mend the indentation"


def shown(malformed: Document | Malformed) -> list[tuple[str, str]]:
    assert isinstance(malformed, Malformed)
    return [(fault.code, str(fault)) for fault in malformed.faults]


def outcomes(documents: Iterator[Document | Malformed]) -> list[Any]:
    """Return the content of each document, or the lines of its faults."""
    return [
        "\n".join(map(str, document.faults))
        if isinstance(document, Malformed) or document.faults
        else document.content
        for document in documents
    ]


def test_a_document_without_a_text_has_its_places_at_the_beginning() -> None:
    assert Document("body", {"a": [1]}, textual=False).place(["a", 0]) == Place("body", 1, 1)


# JSON


def test_a_json_file_keeps_its_types_and_knows_its_places() -> None:
    document = read_json("a.json", f'\ufeff{{"{NFD}": [1, true,\n null], "b": "c"}}'.encode())
    assert document == Document("a.json", {"한글": [1, True, None], "b": "c"}, textual=False)
    assert document.textual is False
    assert document.place(["한글", 2]) == Place("a.json", 2, 2)
    assert document.place(["b"], key=True) == Place("a.json", 2, 9)
    assert document.place(["b", "missing"]) == Place("a.json", 2, 14)


@pytest.mark.parametrize(
    ("raw", "code", "line"),
    [
        (b" \n", "empty", "a.json:1:1: the file is empty"),
        (b"[1,\n 2 3]", "syntax", "a.json:2:4: `,` or `]` is expected here, not `3`"),
        (
            b'{"a": 1}\n{"b": 2}\n',
            "several_values",
            f"a.json:2:1: {SEVERAL}",
        ),
        (b"\xff", "not_utf_8", "a.json:1:1: the byte 0xFF is not UTF-8; save it as UTF-8"),
    ],
)
def test_a_broken_json_file_is_refused_at_its_place(raw: bytes, code: str, line: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_json("a.json", raw)
    assert shown(refused.value) == [(code, line)]


# JSON Lines


def test_json_lines_give_a_document_each_with_its_line() -> None:
    raw = f'\n{{"a": "{NFD}"}}\r\n   \n\n{{"b": {{"c": 2}}}}'.encode()
    first, second = read_json_lines("a.jsonl", io.BytesIO(raw))
    assert first == Document("a.jsonl", {"a": "한글"}, textual=False)
    assert second == Document("a.jsonl", {"b": {"c": 2}}, textual=False)
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert first.place(["a"]) == Place("a.jsonl", 2, 7)
    assert second.place(["b", "c"], key=True) == Place("a.jsonl", 5, 8)


def test_a_broken_line_comes_as_its_faults_and_the_others_are_read() -> None:
    raw = b'\xef\xbb\xbf{"a": 1}\n{"a": 1, "a": NaN}\n{"b": \n\xff\n[2]\n{"c": 3} {"d": 4}\n"e"'
    assert outcomes(read_json_lines("a.jsonl", io.BytesIO(raw))) == [
        {"a": 1},
        "a.jsonl:2:10: the key `a` stands twice; it stands first at line 2, column 2\n"
        "a.jsonl:2:15: NaN is not a JSON number; write null for an unknown number",
        "a.jsonl:4:1: the JSON text ends too early; `}` is missing",
        "a.jsonl:4:1: the byte 0xFF is not UTF-8; save it as UTF-8",
        [2],
        "a.jsonl:6:10: `{` follows the end of the JSON value; give one JSON value",
        "e",
    ]


def test_no_lines_give_no_documents() -> None:
    assert list(read_json_lines("a.jsonl", io.BytesIO(b"\xef\xbb\xbf\n \n"))) == []


@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_line_may_hold_16_mib_and_no_more(end: bytes) -> None:
    line = b'"' + b"x" * (16 * 1024 * 1024 - 2) + b'"'
    (document,) = read_json_lines("a.jsonl", io.BytesIO(line + end))
    assert isinstance(document, Document)
    assert len(document.content) == 16 * 1024 * 1024 - 2
    (refused,) = read_json_lines("a.jsonl", io.BytesIO(b" " + line + end))
    assert shown(refused) == [
        ("too_long", "a.jsonl:1:1: the line is longer than 16 MiB; write one object a line")
    ]


def test_what_follows_a_line_that_is_too_long_is_read_at_its_own_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "LONGEST_LINE", 10)
    raw = b'{"a": 1}\n' + b"[" * 35 + b'\n{"b": 2 }\n{"c": 34}'
    refused = "a.jsonl:2:1: the line is longer than 16 MiB; write one object a line"
    assert outcomes(read_json_lines("a.jsonl", io.BytesIO(raw))) == [{"a": 1}, refused, {"b": 2}, {"c": 34}]
    raw = b'{"a": 1}\n\n{"a": ' + b"[" * 35 + b'\n{"b": 2 }\n'
    assert outcomes(read_stream(io.BytesIO(raw), "a.jsonl")) == [
        {"a": 1},
        refused.replace(":2:", ":3:"),
        {"b": 2},
    ]


class Endless(io.RawIOBase):
    """A stream of so many equal lines that is nowhere held in memory."""

    def __init__(self, line: bytes, count: int) -> None:
        self._lines = repeat(line, count)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        line = next(self._lines, b"")
        buffer[: len(line)] = line
        return len(line)


@pytest.mark.parametrize("reader", [lambda stream: read_json_lines("a.jsonl", stream), read_stream])
def test_memory_stays_flat_over_json_lines(reader: Any) -> None:
    line = json.dumps({"text": "업무협약 " * 200}).encode() + b"\n"
    stream = io.BufferedReader(Endless(line, 5000))
    tracemalloc.start()
    try:
        assert sum(isinstance(document, Document) for document in reader(stream)) == 5000
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


# Any file, and standard input


def test_the_ending_says_how_a_file_is_read(tmp_path: Path) -> None:
    for ending in ("yaml", "yml", "YAML"):
        path = tmp_path / f"a.{ending}"
        path.write_bytes(b"a: 01\n")
        assert list(read(path)) == [Document(str(path), {"a": "01"}, textual=True)]
    path = tmp_path / "a.json"
    path.write_bytes(b'{"a":\n 1}')
    assert list(read(path)) == [Document(str(path), {"a": 1}, textual=False)]
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": 1}\n\n{"b": 2}\n')
    documents = list(read(path))
    assert documents == [
        Document(str(path), {key: value}, textual=False) for key, value in (("a", 1), ("b", 2))
    ]


def test_what_cannot_be_read_comes_as_its_faults(tmp_path: Path) -> None:
    def lines(name: str, raw: bytes | None = None) -> list[Any]:
        path = tmp_path / name
        if raw is not None:
            path.write_bytes(raw)
        return [outcome.replace(str(tmp_path), "…") for outcome in outcomes(read(path))]

    assert lines("a.yaml", b"a: &b 1\na: 2") == [
        "…/a.yaml:1:4: the anchor `&b` is not allowed; remove it; a text that begins with `&` needs quotes\n"
        "…/a.yaml:2:1: the key `a` stands twice; it stands first at line 1, column 1"
    ]
    assert lines("a.json", b"") == ["…/a.json:1:1: the file is empty"]
    assert lines("a.jsonl", b"1 2\n") == [
        "…/a.jsonl:1:3: `2` follows the end of the JSON value; give one JSON value"
    ]
    assert lines("gone.yaml") == ["`…/gone.yaml` cannot be read: No such file or directory"]
    assert lines("a.txt", b"a: 1") == [
        "`…/a.txt` is not named like a seed file; names of seed files end in .yaml, .yml, .json, .jsonl, .xlsx, .csv"
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"a": 1}', [({"a": 1}, False)]),
        (b'\xef\xbb\xbf\n {"a":\n  1}\n', [({"a": 1}, False)]),
        (b'{"a": 1}\n\n', [({"a": 1}, False)]),
        (b'[{"a": 1},\n {"b": 2}]', [([{"a": 1}, {"b": 2}], False)]),
        (b'{"a": 1}\n{"b": 2}\n', [({"a": 1}, False), ({"b": 2}, False)]),
        (
            b'\n\xef\xbb\xbf{"a": 1}\n\n {"b": 2}\n{"c": 3}',
            [({"a": 1}, False), ({"b": 2}, False), ({"c": 3}, False)],
        ),
        (b"{a: 1, b: 02}", [({"a": "1", "b": "02"}, True)]),
        (b'{"a": 1,}', [({"a": "1"}, True)]),
        (b'{"a": [1 2]}', [({"a": ["1 2"]}, True)]),
        (b'{"a": 1}\n# words\n', [({"a": "1"}, True)]),
        (b"[a, b]\n", [(["a", "b"], True)]),
        (b"a: 1\nb: 2\n", [({"a": "1", "b": "2"}, True)]),
        ('"한": 1\n'.encode(), [({"한": "1"}, True)]),
        (b"- 1\n- {a: b}\n", [(["1", {"a": "b"}], True)]),
        (b"42", [("42", True)]),
    ],
)
def test_standard_input_is_read_in_the_form_it_has(raw: bytes, expected: list[tuple[Any, bool]]) -> None:
    documents = list(read_stream(io.BytesIO(raw)))
    assert documents == [Document("<stdin>", value, textual) for value, textual in expected]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", ["<stdin>:1:1: the file is empty"]),
        (b"{\x00}\x00", ["<stdin>:1:1: the text is UTF-16 or UTF-32, not UTF-8; save it as UTF-8"]),
        (b'{"a": 1 "b": 2}', ['<stdin>:1:9: `,` or `}` is expected here, not `"b"`']),
        (b'{"a": NaN}', ["<stdin>:1:7: NaN is not a JSON number; write null for an unknown number"]),
        (b'{"a":\n 1e999}', ["<stdin>:2:2: the number 1e999 is too large; write text in double quotes"]),
        (b'{"a":\n1}\n{"b":\n1}', [f"<stdin>:3:1: {SEVERAL}"]),
        (b"{a: 1, a: 2}", ["<stdin>:1:8: the key `a` stands twice; it stands first at line 1, column 2"]),
        (
            b'\n{"a": 1}\n{"b": }\n{"c": 3}',
            [{"a": 1}, "<stdin>:3:7: a value is expected here, not `}`", {"c": 3}],
        ),
        (b"a: b: c", [f"<stdin>:1:5: {COLON}"]),
    ],
)
def test_broken_standard_input_is_refused_in_the_form_it_looks_like(raw: bytes, expected: list[Any]) -> None:
    assert outcomes(read_stream(io.BytesIO(raw))) == expected


@given(
    st.binary() | st.text().map(str.encode) | st.lists(st.sampled_from(PIECES)).map("".join).map(str.encode)
)
def test_any_bytes_in_any_form_are_read_or_refused_with_faults(raw: bytes) -> None:
    found = [*read_stream(io.BytesIO(raw)), *read_json_lines("a.jsonl", io.BytesIO(raw))]
    assert all(isinstance(document, Document) or document.faults for document in found)


def test_places_in_standard_input_carry_its_name_and_line() -> None:
    documents = list(read_stream(io.BytesIO(b'\n{"a": 1}\n\n{"b": 2}\n'), "input"))
    places = [
        document.place([key])
        for key, document in zip("ab", documents, strict=True)
        if isinstance(document, Document)
    ]
    assert places == [Place("input", 2, 7), Place("input", 4, 7)]


def test_one_json_value_in_a_line_that_is_too_long_for_json_lines_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "LONGEST_LINE", 10)
    assert outcomes(read_stream(io.BytesIO(b'{"a": "long enough", "b": 1}\n'))) == [
        {"a": "long enough", "b": 1}
    ]


def test_a_stream_that_breaks_off_is_a_fault() -> None:
    class Broken(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            raise OSError(5, "Input/output error")

    assert outcomes(read_stream(io.BufferedReader(Broken()))) == [
        "`<stdin>` cannot be read: Input/output error"
    ]


# Finding files


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with seed files, and other files between them."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "b.yaml",
        "a/z.json",
        "a/b/y.jsonl",
        "a.yml",
        "C.YAML",
        "a/notes.txt",
        ".hidden/x.yaml",
        "a/.x.yaml",
        "empty/README.md",
    ):
        path = tmp_path / "seeds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return tmp_path / "seeds"


def file_faults(*paths: str) -> list[Fault]:
    with pytest.raises(Malformed) as refused:
        files(paths)
    return list(refused.value.faults)


ENDINGS = "names of seed files end in .yaml, .yml, .json, .jsonl, .xlsx, .csv"


@pytest.mark.usefixtures("folder")
def test_a_folder_gives_its_seed_files_in_sorted_order() -> None:
    names = ["C.YAML", "a/b/y.jsonl", "a/z.json", "a.yml", "b.yaml"]
    assert files(["seeds"]) == [Path("seeds", name) for name in names]


@pytest.mark.usefixtures("folder")
def test_paths_keep_their_order_and_each_file_comes_once() -> None:
    os.symlink("b.yaml", "seeds/link.yaml")
    paths = ["seeds/b.yaml", "seeds/a", "./seeds/b.yaml", "seeds/link.yaml", "seeds/.hidden/x.yaml"]
    assert files(paths) == [
        Path("seeds", name) for name in ("b.yaml", "a/b/y.jsonl", "a/z.json", ".hidden/x.yaml")
    ]
    assert files([]) == []


@pytest.mark.usefixtures("folder")
def test_all_that_is_wrong_with_paths_is_reported_at_once() -> None:
    os.mkfifo("seeds/a/pipe.yaml")
    os.symlink("loop.yaml", "seeds/a/loop.yaml")
    os.symlink("gone.yaml", "dangling.yaml")
    assert file_faults(
        "seeds/b.yml",
        "seed/b.yaml",
        "nowhere.yaml",
        "seeds/b.yaml/c.yaml",
        "",
        "seeds/empty",
        "seeds/a/notes.txt",
        "seeds/a",
        "dangling.yaml",
        "seeds/b.yaml",
    ) == [
        Fault("not_found", "there is no `seeds/b.yml`", "did you mean `b.yaml`?"),
        Fault("not_found", "there is no `seed/b.yaml`", "did you mean `seeds`?"),
        Fault("not_found", "there is no `nowhere.yaml`"),
        Fault("not_found", "there is no `seeds/b.yaml/c.yaml`", "did you mean `b.yaml`?"),
        Fault("not_found", "there is no ``"),
        Fault("no_seed_file", "the folder `seeds/empty` holds no seed file", ENDINGS),
        Fault("unknown_ending", "`seeds/a/notes.txt` is not named like a seed file", ENDINGS),
        Fault("unreadable", "`seeds/a/loop.yaml` cannot be read: Too many levels of symbolic links"),
        Fault("unreadable", "`seeds/a/pipe.yaml` is not a file"),
        Fault("unreadable", "`dangling.yaml` cannot be read: No such file or directory"),
    ]


@pytest.mark.usefixtures("folder")
def test_a_name_that_is_not_utf_8_can_be_printed() -> None:
    name = os.fsdecode(b"\xc7\xd1.yaml")
    Path(name).write_bytes(b"a: &b 1")
    (document,) = read(files([name])[0])
    anchor = "the anchor `&b` is not allowed; remove it; a text that begins with `&` needs quotes"
    assert str(document.faults[0]) == f"\ufffd\ufffd.yaml:1:4: {anchor}"
    assert file_faults(name + ".txt") == [
        Fault("not_found", "there is no `\ufffd\ufffd.yaml.txt`", "did you mean `\ufffd\ufffd.yaml`?")
    ]


@pytest.fixture
def _without_power(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stand in an open folder, and be nobody where the tests run as root, whom no permission stops."""
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o755)
    user = os.geteuid()
    for name in ("locked/a.yaml", "open/b.yaml", "open/locked/c.yaml", "secret.yaml"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("")
    closed = [Path(name) for name in ("secret.yaml", "open/locked", "locked")]
    for path in closed:
        path.chmod(0)
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)
    for path in closed:
        path.chmod(0o755)


@pytest.mark.usefixtures("_without_power")
def test_files_and_folders_without_permission_are_named() -> None:
    assert files(["open/b.yaml"]) == [Path("open/b.yaml")]
    assert file_faults("secret.yaml", "locked", "locked/a.yaml", "open") == [
        Fault("unreadable", f"`{name}` cannot be read: Permission denied")
        for name in ("secret.yaml", "locked", "locked/a.yaml", "open/locked")
    ]
    assert outcomes(read(Path("secret.yaml"))) == ["`secret.yaml` cannot be read: Permission denied"]
