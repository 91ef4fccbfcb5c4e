"""What of old nights is kept, and who is due for review?

The site says for how many days nights are kept whole. Of older ones the last of each month stays, of still older ones
the last of each year; of the others stays what came in, so that every tracker can be made again, and what was told to
whom: the records that the night brought. What has no row goes, since nobody reads it: a table of theirs, and a stage
without tables. Pages and worklists go sooner: what they say stands in the night's tables. A partner's file in clear
text goes once all that the night made for that partner was delivered and acknowledged.
"""

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.delivery.outbox import Fate, Outbox
from connectors.register import seals
from connectors.register.database import LogEntry, log, writing
from connectors.store import at_work, sealed, segments
from connectors.store.paths import PUBLISHING_STAGE, Home, RunFolder
from expectations.contracts import contract
from expectations.plain import Row, grouped, plain_rows
from expectations.site import Site
from night.clocks import clocks_of, reviews_of_others
from night.run import Run
from transforms.export import by_hand

DUE_COLUMNS = ("person_id", "tracker_id", "group", "since", "due", "state", "outcome")
GOES = ("pull", "normalise", "link", "reconcile", "validate", "deliver", "report")
BROUGHT = ("holding", "disclosure", "outgoing", "sequence")  # what says which records a night brought to whom
REPEATED = ("landed_key", "brake", "held_back", "unheard", "unmade")  # what each night says anew of all that it knows
PAGES = "report"  # the stage
REVIEW, ERASE = "RETENTION_REVIEW", "ERASE"


@dataclass(frozen=True)
class Thinned:
    """What went: of nights all but what came and what was told, the pages of nights, and files in clear text."""

    nights: int
    pages: int
    files: int


def due(run: Run) -> list[Row]:
    """Everybody whose review is due by the night, by the site's settings or a review's decision, longest due first.

    Those without an entry too: suspects, associates, whoever a record names. Whom a review decided to erase is due,
    whatever day it named, until `clvt erase` has done it.
    """
    children = {row["person_id"]: row for row in run.rows("reconcile", "child")}
    entered = [
        {**row, "tracker_id": child["tracker_id"], "outcome": child["review_outcome"]}
        for row in clocks_of(run)
        if row["clock"] == REVIEW and (child := children[row["person_id"]])
    ]
    others = [{**row, "tracker_id": None} for row in reviews_of_others(run)]
    rows = [
        {**row, "group": run.site.review_group}
        for row in sorted([*entered, *others], key=lambda row: (row["due"], row["person_id"]))
    ]
    return [row for row in rows if row["state"] in ("DUE", "OVERDUE") or row["outcome"] == ERASE]


def thin(run: Run, actor: str) -> Thinned:
    """Let go of what the site's settings do not keep, as of the day of the run; the log says of which nights."""
    with at_work.alone(run.home, at_work.PATIENCE_SECONDS):
        nights = [run.home.run(night) for night in to_be_thinned(run.home, run.as_of, run.site)]
        pages = [run.home.run(night) for night in without_pages(run.home, run.as_of, run.site.pages_days)]
        files = {night: names for night in run.home.published() if (names := _acknowledged(run, run.home.run(night)))}
        entries = [_entry(actor, night.as_of, "the night was thinned out") for night in nights]
        entries += [_entry(actor, night.as_of, "pages and worklists") for night in pages]
        entries += [_entry(actor, night, "files in clear text, acknowledged") for night in files]
        with writing(run.register) as connection:
            log(connection, entries)
        for night, names in files.items():
            for name in names:
                (run.home.run(night).stage("export") / name).unlink(missing_ok=True)
            _seal_again(replace(run, as_of=night), ["export"])
        for folder in pages:
            shutil.rmtree(folder.stage(PAGES))
        for folder in nights:
            _thin(replace(run, as_of=folder.as_of), run.as_of)
        _write_down_what_went(run)
        segments.let_go(run.home)
    return Thinned(len(nights), len(pages), sum(map(len, files.values())))


def to_be_thinned(home: Home, as_of: date, site: Site) -> list[date]:
    """Published nights older than the site keeps whole, but ends of months and years, the first and the last one."""
    published = home.published()
    whole, months = (as_of - timedelta(days=days) for days in (site.nights_whole_days, site.month_ends_days))
    ends_of_months = {night.strftime("%Y-%m"): night for night in published}
    ends_of_years = {night.year: night for night in published}
    kept = {*published[:1], *ends_of_years.values(), *(night for night in ends_of_months.values() if night >= months)}
    return [night for night in published if night < whole and night not in kept]


def without_pages(home: Home, as_of: date, days: int) -> list[date]:
    """Published nights older than these days whose pages are there still, but the last one."""
    earlier = (night for night in home.published()[:-1] if night < as_of - timedelta(days=days))
    return [night for night in earlier if home.run(night).is_sealed(PAGES)]


