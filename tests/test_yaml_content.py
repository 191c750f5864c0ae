"""YAML: what stays text, what is refused, in which words and where, with both of PyYAML's parsers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from typing import Any
from unicodedata import normalize

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.errors import Fault, Malformed, Place
from tracker.loading import yaml_content
from tracker.loading.reading import read_yaml

NFD = normalize("NFD", "한글")
QUOTES = "put the text in quotes"
MISFIT = "this does not fit what stands before it; mend the indentation or the quotes"
COLON = "`:` cannot stand here; put a text that holds `: ` in quotes, or mend the indentation"
BRACKET = "`,` or the closing bracket is missing here; the bracket opens at line 1, column 4"
NO_COLON = "a key begins here, but no `:` follows it; put a text of several lines in quotes"
BASE = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
LOADERS = [loader for loader in (getattr(yaml, "CSafeLoader", None), yaml.SafeLoader) if loader is not None]


@pytest.fixture(params=LOADERS, ids=lambda loader: loader.__name__)
def _each_loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with libyaml's parser and with the one in Python that stands in for it."""
    monkeypatch.setattr(yaml_content, "_LOADER", request.param)


def content(text: str) -> Any:
    return read_yaml("a.yaml", text.encode()).content


def refusal(raw: bytes | str) -> list[tuple[str, str]]:
    """Return the code and the whole line of every fault, whether the content can be understood or not."""
    found: Sequence[Fault]
    try:
        found = read_yaml("a.yaml", raw if isinstance(raw, bytes) else raw.encode()).faults
    except Malformed as malformed:
        found = malformed.faults
    assert found
    return [(fault.code, str(fault)) for fault in found]


@pytest.mark.usefixtures("_each_loader")
@pytest.mark.parametrize(
    "scalar",
    [
        "NO",
        "no",
        "true",
        "0123",
        "12:30",
        "1_000",
        "1e3",
        ".5",
        "2020-08-31",
        "0x1F",
        "0o17",
        ".inf",
        "nUll",
        "=",
        "<<",
    ],
)
def test_yaml_scalars_stay_text(scalar: str) -> None:
    assert content(f"a: {scalar}\n{scalar}: [{scalar}]") == {"a": scalar, scalar: [scalar]}


@pytest.mark.usefixtures("_each_loader")
def test_only_a_plain_null_or_nothing_is_none() -> None:
    text = "a:\nb: ~\nc: null\nd: Null\ne: NULL\nf: [null, ~]\ng: {h}\n"
    assert content(text) == {
        "a": None,
        "b": None,
        "c": None,
        "d": None,
        "e": None,
        "f": [None, None],
        "g": {"h": None},
    }
    quoted = "a: 'null'\nb: \"~\"\nc: ''\nd: |\n  null\ne: >-\n  null\nnull: x\n"
    assert content(quoted) == {"a": "null", "b": "~", "c": "", "d": "null\n", "e": "null", "null": "x"}


@pytest.mark.usefixtures("_each_loader")
def test_yaml_in_every_style_gives_plain_content() -> None:
    text = '%YAML 1.1\n---\na:\n- 1\n- {b: [x, "y, z"], c: d}\n"e f": |\n  one\n  two\n? g\n: >-\n  h\n'
    text += "  i # j\n...\n"
    assert content(text) == {"a": ["1", {"b": ["x", "y, z"], "c": "d"}], "e f": "one\ntwo\n", "g": "h i # j"}
    assert content("- a\n- - b\n  - []\n- {}\n") == ["a", ["b", []], {}]
    assert content("just text") == "just text"


@pytest.mark.usefixtures("_each_loader")
def test_yaml_text_is_composed_in_values_and_keys() -> None:
    assert content(f'{NFD}: [{NFD}, "e\\u0301"]') == {"한글": ["한글", "é"]}


