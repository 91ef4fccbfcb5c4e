"""Under which id is each person known, and whose id changed tonight?

A new person's id is made from the founding mention, the first one that landed. Later it stays with the child (see
`keepers`): a merge keeps one id, and the other redirects to it; a split leaves the id where the child is, and undoing
a merge brings the old id back.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from expectations.contracts import contract
from expectations.plain import Row
from transforms.link.keepers import Claim, kept
from transforms.link.model.columns import Flags, Values, pc
from transforms.link.model.components import UNKNOWN, Rows
from transforms.link.model.rulings import Pair

Days = npt.NDArray[np.int32]

CROCKFORD = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", np.uint8)
ID_LENGTH = 10
SHIFTS = np.array([64 - 5 * place for place in range(1, ID_LENGTH + 1)], np.uint64)


def person_ids_of(founding_mention_keys: Iterable[str]) -> Values:
    """For each key `P-` and ten characters of Crockford's base 32 of the SHA-256 of the founding mention's key."""
    digests = b"".join([hashlib.sha256(key.encode()).digest()[:8] for key in founding_mention_keys])
    numbers = np.frombuffer(digests, ">u8").astype(np.uint64)
    letters = np.ascontiguousarray(CROCKFORD[(numbers[:, None] >> SHIFTS & np.uint64(31)).astype(np.intp)])
    made = pa.array(letters.view(f"S{ID_LENGTH}").reshape(-1), pa.binary()).cast(pa.string())
    return pc.binary_join_element_wise("P-", made, "")


def founders_of(group: Rows, landed: Days) -> Rows:
    """For each row the founding row of its group: the one that landed first, of several the first.

    Rows are in order of mention key, `landed` are days.
    """
    order = np.lexsort((landed, group))
    is_first = np.ones(len(order), bool)
    is_first[1:] = group[order][1:] != group[order][:-1]
    founder = np.empty(len(group), np.int64)
    founder[order] = order[is_first][np.cumsum(is_first) - 1]
    return founder


def of_groups(keys: Values, group: Rows, landed: Days) -> pa.Table:
    """The table `person` of groups of mentions of which none had an id before."""
    names, place = np.unique(founders_of(group, landed), return_inverse=True)
    persons = person_ids_of(keys.take(pa.array(names)).to_pylist()).take(pa.array(place))
    return contract("person").conform(pa.table({"mention_key": keys, "person_id": persons}))


@dataclass(frozen=True)
class Grouped:
    """Tonight's mentions in order of their keys, their groups by row, and what says whose id a group keeps.

    `has_entry` marks mentions that put a child on the tracker: an entry taken over, or named by a ratification.
    """

    keys: Values
    group: Rows
    landed: Days
    has_entry: Flags


@dataclass(frozen=True)
class Named:
    """The person id of each mention, the table `person_id` of tonight, and the ids that went into another tonight."""

    persons: Values
    ids: pa.Table
    merged: dict[str, str]


def named(mentions: Grouped, before: Values, ids: pa.Table, elsewhere: Values, as_of: date) -> Named:
    """Who each mention is tonight.

    `before` has the id of each mention the night before, or null; `ids` are the rows of `person_id` that it left, and
    `elsewhere` the ids of mentions that stay as they were and are not among these.
    """
    names, place = np.unique(mentions.group, return_inverse=True)
    keeps, went = _kept(mentions, before, ids)
    found: list[str | None] = [keeps.get(name) for name in names.tolist()] if keeps else [None] * len(names)
    founders = founders_of(mentions.group, mentions.landed)[names]
    without = np.array([number for number, person in enumerate(found) if person is None], np.int64)
    in_use = pa.concat_arrays([elsewhere, pa.array(sorted(keeps.values()), pa.string())])
    fresh = _fresh(mentions, names[without], founders[without], ids, in_use, as_of)
    for number, person in zip(without.tolist(), fresh, strict=True):
        found[number] = person
    persons: Values = pa.array(found, pa.string())
    merged = {person: str(found[int(np.searchsorted(names, group))]) for person, group in went.items()}
    made = pa.table({"person_id": persons, "founding_mention_key": mentions.keys.take(pa.array(founders))})
    return Named(persons.take(pa.array(place)), _ids(ids, made, merged, as_of), merged)


def _kept(mentions: Grouped, before: Values, ids: pa.Table) -> tuple[dict[int, str], dict[str, int]]:
    """See `keepers.kept`, for those of these mentions that had an id the night before."""
    rows = np.flatnonzero(np.asarray(pc.is_valid(before).to_numpy(zero_copy_only=False), bool))
    if not len(rows):
        return {}, {}
    known = ids.filter(pc.is_in(ids["person_id"], before))
    founding = pc.take(known["founding_mention_key"], pc.index_in(before, known["person_id"].combine_chunks()))
    is_founding = pc.fill_null(pc.equal(founding, mentions.keys), False).to_pylist()
    persons, first = before.to_pylist(), _in_order_of_landing(mentions.landed).tolist()
    parts: dict[tuple[str, int], list[int]] = defaultdict(list)
    of: dict[str, int] = defaultdict(int)
    for row in rows.tolist():
        parts[persons[row], int(mentions.group[row])].append(row)
        of[persons[row]] += 1
    return kept(
        Claim(
            person=person,
            group=group,
            mentions=len(part),
            of=of[person],
            entry=any(mentions.has_entry[row] for row in part),
            founding=any(is_founding[row] for row in part),
            first=min(first[row] for row in part),
        )
        for (person, group), part in parts.items()
    )


def _in_order_of_landing(landed: Days) -> Rows:
    """The place of each row among all, by the day it landed and then by its key."""
    place = np.empty(len(landed), np.int64)
    place[np.argsort(landed, kind="stable")] = np.arange(len(landed))
    return place


def _fresh(mentions: Grouped, names: Rows, founders: Rows, ids: pa.Table, in_use: Values, as_of: date) -> list[str]:
    """An id for each group that keeps none: one that comes back to a mention that it was made from, else a new one."""
    keys: list[str] = mentions.keys.take(pa.array(founders)).to_pylist()
    made: list[str] = person_ids_of(keys).to_pylist() if keys else []
    if not keys or not ids.num_rows:
        return made
    back = _coming_back(mentions, ids.filter(pc.invert(pc.is_in(ids["person_id"], in_use))))
    known = pa.concat_arrays([in_use, ids["person_id"].combine_chunks()])
    taken = set(pc.filter(pa.array(made), pc.is_in(pa.array(made), known)).to_pylist())
    return [
        back.get(name) or (_once_more(key, as_of) if person in taken else person)
        for name, person, key in zip(names.tolist(), made, keys, strict=True)
    ]


def _coming_back(mentions: Grouped, free: pa.Table) -> dict[int, str]:
    """By group the oldest id that nobody has now and that was made from one of its mentions."""
    place = pc.index_in(free["founding_mention_key"], mentions.keys)
    rows = np.asarray(pc.fill_null(place, UNKNOWN).to_numpy(), np.int64).tolist()
    aged = zip(free["minted_on"].to_pylist(), map(str, free["person_id"].to_pylist()), rows, strict=True)
    found: dict[int, str] = {}
    for _, person, row in sorted(one for one in aged if one[2] != UNKNOWN):
        found.setdefault(int(mentions.group[row]), person)
    return found


def _once_more(key: str, as_of: date) -> str:
    """An id for a mention whose first one has stayed with another child."""
    return str(person_ids_of([f"{key} {as_of.isoformat()}"])[0])


def _ids(before: pa.Table, made: pa.Table, merged: dict[str, str], as_of: date) -> pa.Table:
    """The rows of `person_id` for every id ever minted; `made` has tonight's persons and who would found each.

    An id that went into another tonight has the one that stands for it, and one that came back has none.
    """
    agreed = contract("person_id")
    new = made.filter(pc.invert(pc.is_in(made["person_id"], before["person_id"].combine_chunks())))
    minted = new.append_column("minted_on", pa.array([as_of] * new.num_rows, pa.date32()))
    for name in ("merged_into", "merged_on"):
        minted = minted.append_column(name, pa.nulls(new.num_rows))
    went = pc.index_in(before["person_id"], pa.array(list(merged), pa.string()))
    into = pc.take(pa.array(list(merged.values()), pa.string()), went)
    stands = pc.is_in(before["person_id"], made["person_id"].combine_chunks())
    earlier = {name: pc.if_else(stands, None, before[name]) for name in ("merged_into", "merged_on")}
    now = {
        "merged_into": pc.coalesce(into, earlier["merged_into"]),
        "merged_on": pc.if_else(pc.is_valid(into), pa.scalar(as_of), earlier["merged_on"]),
    }
    old = pa.table({name: now.get(name, before[name]) for name in before.column_names})
    return pa.concat_tables([agreed.conform(old), agreed.conform(minted)])


def events_of(
    before: dict[str, str], now: dict[str, str], merged: dict[str, str], rulings: dict[Pair, Row], as_of: date
) -> list[Row]:
    """Rows of `person_event`: persons whose mentions changed hands since the night before.

    `before` and `now` have the person id of each mention, `merged` the ids that went into another tonight. Mentions of
    such a one were MERGED, those that otherwise went elsewhere were SPLIT off. The cause is the latest decision that
    touches both sides, if there is one.
    """
    moved: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, old in before.items():
        if now[key] != old:
            moved[old, now[key]].append(key)
    rows = []
    for (old, new), keys in sorted(moved.items()):
        is_merged = merged.get(old) == new
        rows.append(
            {
                "person_id": new if is_merged else old,
                "other_person_id": old if is_merged else new,
                "kind": "MERGED" if is_merged else "SPLIT",
                "happened_on": as_of,
                "mention_keys": sorted(keys),
                "cause": _cause(rulings, {old, new}, before, now),
            }
        )
    return rows


def _cause(rulings: dict[Pair, Row], sides: set[str], before: dict[str, str], now: dict[str, str]) -> str | None:
    """The latest decision that links mentions of the two persons there were, or separates those of tonight's two."""
    found = [
        (decision["decided_at"], decision["decision_id"])
        for pair, decision in rulings.items()
        if {_person(key, before if decision["action"] == "LINK" else now, now) for key in pair} == sides
    ]
    return max(found)[1] if found else None


def _person(key: str, persons: dict[str, str], now: dict[str, str]) -> str | None:
    return persons.get(key) or now.get(key)
