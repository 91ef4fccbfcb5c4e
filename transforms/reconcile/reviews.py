"""What has a person to answer, what was asked before, and what became of it?

A question has an id made from what it is about, so it is asked once. It stands until it is answered by a decision, or
until what it asks is settled some other way. Nothing in a night waits for it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from expectations.agreed import CASE_STATES
from expectations.plain import Row
from expectations.questions import QUESTIONS, candidates
from transforms.reconcile import nrm
from transforms.reconcile.birthday import earliest_18
from transforms.reconcile.children import Child
from transforms.reconcile.consequences import reference
from transforms.reconcile.evidence import not_withdrawn
from transforms.reconcile.held import held_rows
from transforms.tables import Tables

LEFT_BY = {"DECLINE": "Declined", "REMOVE": "Removed"}
AGE_NOTICE = timedelta(days=30)


@dataclass(frozen=True)
class Question:
    """One question: what it is about (`cause`) makes its id."""

    kind: str
    mention_key: str
    cause: str
    why: str
    person_id: str | None = None
    other_mention_key: str | None = None
    match_weight: float | None = None
    weights: str | None = None
    rivals: tuple[str, ...] = ()
    rival_weights: tuple[str, ...] = ()
    settles: int | None = None
    due_on: date | None = None
    reference: str = ""

    @property
    def review_id(self) -> str:
        """The same for the same question on every night, and for mentions in any order; a `reference` names itself."""
        if self.reference:
            return self.reference
        mentions = sorted([self.mention_key, self.other_mention_key or "", *self.rivals])
        about = "\x1f".join([self.kind, *mentions, self.cause])
        return "Q-" + hashlib.sha256(about.encode()).hexdigest()[:12].upper()


def review_rows(tables: Tables, everyone: list[Child]) -> list[Row]:
    """Rows of `review`: all ever asked, with tonight's new ones and what was answered."""
    rows = {row["review_id"]: {**row, "is_open": False} for row in tables.review_before}
    for question in _questions(tables, everyone):
        asked_on = rows.get(question.review_id, {}).get("asked_on", tables.as_of)
        content = {**question.__dict__, "review_id": question.review_id, "asked_on": asked_on}
        del content["cause"], content["reference"]
        rows[question.review_id] = {**content, "is_open": True}
    return [_answered(tables, row) for row in rows.values()]


def _questions(tables: Tables, everyone: list[Child]) -> list[Question]:
    pairs = [_same_person(tables, row) for row in tables.same_person_question]
    asked = [ask(tables, child) for child in everyone for ask in ASKED.values()]
    held = [_confirm(tables, row) for row in held_rows(tables.refused_elsewhere)]
    return [*pairs, *held, *(question for question in asked if question is not None)]


def _confirm(tables: Tables, row: Row) -> Question:
    return Question(
        "confirm",
        row["mention_key"],
        "",
        row["reason"],
        person_id=tables.persons.get(row["mention_key"]),
        other_mention_key=row["other_mention_key"],
        reference=reference(row),
    )


def _same_person(tables: Tables, row: Row) -> Question:
    return Question(
        "which_person" if row["rivals"] else "same_person",
        row["mention_key"],
        "",
        row["why"],
        person_id=tables.persons[row["mention_key"]],
        other_mention_key=row["other_mention_key"],
        match_weight=row["match_weight"],
        weights=row["weights"],
        rivals=tuple(row["rivals"] or ()),
        rival_weights=tuple(row["rival_weights"] or ()),
        settles=row["settles"],
    )


def _ratify(tables: Tables, child: Child) -> Question | None:
    if not child.proposing:
        return None
    first = child.proposing[0]["mention_key"]
    why = [_why("ratify", "AGAIN" if child.life.left_off_on else "NEW"), _left_before(child), _may_be_on(tables, child)]
    return Question("ratify", first, "", " ".join(filter(None, why)), child.person_id)


def _left_before(child: Child) -> str:
    """When the child was last declined or removed, by whom and why; empty where never."""
    left = [row for row in child.life.accepted if row["action"] in LEFT_BY]
    if not left:
        return ""
    last = left[-1]
    words = [word for word in ((last["reason_code"] or "").replace("_", " ").lower(), last["reason"]) if word]
    day = f"{last['decided_on'].day} {last['decided_on']:%B %Y}"
    by = f" by {last['decided_by']}" if last["decided_by"] else ""
    return f"{LEFT_BY[last['action']]} on {day}{by}{' (' + ', '.join(words) + ')' if words else ''}."


def _may_be_on(tables: Tables, child: Child) -> str:
    """Which entries of the tracker one of the child's records may belong to, by a question that stands; or empty."""
    found = sorted(filter(None, (_entry_of(tables, person) for person in tables.doubles.get(child.person_id, ()))))
    if not found:
        return ""
    return f"This may be {' or '.join(found)}, who is on the tracker already: answer “Same person?” about them first."