@pytest.mark.usefixtures("_each_loader")
def test_yaml_may_begin_with_a_byte_order_mark_and_end_lines_as_windows_does() -> None:
    document = read_yaml("a.yaml", b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert document.content == {"a": "1", "b": "2"}
    assert [document.place([key], key=True) for key in "ab"] == [Place("a.yaml", 1, 1), Place("a.yaml", 2, 1)]


@pytest.mark.usefixtures("_each_loader")
def test_control_characters_may_be_escaped_in_yaml() -> None:
    assert content('a: "\\a\\u2028\\e[0m\\r\\n"') == {"a": "\x07\u2028\x1b[0m\r\n"}


@pytest.mark.usefixtures("_each_loader")
def test_32_levels_of_yaml_are_read_and_33_refused() -> None:
    assert json.dumps(content("[" * 32 + "]" * 32)) == "[" * 32 + "]" * 32
    line = "a.yaml:1:33: the text nests deeper than 32 levels"
    assert refusal("[" * 33 + "]" * 33) == [("too_deep", line)]


@pytest.mark.usefixtures("_each_loader")
@pytest.mark.parametrize(("opening", "column"), [("[", 33), ("{a: ", 129), ("- ", 65), ("? ", 65)])
def test_deep_yaml_is_refused_before_it_can_recurse(opening: str, column: int) -> None:
    started = time.monotonic()
    faults = refusal(opening * 200_000)
    assert faults[-1] == ("too_deep", f"a.yaml:1:{column}: the text nests deeper than 32 levels")
    assert [code for code, _ in faults[:-1]] == ["key"] * (31 if opening == "? " else 0)
    assert time.monotonic() - started < 5


@pytest.mark.usefixtures("_each_loader")
def test_aliases_that_multiply_are_refused_and_each_is_named() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{new}: &{new} [*{old}, *{old}]\n" for old, new in ("ab", "bc"))
    anchor = "is not allowed; remove it; a text that begins with `&` needs quotes"
    alias = "is not allowed; write out what it stands for; a text that begins with `*` needs quotes"
    assert refusal(bomb) == [
        ("anchor", f"a.yaml:1:4: the anchor `&a` {anchor}"),
        ("anchor", f"a.yaml:2:4: the anchor `&b` {anchor}"),
        ("alias", f"a.yaml:2:8: the alias `*a` {alias}"),
        ("alias", f"a.yaml:2:12: the alias `*a` {alias}"),
        ("anchor", f"a.yaml:3:4: the anchor `&c` {anchor}"),
        ("alias", f"a.yaml:3:8: the alias `*b` {alias}"),
        ("alias", f"a.yaml:3:12: the alias `*b` {alias}"),
    ]


@pytest.mark.usefixtures("_each_loader")
@pytest.mark.parametrize(
    "tagged", ["!!str x", "!!python/object/apply:os.system [x]", "! x", "!x {y: z}", "!<tag:x> y"]
)
def test_tags_are_refused(tagged: str) -> None:
    line = "a.yaml:1:4: a tag is not allowed; remove it; a text that begins with `!` needs quotes"
    assert refusal(f"a: {tagged}") == [("tag", line)]


@pytest.mark.usefixtures("_each_loader")
def test_every_fault_of_a_yaml_file_is_reported_at_once() -> None:
    text = f"한글: &x 1\n{NFD}: !t 2\nc:\n  - {{d: 1, d: 2}}\n  - [a]: *x\n? {{e: f}}\n: g\n*x : h\n"
    text += 'i: "\\0"\ni: *x\ni: 1\n'
    unusable = "a list or a mapping cannot be a key; put a text that begins with `{` or `[` in quotes"
    anchor = "is not allowed; remove it; a text that begins with `&` needs quotes"
    alias = "is not allowed; write out what it stands for; a text that begins with `*` needs quotes"
    assert refusal(text) == [
        ("anchor", f"a.yaml:1:5: the anchor `&x` {anchor}"),
        ("duplicate_key", "a.yaml:2:1: the key `한글` stands twice; it stands first at line 1, column 1"),
        ("tag", "a.yaml:2:9: a tag is not allowed; remove it; a text that begins with `!` needs quotes"),
        ("duplicate_key", "a.yaml:4:12: the key `d` stands twice; it stands first at line 4, column 6"),
        ("key", f"a.yaml:5:5: {unusable}"),
        ("alias", f"a.yaml:5:10: the alias `*x` {alias}"),
        ("key", f"a.yaml:6:3: {unusable}"),
        ("alias", f"a.yaml:8:1: the alias `*x` {alias}"),
        ("nul", "a.yaml:9:4: a NUL character (U+0000) cannot be stored; remove it"),
        ("duplicate_key", "a.yaml:10:1: the key `i` stands twice; it stands first at line 9, column 1"),
        ("alias", f"a.yaml:10:4: the alias `*x` {alias}"),
        ("duplicate_key", "a.yaml:11:1: the key `i` stands twice; it stands first at line 9, column 1"),
    ]


@pytest.mark.usefixtures("_each_loader")
def test_a_fault_before_the_break_of_the_grammar_is_reported_with_it() -> None:
    assert refusal("a: 1\na: 2\nb: c: d\n") == [
        ("duplicate_key", "a.yaml:2:1: the key `a` stands twice; it stands first at line 1, column 1"),
        ("syntax", f"a.yaml:3:5: {COLON}"),
    ]


@pytest.mark.usefixtures("_each_loader")
def test_equal_keys_of_different_mappings_are_no_fault() -> None:
    assert content("a: {a: 1}\nb: [{a: 1}, {a: 2}]") == {"a": {"a": "1"}, "b": [{"a": "1"}, {"a": "2"}]}


@pytest.mark.usefixtures("_each_loader")
def test_no_more_than_a_thousand_faults_are_listed() -> None:
    assert len(refusal("- &a x\n" * 5000)) == 1000
    assert len(refusal("\x07" * 5000)) == 1000


@pytest.mark.usefixtures("_each_loader")
@pytest.mark.parametrize("raw", ["", "\n \n", "# nothing but words\n", "---\n", "---\n...\n", "\ufeff"])
def test_an_empty_yaml_file_is_refused(raw: str) -> None:
    assert refusal(raw) == [("empty", "a.yaml:1:1: the file is empty")]


@pytest.mark.usefixtures("_each_loader")
@pytest.mark.parametrize(("raw", "value"), [("null", None), ("''", ""), ("[]", [])])
def test_a_yaml_file_that_says_nothing_in_words_is_not_empty(raw: str, value: Any) -> None:
    assert content(raw) == value


@pytest.mark.usefixtures("_each_loader")
def test_a_second_document_is_refused() -> None:
    line = "a.yaml:3:1: a second document begins here; give each document a file of its own"
    assert refusal("---\na: 1\n---\nb: 1\n---\nc: 1\n") == [("several_values", line)]


@pytest.mark.usefixtures("_each_loader")
def test_nul_and_other_control_characters_are_refused_all_at_once() -> None:
    def line(place: str, code: str) -> tuple[str, str]:
        sentence = f"a.yaml:{place}: the character U+{code.upper()} cannot stand here"
        return "control_character", sentence + f"; remove it, or write it in double quotes as `\\u{code}`"

    assert refusal("a: 한\0\nb: \x07\x85\x7f\nc: '\u2028\u2029'\nd: \ufffe\r\n") == [
        ("nul", "a.yaml:1:5: a NUL character (U+0000) cannot be stored; remove it"),
        line("2:4", "0007"),
        line("2:5", "0085"),
        line("2:6", "007f"),
        line("3:5", "2028"),
        line("3:6", "2029"),
        line("4:4", "fffe"),
    ]


@pytest.mark.usefixtures("_each_loader")
@pytest.mark.parametrize("scalar", ['"\\0"', '"\\x00"', '"한\\u0000"'])
def test_nul_is_refused_when_escaped_in_yaml(scalar: str) -> None:
    line = "a NUL character (U+0000) cannot be stored; remove it"
    assert refusal(f"{scalar}: [{scalar}]") == [
        ("nul", f"a.yaml:1:1: {line}"),
        ("nul", f"a.yaml:1:{len(scalar) + 4}: {line}"),
    ]


def test_half_of_a_surrogate_pair_is_refused_in_yaml() -> None:
    line = "a.yaml:1:8: this escape is not a character; write the character itself"
    assert refusal('한: ["\\ud800"]') == [("syntax", line)]


def test_half_of_a_surrogate_pair_is_refused_by_the_parser_in_python_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(yaml_content, "_LOADER", yaml.SafeLoader)
    line = "a.yaml:1:5: half of a surrogate pair is not a character; write the character itself"
    assert refusal('한: ["\\ud800"]') == [("surrogate", line)]
    assert refusal('"\\U00110000"') == [("syntax", "a.yaml:1:1: this cannot be read as YAML")]


def test_text_that_is_not_utf_8_is_refused_in_yaml() -> None:
    assert refusal("a:\n  - 한글".encode("cp949")) == [
        (
            "not_utf_8",
            "a.yaml:2:5: the byte 0xC7 is not UTF-8; it looks like CP949 (EUC-KR): save it as UTF-8",
        )
    ]
    utf16 = ("not_utf_8", "a.yaml:1:1: the text is UTF-16 or UTF-32, not UTF-8; save it as UTF-8")
    assert refusal("a: 1".encode("utf-16")) == [utf16]
    assert refusal("a: 1".encode("utf-16-be")) == [utf16]
    assert refusal(b"a: \xed\xa0\x80") == [
        ("not_utf_8", "a.yaml:1:4: the byte 0xED is not UTF-8; save it as UTF-8")
    ]


@pytest.mark.usefixtures("_each_loader")
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("한: @x", f"1:4: a text cannot begin with `@`; {QUOTES}"),
        ("a: `x`", f"1:4: a text cannot begin with ```; {QUOTES}"),
        ("a: %x", f"1:4: a text cannot begin with `%`; {QUOTES}"),
        ("a: *bold*", f"1:4: a text cannot begin with `&`, `*` or `!`; {QUOTES}"),
        ("a: & x", f"1:4: a text cannot begin with `&`, `*` or `!`; {QUOTES}"),
        ("a: !<x y", f"1:4: a text cannot begin with `&`, `*` or `!`; {QUOTES}"),
        ("a: !e!t x", f"1:4: a text cannot begin with `&`, `*` or `!`; {QUOTES}"),
        ("\ta: 1", "1:1: a tab stands where only spaces can; indent with spaces"),
        ("a:\n\t- b", "2:1: a tab stands where only spaces can; indent with spaces"),
        ("a:\n  b: 1\n\tc: 2", "3:1: a tab stands where only spaces can; indent with spaces"),
        ("a: b: c", f"1:5: {COLON}"),
        ("a: 1\n b: 2", f"2:3: {COLON}"),
        ('a: "x\nb: 1\n', "1:4: the text in quotes that begins here is not closed; close it"),
        ("a: 'x\n---\ny'", "1:4: the text in quotes that begins here is not closed; close it"),
        ("a: 1\nfoo\nb: 2", f"2:1: {NO_COLON}"),
        ("a: [1, 2\nb: {c", f"2:2: {BRACKET}"),
        ("a: {b: c]", f"1:9: {BRACKET}"),
        ("a:\n  - 1\n - 2", f"3:2: {MISFIT}"),
        ('a: "x" y', f"1:8: {MISFIT}"),
        ("a: - b", f"1:4: {MISFIT}"),
        ("[1]]", f"1:4: {MISFIT}"),
        ("a: 1\n- b", f"2:1: {MISFIT}"),
    ],
)
def test_broken_yaml_is_explained_at_its_place(text: str, line: str) -> None:
    assert refusal(text) == [("syntax", f"a.yaml:{line}")]


