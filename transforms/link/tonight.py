"""What does one night change about who is who?

New and changed mentions are compared with all others; the groups of mentions that they, or new decisions, touch are
decided again, and everything else is carried over from the night before. The people that come out are those that
starting from nothing would give.
"""

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from expectations.contracts import contract
from expectations.plain import plain_values
from transforms.link import people
from transforms.link.blocking import Rows, blocks_of
from transforms.link.columns import Columns, Flags, Values, columns_of, pc
from transforms.link.components import UNKNOWN, components
from transforms.link.decide import OUTCOMES, Decided, decide
from transforms.link.engine import Engine, here
from transforms.link.evidence import worth_keeping
from transforms.link.questions import question_rows, why_of
from transforms.link.rulings import Pair, Rulings, standing
from transforms.link.score import Scored, score

Row = dict[str, Any]

COMPARED = (
    *("given_key", "first_key", "root_key", "surname_key", "alias_key", "date_of_birth", "birth_year", "dob_status"),
    *("gender", "address_key", "postcode", "telephone", "pnc_id", "source_person_ids"),
)
CHILD_UNTIL = 20  # years: a record may come two years late, of somebody who was a child when it began


@dataclass(frozen=True)
class Linked:
    """The tables that linkage makes; each has the contract of its name."""

    person: pa.Table
    person_id: pa.Table
    person_event: pa.Table
    pair: pa.Table
    same_person_question: pa.Table
    refusal: pa.Table


@dataclass(frozen=True)
class Earlier:
    """What the night before knew (`mention`, `decision`) and what it made of that."""

    mention: pa.Table
    decision: pa.Table
    person: pa.Table
    person_id: pa.Table
    pair: pa.Table
    same_person_question: pa.Table


NOTHING = Earlier(*(contract(table.name).table_of([]) for table in fields(Earlier)))


def link(
    mention: pa.Table, decision: pa.Table, as_of: date, earlier: Earlier = NOTHING, engine: Engine = here
) -> Linked:
    """The people of tonight, from the tables `mention` and `decision` and what the night before left."""
    mention = mention.sort_by("mention_key")
    columns = columns_of(mention)
    row_of = {key: row for row, key in enumerate(columns.keys.tolist())}
    now, refusals = standing(decision.to_pylist(), set(row_of), as_of)
    work = _work(columns, mention, row_of, now, earlier, engine)

    decided = decide(columns, work.pairs, _rulings(now, row_of))
    persons, founders = _persons(mention, columns, row_of, decided, work.untouched, earlier.person)
    before = _mapping(earlier.person)
    ids = people.ids_of(persons, founders, earlier.person_id.to_pylist(), as_of)

    asked = {(row["mention_key"], row["other_mention_key"]) for row in earlier.same_person_question.to_pylist()}
    asking = question_rows(columns, work.pairs, decided, serving_children(mention, work.pairs), asked)
    return Linked(
        person=_table("person", [{"mention_key": key, "person_id": person} for key, person in persons.items()]),
        person_id=_table("person_id", ids),
        person_event=_table("person_event", people.events_of(before, persons, ids, now, as_of)),
        pair=pa.concat_tables([work.standing_pairs, pair_table(columns, work.pairs, decided)]),
        same_person_question=pa.concat_tables([work.standing_questions, _table("same_person_question", asking)]),
        refusal=_table("refusal", refusals),
    )


@dataclass(frozen=True)
class _Work:
    """What has to be decided tonight, and what of the night before stands as it is."""

    pairs: Scored
    untouched: Flags
    standing_pairs: pa.Table
    standing_questions: pa.Table


def _work(
    columns: Columns,
    mention: pa.Table,
    row_of: dict[str, int],
    now: dict[Pair, Row],
    earlier: Earlier,
    engine: Engine,
) -> _Work:
    blocks = blocks_of(columns)
    fresh = _fresh(columns, blocks, mention, earlier.mention)
    old_left, old_right = (_rows(earlier.pair[name], columns) for name in ("mention_key", "other_mention_key"))
    there = (old_left >= 0) & (old_right >= 0)
    carried = there & ~fresh[old_left] & ~fresh[old_right]
    new = Scored.together(worth_keeping(columns, scored) for scored in engine(columns, blocks, fresh))

    seeds = fresh.copy()
    lost = np.concatenate([old_left[~carried], old_right[~carried]])
    seeds[lost[lost >= 0]] = True
    seeds[_changed_rulings(now, earlier.decision, row_of)] = True

    ruled = np.array([[row_of[key] for key in pair] for pair in sorted(now)], np.int64).reshape(-1, 2)
    left = np.concatenate([old_left[carried], new.left, ruled[:, 0]])
    right = np.concatenate([old_right[carried], new.right, ruled[:, 1]])
    component = components(len(columns), left, right)
    touched = np.isin(component, component[seeds])

    again = carried.copy()
    again[carried] = touched[old_left[carried]]
    rescored = score(columns, old_left[again], old_right[again])
    question_left, question_right = (
        _rows(earlier.same_person_question[name], columns) for name in ("mention_key", "other_mention_key")
    )
    still = (question_left >= 0) & (question_right >= 0) & ~touched[question_left] & ~touched[question_right]
    return _Work(
        pairs=Scored.together([new, rescored]),
        untouched=~touched,
        standing_pairs=earlier.pair.filter(pa.array(carried & ~again)),
        standing_questions=earlier.same_person_question.filter(pa.array(still)),
    )


