"""What is said of two mentions is what was compared."""

import numpy as np
import pytest

from tests.link.rows import NIGHT, NO_DECISIONS, mentions
from tests.link.test_who_is_who import a
from transforms.link import explain
from transforms.link.model.decide import OUTCOMES, Outcome
from transforms.link.model.settings import FIELDS, weights
from transforms.link.model.words import AGREE, DIFFER, LEVELS, found, named, sentence_of, why


@pytest.mark.parametrize(
    ("field", "level"), [(field, level) for field, kind in FIELDS.items() for level in list(kind)[1:]]
)
def test_every_level_has_words_and_nothing_that_speaks_against_one_person_agrees(field, level):
    verdict, _ = LEVELS[field][level.name]
    assert verdict != DIFFER or weights(field)[level] < 2
    assert verdict != AGREE or weights(field)[level] > 0


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"surname": "Marsh"},
            "Agree: first name, date of birth, gender, home. Differ: surname. "
            "Not in both: second name, alias, telephone, PNC id, record-system id.",
        ),
        (
            {"surname": "", "postcode": "", "address": ""},
            "Agree: first name, date of birth, gender. "
            "Not in both: surname, second name, alias, home, telephone, PNC id, record-system id.",
        ),
        (
            {"given_names": "Dom", "date_of_birth": "2005", "dob_status": "ESTIMATED"},
            "Agree: surname, first name (a nickname or another spelling), gender, home. "
            "Nearly agree: date of birth (a year alone, and it is the same). "
            "Not in both: second name, alias, telephone, PNC id, record-system id.",
        ),
    ],
)
def test_an_outcome_says_which_fields_agreed_differed_or_were_not_in_both(changed, sentence):
    assert explain(mentions(a("1"), a("2", **changed)), NO_DECISIONS, NIGHT, "intel:1", "intel:2").why.endswith(
        sentence
    )


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_no_outcome_says_by_itself_that_names_agree(outcome):
    assert "names agree" not in str(outcome)


def test_pairs_of_one_kind_have_one_sentence_each():
    levels = np.zeros((3, len(FIELDS)), np.int8)
    levels[1:, 0] = FIELDS["surname"].SAME
    number = OUTCOMES.index(Outcome.LIKELY)
    texts = why(np.array([number] * 3, np.int8), levels).to_pylist()
    assert texts[1] == texts[2] == f"{Outcome.LIKELY}. {sentence_of({'surname': 'SAME'})}"
    assert texts[0] == f"{Outcome.LIKELY}. {sentence_of({})}"
    assert named(levels[1]) == {"surname": "SAME"}


def test_a_level_of_an_earlier_model_is_given_in_its_own_letters():
    assert found("given", "UNREADABLE").how == "unreadable"


ONE_ID = {"source_person_id": "N1"}
ELSEWHERE = {"address": "", "postcode": ""}
OLDER = {"date_of_birth": "2009-05-01"}
OUTCOME_BY_OUTCOME = [
    (
        {**ONE_ID},
        {"surname": "Marsh", **ONE_ID},
        "IDENTIFIED",
        "first name, date of birth, gender, home",
        "Differ: surname.",
    ),
    ({}, {}, "SURE", "surname, first name, date of birth, gender, home", "Not in both: second name, alias"),
    (ELSEWHERE, ELSEWHERE, "DATED", "surname, first name, date of birth, gender. Not in both", "home"),
    ({}, {"surname": "Marsh"}, "OTHER_SURNAME", "first name, date of birth, gender, home", "Differ: surname."),
    (
        {"surname": "Cross"},
        {"surname": "Ross"},
        "OTHER_SURNAME",
        "first name, date",
        "Nearly agree: surname (spelt alike, but",
    ),
    (
        {},
        {"date_of_birth": ""},
        "UNDATED",
        "surname, first name, gender, home",
        "Not in both: second name, date of birth",
    ),
    (
        ONE_ID,
        {"given_names": "Joshua", **ONE_ID},
        "OTHERWISE",
        "surname, date of birth",
        "Differ: first name (two names in",
    ),
    ({}, {"date_of_birth": "", **ELSEWHERE}, "LIKELY", "surname, first name, gender. Not in both", "date of birth"),
    (
        {},
        {"given_names": "Joshua"},
        "SIBLINGS",
        "surname, date of birth, gender, home",
        "Differ: first name (two names in their",
    ),
    ({}, OLDER, "MISDATED", "surname, first name, gender, home", "Differ: date of birth."),
    (
        {"dob_status": "VERIFIED"},
        {"dob_status": "VERIFIED", "date_of_birth": "2005-10-07"},
        *("VERIFIED_NEARLY", "surname, first name, gender, home", "Nearly agree: date of birth (two of day, month and"),
    ),
    ({"pnc_id": "2016/6760309E"}, {"pnc_id": "2016/4419059T"}, "PNC", "surname, first name, date", "Differ: PNC id."),
    ({}, {"gender": "Female"}, "TWO_GENDERS", "surname, first name, date of birth, home", "Differ: gender."),
    ({}, {"gender": "Female", **OLDER}, "GENDER", "surname, first name, home", "Differ: date of birth, gender."),
    ({}, {"given_names": "Joshua", **OLDER}, "GIVEN_NAME", "surname, gender, home", "Differ: first name (two names in"),
    (
        {"given_names": "Dominic Adam"},
        {"given_names": "Dominic Yusuf", **OLDER},
        *("SECOND_NAME", "surname, gender, home", "Differ: first name (one first word, two second names), second name"),
    ),
    (ELSEWHERE, OLDER | ELSEWHERE, "BIRTH", "surname, first name, gender", "Differ: date of birth."),
    ({}, {"surname": "Carter", "date_of_birth": "", **ELSEWHERE}, "LITTLE", "first name, gender", "Differ: surname."),
]


@pytest.mark.parametrize(("one", "other", "code", "agree", "besides"), OUTCOME_BY_OUTCOME)
def test_every_outcome_names_what_agreed_and_what_did_not(one, other, code, agree, besides):
    said = explain(mentions(a("1", **one), a("2", **other)), NO_DECISIONS, NIGHT, "intel:1", "intel:2").why
    assert said.startswith(f"{code}: ")
    assert f" Agree: {agree}" in said
    assert besides in said