def test_wrong_escapes_and_directives_are_explained() -> None:
    escape = "this is not an escape that YAML knows; write a backslash as `\\\\`"
    assert refusal('a: "C:\\gw"') == [("syntax", f"a.yaml:1:7: {escape}")]
    assert refusal('a: "\\xzz"') == [("syntax", f"a.yaml:1:7: {escape}")]
    version = "this is not YAML: found incompatible YAML document"
    assert refusal("%YAML 2.0\n---\na: 1") == [("syntax", f"a.yaml:1:1: {version}")]


@pytest.mark.usefixtures("_each_loader")
def test_yaml_places_are_found_by_path() -> None:
    document = read_yaml("a.yaml", '한글:\n  - id: x\n    "b": [😀, y]\n  - {c: }\nd: |\n  e\n'.encode())
    assert document.textual is True

    def at(*path: str | int, key: bool = False) -> str:
        return str(document.place(path, key=key))

    assert at() == "a.yaml:1:1"
    assert at("한글") == "a.yaml:2:3"
    assert at("한글", key=True) == "a.yaml:1:1"
    assert at("한글", 0) == "a.yaml:2:5"
    assert at("한글", 0, "id") == "a.yaml:2:9"
    assert at("한글", 0, "b", 1) == "a.yaml:3:14"
    assert at("한글", 0, "b", 1, key=True) == "a.yaml:3:14"
    assert at("한글", 1, "c", key=True) == "a.yaml:4:6"
    assert at("d") == "a.yaml:5:4"


