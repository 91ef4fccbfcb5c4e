"""The 18th birthday: a table of its boundaries."""

from datetime import date

import pytest

from tests.reconcile.rows import decision, mention, tables_of
from transforms.reconcile import reconcile
from transforms.reconcile.birthday import age_at, attains_18_on, earliest_18

BOUNDARIES = [
    # born          18 on          age the day before, age on the day
    ("2008-03-01", "2026-03-01", 17, 18),
    ("2004-02-29", "2022-03-01", 17, 18),  # 2022 has no 29 February: a child for all of the 28th
    ("2006-02-28", "2024-02-28", 17, 18),
    ("2006-03-01", "2024-03-01", 17, 18),  # the day after 29 February 2024
    ("2002-02-28", "2020-02-28", 17, 18),
    ("2004-01-01", "2022-01-01", 17, 18),
    ("2003-12-31", "2021-12-31", 17, 18),
    ("2004-03-27", "2022-03-27", 17, 18),  # clocks go forward
    ("2004-10-30", "2022-10-30", 17, 18),  # clocks go back
]


@pytest.mark.parametrize(("born", "turns", "before", "on"), BOUNDARIES)
def test_eighteen_is_attained_at_the_start_of_the_birthday(born: str, turns: str, before: int, on: int) -> None:
    birth, day = date.fromisoformat(born), date.fromisoformat(turns)
    assert attains_18_on(birth, "03-01") == day
    assert age_at(birth, date.fromordinal(day.toordinal() - 1), "03-01") == before
    assert age_at(birth, day, "03-01") == on


def test_a_site_may_choose_28_february_for_those_born_on_a_leap_day() -> None:
    assert attains_18_on(date(2004, 2, 29), "02-28") == date(2022, 2, 28)
    assert age_at(date(2004, 2, 29), date(2022, 2, 27), "02-28") == 17


def test_a_leap_day_birthday_in_a_leap_year_is_the_leap_day() -> None:
    assert age_at(date(2004, 2, 29), date(2024, 2, 28), "03-01") == 19
    assert age_at(date(2004, 2, 29), date(2024, 2, 29), "03-01") == 20


def test_of_a_year_alone_the_first_day_that_can_make_18_is_its_new_year() -> None:
    assert earliest_18(None, 2004, "03-01") == date(2022, 1, 1)
    assert earliest_18(None, None, "03-01") is None


RATIFIED = [decision(1, "RATIFY", "intel:r1#1", "2022-02-01", value="OPEN")]


def state(as_of: str, decisions: list, **child: object) -> tuple:
    night = tables_of(as_of, [mention("intel:r1#1", **child)], decision=decisions)
    row = reconcile(night).child[0]
    return row["state"], row["removed_on"], row["removal_reason"]


def test_a_verified_date_removes_the_child_on_the_birthday_and_not_a_night_earlier() -> None:
    assert state("2022-06-12", RATIFIED, born="2004-06-13") == ("OPEN", None, None)
    assert state("2022-06-13", RATIFIED, born="2004-06-13") == ("REMOVED", date(2022, 6, 13), "AGED_OUT")


def test_a_night_that_comes_late_still_dates_the_removal_on_the_birthday() -> None:
    assert state("2022-09-30", RATIFIED, born="2004-06-13") == ("REMOVED", date(2022, 6, 13), "AGED_OUT")


@pytest.mark.parametrize("status", ["ESTIMATED", "STATED", "UNKNOWN"])
def test_a_date_that_is_not_verified_never_ages_a_child_out_but_asks(status: str) -> None:
    night = tables_of("2022-07-30", [mention("intel:r1#1", born="2004-06-13", dob_status=status)], decision=RATIFIED)
    result = reconcile(night)
    assert result.child[0]["state"] == "OPEN"
    assert result.child[0]["age_presumed"] is True
    assert [row["kind"] for row in result.review if row["is_open"]] == ["age"]


def test_verified_dates_that_differ_age_nobody_out_and_are_asked_about() -> None:
    two = [mention("intel:r1#1", born="2004-06-13"), mention("intel:r2#1", born="2006-06-13")]
    result = reconcile(tables_of("2022-07-30", two, decision=RATIFIED))
    assert result.child[0]["state"] == "OPEN"
    assert result.child[0]["dob_status"] == "DISPUTED"
    assert "differ" in next(row["why"] for row in result.review if row["kind"] == "age")


def test_a_corrected_date_brings_a_child_back() -> None:
    corrected = [
        *RATIFIED,
        decision(2, "SET_DOB", "intel:r1#1", "2022-06-20", value="2005-06-13", reason_code="VERIFIED"),
    ]
    assert state("2022-06-20", RATIFIED, born="2004-06-13")[0] == "REMOVED"
    assert state("2022-06-21", corrected, born="2004-06-13") == ("OPEN", None, None)


def test_a_decision_on_the_date_outweighs_every_record() -> None:
    settled = [
        *RATIFIED,
        decision(2, "SET_DOB", "intel:r1#1", "2022-02-01", value="2004-03-05", reason_code="VERIFIED"),
    ]
    assert state("2022-03-05", settled, born="2006-06-13") == ("REMOVED", date(2022, 3, 5), "AGED_OUT")


def test_a_date_that_people_set_as_estimated_still_only_asks() -> None:
    estimated = [
        *RATIFIED,
        decision(2, "SET_DOB", "intel:r1#1", "2022-02-01", value="2004-03-05", reason_code="ESTIMATED"),
    ]
    assert state("2022-05-05", estimated, born="2006-06-13") == ("OPEN", None, None)


def test_no_date_of_birth_is_asked_about_as_soon_as_the_child_is_proposed() -> None:
    result = reconcile(tables_of("2022-01-10", [mention("intel:r1#1")]))
    assert sorted(row["kind"] for row in result.review) == ["age", "ratify"]


@pytest.mark.parametrize(
    ("as_of", "threshold"),
    [
        ("2022-03-04", None),
        ("2022-03-05", 100),
        ("2022-03-15", 90),
        ("2022-05-14", 30),
        ("2022-06-06", 7),
        ("2022-06-13", 0),
    ],
)
def test_a_birthday_ahead_is_forecast_at_each_threshold(as_of: str, threshold: int | None) -> None:
    child = [mention("intel:r1#1", born="2004-06-13", dob_status="ESTIMATED")]
    forecast = reconcile(tables_of(as_of, child, decision=RATIFIED)).forecast
    assert [row["threshold"] for row in forecast] == ([threshold] if threshold is not None else [])
