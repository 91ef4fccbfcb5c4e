"""report: what people see of the night.

Writes the morning's page, the worklist and the next meeting's pack. It also runs where an earlier stage failed: then
it says which and why, and shows the last tracker that was published. Last of all, after the night's disclosures, it
writes down where the register ends.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache, partial
from typing import Any

import pyarrow as pa

from connectors.delivery.outbox import deliveries, receipt_problems
from connectors.register.database import LogEntry, log_once
from connectors.store import sealed
from connectors.store.paths import PUBLISHING_STAGE, STAGES, RunFolder
from expectations.feeds import SEEN_IN
from expectations.plain import Row, plain_rows, rows_where
from expectations.questions import candidates
from night import brakes
from night.beside import results_of
from night.clocks import clocks_of
from night.holdings import held_now
from night.may_run import may_run
from night.run import Counts, Run
from transforms.reconcile.profile import LINKS_SHOWN, Linked, links, places, profile
from transforms.report import sent
from transforms.report.contents import Contents
from transforms.report.needs import Needs
from transforms.report.news import KEY as NEWS_KEYS
from transforms.report.news import SHOWN_FOR
from transforms.report.pack import Pack, html, pack
from transforms.report.page import page
from transforms.report.worklist import worklists

SHOWN = {
    "normalise": ("mention", "report", *sorted({*SEEN_IN, *NEWS_KEYS}), "line", "decision", "quarantine"),
    "link": ("person", "person_id"),
    "reconcile": ("child", "fact", "change", "review", "action", "forecast", "refusal", "spell"),
    "validate": ("check",),
    "export": ("held_back", "unheard"),
}
PLACES = {  # where a record says that somebody was seen
    "report": ["report_ref", "location"],
    **{table: ["mention_key", place] for table, place in SEEN_IN.items()},
}
EARLIER = STAGES[: STAGES.index("report")]
# Setting a PDF takes longer than all other pages together: on other days it is made when somebody asks for it.
PAPER_DAYS = timedelta(days=1)


@may_run("report")
def report(run: Run, failure: str = "") -> Counts:
    """Write report.html, worklist.xlsx, meeting_pack.html; in the days before a meeting meeting_pack.pdf.

    Where the worklist is long, worklist_<unit>.xlsx of each unit besides.

    `failure` holds the sentences of the stages that failed, empty where none did. Counts: `needs_a_person` and
    `questions`.
    """
    contents = contents_of(run, failure)
    writer, needs = run.writer("report"), Needs(contents)
    counts = {"needs_a_person": needs.total, "questions": len(needs.questions)}
    made = cache(partial(pack, contents))
    pages: dict[str, Callable[[], bytes]] = {
        "meeting_pack.html": lambda: html(made()),
        "report.html": partial(page, contents),
    }
    if contents.next_meeting - run.as_of <= PAPER_DAYS:
        pages["meeting_pack.pdf"] = lambda: _on_paper(made())
    tasks: list[Callable[[], Any]] = [partial(worklists, contents), *pages.values()]
    lists, *contents_of_pages = results_of(tasks, is_much=contents.is_large)
    for name, content in (dict(zip(pages, contents_of_pages, strict=True)) | lists).items():
        writer.file(name, content)
    writer.seal(counts, replaceable=True)
    log_once(run.register, run.as_of.isoformat(), {"report": [LogEntry("CONSULTATION", "pipeline", "report.html")]})
    if run.folder.is_sealed("deliver"):
        run.write_down_seals(("export",))  # what was delivered is corrected, never changed
    run.anchor()
    return counts


def meeting_pack_pdf(run: Run) -> bytes:
    """The pack of the next meeting as PDF, for any night that was published."""
    return _on_paper(pack(contents_of(run)))


def _on_paper(made: Pack) -> bytes:
    from transforms.report.pdf import pdf  # takes longer to import than the report to make; few nights write one

    return pdf(made)


def named_in(run: Run, page: str) -> set[str]:
    """Everybody whom a page of a night may name: the people of its lists and, but for the pack, of its questions."""
    contents = asked_by(run)
    if page.startswith("meeting_pack"):
        return {row["person_id"] for row in contents.children}
    asked = [row for row in contents.rows("review") if row["is_open"]]
    keys = {key for row in asked for key in (row["mention_key"], *candidates(row))}
    people = {row["person_id"] for row in (*contents.children, *asked)} | {contents.person_of.get(key) for key in keys}
    return {one for one in people if one}


def contents_of(run: Run, failure: str = "") -> Contents:
    """What the pages show: tonight's tracker where it was published, else the last one that was."""
    contents, shown = needing_people(run), _shown(run)
    return replace(
        contents,
        profile=_profile(run, contents.tables, contents.as_of) if shown else {},
        links=links(contents.children, seen_at(contents), LINKS_SHOWN) if shown else Linked(),
        changes=_changes(run, run.site.meeting.before(contents.as_of), contents.as_of),
        disclosures=_disclosures(run),
        counts={name: sealed.counts(run.folder, name) for name in EARLIER if run.folder.is_sealed(name)},
        failure=failure,
        was=_was(run, shown, contents),
    )


