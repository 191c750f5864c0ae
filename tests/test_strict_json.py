"""Strict JSON: what is refused, in which words and where, and that all else is read as json reads it."""

from __future__ import annotations

import json
import time
import timeit
from collections.abc import Sequence
from typing import Any
from unicodedata import is_normalized, normalize
from unittest.mock import ANY

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.errors import Fault, Malformed, Place
from tracker.strict_json import positions, read

NFD = normalize("NFD", "한글")


def refusal(raw: bytes | str) -> list[tuple[str, str]]:
    """Return the code and the whole sentence of every fault."""
    with pytest.raises(Malformed) as refused:
        read(raw)
    return [(fault.code, str(fault)) for fault in refused.value.faults]


# Reading what is right


def test_every_kind_of_value_is_read() -> None:
    raw = b' {"a": [1, -2, 1.5, 1e3, true, false, null, "x"], "b": {}, "c": [], "": "\\u00e9\\n\\/"}\r\n\t'
    content = {"a": [1, -2, 1.5, 1000.0, True, False, None, "x"], "b": {}, "c": [], "": "é\n/"}
    assert read(raw) == content
    assert read(raw.decode()) == content
    assert [type(item) for item in read(raw)["a"]] == [int, int, float, float, bool, bool, type(None), str]


@pytest.mark.parametrize(
    ("raw", "value"), [("1", 1), ('"x"', "x"), ("null", None), ("[]", []), ("true", True)]
)
def test_a_bare_value_is_a_json_text(raw: str, value: Any) -> None:
    assert read(raw) == value


def test_a_byte_order_mark_is_dropped() -> None:
    assert read(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
    assert read('\ufeff{"a": 1}') == {"a": 1}


def test_decomposed_korean_is_composed_in_values_and_keys() -> None:
    assert read(json.dumps({NFD: [NFD, {"a": NFD}]}, ensure_ascii=False)) == {"한글": ["한글", {"a": "한글"}]}
    assert read(json.dumps({NFD: [NFD, {"a": NFD}]})) == {"한글": ["한글", {"a": "한글"}]}


def test_an_escape_is_kept_apart_from_a_combining_character_after_it() -> None:
    assert read('"\\n\u0303"') == "\n\u0303"
    assert read('"\\u0061\u0301"') == "á"


def test_a_pair_of_surrogate_escapes_is_one_character() -> None:
    assert read(b'"\\ud83d\\uDE00"') == "😀"


def test_control_characters_may_be_escaped() -> None:
    assert read(b'"\\u0007\\u007f\\b"') == "\x07\x7f\b"


def test_integers_may_fill_64_bits() -> None:
    assert read(b"[9223372036854775807, -9223372036854775808]") == [2**63 - 1, -(2**63)]


def test_32_levels_are_read() -> None:
    assert json.dumps(read("[" * 32 + "]" * 32)) == "[" * 32 + "]" * 32
    assert json.dumps(read('{"a": ' * 32 + "1" + "}" * 32)) == '{"a": ' * 32 + "1" + "}" * 32


def test_brackets_beside_each_other_or_in_text_are_not_depth() -> None:
    wide = [[], {"a": []}] * 1000
    assert read(json.dumps(wide)) == wide
    brackets = {"[" * 40 + '"' + "{" * 40: ["\\", "[[" * 40, '\\"' + "{" * 40]}
    assert read(json.dumps(brackets)) == brackets


# Refusing what is not


@pytest.mark.parametrize("raw", [b"", b" \n\t", "", "\ufeff", b"\xef\xbb\xbf"])
def test_nothing_is_refused(raw: bytes | str) -> None:
    assert refusal(raw) == [("empty", "the JSON text is empty")]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ("[1,]", "a comma stands before `]` (line 1, column 4); remove the comma"),
        ('{"a": 1,\n }', "a comma stands before `}` (line 2, column 2); remove the comma"),
        ("[,1]", "a value is expected here, not `,` (line 1, column 2)"),
        ("[1,,2]", "a value is expected here, not `,` (line 1, column 4)"),
        ("]", "a value is expected here, not `]` (line 1, column 1)"),
        ('{"a":}', "a value is expected here, not `}` (line 1, column 6)"),
        ("// x", "a value is expected here, not `/` (line 1, column 1)"),
        ("[-]", "a value is expected here, not `-` (line 1, column 2)"),
        ("\f1", "a value is expected here, not `\\u000c` (line 1, column 1)"),
        ("{'a': 1}", "a key in double quotes is expected here, not `'` (line 1, column 2)"),
        ('{"a": 1, b: 2}', "a key in double quotes is expected here, not `b` (line 1, column 10)"),
        ('{"a" 1}', "`:` is expected here, not `1` (line 1, column 6)"),
        ("[1 2]", "`,` or `]` is expected here, not `2` (line 1, column 4)"),
        ('{"한": 1}\n'.replace("}", "]"), "`,` or `}` is expected here, not `]` (line 1, column 8)"),
        ("[[1}]", "`,` or `]` is expected here, not `}` (line 1, column 4)"),
        ("[1", "the JSON text ends too early (line 1, column 3); `]` is missing"),
        ('{"a":\n', "the JSON text ends too early (line 2, column 1); `}` is missing"),
    ],
)
def test_broken_grammar_is_named_with_its_place(raw: str, sentence: str) -> None:
    assert refusal(raw) == [("syntax", sentence)]


