"""export: the files of tonight, for each recipient what its contract allows.

Works out what every recipient may hold and what it holds already, asks the brakes whether a person has to see the night
first, writes the files that make the two agree, and reads each one back against its contract before anything is sealed;
the gate asks its tables too. Nothing is sent here.
"""

import shutil
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.delivery import full_requests
from connectors.delivery.outbox import SUPERSEDED, WITHDRAWAL, Outbox
from connectors.store import sealed
from expectations import gate
from expectations.contracts import contract
from expectations.fields import FACTS
from expectations.plain import Row, plain_rows, rows_where
from expectations.recipients import Recipient
from expectations.site import Site
from night import brakes, holdings
from night.agreed import write_down_changes
from night.beside import results_of
from night.may_run import may_run
from night.run import Counts, Run
from transforms.export.by_hand import sheets
from transforms.export.check import problems
from transforms.export.drops import EXPORTERS, Earlier, Outcome, combined, each_drop, shortfalls
from transforms.export.holdings import DISCLOSING
from transforms.export.release import terms
from transforms.export.shareable import Shareables
from transforms.export.suspects import DECIDED_BY
from transforms.memory import give_back
from transforms.reconcile.routes import task_of
from transforms.tables import Tables

RECONCILED = ("fact", "refusal", "route")
NORMALISED = ("line", "missing_episode", "btp_report", "sca_referral", "panel_outcome")
MENTION = (  # what export looks at of a mention
    *("mention_key", "source", "record_ref", "withdrawn", "role", "involvement", "grade"),
    *("alias", "line_ref", "home_area", "policing_area", "recorded_on", "age_stated"),
    *(name for name in FACTS if name in contract("mention").names and name != "policing_area"),
)
MANY, LARGE = 500, 32 << 20  # children, and bytes of files: of more, two processes take care
TABLES = ("outgoing", "disclosure", "held_back", "unheard", "holding", "sequence")


@may_run("export")
def export(run: Run) -> Counts:
    """Write, check and seal the night's files.

    Seals the files by recipient, the TABLES, `unmade`, `notice` and `brake`; their columns are in their contracts.
    GateClosed where a table is not as its contract says, NightHeld where the night goes further than one may by itself,
    SealBroken where others of its files left; then nothing is sealed.
    """
    write_down_changes(run)
    try:
        return _export(run, usable(run), [])
    except Exception:
        _take_back(run.folder.unsealed("export"))
        raise


def _take_back(folder: Path) -> None:
    """Of a night of which nothing may leave no file stays, only tables."""
    for made in folder.iterdir() if folder.is_dir() else ():
        if made.is_dir():
            shutil.rmtree(made)


def _export(run: Run, recipients: dict[str, Recipient], unmade: list[Row]) -> Counts:
    """Once more without a recipient of whom a file is not what its contract says: it alone gets nothing."""
    writer = run.writer("export")
    outgoing, counts = _make(run, recipients, unmade, writer)
    give_back()
    wrong = _not_as_agreed(writer.folder, recipients, outgoing)
    if wrong:
        others = recipients.keys() - {row["recipient"] for row in wrong}
        return _export(run, {name: recipients[name] for name in sorted(others)}, [*unmade, *wrong])
    return writer.seal(counts, replaceable=not _has_left(run))


def _make(
    run: Run, recipients: dict[str, Recipient], unmade: list[Row], writer: sealed.StageWriter
) -> tuple[list[Row], Counts]:
    """Write the files and tables; returns what is read back: all else that they were made from is let go of before."""
    held = holdings.earlier(run)
    since = min([*held.since.values(), *([held.night] if held.night else [])], default=None)
    tables = tables_of(run, since)
    outcome, by_hand = _outcome(run, tables, recipients, held, writer)
    made = {name: contract(name).table_of(getattr(outcome, name)) for name in TABLES}
    made["unmade"] = contract("unmade").table_of(unmade)
    _expect_as_left(run, outcome)
    made["notice"] = _with_those_before(run, contract("notice").table_of(outcome.notice))
    gate.require(gate.validate(made, run.as_of, run.site))
    brakes.ask(run, held.holding, outcome, writer)
    for name, table in made.items():
        writer.table(name, table)
    for name, content in by_hand.items():
        writer.file(name, content)
    return outcome.outgoing, _counts(outcome)