def needing_people(run: Run) -> Contents:
    """What the night asks, and what else of it waits for a person."""
    shown, night = _shown(run), run.as_of.isoformat()
    return replace(
        asked_by(run),
        holdings=held_now(run),
        deliveries=[row for row in deliveries(run.register, _shown_since(run)) if str(row["run"]) <= night],
        receipt_problems=receipt_problems(run.register),
        recipients=run.contracts(),
        clocks=clocks_of(run.at(shown)) if shown else [],
        heard_before=_heard_before(run, shown.as_of) if shown else None,
    )


def asked_by(run: Run) -> Contents:
    """The tables of the night shown and what it asks, without what only the report and the pack show besides."""
    shown = _shown(run)
    return Contents(
        as_of=shown.as_of if shown else run.as_of,
        night=run.as_of,
        site=run.site,
        tables=_tables(run, shown),
        held_night=brakes.question(run),
        stamp=sealed.stamp(shown, "reconcile") if shown else "",
    )


def _was(run: Run, shown: RunFolder | None, contents: Contents) -> dict[tuple[str, str], str]:
    """The values that the facts of people whose facts changed had on the night before, by person and field."""
    before = run.at(shown).published_before("reconcile", "fact") if shown else None
    changed = {row["person_id"] for row in contents.rows("change") if row["fields"]}
    if before is None or not changed:
        return {}
    return {(row["person_id"], row["field"]): row["value"] for row in rows_where(before, "person_id", changed)}


def _heard_before(run: Run, as_of: date) -> frozenset[str] | None:
    """References of what others had told by the last published night that is not news any more; None where none is."""
    nights = run.nights_before[: bisect_left(run.nights_before, as_of)]
    last = bisect_right(nights, as_of - SHOWN_FOR)
    looked_at = (run.home.run(night) for night in (*reversed(nights[:last]), *nights[last:]))
    folder = next((one for one in looked_at if one.is_sealed(PUBLISHING_STAGE) and one.is_sealed("normalise")), None)
    if folder is None:
        return None
    columns = [sealed.read(folder, "normalise", table)[column] for table, column in NEWS_KEYS.items()]
    return frozenset(str(reference) for column in columns for reference in column.to_pylist())


def _shown_since(run: Run) -> date:
    return run.as_of - timedelta(days=sent.DAYS)


def _shown(run: Run) -> RunFolder | None:
    return run.folder if run.is_published else run.previous(PUBLISHING_STAGE)


def _tables(run: Run, shown: RunFolder | None) -> dict[str, pa.Table]:
    """Tables of the night shown; its quarantine is tonight's wherever normalise ended."""
    found = {}
    for stage, names in SHOWN.items():
        for name in names:
            folder = run.folder if name == "quarantine" and run.folder.is_sealed(stage) else shown
            if folder is not None and folder.is_sealed(stage):
                found[name] = run.at(folder).read(stage, name)
    return found


def _profile(run: Run, tables: Mapping[str, pa.Table], as_of: date) -> dict[str, Any]:
    reports = plain_rows(tables["report"].select(["report_ref", "created_at", "not_taken"]))
    return profile(plain_rows(tables["child"]), plain_rows(tables["spell"]), reports, as_of, run.site)


def seen_at(contents: Contents) -> dict[str, set[str]]:
    """The places where records saw each child, by person_id."""
    mentions = plain_rows(contents.table("mention").select(["mention_key", "source", "record_ref", "withdrawn"]))
    seen = {name: plain_rows(contents.table(name).select(columns)) for name, columns in PLACES.items()}
    return places(contents.children, mentions, seen)


def _changes(run: Run, after: date, until: date) -> list[Row]:
    folders = [one for one in run.folders_after(after) if one.as_of <= until and one.is_sealed(PUBLISHING_STAGE)]
    tables = [sealed.read(one, "reconcile", "change") for one in folders]
    return plain_rows(pa.concat_tables(tables, promote_options="default")) if tables else []


def _disclosures(run: Run) -> list[Row]:
    tables = [_disclosed(one) for one in run.folders_after(_shown_since(run)) if one.is_sealed("export")]
    return plain_rows(pa.concat_tables(tables)) if tables else []


def _disclosed(folder: RunFolder) -> pa.Table:
    table = sealed.read(folder, "export", "disclosure").select(["recipient", "file", "person_id", "operation"])
    return table.append_column("run", pa.repeat(folder.as_of.isoformat(), table.num_rows))
