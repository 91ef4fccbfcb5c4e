"""Who is who tonight, and what of it is otherwise than the night before?

New and changed mentions are compared with all others; the groups of mentions that they, or new decisions, touch are
decided again, and everything else is carried over from the night before. The people that come out are those that
starting from nothing would give.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa

from expectations.contracts import contract
from expectations.plain import Row, plain_rows
from transforms.link import people
from transforms.link.incremental.changes import added, again
from transforms.link.incremental.index import Index, Pairs, Segment, paired, settled
from transforms.link.incremental.mentions import Array, mentions_of
from transforms.link.model.blocking import side_by_side
from transforms.link.model.columns import Columns, Flags, Values, columns_of, in_order, pc
from transforms.link.model.components import UNKNOWN, Rows
from transforms.link.model.database import computed, hashes_of, shortened
from transforms.link.model.decide import Decided, decide
from transforms.link.model.engine import Engine, here
from transforms.link.model.questions import Asked, chosen, question_rows
from transforms.link.model.rulings import Pair, Rulings, in_force
from transforms.link.model.score import Scored
from transforms.link.model.settings import MOST_DECIDED_AGAIN, most_asked
from transforms.memory import give_back

COMPARED = (
    *("given_key", "first_key", "root_key", "surname_key", "alias_key"),
    *("date_of_birth", "birth_year", "age_stated", "dob_status"),
    *("role", "gender", "address_key", "postcode", "telephone", "pnc_id", "source_person_ids"),
)
READ = ("mention_key", "source", "record_ref", *COMPARED, "recorded_on", "first_landed_on")
CHILD_UNTIL = 20  # years: a record may come two years late, of somebody who was a child when it began
SIDES = ("mention_key", "other_mention_key")
OPENING = "opening:"  # how the key of an entry taken over begins


@dataclass(frozen=True)
class Linked:
    """The tables that linkage makes; each has the contract of its name."""

    person: pa.Table
    person_id: pa.Table
    person_event: pa.Table
    same_person_question: pa.Table
    refusal: pa.Table


@dataclass(frozen=True)
class Earlier:
    """What the night before knew of people's decisions, and what it made."""

    decision: pa.Table
    person: pa.Table
    person_id: pa.Table
    same_person_question: pa.Table


NOTHING = Earlier(*(contract(table.name).table_of([]) for table in fields(Earlier)))


@dataclass(frozen=True)
class Work:
    """What is decided again: mentions in order of their keys, their scored pairs by row, and the NUMBERS of each.

    `gone` are the keys of mentions that are no longer known.
    """

    columns: Columns
    pairs: Scored
    numbers: dict[str, Array]
    gone: Values


def link(
    mention: pa.Table, decision: pa.Table, as_of: date, earlier: Earlier = NOTHING, engine: Engine = here
) -> Linked:
    """The people of tonight, from the tables `mention` and `decision`, with every mention decided again.

    Of what the night before left, `earlier`, ids and questions go on.
    """
    mention = in_order(mention.select(READ))
    decisions = _decisions(mention, decision, as_of, earlier)
    work = everything(columns_of(mention), facts_of(mention), earlier, engine)
    return _linked(work, decisions, mention.num_rows, as_of, earlier)


def link_night(
    mention: pa.Table,
    decision: pa.Table,
    as_of: date,
    earlier: Earlier,
    segments: Sequence[Segment],
    engine: Engine = here,
) -> tuple[Linked, list[Segment]]:
    """The people of tonight, and the segments of the index to begin the next night with.

    `earlier` is what the night before left, and `segments` its index. The outcome is that of `link`, but only what is
    touched by what changed is worked out; everything is where there is no index, most of it changed, or questions wait
    for their turn.
    """
    mention = in_order(mention.select(READ))
    decisions = _decisions(mention, decision, as_of, earlier)
    numbers = facts_of(mention)
    before = Index(segments)
    changed, replaced, gone = _changes(before, numbers)
    if 2 * int(changed.sum()) > mention.num_rows or not segments or _some_wait(earlier):
        work = everything(columns_of(mention), numbers, earlier, engine)
        segment, _ = added(Index([]), mentions_of(work.columns, numbers), np.empty(0, np.int64))
        segments = []
    else:
        tonight = mention.filter(pa.array(changed)), {name: values[changed] for name, values in numbers.items()}
        work, segment = touched(before, *tonight, replaced, gone, (list(decisions.now), decisions.changed))
    ids = work.numbers["id"]
    pairs = Pairs(ids[work.pairs.left], ids[work.pairs.right], work.pairs.weight)
    segment = Segment(segment.arrays | paired(ids, pairs))
    return _linked(work, decisions, mention.num_rows, as_of, earlier), settled([*segments, segment])


def _some_wait(earlier: Earlier) -> bool:
    """True where the night before asked as much as it may, so that others wait, and everybody may be decided again."""
    known = earlier.person.num_rows
    return most_asked(known) <= earlier.same_person_question.num_rows and known <= MOST_DECIDED_AGAIN