def test_what_is_shown_of_a_text_is_cut_short() -> None:
    assert refusal("[" + "x" * 41 + ', "' + "y" * 40 + '" "a"]') == [
        (
            "syntax",
            f"`{'x' * 40}…` is not true, false or null (line 1, column 2); write text in double quotes",
        ),
        ("syntax", '`,` or `]` is expected here, not `"a"` (line 1, column 88)'),
    ]
    assert refusal("[" + "x" * 40 + "]") == [
        ("syntax", f"`{'x' * 40}` is not true, false or null (line 1, column 2); write text in double quotes")
    ]


@pytest.mark.parametrize("raw", ['["😀", "ab]', '["😀", "a\nb"]', '["😀", "ab\\"]', '["😀", "a\\\nb"]'])
def test_text_is_closed_on_its_own_line(raw: str) -> None:
    sentence = "the text that begins here is not closed on its line (line 1, column 7)"
    assert refusal(raw) == [
        ("syntax", sentence + '; write `"` after it, and a line break inside it as `\\n`')
    ]


def test_wrong_escapes_and_bare_control_characters_are_all_named() -> None:
    assert refusal('{"\\q": 1}') == [
        ("syntax", "`\\q` is not a JSON escape (line 1, column 3); write a backslash as `\\\\`")
    ]
    assert refusal('["\\q", "\\u12", "\\x41", "a\tb\x7f"]') == [
        ("syntax", "`\\q` is not a JSON escape (line 1, column 3); write a backslash as `\\\\`"),
        ("syntax", "`\\u` is not a JSON escape (line 1, column 9); `\\u` needs four hexadecimal digits"),
        ("syntax", "`\\x` is not a JSON escape (line 1, column 17); write a backslash as `\\\\`"),
        ("syntax", "the control character U+0009 must be escaped (line 1, column 26); write it as `\\u0009`"),
    ]


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_refused(word: str) -> None:
    sentence = f"{word} is not a JSON number (line 1, column 7); write null for an unknown number"
    assert refusal(f'{{"a": {word}}}') == [("number", sentence)]


@pytest.mark.parametrize(
    "digits", ["9223372036854775808", "-9223372036854775809", "1" + "0" * 20, "1" * 5000]
)
def test_integers_beyond_64_bits_are_refused(digits: str) -> None:
    shown = digits if len(digits) < 40 else digits[:40] + "…"
    sentence = f"the number {shown} does not fit 64 bits (line 1, column 1); write text in double quotes"
    assert refusal(digits) == [("number", sentence)]


@pytest.mark.parametrize("digits", ["1e999", "-1E+999", "1.5e999"])
def test_floats_beyond_all_bounds_are_refused(digits: str) -> None:
    sentence = f"the number {digits} is too large (line 1, column 2); write text in double quotes"
    assert refusal(f"[{digits}]") == [("number", sentence)]


@pytest.mark.parametrize(
    "digits", ["0123", "-01", "1.", ".5e"[1:], "1_000", "0x1F", "1e", "--1"[1:] + "x", "٣"]
)
def test_numbers_that_json_writes_otherwise_are_refused(digits: str) -> None:
    sentence = f"`{digits}` is not a JSON number (line 1, column 2); write text in double quotes"
    assert refusal(f"[{digits}]") == [("syntax", sentence)]


