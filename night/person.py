"""Where does everything that a night holds of one person lie, and whom does it know by what is typed?

Reads only that person's rows of the night's tables, the words of their reports from the nights on which those came, and
what the register says of files that named them.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from functools import lru_cache
from itertools import pairwise

from connectors.delivery.outbox import became_of
from connectors.register.database import entries
from connectors.store import sealed
from connectors.store.paths import RunFolder
from expectations.feeds import FEEDS
from expectations.plain import Row, plain_rows, rows_where
from night.clocks import clocks_of
from night.routes import routes
from night.run import Run
from transforms.export.records import refs_of
from transforms.link.merged import merged_ids
from transforms.normalise.names import surname_key
from transforms.normalise.text import key
from transforms.report.find import Register, find
from transforms.report.person import Held, Person, person

BY_PERSON = ("child", "fact", "review", "action", "spell")
BY_MENTION = (
    ("normalise", ("mention", *sorted(feed.table for feed in FEEDS.values() if feed.prefix))),
    ("reconcile", ("refusal",)),
)
BY_REFERENCE = tuple(sorted(feed.table for feed in FEEDS.values() if not feed.prefix))
WORDS = ("report_ref", "version", "title", "text")
CALLED = ("given_key", "first_key", "surname_key", "alias_key")  # columns of `mention`


class NobodyOfThatId(Exception):
    """No record names a person of this id."""


def person_of(run: Run, named: str) -> Person:
    """Everything of the person whom an id names: a person id of any night, or a tracker id; else NobodyOfThatId."""
    ids = ids_of(run, named)
    keys = {row["mention_key"] for row in _of(run, "link", "person", "person_id", ids)}
    if not keys:
        raise NobodyOfThatId(f"No record names {named}: give a person id or a tracker id, as `clvt find` lists them.")
    tables = {name: _of(run, "reconcile", name, "person_id", ids) for name in BY_PERSON}
    tables["unheard"] = [row for row in run.rows_of_files("unheard") if row["person_id"] in ids]
    tables |= {name: _of(run, stage, name, "mention_key", keys) for stage, names in BY_MENTION for name in names}
    sent = {ref for one in ids for ref in refs_of(run.site.force_code, one)}
    tables |= {name: _of(run, "normalise", name, "record_ref", sent) for name in BY_REFERENCE}
    tables["decision"] = _decisions(run, keys)
    references = {row["record_ref"] for row in tables["mention"] if row["source"] == "intelligence"}
    return person(
        Held(
            person_id=ids[0],
            as_of=run.as_of,
            site=run.site,
            tables=tables,
            reports=reports_of(run, references),
            changes=_changes(run, ids),
            disclosures=_disclosures(run, ids),
            looks=entries(run.register, ids, "CONSULTATION"),
            clocks=clocks_of(run, ids) if tables["child"] else [],
            routes=[_named(run, row) for row in routes(run) if row["person_id"] in ids],
        )
    )


def found_by(run: Run, text: str) -> list[Row]:
    """Everybody who was ever recorded so: by any name, date, number, place or reference of theirs."""
    children = run.rows("reconcile", "child")
    force = run.site.force_code
    references: dict[str, list[str]] = {row["person_id"]: list(refs_of(force, row["person_id"])) for row in children}
    for old, now in merged_ids(run.rows("link", "person_id")).items():
        references.setdefault(now, []).extend([old, *refs_of(force, old)])
    mentions, persons = run.rows("normalise", "mention"), run.rows("link", "person")
    return find(text, Register(mentions, persons, children, references))


def names_one_of(run: Run, people: Collection[str], text: str) -> bool:
    """True where a text that is to be kept holds a name by which records call one of these people."""
    texts = f" {key(text)} ", f" {surname_key(text)} "
    return any(f" {name} " in one for name in _names_of(run, people) for one in texts)


def _names_of(run: Run, people: Collection[str]) -> set[str]:
    """What records call these people, by the run's own night; by the last one, where that night was thinned out."""
    nights = map(run.home.run, (run.as_of, *reversed(run.home.published())))
    night = next((one for one in nights if one.is_sealed("normalise") and one.is_sealed("link")), None)
    if night is None:
        return set()
    keys = {row["mention_key"] for row in rows_where(sealed.read(night, "link", "person"), "person_id", people)}
    rows = rows_where(sealed.read(night, "normalise", "mention"), "mention_key", keys)
    return {row[name] for row in rows for name in CALLED if row[name]}


