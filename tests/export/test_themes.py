"""What other flags of a report say of a child: a theme, of how many reports, since when; never the flag or the text."""

import io
from dataclasses import replace
from datetime import date

from openpyxl import load_workbook

from tests.export.a_force import CONTRACTS, Person, mention, night, report, tables_of
from tests.reconcile.rows import mention as said
from tests.reconcile.rows import report as reported
from tests.reconcile.rows import tables_of as known_to_reconcile
from transforms.export.drops import Earlier, drops
from transforms.reconcile import reconcile

FLAGGED = [
    report("31/2022/000001", flags=["COUNTY LINES", "Weapons"], intelligence_date=date(2022, 5, 3)),
    report("31/2022/000002", flags=["COUNTY LINES", "WEAPON", "usg"], intelligence_date=date(2022, 5, 1)),
    report("31/2022/000003", flags=["COUNTY LINES", "DRUGS"]),
]


def test_a_theme_is_told_with_how_many_reports_and_since_when():
    child = Person("P-1", [mention(f"intel:31/2022/00000{n}#1") for n in (1, 2, 3)])
    outcome = night(tables_of(child, reports=FLAGGED), "neighbourhood_city_north", full=("neighbourhood_city_north",))
    (content,) = [text for name, text in outcome.files.items() if name.endswith("xlsx")]
    header, row = list(load_workbook(io.BytesIO(content))["Children"].values)[1:3]
    assert dict(zip(header, row, strict=True))["Themes"] == (
        "urban street gang: 1 report since 2022-05-01\nweapon: 2 reports since 2022-05-01"
    )


def test_a_contract_may_ask_for_children_with_a_theme():
    armed = Person("P-1", [mention()], {"themes": ["WEAPON"]})
    other = Person("P-2", [mention("intel:31/2022/000002#1")], {"themes": []})
    cohort = CONTRACTS["focused_deterrence"]
    cohort = replace(cohort, population=replace(cohort.population, themes_any=("WEAPON", "ROBBERY")))
    outcome = drops(tables_of(armed, other), {cohort.name: cohort}, Earlier(), frozenset({cohort.name}))
    assert {row["person_id"] for row in outcome.disclosure} == {"P-1"}


def test_the_themes_of_a_child_are_those_of_the_reports_that_stand():
    reports = [
        reported("31/2022/000001", flags=["COUNTY LINES", "WEAPONS"]),
        reported("31/2022/000002", flags=["ROBBERY"]),
    ]
    mentions = [said("intel:31/2022/000001#1"), said("intel:31/2022/000002#1", withdrawn=True)]
    result = reconcile(known_to_reconcile("2022-03-01", mentions, report=reports))
    assert [child["themes"] for child in result.child] == [["WEAPON"]]
