"""What does a person send to an authority or force that has to hear of a child and has no contract?

One readable sheet a place, by the same rules and in the same form as for those who have one. Nothing of it is sent by
the machine: the report names the task, and a decision says that it was done.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import date

from expectations.places import Places
from expectations.plain import Row
from expectations.recipients import Recipient, for_place
from transforms.export.document import Document
from transforms.export.entitled import entitlement, tie
from transforms.export.exporter import Drop
from transforms.export.holdings import Operation
from transforms.export.notification import Notification
from transforms.export.routed import POLICE
from transforms.export.shareable import Shareables

FOLDER = "by_hand"
NOT_AGREED = "None with you yet: told to safeguard the child."


def sheets(shareables: Shareables, to_tell: list[Row]) -> dict[str, bytes]:
    """Files by name below the stage's folder, for the routes that no contract is for and nobody was informed of."""
    tables = shareables.tables
    made: dict[str, bytes] = {}
    by_place: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for route in to_tell:
        by_place[_hears(route)].append(route)
    for (kind, place), routes in sorted(by_place.items()):
        recipient = _not_agreed(for_place(kind, place, tables.site.places))
        documents = _documents(shareables, recipient, {route["person_id"] for route in routes})
        made |= {f"{FOLDER}/{recipient.name}_{tables.as_of:%Y%m%d}.{one.extension}": one.content for one in documents}
    return made


def sheet_of(route: Row, as_of: date, places: Places) -> str:
    """The name of the sheet for the place that a route leads to, where it is told by hand."""
    return f"{for_place(*_hears(route), places).name}_{as_of:%Y%m%d}.html"


def _hears(route: Row) -> tuple[str, str]:
    """The kind of place that has to hear by a route, and its code."""
    kind = "force" if route["role"] in POLICE else "authority"
    return kind, route[kind]


def _not_agreed(recipient: Recipient) -> Recipient:
    """The form for those on board, without the agreement that is there only with them."""
    return replace(recipient, agreement=replace(recipient.agreement, reference=NOT_AGREED))


def _documents(shareables: Shareables, recipient: Recipient, persons: set[str]) -> list[Document]:
    tables = shareables.tables
    due = entitlement(tables, shareables, recipient, {}, [tables.children[person] for person in sorted(persons)])
    tie(recipient, due)
    operations = [Operation("CREATE", one) for _, one in sorted(due.records.items())]
    drop = Drop(
        recipient=recipient, site=tables.site, as_of=tables.as_of, sequence=1, is_full=True, operations=operations
    )
    return [*Notification().documents(drop)] if operations else []
