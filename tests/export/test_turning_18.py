"""Half a year before an 18th birthday, and at each day of the forecast, those who prepare hear what stays open."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from expectations.on_board import FOLDER
from expectations.recipients import Schedule, parse
from tests.export.a_force import Person, after, mention, tables_of
from transforms.export.drops import Earlier, drops

CONTRACT = parse("adult_city", (FOLDER / "turning_18.yml").read_text(encoding="utf-8"))
CONTRACT = replace(CONTRACT, schedule=Schedule())
BIRTHDAY = date(2025, 3, 9)  # of the child of these tests


def files(as_of, earlier=None, **given):
    child = Person("P-1", [mention()], given)
    outcome = drops(tables_of(child, as_of=as_of), {"adult_city": CONTRACT}, earlier or Earlier())
    records = [json.loads(text)["records"] for name, text in outcome.files.items() if name.endswith("turning_18.json")]
    return outcome, [record for of_file in records for record in of_file]


@pytest.mark.parametrize(("days", "told"), [(184, False), (183, True), (1, True)])
def test_a_child_is_told_of_from_half_a_year_before_the_birthday(days, told):
    _, records = files(BIRTHDAY - timedelta(days=days))
    assert bool(records) is told


def test_a_child_whose_birthday_is_not_known_is_not_told_of():
    assert files(BIRTHDAY - timedelta(days=30), date_of_birth=None)[1] == []


def test_it_is_told_again_at_each_day_of_the_forecast_and_on_no_day_between():
    earlier, days = None, []
    for back in (183, 150, 100, 95, 90, 31, 30):
        as_of = BIRTHDAY - timedelta(days=back)
        outcome, records = files(as_of, earlier)
        days += [record["birthday"]["days_to_18"] for record in records]
        earlier = after(outcome, as_of)
    assert days == [183, 100, 90, 30]


@pytest.mark.parametrize(("outcome", "asks"), [("positive RG", True), ("positive CG", False), ("negative CG", False)])
def test_consent_is_prepared_where_a_case_is_open_that_asks_for_it(outcome, asks):
    _, (record,) = files(BIRTHDAY - timedelta(days=90), nrm_submitted_on=date(2024, 1, 1), nrm_outcome=outcome)
    assert ("national_referral" in record["prepare"]) is asks
    assert "Care Act 2014" in record["prepare"]["assessment"]
