"""Whom is a same-person question about, and what would each answer to it do?

Both people with every record of theirs and its words, the other questions about either, and for each answer whether it
contradicts what was decided or would do what somebody has to see first.
"""

from dataclasses import dataclass
from string import ascii_uppercase

from expectations.answers import decide_all
from expectations.plain import Row, plain_values, rows_where, where
from expectations.questions import PAIRS, QUESTIONS, Choice, candidates, shown_in
from night.foresight import contradicted, foreseen_of
from night.person import reports_of
from night.run import Run
from transforms.report.contents import SHOWN_OF_A_MENTION, Contents
from transforms.report.two_people import Someone, TwoPeople, someone, two_people


@dataclass(frozen=True)
class Outlook:
    """What one answer would do: the sentence that bars it, or what has to be seen before it; both may be empty."""

    label: str
    needs_reason: bool
    barred: str
    consequence: str


def sides(run: Run, contents: Contents, review: Row) -> list[TwoPeople]:
    """The first person of a question beside each whom it may be; a mention that is nobody's yet stands for itself."""
    first, others = _someone(run, contents, review["mention_key"]), candidates(review)
    weights = (review["weights"], *(review["rival_weights"] or ()))
    marks = ascii_uppercase if len(others) > 1 else [""]
    return [
        two_people(first, _someone(run, contents, key), weighed, contents.line_names, mark)
        for key, weighed, mark in zip(others, weights, marks, strict=False)
    ]


def rivals(contents: Contents, review: Row) -> list[Row]:
    """Other open same-person questions about either of the two people."""
    ours = _people(contents, review)
    asked = [row for kind in shown_in(PAIRS) for row in contents.questions(kind)]
    asked = [row for row in asked if row["review_id"] != review["review_id"]]
    return [row for row in asked if ours & _people(contents, row)]


def outlook(run: Run, review: Row) -> list[Outlook]:
    """What each answer to the question would do, in the order of its choices; which of several is not known before."""
    return [_outlook(run, review, choice) for choice in QUESTIONS[review["kind"]].choices]


def _outlook(run: Run, review: Row, choice: Choice) -> Outlook:
    if choice.asks:
        return Outlook(choice.label, choice.needs_reason, "", "")
    decided = decide_all(review, choice.label, "", "seen before it is given")
    barred, foreseen = (" ".join(filter(None, found(run, decided))) for found in (contradicted, foreseen_of))
    return Outlook(choice.label, choice.needs_reason, barred, foreseen)


def _people(contents: Contents, review: Row) -> set[str]:
    keys = (review["mention_key"], *candidates(review))
    return {contents.person_of.get(key, key) for key in keys}


def _someone(run: Run, contents: Contents, mention_key: str) -> Someone:
    person_id = contents.person_of.get(mention_key, mention_key)
    person, mention = contents.table("person"), contents.table("mention").select(SHOWN_OF_A_MENTION)
    keys = plain_values(where(person, "person_id", [person_id])["mention_key"])
    mentions = rows_where(mention, "mention_key", keys)
    references = {row["record_ref"] for row in mentions if row["source"] == "intelligence"}
    reports = {row["report_ref"]: row for row in reports_of(run, references)}
    return someone(person_id, contents.child.get(person_id, {}), mentions, reports)
