"""What does a published night say: its tracker, persons, questions, quarantine and profile; what does the register?

Each view is rows with the columns that people and checks rely on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from clvt.connections import endpoint
from connectors.delivery.outbox import ACKNOWLEDGED, DELIVERED, SUPERSEDED, Outbox, deliveries
from connectors.register.database import entries, processing_log
from connectors.store.paths import Home
from expectations.contracts import contract
from expectations.feeds import SEEN_IN
from expectations.plain import Row
from expectations.site import Site
from night import brakes
from night.as_sealed import expect_as_sealed
from night.clocks import clocks_of
from night.erasing import erase_again
from night.person import NobodyOfThatId, ids_of
from night.routes import routes
from night.run import Run
from transforms.reconcile import profile as force


class NoSuchNight(Exception):
    """The data home has no published night of this date."""


@dataclass(frozen=True)
class View:
    """A listing: its columns, and the rows of a night."""

    columns: tuple[str, ...]
    rows: Callable[[Run], list[Row]]


def night_of(home: Home, as_of: date | None) -> Run:
    """The run of a published night, the last one where none is named; NoSuchNight with the nearest ones.

    SealBroken where it is not as it was sealed.
    """
    erase_again(home)
    published = home.published()
    if not published:
        raise NoSuchNight(
            f"There is no published night in {home.root}: run one first, for example with `make nightly`."
        )
    if as_of is None or as_of in published:
        run = Run(as_of or published[-1], home, endpoint)
        expect_as_sealed(run)
        return run
    raise NoSuchNight(
        f"No night of {as_of} was published in {home.root}; there are {len(published)}, from {published[0]} to "
        f"{published[-1]}."
    )


def tracker(run: Run) -> list[Row]:
    """Every entry ever ratified or taken over, removed ones too."""
    rows = [row for row in run.rows("reconcile", "child") if row["tracker_id"] and row["added_on"]]
    return sorted([*rows, *_ended(run)], key=lambda row: str(row["tracker_id"]))


def _ended(run: Run) -> list[Row]:
    """Entries that no child bears any more: of a child who was found to be another, or whose record moved."""
    nobody = dict.fromkeys(VIEWS["tracker"].columns)
    return [
        {
            **nobody,
            **{name: row[name] for name in ("tracker_id", "person_id", "status", "added_on")},
            "removed_on": row["ended_on"],
            "removal_reason": "MERGED" if row["ended_into"] else "RECORD_MOVED",
            "restricted": False,
            "mention_keys": [],
        }
        for row in run.rows("reconcile", "tracker_id")
        if row["ended_on"]
    ]


def reviews(run: Run) -> list[Row]:
    """Every question ever asked, of held nights too."""
    held = brakes.question(run)
    rows = [*run.rows("reconcile", "review"), *brakes.answered(run), *([held] if held else [])]
    return sorted(rows, key=lambda row: (row["asked_on"], row["kind"], row["review_id"]))


def notices(run: Run) -> list[Row]:
    """Every correction notice up to the night that was sent or waits, with the days it was sent and acknowledged on."""
    box = Outbox(run.register)
    sent_at, acknowledged_at = box.days(DELIVERED), box.days(ACKNOWLEDGED)
    superseded = box.days(SUPERSEDED).keys() - sent_at.keys()
    rows = [row for row in run.rows_of_files("notice") if (row["recipient"], row["file"]) not in superseded]
    return [
        {
            **row,
            "sent_on": _day(run.site, sent_at.get((row["recipient"], row["file"]))),
            "acknowledged_on": _day(run.site, acknowledged_at.get((row["recipient"], row["file"]))),
        }
        for row in sorted(rows, key=lambda row: (row["issued_on"], row["recipient"], row["notice_id"]))
    ]


def _day(site: Site, moment: datetime | None) -> date | None:
    return site.local_day(moment) if moment else None


def figures(run: Run) -> dict[str, Any]:
    """The monthly profile of a night."""
    tables = (run.rows("reconcile", "child"), run.rows("reconcile", "spell"), run.rows("normalise", "report"))
    return force.profile(*tables, run.as_of, run.site)


def links(run: Run) -> force.Linked:
    """Children on the tracker who share lines and places: all pairs, by tracker_id."""
    children = run.rows("reconcile", "child")
    found = {name: run.rows("normalise", name) for name in ("report", *SEEN_IN)}
    return force.links(children, force.places(children, run.rows("normalise", "mention"), found))


def audit(run: Run, person: str | None) -> list[Row]:
    """The processing log, of one person only where one is named, under every id the person ever had.

    NobodyOfThatId where none was ever given: a name that was typed in place of an id is looked for, and kept, nowhere.
    """
    if not person:
        return entries(run.register)
    ids = ids_of(run, person)
    if not any(row["person_id"] in ids for table in ("person", "person_id") for row in run.rows("link", table)):
        raise NobodyOfThatId(f"No record names {person}: give a person id or a tracker id, as `clvt find` lists them.")
    return entries(run.register, ids)


def persons_in(run: Run, rows: list[Row]) -> set[str]:
    """The ids of everybody whom rows of a view are about: named by id, by a mention, or by a record of theirs."""
    person_of = {row["mention_key"]: row["person_id"] for row in run.rows("link", "person")}
    named = {str(row["person_id"]) for row in rows if row.get("person_id")}
    keys = {row.get(column) for row in rows for column in ("mention_key", "other_mention_key")}
    records = {(row["source"], row["record_key"]) for row in rows if "record_key" in row}
    if records:
        mentions = run.rows("normalise", "mention")
        keys |= {row["mention_key"] for row in mentions if (row["source"], row["record_ref"]) in records}
    return named | {person_of[key] for key in keys if key in person_of}


VIEWS = {
    "tracker": View(
        (
            *("tracker_id", "person_id", "status", "added_on", "removed_on", "removal_reason", "given_names"),
            *("surname", "date_of_birth", "dob_status", "gender", "local_authority", "policing_area"),
            *("attains_18_on", "restricted", "mention_keys"),
        ),
        tracker,
    ),
    "persons": View(("mention_key", "person_id"), lambda run: run.rows("link", "person")),
    "reviews": View(
        (
            *("review_id", "kind", "asked_on", "mention_key", "other_mention_key", "match_weight", "why"),
            *("answered_on", "answer"),
        ),
        reviews,
    ),
    "quarantine": View(
        ("source", "record_key", "reason_code", "reason", "first_seen_on", "released_on"),
        lambda run: run.rows("normalise", "quarantine"),
    ),
    "refusals": View(
        tuple(contract("refusal").names),
        lambda run: run.rows("reconcile", "refusal"),
    ),
    "clocks": View(("person_id", "clock", "since", "due", "state", "whom"), clocks_of),
    "notices": View(
        ("recipient", "record_ref", "kind", "action", "fields", "sent_on", "acknowledged_on"),
        notices,
    ),
    "routes": View(
        (
            *("person_id", "mention_keys", "role", "authority", "force", "recipient", "state", "why"),
            *("informed_on", "answered_on"),
        ),
        routes,
    ),
    "deliveries": View(
        ("run", "recipient", "file", "sha256", "bytes", "records", "state", "sent_at", "receipt", "supersedes"),
        lambda run: deliveries(run.register),
    ),
}
FOUND_COLUMNS = ("person_id", "tracker_id", "name", "date_of_birth", "matched")
AUDIT_COLUMNS = tuple(column.name for column in processing_log.columns)
