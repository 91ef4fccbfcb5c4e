"""Under which id is each person known, and whose id changed tonight?

A person's id is made from the founding mention: the first one that landed. A merge keeps the earlier founder's id, and
the other redirects to it; a split leaves the id with the part that holds the founder, and undoing a merge brings the
old id back. Ids made again from the same mentions are the same ids.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from transforms.link.rulings import Pair

Row = dict[str, Any]

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID_LENGTH = 10
SHIFTS = [64 - 5 * place for place in range(1, ID_LENGTH + 1)]


def person_id_of(founding_mention_key: str) -> str:
    """`P-` and ten characters of Crockford's base 32 of the SHA-256 of the founding mention's key."""
    number = int.from_bytes(hashlib.sha256(founding_mention_key.encode()).digest()[:8])
    return "P-" + "".join([CROCKFORD[number >> shift & 31] for shift in SHIFTS])


def founder_of(mention_keys: Iterable[str], first_landed_on: dict[str, date]) -> str:
    """The mention that landed first; of several, the one whose key is smallest."""
    return min(mention_keys, key=lambda key: (first_landed_on[key], key))


def ids_of(persons: dict[str, str], founders: dict[str, str], before: list[Row], as_of: date) -> list[Row]:
    """Rows of `person_id`: every id ever minted, and for each that no longer stands the one that does.

    `persons` maps mention key to tonight's person id, `founders` each of tonight's ids to its founding mention, and
    `before` are the rows as the night before left them.
    """
    rows = {row["person_id"]: row for row in before}
    for person_id, founder in founders.items():
        minted_on = rows[person_id]["minted_on"] if person_id in rows else as_of
        rows[person_id] = _id_row(person_id, founder, minted_on, None, None)
    for person_id in rows.keys() - founders.keys():
        row = rows[person_id]
        now = persons.get(row["founding_mention_key"], row["merged_into"])
        merged_on = row["merged_on"] if now == row["merged_into"] else as_of
        rows[person_id] = _id_row(person_id, row["founding_mention_key"], row["minted_on"], now, merged_on)
    return [rows[person_id] for person_id in sorted(rows)]


def _id_row(person_id: str, founder: str, minted_on: date, merged_into: str | None, merged_on: date | None) -> Row:
    return {
        "person_id": person_id,
        "founding_mention_key": founder,
        "minted_on": minted_on,
        "merged_into": merged_into,
        "merged_on": merged_on,
    }


def events_of(
    before: dict[str, str], now: dict[str, str], ids: list[Row], standing: dict[Pair, Row], as_of: date
) -> list[Row]:
    """Rows of `person_event`: persons whose mentions changed hands since the night before.

    `before` and `now` map mention key to person id, `ids` are tonight's rows of `person_id`. The id that an earlier one
    redirects to was MERGED with it; mentions that went elsewhere were SPLIT off. The cause is the latest decision that
    touches both sides, if there is one.
    """
    moved: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, old in before.items():
        if key in now and now[key] != old:
            moved[old, now[key]].append(key)
    redirect = {row["person_id"]: row["merged_into"] for row in ids}
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
                "cause": _cause(standing, action, old, new, before, now),
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
        if decision["action"] == action
        and {persons.get(pair[0], now[pair[0]]), persons.get(pair[1], now[pair[1]])} == {old, new}
    ]
    return max(found)[1] if found else None