@pytest.mark.usefixtures("_each_loader")
def test_the_place_of_what_is_missing_is_the_nearest_value_around_it() -> None:
    document = read_yaml("a.yaml", b"a:\n  - id: x\n    b: y\n")
    assert document.place(["a", 0, "title"], key=True) == Place("a.yaml", 2, 5)
    assert document.place(["a", 9, "title"]) == Place("a.yaml", 2, 3)
    assert document.place(["z", 0]) == Place("a.yaml", 1, 1)


@pytest.mark.usefixtures("_each_loader")
def test_places_do_not_move_when_the_content_is_changed() -> None:
    document = read_yaml("a.yaml", b"a: 1\nb: 2\n")
    del document.content["a"]
    assert document.place(["b"]) == Place("a.yaml", 2, 4)


# Whatever comes

FRAGMENTS = [
    *("a", "b: ", "- ", "[", "]", "{", "}", ", ", ": ", "? ", "\n", "  ", "\t", "'", '"', "|\n", ">-\n", "#"),
    *("&a ", "*a ", "!t ", "! ", "!!str ", "---\n", "...\n", "%YAML 1.1\n", "%TAG ! x\n", "~", "null", "<<"),
    *("\\", "\\u", "\\ud800", "\\x00", "\0", "\x85", "\u2028", "\ufeff", "한", NFD, "😀", "@", "`", "1" * 30),
]
TEXTS = st.lists(st.sampled_from(FRAGMENTS)).map("".join)


