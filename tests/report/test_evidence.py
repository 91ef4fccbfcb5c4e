"""The two records of a same-person question, and the waterfall of the evidence."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report import a_night as night
from transforms.report.evidence import compare, same_person, waterfall
from transforms.report.needs import Needs
from transforms.report.page import page


def verdicts(left, right, **levels):
    return {row.field: row.verdict for row in compare(left, right, levels)}


def test_what_is_said_of_two_records_is_what_linkage_found_and_not_how_they_are_written():
    left = night.mention("intel:a#1", "Okafor", "Dan", gender="Male", postcode="NG5 1AA", school="Fairham")
    right = night.mention("intel:b#1", "Okafro", "Daniel", gender="Male", school="Trinity")
    assert verdicts(left, right, surname="ALIKE", given="VARIANT", gender="SAME") == {
        "Given names": "same",
        "Surname": "nearly",
        "Gender": "same",
        "Postcode": "",
        "School": "",
    }


@pytest.mark.parametrize(
    ("level", "verdict"),
    [("SAME", "same"), ("YEAR_SAME", "nearly"), ("AGE_SAME", "nearly"), ("AGE_DIFFERENT", "differs")],
)
def test_a_date_a_year_and_a_stated_age_are_compared_by_what_they_mean(level, verdict):
    left = night.mention("intel:a#1", "Okafor", "Dan", date_of_birth=date(2007, 7, 14), dob_status="VERIFIED")
    right = night.mention("intel:b#1", "Okafor", "Dan", date_of_birth=None, birth_year=None, age_stated=13)
    assert verdicts(left, right, birth=level)["Date of birth"] == verdict


def test_a_question_tells_where_each_record_is_from_and_whose_it_is_held_to_be():
    pair = Needs(night.a_night()).pairs[0]
    assert (pair.left.record_ref, pair.left.grade, pair.left.tracker_id) == ("31/2022/000100", "1BP", "CLVT-000001")
    assert pair.right.state == "Nobody on the tracker"


def test_a_line_is_named_by_its_name():
    pair = Needs(night.a_night()).pairs[0]
    assert [row.left for row in pair.comparisons if row.field == "Line"] == ["Jay line"]


def test_a_question_whose_record_is_gone_is_still_shown():
    contents = night.a_night(mention=[])
    assert same_person(contents, contents.questions("same_person")[0]).comparisons == []


@given(st.lists(st.floats(-20, 20), max_size=12))
def test_each_bar_starts_where_the_last_one_ended_and_the_last_ends_at_their_sum(weights):
    parts = [{"field": "surname", "level": "exact", "weight": weight} for weight in weights]
    steps, zero = waterfall(json.dumps(parts))
    places = [zero, *(step.end for step in steps)]
    assert [step.start for step in steps] == places[:-1]
    assert all(0 <= place <= 100 for place in places)
    totals = [sum(weights[:count]) for count in range(len(weights) + 1)]
    span = max(totals) - min(totals) or 1
    assert places[-1] == pytest.approx(100 * (sum(weights) - min(totals)) / span, abs=0.02)


def test_a_question_without_weights_has_no_waterfall():
    assert waterfall(None)[0] == []


def test_whose_a_record_is_is_one_question_with_each_candidates_evidence_and_letter():
    keys = ("intel:31/2022/000901#2", "intel:31/2022/000800#1")
    given = {"other_mention_key": keys[0], "weights": night.WEIGHTS, "rivals": [keys[1]], "match_weight": 4.8}
    asked = night.review(
        "Q-W", "which_person", "intel:31/2022/000100#1", "LIKELY: likely.", rival_weights=[night.WEIGHTS], **given
    )
    contents = night.a_night(review=[asked])
    (pair,) = Needs(contents).pairs
    assert [(one.letter, one.right.mention_key) for one in pair.candidates] == [("A", keys[0]), ("B", keys[1])]
    assert {one.left.record_ref for one in pair.candidates} == {"31/2022/000100"}
    assert all(one.steps for one in pair.candidates)
    assert pair.records == "31/2022/000100 and 31/2022/000901 or 31/2022/000800"
    text = page(contents).decode()
    assert "The first record may belong to any of these 2 people" in text
    assert "<caption>The record, and B</caption>" in text
