"""Under which id is each person known, and whose id changed tonight?

A person's id is made from the founding mention: the first one that landed. A merge keeps the earlier founder's id, and
the other redirects to it; a split leaves the id with the part that holds the founder, and undoing a merge brings the
old id back. Ids made again from the same mentions are the same ids.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from expectations.contracts import contract
from expectations.plain import Row
from transforms.link.model.columns import Values, pc
from transforms.link.model.components import Rows
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


def ids_of(keys: Values, persons: Values, founders: Values, before: pa.Table, as_of: date) -> pa.Table:
    """The rows of `person_id` for every id of tonight and of `before`, the rows that the night before left.

    `keys` are mention keys with their person ids of tonight and these persons' founding mentions. An id that no longer
    stands has the one that does.
    """
    ours = pc.equal(keys, founders)
    standing, founding = persons.filter(ours), founders.filter(ours)
    minted = pc.take(before["minted_on"], pc.index_in(standing, before["person_id"].combine_chunks()))
    nothing = pa.nulls(len(standing))
    stands = {
        "person_id": standing,
        "founding_mention_key": founding,
        "minted_on": pc.fill_null(minted, as_of),
        "merged_into": nothing,
        "merged_on": nothing,
    }
    agreed = contract("person_id")
    gone = before.filter(pc.invert(pc.is_in(before["person_id"], standing)))
    if not gone.num_rows:
        return agreed.conform(pa.table(stands))
    now = pc.take(persons, pc.index_in(gone["founding_mention_key"], keys))
    now = pc.coalesce(now, gone["merged_into"])
    as_before = pc.fill_null(pc.equal(now, gone["merged_into"]), pc.is_null(now))
    merged_on = pc.if_else(as_before, gone["merged_on"], pa.scalar(as_of))
    redirects = {**{name: gone[name] for name in gone.column_names}, "merged_into": now, "merged_on": merged_on}
    return pa.concat_tables([agreed.conform(pa.table(stands)), agreed.conform(pa.table(redirects))])


def events_of(before: pa.Table, person: pa.Table, ids: pa.Table, standing: dict[Pair, Row], as_of: date) -> list[Row]:
    """Rows of `person_event`: persons whose mentions changed hands since the night before.

    `before` and `person` are rows of `person` of the night before and of tonight, `ids` tonight's of `person_id`. The
    id that an earlier one redirects to was MERGED with it; mentions that went elsewhere were SPLIT off. The cause is
    the latest decision that touches both sides, if there is one.
    """
    if not before.num_rows:
        return []
    then, now = _mapping(before), _mapping(person)
    moved: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, old in then.items():
        if now[key] != old:
            moved[old, now[key]].append(key)
    redirect = dict(zip(ids["person_id"].to_pylist(), ids["merged_into"].to_pylist(), strict=True))
    rows = []
    for (old, new), keys in sorted(moved.items()):
        merged = redirect[old] == new
        action = "LINK" if merged else "SEPARATE"
        rows.append(
            {
                "person_id": new if merged else old,
                "other_person_id": old if merged else new,
                "kind": "MERGED" if merged else "SPLIT",
                "happened_on": as_of,
                "mention_keys": sorted(keys),
                "cause": _cause(standing, action, old, new, then, now),
            }
        )
    return rows


def _cause(
    standing: dict[Pair, Row], action: str, old: str, new: str, before: dict[str, str], now: dict[str, str]
) -> str | None:
    """The latest decision of that action between a mention that was the old person's and one of the other side."""
    persons = before if action == "LINK" else now
    found = [
        (decision["decided_at"], decision["decision_id"])
        for pair, decision in standing.items()
        if decision["action"] == action and {persons.get(key) or now.get(key) for key in pair} == {old, new}
    ]
    return max(found)[1] if found else None


def _mapping(person: pa.Table) -> dict[str, str]:
    keys, persons = (map(str, person[name].to_pylist()) for name in ("mention_key", "person_id"))
    return dict(zip(keys, persons, strict=True))