def touched(
    before: Index,
    mention: pa.Table,
    numbers: dict[str, Array],
    replaced: Rows,
    gone: Rows,
    decided: tuple[list[Pair], list[Pair]],
) -> tuple[Work, Segment]:
    """What new and changed mentions, in order of their keys, and decisions touch, and these mentions' segment.

    `replaced` and `gone` are rows of the index that are otherwise now or no longer known; `decided` are all pairs that
    people decided, and those decided otherwise since the night before.
    """
    new = mentions_of(columns_of(mention), numbers)
    segment, moved = added(before, new, np.concatenate([replaced, gone]))
    after = Index([*before.segments, segment])
    found = again(before, after, moved, *(_by_id(pairs) for pairs in decided))
    return Work(found.columns, found.pairs, after.numbers(found.rows), before.keys(gone)), segment


def _changes(before: Index, numbers: dict[str, Array]) -> tuple[Flags, Rows, Rows]:
    """Tonight's mentions that are new or changed, and the rows of the index that changed, and that are gone."""
    order = np.argsort(numbers["id"])
    ids, prints = numbers["id"][order], numbers["print"][order]
    rows = before.rows(ids)
    known = rows != UNKNOWN
    same = np.zeros(len(ids), bool)
    same[known] = before.column("print", rows[known]) == prints[known] if known.any() else False
    changed = np.empty(len(ids), bool)
    changed[order] = ~same
    return changed, rows[known & ~same], before.others(rows[known])


def _by_id(pairs: Sequence[Pair]) -> Pairs:
    """Pairs of mention keys as pairs of ids."""
    ids = hashes_of(pa.array([key for pair in pairs for key in pair], pa.string())).reshape(-1, 2)
    return Pairs(ids[:, 0], ids[:, 1], np.zeros(len(ids)))


def everything(columns: Columns, numbers: dict[str, Array], earlier: Earlier, engine: Engine) -> Work:
    """All mentions with all their pairs."""
    before: Any = earlier.person["mention_key"].combine_chunks()
    gone = before.filter(pc.invert(pc.is_in(before, columns.keys)))
    return Work(columns, Scored.together(engine(columns)), numbers, gone)


def facts_of(mention: pa.Table) -> dict[str, Array]:
    """Of each mention the NUMBERS that are not columns: who it is, all that is read of it, when it landed, how old."""
    is_child = pc.equal(mention["role"], "CHILD")
    years = pc.subtract(pc.year(mention["recorded_on"]), mention["birth_year"])
    age = pc.coalesce(years, mention["age_stated"])
    is_young = np.asarray(pc.or_(is_child, pc.fill_null(pc.less(age, CHILD_UNTIL), True)).to_numpy(), bool)
    landed = np.asarray(mention["first_landed_on"].cast(pa.int32()).to_numpy(), np.int32)
    marks = computed({"id": "hash(mention_key)", "print": f"hash({', '.join(READ)})"}, mention)
    hashes = {name: shortened(values) for name, values in marks.items()}
    return hashes | {"landed": landed, "is_young": is_young}


@dataclass(frozen=True)
class _Decisions:
    """What people decided: what stands now, the pairs of which that is otherwise than before, and what is refused.

    `entries` are the keys of the mentions that put a child on the tracker.
    """

    now: dict[Pair, Row]
    changed: list[Pair]
    refusals: list[Row]
    entries: Values


def _decisions(mention: pa.Table, decision: pa.Table, as_of: date, earlier: Earlier) -> _Decisions:
    now, refusals = decisions_about(decision, mention["mention_key"], as_of)
    then, _ = decisions_about(earlier.decision, earlier.person["mention_key"], as_of)
    changed = [pair for pair in sorted({*now, *then}) if _action(now, pair) != _action(then, pair)]
    return _Decisions(now, changed, refusals, _entries(mention, decision))


def _entries(mention: pa.Table, decision: pa.Table) -> Values:
    """Keys of the mentions that put a child on the tracker: entries taken over, and those a ratification names."""
    keys: Any = mention["mention_key"].combine_chunks()
    taken_over = keys.filter(pc.starts_with(keys, OPENING))
    ratified = decision.filter(pc.equal(decision["action"], "RATIFY"))["mention_key"].combine_chunks()
    return pa.concat_arrays([taken_over, ratified])


@dataclass(frozen=True)
class DecidedAgain:
    """What is decided again, and what is asked of it."""

    decided: Decided
    asked: list[Asked]


def decided_again(work: Work, now: dict[Pair, Row], question: pa.Table, most: int) -> DecidedAgain:
    """Decide the work of a night by what people decided (`now`), and ask `most` questions; `question` stand already."""
    decided = decide(work.columns, work.pairs, rulings_of(now, work.columns.keys))
    stands = _stand_already(work, question)
    give_back()  # of a million mentions what it took to decide is a tenth of all
    return DecidedAgain(decided, chosen(work.columns, work.pairs, decided, _serving(work), stands, most))


