"""Text is normalised in time, or refused."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.text import MOST_MARKS, UnfitText, normalised, storable


@pytest.mark.parametrize("form", ["NFC", "NFKC"])
@given(text=st.text())
def test_text_comes_out_in_its_normal_form(form: str, text: str) -> None:
    assert normalised(text, form) == unicodedata.normalize(form, text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "marks",
    [
        "\u0301\u0316",
        "\u0344",
        "\u0f73",  # a letter to `combining`, two marks once it is decomposed
        "\u0301\uff9e",
    ],
)
def test_a_run_of_marks_that_would_take_minutes_is_refused(marks: str) -> None:
    with pytest.raises(UnfitText, match="combining marks"):
        normalised("a" + marks * 5_000, "NFKC")


def test_as_many_marks_as_a_script_can_need_are_taken() -> None:
    text = "a" + "\u0301\u0316" * (MOST_MARKS // 2)
    assert storable(text) == unicodedata.normalize("NFC", text)
    with pytest.raises(UnfitText):
        storable(text + "\u0301")
    assert storable(f"{text}b{text}") == unicodedata.normalize("NFC", f"{text}b{text}")


@pytest.mark.parametrize("text", ["\0", "a\0", "가\0", "\ud800", "a\udfffb"])
def test_what_cannot_be_stored_is_refused(text: str) -> None:
    with pytest.raises(UnfitText, match="NUL or half"):
        storable(text)