def ids_of(run: Run, named: str) -> list[str]:
    """A person's id and every id that was merged into it; a tracker id names its child too."""
    child = {row["tracker_id"]: row["person_id"] for row in run.rows("reconcile", "child") if row["tracker_id"]}
    merged = merged_ids(run.rows("link", "person_id"))
    now = merged.get(named, str(child.get(named, named)))
    return [now, *(old for old, current in merged.items() if current == now)]


def _named(run: Run, hears: Row) -> Row:
    """A route with the names of its place and of who is told there, in place of codes."""
    places = run.site.places
    titles = {name: contract.title for name, contract in run.contracts().items()}
    where = places.name(hears["authority"]) if hears["authority"] else places.force_name(hears["force"])
    return hears | {"place": where, "title": titles.get(hears["recipient"], hears["recipient"])}


def _of(run: Run, stage: str, table: str, column: str, wanted: Iterable[str]) -> list[Row]:
    return rows_where(run.read(stage, table), column, wanted)


def _decisions(run: Run, keys: set[str]) -> list[Row]:
    found = [
        row
        for column in ("mention_key", "other_mention_key")
        for row in _of(run, "normalise", "decision", column, keys)
    ]
    return list({row["decision_id"]: row for row in found}.values())


def reports_of(run: Run, references: set[str]) -> list[Row]:
    """Reports as they stand, with the title and text of that version where they are still kept."""
    reports = _of(run, "normalise", "report", "report_ref", references)
    landed_on: dict[date, set[str]] = defaultdict(set)
    for row in reports:
        landed_on[row["landed_on"]].add(row["report_ref"])
    words: dict[tuple[str, str], Row] = {}  # a version is landed as it was written
    for night, of_night in landed_on.items():
        folder = run.home.run(night)
        if folder.is_sealed("land"):
            table = sealed.read(folder, "land", "landed_report").select(WORDS)
            for row in rows_where(table, "report_ref", of_night):
                words[row["report_ref"], row["version"]] = {"title": row["title"], "text": row["text"]}
    let_go = dict.fromkeys(("title", "text"))
    return [row | words.get((row["report_ref"], str(row["version"])), let_go) for row in reports]


def _changes(run: Run, ids: list[str]) -> list[Row]:
    """Facts of the person that changed, with their values before and after."""
    nights = [night for night in run.home.published() if night <= run.as_of]
    found = []
    for before, night in pairwise(nights):
        folder = run.home.run(night)
        if not _whose_facts_changed(folder, sealed.stamp(folder, "reconcile")).isdisjoint(ids):
            rows = rows_where(sealed.read(folder, "reconcile", "change"), "person_id", ids)
            sides = {"before": _facts(run, before, ids), "after": _facts(run, night, ids)}
            found += [row | sides for row in rows if row["fields"]]
    return found


@lru_cache(maxsize=10_000)
def _whose_facts_changed(night: RunFolder, _stamp: str) -> frozenset[str]:
    """Everybody of whom a fact changed on a night: there are years of nights, and few of them are about one person."""
    rows = plain_rows(sealed.read(night, "reconcile", "change").select(["person_id", "fields"]))
    return frozenset(row["person_id"] for row in rows if row["fields"])


def _facts(run: Run, night: date, ids: list[str]) -> dict[str, str]:
    rows = rows_where(sealed.read(run.home.run(night), "reconcile", "fact"), "person_id", ids)
    return {row["field"]: row["value"] for row in rows}


def _disclosures(run: Run, ids: list[str]) -> list[Row]:
    """Every file delivered that named the person, with what became of it."""
    disclosed = entries(run.register, ids, "DISCLOSURE")
    files = became_of(run.register, (row["file_sha256"] for row in disclosed))
    titles = {name: contract.title for name, contract in run.contracts().items()}
    return [
        {
            "on": row["at"][:10],
            "recipient": titles.get(row["recipient"], row["recipient"]),
            "file": file.outgoing.remote_name if file else "",
            "operation": json.loads(row["detail"])["operation"],
            "state": file.state if file else "",
        }
        for row in disclosed
        for file in [files.get(row["file_sha256"])]
    ]
