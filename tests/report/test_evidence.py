"""The waterfall of a same-person question's evidence."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report import a_night as night
from transforms.report.evidence import waterfall, waterfalls
from transforms.report.page import page
from transforms.report.questions import records


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
    assert [(one.letter, len(one.steps)) for one in waterfalls(asked)] == [("A", 3), ("B", 3)]
    assert records(contents, asked) == "31/2022/000100 and 31/2022/000901 or 31/2022/000800"
    assert "31/2022/000100 and 31/2022/000901 or 31/2022/000800" in page(contents).decode()


def test_a_question_whose_record_is_gone_is_still_shown():
    contents = night.a_night(mention=[])
    (asked,) = contents.questions("same_person")
    assert records(contents, asked) == "intel:31/2022/000100#1 and intel:31/2022/000901#2"
