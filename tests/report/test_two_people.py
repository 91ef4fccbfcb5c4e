"""Two people beside each other, by all their records and the model's own levels."""

import json

import pytest

from tests.report import a_night as night
from transforms.report.two_people import someone, two_people

FERRET = [
    night.mention("intel:1#1", "Patel", "Jordan", date_of_birth=night.day("2009-03-10"), dob_status="VERIFIED"),
    night.mention("intel:2#1", "Patel", "Jordan", "2022-11-21", alias="Ferret", policing_area="City South"),
]
GHOST = [
    night.mention(
        "btp:1", "Patel", "Jordan", date_of_birth=night.day("2006-02-01"), dob_status="VERIFIED", alias="Ghost"
    )
]
UNDATED = [night.mention("intel:3#1", "Patel", "Jordan", alias="Ferret", policing_area="City South")]
STATED = [night.mention("intel:4#1", "Patel", "Jord", date_of_birth=night.day("2009-03-10"), dob_status="STATED")]
WEIGHTS = [("surname", "SAME"), ("given", "PART"), ("birth", "DIFFERENT"), ("alias", "DIFFERENT")]


def compared(ours, theirs, reports=None):
    weights = json.dumps([{"field": field, "level": level, "weight": 1.0} for field, level in WEIGHTS])
    sides = [someone(f"P-{number}", {}, rows, reports or {}) for number, rows in enumerate((ours, theirs))]
    return two_people(sides[0], sides[1], weights, {})


@pytest.mark.parametrize(
    ("theirs", "label", "verdict"),
    [
        (UNDATED, "Alias", "agree"),  # on another record than the one asked about
        (UNDATED, "Date of birth", "absent"),
        (GHOST, "Date of birth", "differ"),
        (GHOST, "Alias", "differ"),
        (STATED, "Date of birth", "agree"),  # one date, verified here and stated there
        (STATED, "Given names", "nearly"),
    ],
)
def test_what_both_have_agrees_and_else_the_model_says_it(theirs, label, verdict):
    row = next(row for row in compared(FERRET, theirs).rows if row.label == label)
    assert row.verdict == verdict


def test_every_value_is_shown_with_how_many_records_have_it():
    (row,) = [row for row in compared(FERRET, UNDATED).rows if row.label == "Surname"]
    assert (row.left, row.right, row.shared) == ([("Patel", 2)], [("Patel", 1)], {"Patel"})


def test_the_words_of_each_report_stand_on_its_side_the_latest_first():
    words = {"2": {"title": "Seen", "text": "Ferret seen near a recreation ground."}, "1": {"title": "Old", "text": ""}}
    assert [report.title for report in compared(FERRET, GHOST, words).left.reports] == ["Seen", "Old"]