def _fresh(columns: Columns, blocks: list[Rows], mention: pa.Table, before: pa.Table) -> Flags:
    """Rows that are new or changed, or whose values became commoner or rarer, so that their pairs weigh otherwise."""
    before = before.sort_by("mention_key")
    place = pc.fill_null(pc.index_in(mention["mention_key"], before["mention_key"].combine_chunks()), -1)
    was = np.asarray(place.to_numpy(), np.int64)
    fresh = was < 0
    if fresh.all():
        return fresh
    known = np.flatnonzero(~fresh)
    then = was[known]
    for name in COMPARED:
        fresh[known] |= _differ(pc.take(mention[name], known), pc.take(before[name], then))
    old = columns_of(before)
    fresh[known] |= columns.is_lone_name[known] != old.is_lone_name[then]
    for name, bits in columns.bits.items():
        fresh[known] |= bits[known] != old.bits[name][then]
    for ours, theirs in zip(blocks, blocks_of(old), strict=True):
        fresh[known] |= (ours[known] == UNKNOWN) != (theirs[then] == UNKNOWN)
    return fresh


def _differ(ours: Values, theirs: Values) -> Flags:
    if pa.types.is_list(ours.type):
        ours, theirs = (pc.binary_join(side, ";") for side in (ours, theirs))
    both_null = pc.and_(pc.is_null(ours), pc.is_null(theirs))
    same = pc.or_(both_null, pc.fill_null(pc.equal(ours, theirs), False))
    return ~np.asarray(same.to_numpy(), bool)


def _changed_rulings(now: dict[Pair, Row], decision: pa.Table, row_of: dict[str, int]) -> Rows:
    """Rows of the pairs that people decided since the night before, or decided otherwise."""
    then, _ = standing(decision.to_pylist(), set(row_of), date.min)
    changed = [pair for pair in {*now, *then} if _action(now, pair) != _action(then, pair)]
    return np.array([row_of[key] for pair in changed for key in pair], np.int64)


def _action(rulings: dict[Pair, Row], pair: Pair) -> str:
    return str(rulings[pair]["action"]) if pair in rulings else ""


def _rulings(now: dict[Pair, Row], row_of: dict[str, int]) -> Rulings:
    def rows(action: str) -> tuple[tuple[int, int], ...]:
        return tuple((row_of[a], row_of[b]) for (a, b), row in sorted(now.items()) if row["action"] == action)

    return Rulings(same=rows("LINK"), different=rows("SEPARATE"))


def _rows(keys: Values, columns: Columns) -> Rows:
    """The row of each mention key; UNKNOWN where no mention of tonight has it."""
    place = pc.index_in(keys, pa.array(columns.keys, pa.string()))
    return np.asarray(place.fill_null(UNKNOWN).to_numpy(), np.int64)


def _mapping(person: pa.Table) -> dict[str, str]:
    keys, persons = (np.asarray(person[name].to_pylist(), object).tolist() for name in ("mention_key", "person_id"))
    return dict(zip(keys, persons, strict=True))


def _persons(
    mention: pa.Table, columns: Columns, row_of: dict[str, int], decided: Decided, untouched: Flags, before: pa.Table
) -> tuple[dict[str, str], dict[str, str]]:
    """Tonight's person id of every mention key, and the founding mention of every id that stands."""
    landed = dict(zip(columns.keys.tolist(), plain_values(mention["first_landed_on"]), strict=True))
    members: dict[str, list[str]] = defaultdict(list)
    for key, person in _mapping(before).items():
        if key in row_of and untouched[row_of[key]]:
            members[person].append(key)
    for key, group in zip(columns.keys[~untouched].tolist(), decided.group[~untouched].tolist(), strict=True):
        members[f"#{group}"].append(key)
    persons, founders = {}, {}
    for keys in members.values():
        founder = people.founder_of(keys, landed)
        person = people.person_id_of(founder)
        founders[person] = founder
        persons.update(dict.fromkeys(keys, person))
    return persons, founders


def serving_children(mention: pa.Table, pairs: Scored) -> Flags:
    """Pairs of which one side is recorded as a child and both, by all that is known, may be: others serve no child."""
    as_child = np.asarray(pc.equal(mention["role"], "CHILD").to_numpy(), bool)
    age = pc.subtract(pc.year(mention["recorded_on"]), mention["birth_year"])
    young = as_child | np.asarray(pc.fill_null(pc.less(age, CHILD_UNTIL), True).to_numpy(), bool)
    return np.asarray((as_child[pairs.left] | as_child[pairs.right]) & young[pairs.left] & young[pairs.right])


def pair_table(columns: Columns, pairs: Scored, decided: Decided) -> pa.Table:
    """Rows of `pair`, one for each scored pair that was worth keeping."""
    return pa.table(
        {
            "mention_key": pa.array(columns.keys[pairs.left], pa.string()),
            "other_mention_key": pa.array(columns.keys[pairs.right], pa.string()),
            "match_weight": pa.array(pairs.weight),
            "decision": pc.take(pa.array([outcome.value[0] for outcome in OUTCOMES]), decided.outcome),
            "why": pc.take(pa.array([why_of(outcome) for outcome in OUTCOMES]), decided.outcome),
        },
        schema=contract("pair").schema,
    )


def _table(name: str, rows: list[Row]) -> pa.Table:
    return contract(name).table_of(rows)
