"""When is the number of new reports improbable?"""

from datetime import UTC, date, datetime, timedelta
from math import exp, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations import volume
from expectations.site import load

SITE = load()  # 3.1 reports a night
AS_OF = date(2022, 11, 22)


def warned(a_night: dict[int, int]) -> dict[str, str]:
    """Sentences by span; `a_night` has the number of reports created so many nights ago, 1 for last night."""
    midnight = datetime(2022, 11, 22, tzinfo=UTC)
    created = [midnight - timedelta(days=ago, hours=-12) for ago, count in a_night.items() for _ in range(count)]
    found = volume.claims(created, AS_OF, SITE)
    return {claims.rule.name: claims.rule.sentence for claims in found if ("no", "yes") in claims.values}


STEADY = {ago: 3 for ago in range(1, 60)}


def test_three_reports_a_night_are_as_expected() -> None:
    assert warned(STEADY) == {}


def test_one_or_two_nights_without_a_report_are_nothing_and_five_are_a_warning() -> None:
    assert warned(STEADY | {1: 0}) == {}  # p = 0.045
    assert warned(STEADY | {1: 0, 2: 0}) == {}  # p = 0.002
    assert set(warned(STEADY | {ago: 0 for ago in range(1, 6)})) == {"volume.07_nights"}


def test_a_week_of_silence_is_a_warning_with_the_numbers() -> None:
    sentence = warned(STEADY | {ago: 0 for ago in range(1, 8)})["volume.07_nights"]
    assert "last 7 nights brought 0 new reports where 21.7 are expected (by chance once in 2,6" in sentence


def test_a_flood_is_a_warning_too() -> None:
    assert set(warned(STEADY | {1: 14})) >= {"volume.01_nights"}


def test_a_slow_leak_shows_over_four_weeks_alone() -> None:
    assert set(warned({ago: 2 if ago < 29 else 3 for ago in range(1, 60)})) == {"volume.28_nights"}


def test_spans_that_reach_back_before_the_first_report_are_not_judged() -> None:
    assert warned({2: 3, 1: 0}) == {}
    assert warned({}) == {}


def test_a_night_ends_at_local_midnight() -> None:
    site_midnight = datetime(2022, 7, 1, 23, tzinfo=UTC)  # 2 July 00:00 in London
    created = [site_midnight - timedelta(days=40), *[site_midnight] * 40]
    found = {c.rule.name: c.values for c in volume.claims(created, date(2022, 7, 2), SITE)}
    assert "brought 0" in next(
        c.rule.sentence for c in volume.claims(created, date(2022, 7, 2), SITE) if c.rule.name == "volume.01_nights"
    )
    assert found["volume.28_nights"] == [("no", "yes")]


@pytest.mark.parametrize(("count", "mean"), [(0, 3.1), (3, 3.1), (9, 3.1), (20, 21.7), (60, 86.8)])
def test_the_tails_are_the_sums_of_the_terms(count: int, mean: float) -> None:
    below = sum(exp(-mean) * mean**n / factorial(n) for n in range(count))
    at = exp(-mean) * mean**count / factorial(count)
    assert volume.at_most(count, mean) == pytest.approx(below + at, rel=1e-9)
    assert volume.at_least(count, mean) == pytest.approx(1 - below, rel=1e-9)


@given(st.integers(0, 400), st.floats(0.05, 120))
def test_the_tails_overlap_in_exactly_the_count_itself(count: int, mean: float) -> None:
    both = volume.at_most(count, mean) + volume.at_least(count, mean)
    assert 0 <= volume.at_least(count, mean) <= 1
    assert both >= 1 - 1e-9
    assert volume.at_least(count + 1, mean) <= volume.at_least(count, mean) + 1e-12