@pytest.mark.parametrize("word", ["True", "None", "nul", "yes", "-x", "예"])
def test_unknown_words_are_refused(word: str) -> None:
    sentence = f"`{word}` is not true, false or null (line 1, column 2); write text in double quotes"
    assert refusal(f"[{word}]") == [("syntax", sentence)]


def test_what_is_right_beside_a_fault_is_no_fault() -> None:
    texts = r'"\u0041\"\\\/\b\f\n\r\t\ue000\ud800\udc00\udbff\udfff", ""'
    numbers = "0, -1, 1.5, 2E-3, 9223372036854775807, -9223372036854775808"
    raw = f'[[true, false, null], {{"true": {{}}}}, {texts}, {numbers},\nNaN]'
    sentence = "NaN is not a JSON number (line 2, column 1); write null for an unknown number"
    assert refusal(raw) == [("number", sentence)]


def test_every_repeated_key_is_named_with_its_first_place() -> None:
    raw = f'{{"한글": 1, "b": {{"a": 1, "a": 2}},\n "{NFD}": 3, "\\ud55c글": 4}}'
    assert refusal(raw) == [
        (
            "duplicate_key",
            "the key `a` stands twice (line 1, column 25); it stands first at line 1, column 17",
        ),
        (
            "duplicate_key",
            "the key `한글` stands twice (line 2, column 2); it stands first at line 1, column 2",
        ),
        (
            "duplicate_key",
            "the key `한글` stands twice (line 2, column 15); it stands first at line 1, column 2",
        ),
    ]


def test_keys_that_differ_only_in_normal_form_are_refused() -> None:
    sentence = "the key `한글` stands twice (line 1, column 10); it stands first at line 1, column 2"
    assert refusal(f'{{"한글": 1,"{NFD}": 2}}') == [("duplicate_key", sentence)]


def test_equal_keys_of_different_objects_are_no_fault() -> None:
    assert read('{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}') == {"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}


@pytest.mark.parametrize(
    ("raw", "column"),
    [('"\\u0000"', 2), ('{"a\\u0000": 1}', 4), ('"a\0"', 3), ("[\0]", 2), ('"한\\u0000"', 3)],
)
def test_nul_is_refused_however_it_is_written(raw: str, column: int) -> None:
    sentence = f"a NUL character (U+0000) cannot be stored (line 1, column {column}); remove it"
    assert refusal(raw) == [("nul", sentence)]
    assert refusal(raw.encode()) == [("nul", sentence)]


@pytest.mark.parametrize(
    ("raw", "column"),
    [
        ('"\\ud800"', 2),
        ('"\\uDFFF"', 2),
        ('{"\\udc00": 1}', 3),
        ('"\\ud800\\u0041"', 2),
        ('"\\ud83d\\ude00\\ude00"', 14),
        ('"\\ud83d\\\\ude00"', 2),
        ('"\\ud800\\ue000"', 2),
        ('"\\udbff\\udbff\\udfff"', 2),
        ('"\ud800"', 2),
    ],
)
def test_half_of_a_surrogate_pair_is_refused(raw: str, column: int) -> None:
    sentence = (
        f"half of a surrogate pair is not a character (line 1, column {column}); write the character itself"
    )
    assert refusal(raw) == [("surrogate", sentence)]


def test_both_halves_of_a_surrogate_pair_in_the_wrong_order_are_refused() -> None:
    sentence = "half of a surrogate pair is not a character (line 1, column {}); write the character itself"
    assert refusal('"\\udc00\\udc00"') == [("surrogate", sentence.format(column)) for column in (2, 8)]


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [33, 1_000, 200_000])
def test_deep_nesting_is_refused_before_it_can_recurse(opening: str, depth: int) -> None:
    started = time.process_time()
    column = len(opening) * 32 + 1
    assert refusal(opening * depth) == [
        ("too_deep", f"the text nests deeper than 32 levels (line 1, column {column})")
    ]
    assert time.process_time() - started < 2


def test_deep_nesting_is_refused_even_when_closed() -> None:
    sentence = "the text nests deeper than 32 levels (line 1, column 33)"
    assert refusal("[" * 33 + "]" * 33) == [("too_deep", sentence)]


