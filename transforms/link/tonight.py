"""What does one night change about who is who?

New and changed mentions are compared with all others; the groups of mentions that they, or new decisions, touch are
decided again, and everything else is carried over from the night before. The people that come out are those that
starting from nothing would give.
"""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from expectations.contracts import contract
from transforms.link import people
from transforms.link.blocking import Rows, blocks_of, candidates
from transforms.link.columns import Codes, Columns, Flags, Values, columns_of, in_order, pc
from transforms.link.components import UNKNOWN, components
from transforms.link.decide import OUTCOMES, Decided, decide
from transforms.link.evidence import worth_keeping
from transforms.link.questions import WHY, question_rows
from transforms.link.rulings import Pair, Rulings, standing
from transforms.link.score import Scored, score
from transforms.link.settings import most_asked

Row = dict[str, Any]

COMPARED = (
    *("given_key", "first_key", "root_key", "surname_key", "alias_key", "date_of_birth", "birth_year", "dob_status"),
    *("gender", "address_key", "postcode", "telephone", "pnc_id", "source_person_ids"),
)
READ = ("mention_key", *COMPARED, "role", "recorded_on", "first_landed_on")
CHILD_UNTIL = 20  # years: a record may come two years late, of somebody who was a child when it began
SIDES = ("mention_key", "other_mention_key")


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


@dataclass(frozen=True)
class Work:
    """What is decided again tonight.

    `mention` has the mentions decided again in order of their keys, `columns` the same, `pairs` their scored pairs by
    row, and `gone` are the keys of mentions that are no longer known.
    """

    mention: pa.Table
    columns: Columns
    pairs: Scored
    gone: Values


def link(mention: pa.Table, decision: pa.Table, as_of: date, earlier: Earlier = NOTHING) -> Linked:
    """The people of tonight, from the tables `mention` and `decision` and what the night before left."""
    mention = in_order(mention.select(READ))
    now, refusals = _standing(decision, mention, as_of)
    then, _ = _standing(earlier.decision, mention, as_of)
    work = _work(mention, now, _changed(now, then), earlier)

    keys = work.columns.keys
    decided = decide(work.columns, work.pairs, _rulings(now, keys))
    founders = people.founders_of(decided.group, _days(work.mention["first_landed_on"]))
    persons = _person_ids(keys, founders)
    left_out = pa.concat_arrays([keys, work.gone])
    person = contract("person").conform(pa.table({"mention_key": keys, "person_id": persons}))
    before = earlier.person.filter(pc.is_in(earlier.person["mention_key"], keys))
    ids, untouched_ids = _ids(person, keys.take(pa.array(founders)), before, earlier.person_id, as_of)
    stands = _stand_already(work, earlier.same_person_question)
    serving = serving_children(work.mention, work.pairs)
    asking = question_rows(work.columns, work.pairs, decided, serving, stands, most_asked(mention.num_rows))
    pair = pair_table(work.columns, work.pairs, decided)
    carried = _without(earlier.pair, left_out)
    if carried.num_rows:
        pair = pa.concat_tables([contract("pair").conform(part) for part in (carried, pair)])
    return Linked(
        person=pa.concat_tables([_without(earlier.person, left_out), person]),
        person_id=pa.concat_tables([untouched_ids, ids]),
        person_event=_table("person_event", people.events_of(before, person, ids, now, as_of)),
        pair=pair,
        same_person_question=pa.concat_tables([_without(earlier.same_person_question, left_out), asking]),
        refusal=_table("refusal", refusals),
    )


def _standing(decision: pa.Table, mention: pa.Table, as_of: date) -> tuple[dict[Pair, Row], list[Row]]:
    """What stands of the decisions whose mentions are known, and what is refused; see `rulings.standing`."""
    keys: Values = mention["mention_key"].combine_chunks()
    known = keys.filter(pc.is_in(keys, pa.concat_arrays([decision[side].combine_chunks() for side in SIDES])))
    return standing(decision.to_pylist(), set(known.to_pylist()), as_of)


def _changed(now: dict[Pair, Row], then: dict[Pair, Row]) -> list[str]:
    """Mentions of the pairs that people decided since the night before, or decided otherwise."""
    return [key for pair in {*now, *then} if _action(now, pair) != _action(then, pair) for key in pair]


def _action(rulings: dict[Pair, Row], pair: Pair) -> str:
    return str(rulings[pair]["action"]) if pair in rulings else ""


def _rulings(now: dict[Pair, Row], keys: Values) -> Rulings:
    """The standing decisions between rows of `keys`."""

    def rows(action: str) -> tuple[tuple[int, int], ...]:
        said = sorted(pair for pair, row in now.items() if row["action"] == action)
        left, right = (_rows(pa.array([pair[side] for pair in said], pa.string()), keys) for side in (0, 1))
        return tuple((a, b) for a, b in zip(left.tolist(), right.tolist(), strict=True) if a >= 0 and b >= 0)

    return Rulings(same=rows("LINK"), different=rows("SEPARATE"))


