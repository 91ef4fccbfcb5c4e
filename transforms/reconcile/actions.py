"""What has someone to do for a child, by when, and is it done?

A referral from the Single Competent Authority has to be reviewed and actioned by the team; a panel's action belongs to
the agency that took it; an authority or force without a contract has to be informed by hand. Each stays in every report
until it is done.
"""

from collections.abc import Iterator
from datetime import timedelta

from expectations.plain import Row
from transforms.reconcile.children import Child
from transforms.reconcile.routes import INFORMED_BY, place_name, place_of, task_of, without_recipient
from transforms.tables import Tables

SETTLED_BY = ("ACTION_DONE",)
DESTINATION_BY = ("MOVED",)  # a mark of the child, which settles where the child went


def action_rows(tables: Tables, everyone: list[Child], routes: list[Row]) -> list[Row]:
    """Rows of `action`, done ones too; `routes` are tonight's."""
    done = _done(tables)
    rows = [_referral(tables, row, done) for row in tables.sca_referral]
    rows += [_panel(tables, row, done) for row in tables.panel_outcome if row["action"]]
    rows += [row for child in everyone for row in _moved(tables, child)]
    by_person = {child.person_id: child for child in everyone}
    rows += [
        _to_tell(tables, row, by_person[row["person_id"]]) for row in without_recipient(routes, tables.places_heard)
    ]
    return [row for row in rows if row is not None]


def _moved(tables: Tables, child: Child) -> Iterator[Row]:
    """Where has a child gone who left because of a move, and who was informed there?"""
    spell = child.life.spells[-1] if child.life.spells else None
    if spell is None or spell.removal_reason != "MOVED_AREA" or spell.removed_on is None:
        return
    destinations = [row for row in child.decisions if row["action"] in DESTINATION_BY]
    yield {
        "action_id": f"A:moved:{spell.removed_by}",
        "person_id": child.person_id,
        "kind": "MOVED_AWAY",
        "mention_key": child.mentions[0]["mention_key"],
        "what": "Where to, and who was told?",
        "owner": tables.site.sca_action_owner,
        "raised_on": spell.removed_on,
        "due_on": None,
        "done_on": max(destinations[-1]["decided_on"], spell.removed_on) if destinations else None,
        "outcome": destinations[-1]["value"] if destinations else None,
    }


def _to_tell(tables: Tables, route: Row, child: Child) -> Row:
    """Somebody without a contract has to hear: a person tells them that day, and the report does not let it go."""
    place, person = place_of(route), route["person_id"]
    decisions = [row for row in tables.decisions_of.get(person, []) if row["action"] in INFORMED_BY]
    since = route["began_on"]
    informed = next((row for row in reversed(decisions) if row["value"] == place and row["decided_on"] >= since), None)
    return {
        "action_id": task_of(route),
        "person_id": person,
        "kind": "ROUTE",
        "mention_key": child.mentions[0]["mention_key"],
        "what": f"Tell {place_name(tables.site, route)}. {route['why']}",
        "owner": tables.site.sca_action_owner,
        "raised_on": since,
        "due_on": since,
        "done_on": informed["decided_on"] if informed else None,
        "outcome": informed["value"] if informed else None,
    }


def _referral(tables: Tables, row: Row, done: dict[str, Row]) -> Row | None:
    received = tables.site.local_day(row["received_at"])
    person = tables.persons[row["mention_key"]]
    decision = done.get(row["mention_key"]) or done.get(person)
    return {
        "action_id": f"A:{row['mention_key']}",
        "person_id": person,
        "kind": "SCA_REFERRAL",
        "mention_key": row["mention_key"],
        "what": "Review and action the referral from the Single Competent Authority",
        "owner": tables.site.sca_action_owner,
        "raised_on": received,
        "due_on": received + timedelta(days=tables.site.sca_action_days),
        "done_on": decision["decided_on"] if decision else None,
        "outcome": decision["value"] if decision else None,
    }


def _panel(tables: Tables, row: Row, done: dict[str, Row]) -> Row:
    decision = done.get(row["mention_key"])
    return {
        "action_id": f"A:{row['mention_key']}",
        "person_id": tables.persons[row["mention_key"]],
        "kind": "PANEL",
        "mention_key": row["mention_key"],
        "what": row["action"],
        "owner": row["owner_agency"],
        "raised_on": row["held_on"],
        "due_on": row["due_on"],
        "done_on": row["closed_on"] or (decision["decided_on"] if decision else None),
        "outcome": row["outcome"] or (decision["value"] if decision else None),
    }


def _done(tables: Tables) -> dict[str, Row]:
    """The last decision that settles one, by the action's own mention; by person where it names another."""
    own = {row["mention_key"] for row in [*tables.sca_referral, *tables.panel_outcome]}
    found: dict[str, Row] = {}
    for person, rows in tables.decisions_of.items():
        for row in rows:
            if row["action"] in SETTLED_BY:
                found[row["mention_key"] if row["mention_key"] in own else person] = row
    return found