@pytest.mark.parametrize("raw", ['"' + '\\"[' * 500_000, '"[' * 500_000, '[{"' * 300_000])
def test_refusing_a_long_text_takes_no_more_than_its_length(raw: str) -> None:
    started = time.process_time()
    assert len(refusal(raw)) == 1
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("raw", "here", "column"),
    [("1 2", "2", 3), ('{"a": 1} {"b": 2}', "{", 10), ("[]]", "]", 3), ("1,", ",", 2), ("{}x", "x", 3)],
)
def test_several_values_are_refused(raw: str, here: str, column: int) -> None:
    sentence = f"`{here}` follows the end of the JSON value (line 1, column {column}); give one JSON value"
    assert refusal(raw) == [("several_values", sentence)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_utf_16_and_utf_32_are_refused(encoding: str) -> None:
    sentence = "the text is UTF-16 or UTF-32, not UTF-8 (line 1, column 1); save it as UTF-8"
    assert refusal('{"a": 1}'.encode(encoding)) == [("not_utf_8", sentence)]


def test_cp949_is_recognised() -> None:
    sentence = "the byte 0xC7 is not UTF-8 (line 2, column 4); it looks like CP949 (EUC-KR): save it as UTF-8"
    assert refusal('{"a":\n  "한글"}'.encode("cp949")) == [("not_utf_8", sentence)]


@pytest.mark.parametrize(
    ("raw", "byte", "column"),
    [
        (b'"\xed\xa0\x80"', "ED", 2),
        (b'"\xff"', "FF", 2),
        ('"한'.encode()[:-1], "ED", 2),
        ('"é'.encode() + "한".encode("cp949"), "C7", 3),
        (b'\xef\xbb\xbf"\xff"', "FF", 2),
    ],
)
def test_bytes_that_are_not_utf_8_are_refused(raw: bytes, byte: str, column: int) -> None:
    sentence = f"the byte 0x{byte} is not UTF-8 (line 1, column {column}); save it as UTF-8"
    assert refusal(raw) == [("not_utf_8", sentence)]


def test_all_faults_are_reported_at_once_up_to_the_one_that_breaks_the_grammar() -> None:
    raw = '{"a": NaN,\n "a": 1e999,\n "b": "\\u0000" "c": 0123}'
    assert refusal(raw) == [
        ("number", "NaN is not a JSON number (line 1, column 7); write null for an unknown number"),
        ("duplicate_key", "the key `a` stands twice (line 2, column 2); it stands first at line 1, column 2"),
        ("number", "the number 1e999 is too large (line 2, column 7); write text in double quotes"),
        ("nul", "a NUL character (U+0000) cannot be stored (line 3, column 8); remove it"),
        ("syntax", '`,` or `}` is expected here, not `"c"` (line 3, column 16)'),
    ]


def test_no_more_than_a_thousand_faults_are_listed() -> None:
    assert len(refusal("[" + "NaN," * 5000 + "1]")) == 1000


def test_a_fault_in_a_file_has_a_place_there_and_a_sentence_without_it() -> None:
    with pytest.raises(Malformed) as refused:
        read('{"가": 1,\n"가": 2}', file="seeds/a.jsonl", line=7)
    assert refused.value.faults == (
        Fault(
            "duplicate_key",
            "the key `가` stands twice",
            "it stands first at line 7, column 2",
            place=Place("seeds/a.jsonl", 8, 1),
        ),
    )
    assert (
        str(refused.value)
        == "seeds/a.jsonl:8:1: the key `가` stands twice; it stands first at line 7, column 2"
    )


@pytest.mark.parametrize(("raw", "column"), [(b"\xff", 1), (b'"a\xff"', 3), ('"\ud800"', 2), (b"a\0b\0", 1)])
def test_undecodable_text_in_a_file_has_a_place_there(raw: bytes | str, column: int) -> None:
    with pytest.raises(Malformed) as refused:
        read(raw, file="a.json", line=3)
    assert [fault.place for fault in refused.value.faults] == [Place("a.json", 3, column)]


def test_what_is_shown_of_a_text_cannot_steer_a_terminal() -> None:
    sentence = "the key `a\\u001b[2J` stands twice (line 1, column 18); it stands first at line 1, column 2"
    assert refusal('{"a\\u001b[2J": 1,"a\\u001b[2J": 2}') == [("duplicate_key", sentence)]


# Positions


def test_positions_are_found_by_path() -> None:
    text = '{"한글": [1,\n  {"b": "x", "c": []}],\n "d": null}'
    found = positions(text)
    assert found.at(()) == (1, 1)
    assert found.at(("한글",)) == (1, 8)
    assert found.at(("한글",), key=True) == (1, 2)
    assert found.at(("한글", 0)) == (1, 9)
    assert found.at(("한글", 1)) == (2, 3)
    assert found.at(("한글", 1, "c")) == (2, 19)
    assert found.at(("한글", 1, "c"), key=True) == (2, 14)
    assert found.at(("d",)) == (3, 7)
    assert found.at(("d",), key=True) == (3, 2)


def test_a_path_that_is_not_there_gives_the_nearest_value_around_it() -> None:
    found = positions('{"a": [\n {"b": 1}]}')
    assert found.at(("a", 0, "missing"), key=True) == (2, 2)
    assert found.at(("a", 7, "b")) == (1, 7)
    assert found.at(("x", 0, "b")) == (1, 1)
    assert found.at(("a", 0, "b", "deeper"), key=True) == (2, 8)


def test_an_item_of_a_list_has_no_key_and_gives_its_own_place() -> None:
    assert positions("[1, 2]").at((1,), key=True) == (1, 5)


def test_positions_know_a_decomposed_or_escaped_key_by_its_composed_name() -> None:
    assert positions(f'{{"a": 1, "{NFD}": 2}}').at(("한글",)) == (1, 20)
    assert positions('{"\\ud55c\\uae00": 2}').at(("한글",)) == (1, 18)


def test_positions_count_from_the_given_line() -> None:
    assert positions('{"a":\n1}', line=40).at(("a",)) == (41, 1)


# Whatever comes

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
TOKENS = (
    r'[ ] { } , : " "a" "b": {"a": 1 - 0 e9 .5 true null NaN \ \u \ud800 \udc00 \u0000 // 9999999999999999999'
)
PIECES = st.sampled_from(TOKENS.split()) | st.sampled_from(
    ["한", NFD, " ", "\n", "\t", "\0", "\ufeff", "\ud800"]
)


def read_or_faults(raw: bytes | str) -> tuple[Any, Sequence[Fault]]:
    try:
        return read(raw), ()
    except Malformed as refused:
        return None, refused.faults


def composed(value: Any) -> Any:
    """Normalise every string, the slow and obvious way."""
    if isinstance(value, str):
        return normalize("NFC", value)
    if isinstance(value, list):
        return [composed(item) for item in value]
    if isinstance(value, dict):
        return {composed(key): composed(member) for key, member in value.items()}
    return value


def paths(value: Any) -> list[tuple[str | int, ...]]:
    """Return the path of every value."""
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [(), *((step, *rest) for step, member in members for rest in paths(member))]


def at_path(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_any_value_comes_back_composed_and_every_place_points_at_it(
    value: Any, ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    content, faults = read_or_faults(text.encode())
    if faults:  # two keys that are one when composed
        assert {fault.code for fault in faults} == {"duplicate_key"}
        return
    assert content == composed(value)
    found = positions(text)
    lines = text.split("\n")
    for path in paths(content):
        line, column = found.at(path)
        written, _ = json.JSONDecoder().raw_decode(
            lines[line - 1] + "\n" + "\n".join(lines[line:]), column - 1
        )
        assert composed(written) == at_path(content, path)
        if path and isinstance(path[-1], str):
            line, column = found.at(path, key=True)
            assert composed(json.JSONDecoder().raw_decode(lines[line - 1], column - 1)[0]) == path[-1]


@given(st.lists(PIECES).map("".join) | st.text() | st.binary())
@example("\ufeff\ufeff1")
@example('{"\\u00e9":1,"e\\u0301":2}')
def test_anything_is_read_as_json_reads_it_or_refused_with_faults(raw: str | bytes) -> None:
    content, faults = read_or_faults(raw)
    if faults:
        assert all(fault.detail and fault.place is None for fault in faults)
        return
    text = (raw if isinstance(raw, str) else raw.decode()).removeprefix("\ufeff")
    assert content == composed(json.loads(text))
    assert is_normalized("NFC", json.dumps(content, ensure_ascii=False))
    assert positions(text).at(()) == (text[: len(text) - len(text.lstrip())].count("\n") + 1, ANY)


def test_reading_a_body_costs_little_more_than_json_alone() -> None:
    body = json.dumps(
        {"status": "met", "note": "업무협약을 체결하였다 " * 8, "evidence": [{"title": "가"}], "n": 1}
    ).encode()

    def fastest(reading: Any) -> float:
        return min(timeit.repeat(lambda: reading(body), number=100, repeat=40, timer=time.process_time))

    assert fastest(read) < 6 * fastest(json.loads)