def _linked(work: Work, decisions: _Decisions, known: int, as_of: date, earlier: Earlier) -> Linked:
    """The tables, of what is decided again and what stays as it was; `known` is the number of all mentions."""
    keys = work.columns.keys
    left_out = pa.concat_arrays([keys, work.gone])
    questions = _without(earlier.same_person_question, left_out)
    most = max(0, most_asked(known) - questions.num_rows)
    found = decided_again(work, decisions.now, earlier.same_person_question, most)
    asked = question_rows(work.columns, work.pairs, found.decided, found.asked)
    untouched = _without(earlier.person, left_out)
    before = pc.take(earlier.person["person_id"], pc.index_in(keys, earlier.person["mention_key"].combine_chunks()))
    named = people.named(
        people.Grouped(
            keys, found.decided.group, work.numbers["landed"], np.asarray(pc.is_in(keys, decisions.entries), bool)
        ),
        before.combine_chunks(),
        earlier.person_id,
        untouched["person_id"].combine_chunks(),
        as_of,
    )
    person = contract("person").conform(pa.table({"mention_key": keys, "person_id": named.persons}))
    return Linked(
        person=pa.concat_tables([untouched, person]),
        person_id=named.ids,
        person_event=_table("person_event", _events(keys, before, named, decisions.now, as_of)),
        same_person_question=pa.concat_tables([questions, asked]),
        refusal=_table("refusal", decisions.refusals),
    )


def _events(keys: Values, before: Values, named: people.Named, now: dict[Pair, Row], as_of: date) -> list[Row]:
    were = {key: person for key, person in zip(keys.to_pylist(), before.to_pylist(), strict=True) if person}
    are = dict(zip(keys.to_pylist(), named.persons.to_pylist(), strict=True))
    return people.events_of(were, are, named.merged, now, as_of) if were else []


def _serving(work: Work) -> Flags:
    """Pairs of which one side is recorded as a child and both, by all that is known, may be: others serve no child."""
    left, right = work.pairs.left, work.pairs.right
    is_child, is_young = work.columns.is_child, work.numbers["is_young"]
    return np.asarray((is_child[left] | is_child[right]) & is_young[left] & is_young[right])


def decisions_about(decision: pa.Table, keys: Values, as_of: date) -> tuple[dict[Pair, Row], list[Row]]:
    """What stands of the decisions whose mentions are known, and what is refused; see `rulings.in_force`."""
    known = keys.filter(pc.is_in(keys, pa.concat_arrays([decision[side].combine_chunks() for side in SIDES])))
    return in_force(plain_rows(decision), set(known.to_pylist()), as_of)


def _action(rulings: dict[Pair, Row], pair: Pair) -> str:
    return str(rulings[pair]["action"]) if pair in rulings else ""


def rulings_of(now: dict[Pair, Row], keys: Values) -> Rulings:
    """The decisions in force between rows of `keys`."""

    def rows(action: str) -> tuple[tuple[int, int], ...]:
        pairs = sorted(pair for pair, row in now.items() if row["action"] == action)
        left, right = (_rows(pa.array([pair[side] for pair in pairs], pa.string()), keys) for side in (0, 1))
        return tuple((a, b) for a, b in zip(left.tolist(), right.tolist(), strict=True) if a >= 0 and b >= 0)

    return Rulings(same=rows("LINK"), different=rows("SEPARATE"))


def _rows(keys: Values, among: Values) -> Rows:
    """The row of each mention key; UNKNOWN where it is not among them, which may be many more."""
    sought = keys.unique()
    place = np.asarray(pc.index_in(among, sought).fill_null(UNKNOWN).to_numpy(), np.int64)
    row = np.full(len(sought), UNKNOWN, np.int64)
    row[place[place >= 0]] = np.flatnonzero(place >= 0)
    return row[np.asarray(pc.index_in(keys, sought).to_numpy(), np.int64)]


def _without(table: pa.Table, keys: Values) -> pa.Table:
    """The rows of a table that name none of these mentions."""
    if not table.num_rows:
        return table
    sides = [table[side] for side in SIDES if side in table.column_names]
    named = side_by_side(lambda side: pc.is_in(side, keys), sides)
    return table.filter(pc.invert(reduce(pc.or_, named)))


def _stand_already(work: Work, question: pa.Table) -> Flags:
    """Pairs that are a question since the night before."""
    size = len(work.columns)
    left, right = (_rows(question[side].combine_chunks(), work.columns.keys) for side in SIDES)
    there = (left >= 0) & (right >= 0)
    first, last = np.minimum(left, right)[there], np.maximum(left, right)[there]
    return np.isin(work.pairs.left * size + work.pairs.right, first * size + last)


def _table(name: str, rows: list[Row]) -> pa.Table:
    return contract(name).table_of(rows)
