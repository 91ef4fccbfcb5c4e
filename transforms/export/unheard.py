"""Which place that has to hear of a child has a contract and gets no record all the same, and why?

The release rule or a decision keeps the record here, or no agreement is valid. That may be right, and it is a person's
to see: it stands as a task until the place holds the record, was informed by hand, or a person decided that it is not
informed before the next meeting.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from expectations.plain import Row
from expectations.recipients import Recipient
from transforms.export.routed import hears
from transforms.reconcile.routes import INFORMED_BY, place_name, place_of
from transforms.tables import Tables

PUT_OFF_BY = ("PLACE_NOT_TOLD",)
TASK = "UNHEARD"


def unheard(tables: Tables, recipients: Mapping[str, Recipient], held_back: list[Row], holding: list[Row]) -> list[Row]:
    """Rows of `unheard` for the routes of the night; `held_back` and `holding` are the night's."""
    holds = {(row["recipient"], tables.now(row["person_id"])) for row in holding}
    kept = {(row["recipient"], row["person_id"]): row for row in held_back if row["field"] == "*"}
    seen_to = list(_seen_to(tables))
    rows = []
    for route in tables.route:
        person, place = route["person_id"], place_of(route)
        names = sorted(name for name, one in recipients.items() if hears(one, route))
        reasons = [why for name in names if (why := kept.get((name, person)) or kept.get((name, "*")))]
        is_settled = any((one, where) == (person, place) and on >= _since(route) for one, where, on in seen_to)
        if reasons and not is_settled and not any((name, person) in holds for name in names):
            rows.append(_row(tables, route, reasons[0]))
    return rows


def _seen_to(tables: Tables) -> Iterator[tuple[str, str, date]]:
    """Child, place and day of each decision by which somebody saw to it; one that puts off counts until a meeting."""
    child_of = {key: child["person_id"] for child in tables.child for key in child["mention_keys"]}
    meeting = tables.site.meeting.before(tables.as_of)
    for decision in tables.decisions_in_force:
        on = tables.site.local_day(decision["decided_at"])
        counts = decision["action"] in INFORMED_BY or (decision["action"] in PUT_OFF_BY and on >= meeting)
        if counts and decision["mention_key"] in child_of:
            yield child_of[decision["mention_key"]], decision["value"], on


def _since(route: Row) -> date:
    since: date = route["began_on"] or route["since"]  # earlier nights did not keep when a role began
    return since


def _row(tables: Tables, route: Row, held_back: Row) -> Row:
    place, person = place_of(route), route["person_id"]
    return {
        "action_id": f"A:unheard:{person}:{route['role']}:{place}",
        "person_id": person,
        "kind": TASK,
        "mention_key": tables.children[person]["mention_keys"][0],
        "what": f"No file tells {place_name(tables.site, route)}. {route['why']} {held_back['reason']}",
        "owner": tables.site.sca_action_owner,
        "raised_on": _since(route),
        "due_on": _since(route),
        "recipient": held_back["recipient"],
        "reason_code": held_back["reason_code"],
    }