def _outcome(
    run: Run, tables: Tables, recipients: dict[str, Recipient], held: Earlier, writer: sealed.StageWriter
) -> tuple[Outcome, dict[str, bytes]]:
    """What every recipient gets, whose files are written, and the sheets for those who are told by hand."""
    shareables = Shareables(tables)
    each = each_drop(shareables, recipients, held, _asked_for_all(run, held), writer.file)
    order = _in_order(recipients, held, run.site)
    tasks: list[Callable[[], Any]] = [*map(each.__getitem__, order), partial(sheets, shareables, _to_tell(run, tables))]
    *outcomes, by_hand = results_of(tasks, is_much=len(tables.child) > MANY)
    by_name = dict(zip(order, outcomes, strict=True))
    return combined(tables, recipients, held, map(by_name.__getitem__, each)), by_hand


def _in_order(recipients: dict[str, Recipient], held: Earlier, site: Site) -> list[str]:
    """Those who hold records at both ends; in the middle those who hold none, which takes least."""
    order = sorted(recipients, key=lambda name: _effort(recipients[name], site))
    holding = {row["recipient"] for row in held.holding}
    much = [name for name in order if name in holding]
    half = len(much) // 2 + 1  # of the other half the sheets are one
    return [*much[:half], *(name for name in order if name not in holding), *much[half:]]


def _effort(recipient: Recipient, site: Site) -> tuple[bool, str]:
    """Single packs take longest; of recipients with the same terms one process works out much for all at once."""
    return EXPORTERS[recipient.exporter].is_whole, str(terms(recipient, site))


def _expect_as_left(run: Run, outcome: Outcome) -> None:
    """What left stands: the nights after go on from what this one says, so it cannot say another thing any more."""
    box, night = Outbox(run.register), run.as_of.isoformat()
    left = {fate.recipient for fate in box.fates(run=night) if fate.was_on_its_way or fate.was_delivered}
    entered = [s.outgoing for s in box.of_night(night) if s.state != SUPERSEDED and s.outgoing.kind != WITHDRAWAL]
    was = {(one.recipient, one.file, one.content_sha256) for one in entered}
    now = {(row["recipient"], row["file"], row["sha256"]) for row in outcome.outgoing}
    changed = sorted({recipient for recipient, *_ in was ^ now} & left)
    if changed:
        raise sealed.SealBroken(
            f"Files of {night} left already for {', '.join(changed)}, and would come out different now. They stand as "
            "they left: what has changed since goes with the next night."
        )


def _to_tell(run: Run, tables: Tables) -> list[Row]:
    """The routes to those who have to hear of a child, have no contract, and were not informed yet."""
    open_tasks = {row["action_id"] for row in run.rows("reconcile", "action") if row["done_on"] is None}
    return [route for route in tables.route if task_of(route) in open_tasks]


def usable(run: Run) -> dict[str, Recipient]:
    """The recipients whose contracts can be carried out."""
    return {name: one for name, one in run.contracts().items() if not shortfalls(one)}


def unusable(run: Run) -> dict[str, str]:
    """Why nothing is made for a recipient, or for those of a file: its contract cannot be read or was not kept."""
    lacking = {name: shortfalls(one) for name, one in run.contracts().items()}
    wrong = {
        name: f"Contract {name} cannot be carried out: {'; '.join(them)}." for name, them in lacking.items() if them
    }
    unmade = run.rows("export", "unmade") if run.folder.is_sealed("export") else []
    return wrong | {row["recipient"]: _not_kept(row) for row in unmade} | run.broken_contracts()