def _entry_of(tables: Tables, person: str) -> str:
    """A person's number on the tracker; of an entry that is taken over tonight the spreadsheet's own reference."""
    number = tables.before.get(person, {}).get("tracker_id")
    if number:
        return str(number)
    taken_over = [
        row["mention_key"] for row in tables.mentions_of.get(person, ()) if row["mention_key"] in tables.openings
    ]
    return f"entry {tables.openings[taken_over[0]]['entry_ref']} of the spreadsheet" if taken_over else ""


def _age(tables: Tables, child: Child) -> Question | None:
    if child.settled or child.state not in CASE_STATES:
        return None
    born = child.facts.get("date_of_birth")
    day = earliest_18(child.value("date_of_birth"), child.value("birth_year"), tables.site.leap_day_birthday)
    if child.doubtful:
        code = "AGE_DOUBTFUL"
    elif born is not None and born.contested and born.status == "VERIFIED":
        code = "AGE_CONFLICT"
    elif day is None:
        code = "AGE_UNKNOWN"
    elif day - AGE_NOTICE <= tables.as_of:
        code = "AGE_NEAR_18"
    else:
        return None
    about = (born.mention_key if born else None) or child.mentions[0]["mention_key"]
    return Question("age", about, code, _why("age", code), child.person_id, due_on=day)


def _unsupported(_tables: Tables, child: Child) -> Question | None:
    if child.identifying or child.state not in CASE_STATES:
        return None
    if any(m["source"] == "opening" for m in not_withdrawn(child.mentions)):
        return None
    was = next((m for m in child.mentions if m["source"] == "intelligence"), child.mentions[0])
    return Question("unsupported", was["mention_key"], "", _why("unsupported", "NO_REPORT"), child.person_id)


def _consent(tables: Tables, child: Child) -> Question | None:
    referred = [m for m in child.mentions if m["source"] == "sca_referrals"]
    adult = child.settled and child.attains_18_on is not None and child.attains_18_on <= tables.as_of
    if not adult or not nrm.asks_consent(nrm.case(tables, child.mentions, child.decisions)):
        return None
    about = (referred or child.mentions)[0]["mention_key"]
    return Question(
        "nrm_consent", about, "", _why("nrm_consent", "TURNED_18"), child.person_id, due_on=child.attains_18_on
    )


def _authority(tables: Tables, child: Child) -> Question | None:
    """Where a child lives decides who hears: what is not known, or written as none, is asked and never guessed."""
    if child.state not in CASE_STATES:
        return None
    homes, placing = child.facts.get("local_authority"), child.facts.get("placing_authority")
    if homes is None:
        about, cause, code = None, "", "HOME_UNKNOWN"
    elif tables.site.places.authority(homes.value) is None:
        about, cause, code = homes.mention_key, homes.value, "HOME_NONE"
    elif placing is not None and tables.site.places.authority(placing.value) is None:
        about, cause, code = placing.mention_key, placing.value, "PLACING_NONE"
    else:
        return None
    written = f" It is written: {cause}." if cause else ""
    about = about or child.mentions[0]["mention_key"]
    return Question("authority", about, cause, _why("authority", code) + written, child.person_id)


def _why(kind: str, code: str) -> str:
    return QUESTIONS[kind].why[code]


# What each kind of question about a child asks of whom; pairs of mentions are asked about by the stage `link`.
ASKED: dict[str, Callable[[Tables, Child], Question | None]] = {
    "ratify": _ratify,
    "age": _age,
    "unsupported": _unsupported,
    "authority": _authority,
    "nrm_consent": _consent,
}


def _answered(tables: Tables, row: Row) -> Row:
    """The row with the first decision, landed since it was asked, that answers it."""
    if row.get("answered_on"):
        return row
    for decision in _on(tables, row):
        if decision["action"] in DEFERRED_BY and _is_news(tables, row, decision):
            continue
        if decision["action"] in QUESTIONS[row["kind"]].answered_by and decision["landed_on"] > row["asked_on"]:
            return {**row, "answered_on": decision["decided_on"], "answer": decision["action"], "is_open": False}
    return row


# Answers that leave a question open: it is asked again when a record of either person comes in afterwards.
DEFERRED_BY = ("UNDECIDED",)


def _is_news(tables: Tables, row: Row, decision: Row) -> bool:
    """True where anybody asked about has a record that was not there yet when somebody could not tell."""
    persons = {tables.persons.get(key) for key in (row["mention_key"], *candidates(row))} - {None}
    return any(m["landed_on"] > decision["decided_on"] for person in persons for m in tables.mentions_of[str(person)])


def _on(tables: Tables, row: Row) -> list[Row]:
    if row["kind"] == "confirm":
        return [one for one in tables.decisions_in_order if one["value"] == row["review_id"]]
    if row["other_mention_key"]:
        pairs = [frozenset((row["mention_key"], other)) for other in candidates(row)]
        people = [frozenset(tables.persons.get(key, key) for key in pair) for pair in pairs]
        found = [one for pair in pairs for one in tables.decisions_on_pair.get(pair, ())]
        found += [one for pair in people for one in tables.decisions_between.get(pair, ())]
        return sorted(found, key=lambda one: (one["landed_on"], one["action"] != "LINK"))
    return tables.decisions_of.get(tables.persons.get(row["mention_key"], ""), [])
