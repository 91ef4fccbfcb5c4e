"""What changed since the night before, on which day did it take effect, and what caused it?

Opening + added − removed = closing holds for every pair of nights because every way onto the tracker and off it is a
row here: ADDED, RETURNED and SPLIT bring on, REMOVED and MERGED take off.
"""

from datetime import date

from expectations.agreed import ON_TRACKER
from expectations.feeds import SOURCES
from expectations.fields import FIELDS
from expectations.plain import Row
from transforms.tables import Tables

ENTRY = "entry"
FEW_DAYS = 3
SHARED = tuple(name for name, field in FIELDS.items() if field.shared)
FLAGS = {"restricted": ("RESTRICTED", "UNRESTRICTED"), "disputed": ("DISPUTED", "UNDISPUTED")}


def change_rows(tables: Tables, children: list[Row], spells: list[Row], reviews: list[Row]) -> list[Row]:
    """Rows of `change` between the night before and tonight."""
    last_spell = {row["person_id"]: row for row in spells}
    unsupported = {
        row["person_id"] for row in reviews if row["kind"] == "unsupported" and row["asked_on"] == tables.as_of
    }
    rows = _person_events(tables)
    for child in children:
        before = tables.before.get(child["person_id"])
        rows += _entry_changes(tables, before, child, last_spell.get(child["person_id"]))
        rows += _fact_changes(tables, before, child)
        if child["person_id"] in unsupported:
            rows.append(_row(tables, child, "UNSUPPORTED", tables.as_of, "no standing report", ENTRY))
    return rows + _withdrawals(tables, {child["person_id"]: child for child in children})


def _person_events(tables: Tables) -> list[Row]:
    """MERGED and SPLIT of anyone who was ever in the table `child`, the id that went first."""
    there = {row["person_id"]: row for row in tables.child_before}
    rows = []
    for event in tables.person_event:
        for person in (event["person_id"], event["other_person_id"]):
            if person in there:
                row = _row(tables, there[person], event["kind"], event["happened_on"], event["cause"], None)
                other = event["other_person_id"] if person == event["person_id"] else event["person_id"]
                rows.append({**row, "cause": other, "reason": _moved(tables, event, there)})
    return rows


def _moved(tables: Tables, event: Row, there: dict[str, Row]) -> str:
    """What of one record now belongs to the other, in a sentence: records by their kind and day, children by number."""
    stays, other = (_number(there, event[name]) for name in ("person_id", "other_person_id"))
    what = _records([tables.mentions[key] for key in event["mention_keys"] or () if key in tables.mentions])
    if event["kind"] == "MERGED":
        return f"{other} and {stays} are one: {what} now {_belong(event)} to {stays}."
    return f"{what[:1].upper()}{what[1:]} now {_belong(event)} to {other}, no longer to {stays}."


def _number(there: dict[str, Row], person: str) -> str:
    return str(there.get(person, {}).get("tracker_id") or person)


def _belong(event: Row) -> str:
    return "belongs" if len(event["mention_keys"] or ()) == 1 else "belong"


def _records(mentions: list[Row]) -> str:
    """One record by its kind and day, a few by their days, many by their number."""
    if not mentions:
        return "what was recorded"
    days = sorted({row["recorded_on"] for row in mentions})
    if len(mentions) == 1:
        (row,) = mentions
        return f"the record of {_spoken(row['recorded_on'])} ({SOURCES[row['source']].label})"
    if len(days) > FEW_DAYS:
        return f"{len(mentions)} records, of {_spoken(days[0])} to {_spoken(days[-1])},"
    return f"{len(mentions)} records, of {' and '.join(map(_spoken, days))},"


def _spoken(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _entry_changes(tables: Tables, before: Row | None, child: Row, spell: Row | None) -> list[Row]:
    was, now = (before or {}).get("state"), child["state"]
    rows = []
    was_on, now_on = was in ON_TRACKER, now in ON_TRACKER
    if spell and _is_new_stay(before, child, was_on, now_on):
        was_an_entry = spell["number"] > 1 or bool(before and before["tracker_id"])
        kind = "RETURNED" if was_an_entry else "ADDED"
        rows.append(_row(tables, child, kind, spell["added_on"], child["status"], spell["added_by"]))
    if spell and spell["removed_on"] and (was_on or _is_new_stay(before, child, was_on, now_on)) and not now_on:
        rows.append(_row(tables, child, "REMOVED", spell["removed_on"], spell["removal_reason"], spell["removed_by"]))
    if was_on and now_on and was != now:
        rows.append(_row(tables, child, "STATUS", tables.as_of, now, ENTRY))
    if now == "PROPOSED" and was != "PROPOSED":
        rows.append(_row(tables, child, "PROPOSED", child["proposed_on"] or tables.as_of, None, ENTRY))
    if now == "DECLINED" and was != "DECLINED":
        rows.append(_row(tables, child, "DECLINED", child["declined_on"] or tables.as_of, None, ENTRY))
    if was == "PROPOSED" and now == "HELD":
        rows.append(_row(tables, child, "ATTAINED_18", child["attains_18_on"] or tables.as_of, None, "attains_18"))
    return rows


def _is_new_stay(before: Row | None, child: Row, was_on: bool, now_on: bool) -> bool:
    """True where a stay began that the night before did not know, even one that has ended since."""
    if now_on:
        return not was_on
    return bool(child["tracker_id"]) and not (before and before["tracker_id"])


def _fact_changes(tables: Tables, before: Row | None, child: Row) -> list[Row]:
    if before is None:
        return []
    rows = []
    for flag, (on, off) in FLAGS.items():
        if before[flag] != child[flag]:
            rows.append(_row(tables, child, on if child[flag] else off, tables.as_of, None, ENTRY))
    fields = [name for name in SHARED if before[name] != child[name]]
    if fields:
        rows.append({**_row(tables, child, "FACT", tables.as_of, None, "records"), "fields": fields})
    return rows


def _withdrawals(tables: Tables, children: dict[str, Row]) -> list[Row]:
    """One row for each record withdrawn tonight that named a child."""
    return [
        _row(tables, children[tables.persons[m["mention_key"]]], "WITHDRAWN", tables.as_of, None, m["mention_key"])
        for m in tables.mention
        if m["withdrawn"] and m["landed_on"] == tables.as_of and tables.persons[m["mention_key"]] in children
    ]


def _row(tables: Tables, child: Row, kind: str, day: date, reason: str | None, cause: str | None) -> Row:
    return {
        "person_id": child["person_id"],
        "tracker_id": child["tracker_id"],
        "kind": kind,
        "effective_on": day,
        "noticed_on": tables.as_of,
        "fields": None,
        "reason": reason,
        "cause": cause or ENTRY,
    }


def movement(before: list[Row], changes: list[Row]) -> tuple[int, int, int]:
    """(opening, added, removed) by the night before's `child` rows and tonight's `change` rows."""
    opening = sum(row["state"] in ON_TRACKER for row in before)
    return opening, _count(changes, "ADDED", "RETURNED"), _count(changes, "REMOVED")


def _count(changes: list[Row], *kinds: str) -> int:
    return sum(row["kind"] in kinds for row in changes)
