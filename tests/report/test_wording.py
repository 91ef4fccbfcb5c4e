"""How things are written for people."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.report import wording


@given(st.text())
def test_text_shown_holds_no_mark_that_turns_it_round_and_no_control(text):
    shown = wording.visible(text)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\x00\x1b")


@pytest.mark.parametrize("name", ["Zoë", "Łukasz", "王小明", "محمد", "O’Neill-Smith", "=1+1", "نیم\u200cفاصله"])
def test_a_name_is_shown_as_it_is(name):
    assert wording.visible(name) == name


def test_a_moment_is_told_in_london_time():
    assert wording.moment(datetime(2022, 6, 30, 23, 30, tzinfo=UTC)) == "1 Jul 2022, 00:30"
    assert wording.day(datetime(2022, 6, 30, 23, 30, tzinfo=UTC)) == "1 Jul 2022"
    assert wording.moment("2022-11-22T02:14:00+00:00") == "22 Nov 2022, 02:14"


def test_dates_and_counts():
    assert wording.weekday(date(2022, 11, 22)) == "Tuesday 22 November 2022"
    assert wording.counted(1, "child", "children") == "1 child"
    assert wording.counted(1234, "report") == "1,234 reports"


def test_a_code_without_words_is_told_in_its_own_letters():
    assert wording.label("SOME_NEW_CODE") == "Some new code"
    assert wording.label(None) == "not known"


@pytest.mark.parametrize(
    ("why", "shown"),
    [
        ("LIKELY: likely, but not sure", "Likely, but not sure."),
        ("Find out the date.", "Find out the date."),
        ("", ""),
        (None, ""),
    ],
)
def test_a_reason_is_a_sentence_without_its_code(why, shown):
    assert wording.reason(why) == shown


def test_names_are_listed_as_people_do():
    assert [wording.listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