def nodes(node: yaml.Node, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, bool, yaml.Node]]:
    """Yield every value and key of PyYAML's own tree: its path, whether it is a key, and its node."""
    yield path, False, node
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from nodes(item, (*path, index))
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, normalize("NFC", key.value)), True, key
            yield from nodes(value, (*path, normalize("NFC", key.value)))


def without_nulls(value: Any) -> Any:
    """Return content in which all that may stand for nothing is None, quoted or not."""
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    if isinstance(value, dict):
        return {normalize("NFC", key): without_nulls(member) for key, member in value.items()}
    return None if value in (None, "", "~", "null", "Null", "NULL") else normalize("NFC", value)


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.__name__)
@given(raw=st.binary() | (TEXTS | st.text()).map(lambda text: text.encode(errors="replace")))
@example(raw=b"%YAML 1." + b"9" * 5000 + b"\n---\na")
@example(raw=b'"\\U00110000"')
def test_any_bytes_are_read_or_refused_with_faults_that_have_a_place(loader: type, raw: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_content, "_LOADER", loader)
        try:
            read_yaml("a.yaml", raw)
        except Malformed as refused:
            places = [fault.place for fault in refused.faults]
            assert places
            assert None not in places


@given(TEXTS)
@example("a:\n- b: [c, {d: 'e'}]\n  ? f\n  : |\n    g\nh:\n")
def test_content_and_places_are_those_of_pyyaml(text: str) -> None:
    try:
        document = read_yaml("a.yaml", text.encode(errors="replace"))
    except Malformed:
        return
    if document.faults:
        return
    text = text.removeprefix("\ufeff")
    assert without_nulls(document.content) == without_nulls(yaml.load(text, BASE))
    root = yaml.compose(text, BASE)
    assert root is not None
    for path, is_key, node in nodes(root):
        mark = node.start_mark
        assert document.place(path, key=is_key) == Place("a.yaml", mark.line + 1, mark.column + 1)