def _thin(run: Run, on: date) -> None:
    """Mark the night first: one that a kill left half thinned is thinned to its end the next time."""
    folder = run.folder
    left = {name: keep for name, keep in LEFT.items() if folder.is_sealed(name)}
    gone = {name: sealed.stamp(folder, name) for name in GOES if folder.is_sealed(name)}
    text = json.dumps({"on": on.isoformat(), "seals": gone}, indent=1) + "\n"
    if not folder.thinned.is_file():
        for name in left:
            sealed.verify(folder, name)
        folder.thinned.write_text(text, encoding="utf-8")
    for name, keep in left.items():
        keep(folder.stage(name), run.as_of)
    emptied = [name for name in left if not sealed.files(folder, name)]
    _seal_again(run, left.keys() - emptied)
    _let_go(run, emptied)
    shutil.rmtree(folder.index, ignore_errors=True)
    for name in (*(one for one in GOES if one != PUBLISHING_STAGE), PUBLISHING_STAGE):
        shutil.rmtree(folder.stage(name), ignore_errors=True)


def _keep_what_came(land: Path, _night: date) -> None:
    """Of what landed the rows alone: the list of all keys is in the nights after it."""
    for path in land.glob("*.parquet"):
        if path.stem in REPEATED or not pq.read_metadata(path).num_rows:
            path.unlink()


def _keep_what_it_brought(export: Path, night: date) -> None:
    """Of `holding` the records that the night's files told of, all where they replaced all; no sheets made by hand.

    From these what a partner holds can be gone through again, see `transforms.export.arrivals`. A night that made no
    file says nothing that earlier ones do not.
    """
    tables = {name: _left_of(export / f"{name}.parquet") for name in (*BROUGHT, "notice")}
    disclosed = {(row["recipient"], row["record_ref"]) for row in plain_rows(tables["disclosure"])}
    replaced = {row["recipient"] for row in plain_rows(tables["outgoing"]) if row["kind"] == "FULL"}
    served = [row for row in plain_rows(tables["sequence"]) if row["night"] == night]
    replaced |= {row["recipient"] for row in served if row["is_full"]}
    kept = [
        row["recipient"] in replaced or (row["recipient"], row["record_ref"]) in disclosed
        for row in plain_rows(tables["holding"].select(["recipient", "record_ref"]))
    ]
    sealed.put(export / "holding.parquet", tables["holding"].filter(pa.array(kept, pa.bool_())))
    sealed.put(export / "notice.parquet", tables["notice"].filter(pc.field("issued_on") == pa.scalar(night)))
    if not served:
        (export / "sequence.parquet").unlink(missing_ok=True)
    shutil.rmtree(export / by_hand.FOLDER, ignore_errors=True)
    _keep_what_came(export, night)
    for folder in export.iterdir():
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _left_of(path: Path) -> pa.Table:
    """A table as it is there: not by its seal, which a kill may have left behind; an older version may have made it."""
    agreed = contract(path.stem)
    return agreed.adopt(pq.ParquetFile(path).read()) if path.is_file() else agreed.table_of([])


LEFT = {"land": _keep_what_came, "export": _keep_what_it_brought}  # what stays of a stage


def _seal_again(run: Run, stages: Iterable[str]) -> None:
    for name in stages:
        sealed.seal_again(run.folder, name, "retention")
    run.write_down_seals(stages)


def _let_go(run: Run, stages: Sequence[str]) -> None:
    """Let go of stages of which nothing is left: written down first, so that the next thinning makes good a kill."""
    seals.keep(run.register, {(run.as_of.isoformat(), name): seals.LET_GO for name in stages})
    for name in stages:
        shutil.rmtree(run.folder.stage(name))


def _write_down_what_went(run: Run) -> None:
    """That stages of thinned nights went, also of those after which a run before this one was killed."""
    thinned = {night.isoformat() for night in run.home.nights() if run.home.run(night).thinned.is_file()}
    gone = [key for key in seals.latest(run.register) if key[0] in thinned and key[1] in GOES]
    seals.keep(run.register, dict.fromkeys(gone, seals.LET_GO))


def _acknowledged(run: Run, folder: RunFolder) -> list[str]:
    """A night's files in clear text for recipients who have all of it, and said so where they do say so."""
    if folder.as_of >= run.as_of or not folder.is_sealed("export"):
        return []
    fates = grouped(Outbox(run.register).fates(run=folder.as_of.isoformat()), lambda fate: fate.recipient)
    answering = {name for name, one in run.contracts().items() if one.delivery.receipts}
    done = {name for name, theirs in fates.items() if _is_done_with(theirs, name in answering)}
    # By its seal, not by what is there: what a kill took away before it was sealed again is sealed again now.
    return [name for name in sealed.names(folder, "export") if "/" in name and name.split("/")[0] in done]


def _is_done_with(fates: Sequence[Fate], answers: bool) -> bool:
    return all(fate.is_settled and (fate.state != "delivered" or not answers) for fate in fates)


def _entry(actor: str, night: date, what: str) -> LogEntry:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    detail = json.dumps({"erased": what, "at": at})
    return LogEntry("ERASURE", actor, f"night:{night}", run=night.isoformat(), detail=detail)