def _rows(keys: Values, among: Values) -> Rows:
    """The row of each mention key; UNKNOWN where it is not among them, which may be many more."""
    sought = keys.unique()
    place = np.asarray(pc.index_in(among, sought).fill_null(UNKNOWN).to_numpy(), np.int64)
    row = np.full(len(sought), UNKNOWN, np.int64)
    row[place[place >= 0]] = np.flatnonzero(place >= 0)
    return row[np.asarray(pc.index_in(keys, sought).to_numpy(), np.int64)]


def _days(dates: Values) -> people.Days:
    return np.asarray(dates.cast(pa.int32()).to_numpy(), np.int32)


def _person_ids(keys: Values, founders: Rows) -> Values:
    """The person id of each row; `founders` has the founding row of its group."""
    named, of_row = np.unique(founders, return_inverse=True)
    return people.person_ids_of(keys.take(pa.array(named)).to_pylist()).take(pa.array(of_row))


def _ids(person: pa.Table, founders: Values, before: pa.Table, ids: pa.Table, as_of: date) -> tuple[pa.Table, pa.Table]:
    """The rows of `person_id` that tonight's persons touch, as they are now, and the others as they were."""
    named = pc.is_in(ids["person_id"], before["person_id"].combine_chunks())
    touched = pc.or_(named, pc.is_in(ids["founding_mention_key"], person["mention_key"].combine_chunks()))
    keys, persons = (person[name].combine_chunks() for name in ("mention_key", "person_id"))
    return people.ids_of(keys, persons, founders, ids.filter(touched), as_of), ids.filter(pc.invert(touched))


def _without(table: pa.Table, keys: Values) -> pa.Table:
    """The rows of a table that name none of these mentions."""
    if not table.num_rows:
        return table
    named = [pc.is_in(table[side], keys) for side in SIDES if side in table.column_names]
    return table.filter(pc.invert(named[0] if len(named) == 1 else pc.or_(*named)))


def _stand_already(work: Work, question: pa.Table) -> Flags:
    """Pairs that are a question since the night before."""
    size = len(work.columns)
    left, right = (_rows(question[side].combine_chunks(), work.columns.keys) for side in SIDES)
    there = (left >= 0) & (right >= 0)
    return np.isin(work.pairs.left * size + work.pairs.right, left[there] * size + right[there])


def _work(mention: pa.Table, now: dict[Pair, Row], changed: list[str], earlier: Earlier) -> Work:
    columns = columns_of(mention)
    blocks = blocks_of(columns)
    fresh = _fresh(columns, blocks, mention, earlier.mention)
    old_left, old_right = (_rows(earlier.pair[side].combine_chunks(), columns.keys) for side in SIDES)
    there = (old_left >= 0) & (old_right >= 0)
    carried = there & ~fresh[old_left] & ~fresh[old_right]
    new = Scored.together(worth_keeping(columns, score(columns, *rows)) for rows in candidates(columns, blocks, fresh))

    seeds = fresh.copy()
    lost = np.concatenate([old_left[~carried], old_right[~carried]])
    seeds[lost[lost >= 0]] = True
    seeds[_rows(pa.array(changed, pa.string()), columns.keys)] = True
    ruled_left, ruled_right = (_rows(pa.array([pair[at] for pair in now], pa.string()), columns.keys) for at in (0, 1))
    left = np.concatenate([old_left[carried], new.left, ruled_left])
    right = np.concatenate([old_right[carried], new.right, ruled_right])
    component = components(len(columns), left, right)
    touched = np.isin(component, component[seeds])

    again = carried.copy()
    again[carried] = touched[old_left[carried]]
    pairs = Scored.together([new, score(columns, old_left[again], old_right[again])])
    was = earlier.mention["mention_key"].combine_chunks()
    gone = was.filter(pa.array(_rows(was, columns.keys) == UNKNOWN))
    if touched.all():
        return Work(mention, columns, pairs, gone)
    rows = np.flatnonzero(touched)
    row_in_part = np.cumsum(touched) - 1
    part = Scored(row_in_part[pairs.left], row_in_part[pairs.right], pairs.levels, pairs.weight)
    return Work(mention.take(rows), columns.part(rows), part, gone)


def _fresh(columns: Columns, blocks: list[Codes], mention: pa.Table, before: pa.Table) -> Flags:
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
            "mention_key": _coded(pairs.left, columns.keys),
            "other_mention_key": _coded(pairs.right, columns.keys),
            "match_weight": pa.array(pairs.weight),
            "decision": _coded(decided.outcome, pa.array([outcome.value[0] for outcome in OUTCOMES])),
            "why": _coded(decided.outcome, WHY),
        }
    )


def _coded(places: npt.NDArray[Any], texts: Values) -> Values:
    """Texts as places among them: there are many more pairs than mentions and reasons."""
    return pa.DictionaryArray.from_arrays(pa.array(places, pa.int32()), texts)


def _table(name: str, rows: list[Row]) -> pa.Table:
    return contract(name).table_of(rows)