def _not_kept(unmade: Row) -> str:
    return (
        f"{unmade['file']} is not what its contract agrees: {unmade['reason']}. Correct the contract or the exporter: "
        "what is missed now comes with the next night. What cannot wait, tell them yourself."
    )


def _asked_for_all(run: Run, held: Earlier) -> frozenset[str]:
    """Recipients who asked for everything since the last night that reached them."""
    asked = full_requests.requested(run.register, held.night, run.as_of)
    missed = (name for name, day in held.since.items() if name in full_requests.requested(run.register, day, run.as_of))
    return asked.union(missed)


def _has_left(run: Run) -> bool:
    """True once the night was delivered or a later one goes on from it: its files are corrected, never changed."""
    later = any(night > run.as_of and run.home.run(night).is_sealed("export") for night in run.home.nights())
    return later or run.folder.is_sealed("deliver")


def tables_of(run: Run, last: date | None) -> Tables:
    """What the night knows of those whom a file may name; `last` is the last night that reached every recipient."""
    children = run.rows("reconcile", "child")
    decisions = run.rows("normalise", "decision")
    people = run.read("link", "person")
    shared = {row["mention_key"] for row in decisions if row["action"] in DECIDED_BY}
    suspects = {row["person_id"] for row in rows_where(people, "mention_key", shared)}
    of_suspects = rows_where(people, "person_id", suspects)
    wanted = {row["mention_key"] for row in of_suspects}.union(*(row["mention_keys"] for row in children))
    rows: dict[str, Any] = {name: run.rows("reconcile", name) for name in RECONCILED}
    rows |= {name: run.rows("normalise", name) for name in NORMALISED}
    mentions = rows_where(run.read("normalise", "mention").select(MENTION), "mention_key", wanted)
    return Tables(
        as_of=run.as_of,
        site=run.site,
        mention=mentions,
        report=rows_where(run.read("normalise", "report"), "report_ref", {row["record_ref"] for row in mentions}),
        person=of_suspects,
        person_event=_events(run, last),
        child=children,
        decision=decisions,
        person_id=run.rows("link", "person_id"),
        **rows,
    )


def _events(run: Run, last: date | None) -> list[Row]:
    """Merges and splits of every night since one: a night that failed had no export, or did not reach a recipient."""
    folders = [night for night in run.folders_after(last or date.min) if night.is_sealed("link")]
    return [row for folder in folders for row in plain_rows(sealed.read(folder, "link", "person_event"))]


def _with_those_before(run: Run, notices: pa.Table) -> pa.Table:
    """Every notice up to tonight's, for whoever has to acknowledge it."""
    before = run.before("export", "notice")
    return notices if before is None else pa.concat_tables([before, notices], promote_options="default")


def _not_as_agreed(folder: Path, recipients: dict[str, Recipient], files: list[Row]) -> list[Row]:
    """Rows of `unmade` for the files, rows of `outgoing`, that are not what their contract says."""
    by_size = sorted(files, key=lambda outgoing: outgoing["bytes"])
    large_outside = [*by_size[::-2], *by_size[len(by_size) % 2 :: 2]]
    tasks = [partial(_read_back, folder, recipients[outgoing["recipient"]], outgoing) for outgoing in large_outside]
    found = results_of(tasks, is_much=sum(outgoing["bytes"] for outgoing in files) > LARGE)
    return [row for rows in found for row in rows]


def _read_back(folder: Path, recipient: Recipient, outgoing: Row) -> list[Row]:
    name, file = recipient.name, outgoing["file"]
    wrong = problems(recipient, (folder / name / file).read_bytes(), outgoing)
    return [{"recipient": name, "file": file, "reason": "; ".join(wrong[:5])}] if wrong else []


def _counts(outcome: Outcome) -> Counts:
    return {
        "files": len(outcome.outgoing),
        "recipients": len({row["recipient"] for row in outcome.outgoing}),
        "disclosed": sum(row["operation"] in DISCLOSING for row in outcome.disclosure),
        "notices": len(outcome.notice),
        "held_back": len(outcome.held_back),
        "unheard": len(outcome.unheard),
    }
