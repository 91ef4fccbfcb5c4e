"""Where does a child live, who placed them there, where were they seen, and who found them?

Each place keeps its source, its status and its days. Where an event was is where the child was seen: it never becomes
a home.
"""

from collections.abc import Iterable
from datetime import date

from expectations.plain import Row
from transforms.reconcile.children import Child
from transforms.reconcile.evidence import not_withdrawn
from transforms.reconcile.facts import MOVES, Fact
from transforms.tables import Tables

MET = ("STOPPED", "ARRESTED", "FOUND")  # kinds of sightings
OF_FACTS = {
    "HOME_AUTHORITY": "local_authority",
    "PLACING_AUTHORITY": "placing_authority",
    "HOME_AREA": "policing_area",
}


def place_rows(tables: Tables, child: Child) -> list[Row]:
    """The child's rows of `place`."""
    rows = [_of_fact(child, kind, child.facts[name]) for kind, name in OF_FACTS.items() if name in child.facts]
    home = next((row for row in rows if row["kind"] == "HOME_AUTHORITY"), None)
    force = _home_force(tables, child) if home else ""
    if home and force:
        rows.append({**home, "kind": "HOME_FORCE", "value": force})
    mentions = not_withdrawn(child.mentions)
    seen = ((m["policing_area"], m["recorded_on"], m["mention_key"]) for m in mentions if m["source"] != "opening")
    rows += _on_days(child, "SEEN_AREA", seen)
    return rows + _on_days(child, "FOUND_BY", _found(tables, child.person_id, mentions))


def _home_force(tables: Tables, child: Child) -> str:
    """The force that a move names, else the one in whose area the home authority lies; empty where neither is known."""
    home = child.facts["local_authority"]
    moved = next(
        (row for row in child.decisions if row["decision_id"] == home.decision_id and row["action"] in MOVES), None
    )
    if moved:
        return str(moved["value"]).partition(" | ")[2]
    authority = tables.site.places.authority(home.value)
    return authority.force if authority else ""


def _of_fact(child: Child, kind: str, fact: Fact) -> Row:
    """A place that a fact tells; its days are those of the records that say so."""
    days = [m["recorded_on"] for m in child.mentions if m["mention_key"] in fact.supporting] or [fact.recorded_on]
    return {
        "person_id": child.person_id,
        "kind": kind,
        "value": fact.value,
        "status": fact.status,
        "first_on": min(days),
        "last_on": max(days),
        "mention_key": fact.mention_key,
        "decision_id": fact.decision_id,
    }


def _found(tables: Tables, person: str, mentions: list[Row]) -> Iterable[tuple[str | None, date, str]]:
    """Who found or met the child: the force's code, or what was written where it is none; an enquiry meets nobody."""
    for mention in mentions:
        episode = tables.episodes.get(mention["mention_key"])
        if episode:
            force = tables.site.places.force(episode["found_force"]) or episode["found_force"]
            yield force, mention["recorded_on"], mention["mention_key"]
    for sighting in tables.sightings_of.get(person, []):
        if sighting["kind"] in MET:
            force = tables.site.places.force(sighting["force"]) or sighting["force"]
            yield force, tables.mentions[sighting["mention_key"]]["recorded_on"], sighting["mention_key"]


def _on_days(child: Child, kind: str, seen: Iterable[tuple[str | None, date, str]]) -> list[Row]:
    """One row for each value, with the first and the last day of it."""
    by_value: dict[str, list[tuple[date, str]]] = {}
    for value, day, mention_key in seen:
        if value:
            by_value.setdefault(value, []).append((day, mention_key))
    return [
        {
            "person_id": child.person_id,
            "kind": kind,
            "value": value,
            "status": "STATED",
            "first_on": min(days)[0],
            "last_on": max(days)[0],
            "mention_key": max(days)[1],
            "decision_id": None,
        }
        for value, days in sorted(by_value.items())
    ]
