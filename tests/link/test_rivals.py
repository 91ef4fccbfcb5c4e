"""A record that may be one of several people's makes one question: whose is it?"""

from typing import Any

from tests.link.rows import NIGHT, NO_DECISIONS, decisions, mentions, people
from transforms.link import link, link_alone

NAMED = {"surname": "Farrow", "gender": "Male", "dob_status": "STATED"}


def a(key: str, given: str, born: str, **more: str) -> dict[str, Any]:
    return {
        "key": f"missing:{key}",
        "given_names": given,
        "date_of_birth": born,
        "dob_status": "STATED",
        **NAMED,
        **more,
    }


# Two cousins of one name, each known from two records, and a record with a name and a year alone.
COUSINS = [
    a("e1", "Owen", "2006-03-14", postcode="NG3 5TB"),
    a("e2", "Owen", "2006-03-14", postcode="NG3 5TB"),
    a("y1", "Owen", "2006-11-02", postcode="NG7 2LA"),
    a("y2", "Owen", "2006-11-02", postcode="NG7 2LA"),
]
EITHERS = a("x", "Owen", "2006")


def asked(*rows: dict[str, Any], said: Any = NO_DECISIONS) -> list[tuple[str, str, list[str]]]:
    made = link(mentions(*rows), said, NIGHT).same_person_question.to_pylist()
    return [(row["mention_key"][8:], row["other_mention_key"][8:], [key[8:] for key in row["rivals"]]) for row in made]


def test_a_record_that_may_be_either_of_two_people_is_asked_about_once() -> None:
    assert asked(*COUSINS, EITHERS) == [("x", "e1", ["y1"])]


def test_the_evidence_of_every_candidate_is_shown() -> None:
    (row,) = link(mentions(*COUSINS, EITHERS), NO_DECISIONS, NIGHT).same_person_question.to_pylist()
    assert '"field":"surname","level":"SAME"' in row["weights"]
    assert [('"field":"birth","level":"YEAR_SAME"' in one) for one in row["rival_weights"]] == [True]


def test_an_answer_settles_the_question_and_none_is_left() -> None:
    rows = [*COUSINS, EITHERS]
    said = decisions(("LINK", "missing:x", "missing:e1"), ("SEPARATE", "missing:x", "missing:y1"))
    assert asked(*rows, said=said) == []
    assert frozenset({"missing:e1", "missing:e2", "missing:x"}) in people(link(mentions(*rows), said, NIGHT))
    neither = decisions(("SEPARATE", "missing:x", "missing:e1"), ("SEPARATE", "missing:x", "missing:y1"))
    assert asked(*rows, said=neither) == []


def test_a_candidate_that_is_ruled_out_leaves_a_question_about_the_other() -> None:
    said = decisions(("SEPARATE", "missing:x", "missing:e1"))
    assert asked(*COUSINS, EITHERS, said=said) == [("x", "y1", [])]


def test_people_who_may_be_one_are_no_rivals() -> None:
    undated = a("z", "Owen", "", postcode="NG3 5TB", telephone="07700 900981")
    found = asked(COUSINS[0], undated, EITHERS)
    assert all(not rivals for _, _, rivals in found)


def test_a_file_of_pairs_has_a_row_for_each_candidate() -> None:
    _, pairs = link_alone(mentions(*COUSINS, EITHERS))
    asked = [row for part in pairs for row in part.to_pylist() if row["decision"] == "ask"]
    assert [{row["mention_key"], row["other_mention_key"]} for row in asked] == [
        {"missing:e1", "missing:x"},
        {"missing:x", "missing:y1"},
    ]
