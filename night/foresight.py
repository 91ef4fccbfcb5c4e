"""What is known of the people whom decisions name, so that the consequence of each can be foreseen?

The stages ask before they carry a decision out; the worklist and the screen ask before they record one.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from connectors.register import answers
from expectations.contracts import contract
from expectations.plain import Row, plain_rows, plain_values, rows_where, where
from expectations.questions import OF_A_CASE, PAIRS, asked_about, shown_in
from night.run import Run
from transforms.link import decisions_about
from transforms.link.model.rulings import in_force, pair_of
from transforms.normalise.decisions import REFUSALS, read, refused_for
from transforms.normalise.records import Night
from transforms.reconcile.consequences import CONSEQUENCES, NEEDS_CONFIRMATION, Facts, held

WHO_FIRST = "It is asked who this is: answer {} first. The answer counts from the next night; then decide."
NEW = "new:{:04d}"  # how a decision that nobody has recorded yet is called
PAIR = ("mention_key", "other_mention_key")
EVER = datetime.max.replace(tzinfo=UTC)
LOOKED_AT = (  # of a mention
    *("mention_key", "source", "record_ref", "recorded_on"),
    *("date_of_birth", "birth_year", "dob_status", "age_stated"),
)


def facts_of(run: Run, mention: pa.Table, person: pa.Table, decision: pa.Table, child: pa.Table | None) -> Facts:
    """The facts of those people alone, by tables of these names; `child` is None where no night was published yet."""
    decisions = dated(run, plain_rows(decision))
    named = {key for row in decisions for key in (row["mention_key"], row["other_mention_key"]) if key}
    whom = plain_values(where(person, "mention_key", named)["person_id"])
    persons = {row["mention_key"]: row["person_id"] for row in rows_where(person, "person_id", whom)}
    mentions = rows_where(mention.select(LOOKED_AT), "mention_key", {*persons, *named})
    entries = plain_rows(child.select(["person_id", "tracker_id"])) if child is not None else []
    return Facts(
        site=run.site,
        mentions={row["mention_key"]: row for row in mentions},
        persons=persons,
        decisions=decisions,
        entries={row["person_id"]: row["tracker_id"] for row in entries if row["tracker_id"]},
    )


def carried_out(run: Run) -> pa.Table:
    """The decisions of a night but those that its linkage held."""
    held = where(run.read("link", "refusal"), "reason_code", [NEEDS_CONFIRMATION])
    return without(run.read("normalise", "decision"), held["decision_id"])


def without(decision: pa.Table, left_out: Iterable[Any]) -> pa.Table:
    """Decisions but some of them, by decision_id."""
    gone = set(map(str, left_out))
    return decision.filter(pa.array([str(one) not in gone for one in decision["decision_id"]], pa.bool_()))


def dated(run: Run, decisions: list[Row]) -> list[Row]:
    """Decisions with `decided_on`, the local date of each."""
    return [{**row, "decided_on": run.site.local_day(row["decided_at"])} for row in decisions]


def foreseen(run: Run, decision: Row) -> str:
    """What a decision that nobody has recorded yet would do that a person has to see first; empty where nothing."""
    return foreseen_of(run, [decision])[0]


def foreseen_of(run: Run, decisions: Sequence[Mapping[str, Any]]) -> list[str]:
    """The same of each of several, which are decided in this order.

    Beside them stand the decisions that the night knows, and those that wait for the next one.
    """
    if not any(row["action"] in CONSEQUENCES for row in decisions):
        return [""] * len(decisions)
    tables = (run.read("normalise", "mention"), run.read("link", "person"))
    made = _with_new(run, decisions)
    found = held(facts_of(run, *tables, made, run.read("reconcile", "child")), CONSEQUENCES)
    return [found.get(NEW.format(number), "") for number in range(len(decisions))]


def formed(run: Run, decision: Mapping[str, Any]) -> tuple[Row, str]:
    """A decision that nobody has recorded yet as a night reads it, and why it would refuse its form; empty if not."""
    now = datetime.now(UTC)
    night = Night(run.site, now.date())
    given = dict.fromkeys(contract("landed_decision").names) | {name: value or None for name, value in decision.items()}
    made = read({**given, "decision_id": given["decision_id"] or NEW.format(0), "decided_at": now}, night)
    refused = refused_for(made, night)
    return made, REFUSALS[refused] if refused else ""


def in_place_of(run: Run, decision: Row) -> Row:
    """A decision about who is who, on the records on which the opposite was decided of the same two people.

    So it takes the place of that one: on other records of theirs both would be in force, and part one of the two.
    """
    person_of = _person_of(run)
    both = {person_of.get(key, key) for key in pair_of(decision) or ()}
    ruled, _ = in_force(plain_rows(_with_new(run, [])), set(person_of), run.as_of)
    against = [row for pair, row in ruled.items() if {person_of[key] for key in pair} == both]
    against = [row for row in against if row["action"] != decision["action"]]
    return decision | {name: against[0][name] for name in PAIR} if len(against) == 1 and len(both) == 2 else decision


def contradicted(run: Run, decisions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why each of several decisions could not stand beside those before it, or beside one of these; empty where it can.

    So a person sees a contradiction before it is recorded, and not in the refusals of the next morning. Nor can what is
    decided of a new case stand while it is asked who that is.
    """
    waits = _who_first(run, decisions)
    mention_keys = run.read("normalise", "mention")["mention_key"].combine_chunks()
    _, refusals = decisions_about(_with_new(run, decisions), mention_keys, run.as_of)
    found = {row["decision_id"]: row for row in refusals}
    new = {NEW.format(number): row for number, row in enumerate(decisions)}
    sentences = {name: found[name]["reason"] for name in new if name in found}
    for name, sentence in sentences.items():
        against = new.get(found[name]["contradicts"])
        if against:
            theirs = f"the answer to {against.get('review_id') or 'another question'} given with it"
            sentences[name] = sentence.replace(f"decision {found[name]['contradicts']}", theirs)
    return [sentences.get(name, "") or first for name, first in zip(new, waits, strict=True)]


def _who_first(run: Run, decisions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Which question of who is who each decision of a new case waits for, in a sentence; empty where for none."""
    if not any(row["action"] in OF_A_CASE for row in decisions):
        return [""] * len(decisions)
    person_of = _person_of(run)
    of_who = [row for row in run.rows("reconcile", "review") if row["is_open"] and row["kind"] in shown_in(PAIRS)]
    first = {person: asked[0]["review_id"] for person, asked in asked_about(of_who, person_of).items()}
    whom = [person_of.get(row["mention_key"]) if row["action"] in OF_A_CASE else None for row in decisions]
    return [WHO_FIRST.format(first[person]) if person in first else "" for person in whom]


def _person_of(run: Run) -> dict[str, str]:
    people = run.read("link", "person")
    return dict(zip(*(people[name].to_pylist() for name in ("mention_key", "person_id")), strict=True))


def _with_new(run: Run, decisions: Sequence[Mapping[str, Any]]) -> pa.Table:
    """The decisions that the night knows, those that wait for the next one, and these as NEW, decided now."""
    known, now = run.read("normalise", "decision"), datetime.now(UTC)
    ids = set(map(str, known["decision_id"]))
    waiting = [row for row in answers.decisions_before(run.register, EVER) if row["decision_id"] not in ids]
    new = [{**row, "decision_id": NEW.format(number), "decided_at": now} for number, row in enumerate(decisions)]
    columns = contract("decision").names
    rows = [{name: row.get(name) or None for name in columns} | {"landed_on": run.as_of} for row in (*waiting, *new)]
    return pa.concat_tables([known, contract("decision").table_of(rows)])
