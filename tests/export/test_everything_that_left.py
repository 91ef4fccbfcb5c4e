"""Every file of every night of a replay is read back: nobody got what they may not know, and all hold what they may."""

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from getpass import getuser
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment

from bench.readers import CORRECTION, USUAL, readings
from clvt.command import main
from clvt.views import audit
from connectors.store.paths import Home
from expectations import recipients as contracts
from expectations.recipients import Recipient
from night.export import tables_of
from night.run import Run
from tests.export.a_replay import CONDITIONS, FIRST, LAST, asked, replayed, what_left
from tests.export.reader import Given, Reader, fields_named, files_of, said, told
from tests.export.simulated import Simulated
from transforms.export.drops import EXPORTERS, Outcome
from transforms.export.entitled import entitlement, tie
from transforms.export.records import record_ref
from transforms.export.shareable import Shareables


@dataclass
class Night:
    run: Run
    left: Outcome
    reader: Reader

    def held(self, recipient: str) -> dict[str, dict[str, Any]]:
        """What the ledger says that a recipient holds after this night."""
        mine = (row for row in self.left.holding if row["recipient"] == recipient)
        return {row["record_ref"]: json.loads(row["content"]) for row in mine}

    def in_use(self, recipient: str) -> dict[str, dict[str, Any]]:
        """The records among them that have not ended."""
        ended = {row["record_ref"] for row in self.left.holding if row["recipient"] == recipient and row["ending"]}
        return {ref: content for ref, content in self.held(recipient).items() if ref not in ended}


@dataclass
class World:
    force: Path
    nights: list[Night]
    recipients: dict[str, Recipient]

    def night(self, on: str) -> Night:
        return next(night for night in self.nights if night.run.as_of == date.fromisoformat(on))

    def file(self, on: str, recipient: str, part: str) -> tuple[str, bytes]:
        """A file of a night that tells of somebody, by a piece of its name."""
        return next(
            (name, content)
            for who, name, content in files_of(self.night(on).left)
            if who == recipient and part in name and told(name.rsplit(".", 1)[-1], content)
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    force, home = replayed(tmp_path_factory.mktemp("left"))
    given = Given(force)
    runs = [Run(night, Home(home.root)) for night in home.nights()]
    nights = [Night(run, what_left(run), Reader(given, run)) for run in runs]
    return World(force, nights, contracts.load(home.recipients))


def test_no_file_of_any_night_says_what_its_recipient_may_not_know(world: World) -> None:
    found = [
        f"{name}: {leak}"
        for night in world.nights
        for who, name, content in files_of(night.left)
        for leak in night.reader.leaks(world.recipients[who], name, content)
    ]
    assert found == []


def test_what_recipients_hold_after_every_file_in_order_is_what_the_ledger_says(world: World) -> None:
    everyone = [Simulated(recipient) for recipient in world.recipients.values()]
    for night in world.nights:
        for one in everyone:
            one.take(night.left)
            held = night.held(one.recipient.name)
            assert one.held == {ref: one.should_hold(content) for ref, content in held.items()}, night.run.as_of


def test_every_fact_that_recipients_hold_rests_on_what_may_be_told_and_no_closed_record_is_held(world: World) -> None:
    found = [
        f"{recipient.name} on {night.run.as_of}: {wrong}"
        for night in world.nights
        for recipient in world.recipients.values()
        for ref, content in night.in_use(recipient.name).items()
        for wrong in _wrong(night, recipient, ref, content)
    ]
    assert found == []


def _wrong(night: Night, recipient: Recipient, ref: str, content: dict[str, Any]) -> list[str]:
    until_the_next = recipient.content == "full" and night.reader.closed.get(ref) == "ADULT"
    if ref in night.reader.closed and not until_the_next:
        return [f"a record is held that is closed: {night.reader.closed[ref]}"]
    is_merged_since = recipient.content == "full" and ref not in night.reader.people
    if not ref.startswith("CL-") or is_merged_since:
        return []
    return night.reader.unfounded(recipient, ref, content)


@pytest.mark.parametrize("on", [FIRST, LAST])
def test_a_drop_that_is_due_makes_the_ledger_the_whole_entitlement(world: World, on: date) -> None:
    night = world.night(on.isoformat())
    before = next((one for one in world.nights if one.run.as_of == date.fromordinal(on.toordinal() - 1)), None)
    tables = tables_of(night.run, before.run.as_of if before else None)
    shareables = Shareables(tables)
    for name, recipient in world.recipients.items():
        held = before.held(name) if before else {}
        due = entitlement(tables, shareables, recipient, held)
        tie(recipient, due)
        if recipient.schedule.is_due(on, before.run.as_of if before else None, tables.site.meeting):
            entitled = {ref: json.loads(record.text) for ref, record in due.records.items()}
            assert _sent_for(recipient, night.in_use(name)) == _sent_for(recipient, entitled)


def _sent_for(recipient: Recipient, records: dict[str, Any]) -> dict[str, Any]:
    """Of a record what it is sent again for: of a pack the form, of all else everything."""
    form = EXPORTERS[recipient.exporter]
    names = set(form.needs_fields) if not form.is_whole else None
    return {ref: {k: v for k, v in one.items() if names is None or k in names} for ref, one in records.items()}


def test_people_are_asked_to_read_once_a_week_but_for_what_is_urgent(world: World) -> None:
    found = readings([night.run for night in world.nights])
    assert [name for name, one in found.items() if one.is_too_much] == []
    assert sum((one.total for one in found.values()), Counter()).keys() >= {USUAL, CORRECTION, "somebody new"}


def test_the_weeks_hold_all_that_makes_it_hard(world: World) -> None:
    notices = Counter(row["kind"] for row in world.nights[-1].left.notice)
    assert {"CORRECTED", "WITHDRAWN", "UNDER_REVIEW", "AGED_OUT", "MERGED", "MERGE_ERROR"} <= set(notices)
    ended = {row["ending"] for night in world.nights for row in night.left.holding if row["ending"]}
    assert {"UNDER_REVIEW", "AGED_OUT", "REMOVED"} <= ended
    held_back = {row["reason_code"] for night in world.nights for row in night.left.held_back}
    assert {"CONDITIONS_NOT_ACCEPTED", "ORIGINATOR_APPROVAL", "RESTRICTED", "DISPUTED", "SUSPECT"} <= held_back
    behind = [world.nights[-1].reader.reports.get(ref) or {} for ref in _refs_of_children(world.nights[-1])]
    assert {"A1", "A2", "A3"} <= {report.get("action_code") for report in behind}
    assert {"S1", "S2"} <= {report.get("sanitisation_code") for report in behind}
    told_to = {row["recipient"] for night in world.nights for row in night.left.disclosure}
    assert told_to >= {name for name in world.recipients if not name.startswith("neighbourhood_")}
    assert any(name.startswith("neighbourhood_") for name in told_to)
    kinds = {name.rsplit(".", 1)[-1] for night in world.nights for _, name, _ in files_of(night.left)}
    assert kinds == {"csv", "xlsx", "xml", "json", "html"}
    assert any(row["record_ref"].startswith("SU-") for night in world.nights for row in night.left.disclosure)


def _refs_of_children(night: Night) -> set[str]:
    keys = {key for child in night.reader.people.values() for key in child["mention_keys"]}
    return {night.reader.mentions[key]["record_ref"] for key in keys}


# ---- the reader can find each kind of leak


def in_json(content: bytes, value: str) -> bytes:
    read = json.loads(content)
    read["records"][0]["accuracy"]["accuracy"]["known_as"]["surname"] = value
    return json.dumps(read).encode()


def in_csv(content: bytes, value: str) -> bytes:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    rows[1][3] = value
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode("utf-8-sig")


def in_xlsx(content: bytes, value: str) -> bytes:
    """In a comment on a sheet that nobody looks at."""
    book = load_workbook(io.BytesIO(content))
    book.worksheets[-1].cell(1, 1).comment = Comment(value, "force")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def in_xml(content: bytes, value: str) -> bytes:
    return content.replace(b'type="INTELLIGENCE"', f'type="INTELLIGENCE" place="{value}"'.encode(), 1)


def in_html(content: bytes, value: str) -> bytes:
    return content.replace(b"<section>", f'<section title="{value}">'.encode(), 1)


FILES = {
    in_json: ("2022-02-28", "mash_county", "concern.json"),
    in_html: ("2022-02-28", "mash_county", "concern.html"),
    in_csv: ("2022-03-02", "share_barnardos", "tracker.csv"),
    in_xlsx: ("2022-03-10", "syvp", "names.xlsx"),
    in_xml: ("2022-02-28", "pnd", "full.xml"),
}


@pytest.mark.parametrize("plant", FILES)
@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("text", "text"),
        ("location", "location"),
        ("line_name", "lines"),
        ("deal_number", "lines"),
        ("school", "school"),
    ],
)
def test_a_piece_of_the_source_in_any_corner_of_any_form_is_found(
    world: World, plant: Any, column: str, kind: str
) -> None:
    on, who, part = FILES[plant]
    may = {("pnd", "lines"), ("mash_county", "school"), ("syvp", "school")}
    name, content = world.file(on, who, part)
    reader, recipient = world.night(on).reader, world.recipients[who]
    changed = plant(content, _of_the_source(world, reader, column, kind))
    assert changed != content
    found = [] if (who, kind) in may else [f"it says something of the kind {kind}"]
    assert reader.leaks(recipient, name, changed) == found


def _of_the_source(world: World, reader: Reader, column: str, kind: str) -> str:
    """A value of a source column; of a text, five words from its middle."""
    table = {"text": "intelligence_report", "location": "intelligence_report", "school": "report_subject"}
    found = asked(world.force, f"SELECT DISTINCT {column} AS said FROM {table.get(column, 'county_line')}")
    said_there = [
        str(row["said"]) for row in found if row["said"] and "<" not in row["said"] and '"' not in row["said"]
    ]
    value = next(one for one in sorted(said_there, reverse=True) if kind in reader.given.kinds_in(one))
    return " ".join(value.split()[1:6]) if column == "text" else value


def test_a_closed_record_that_is_told_is_found(world: World) -> None:
    night = world.night("2022-03-10")
    name, content = world.file("2022-02-28", "mash_county", "concern.json")
    read = json.loads(content)
    reasons = {}
    for ref, why in night.reader.closed.items():
        read["records"] = [read["records"][0] | {"record_ref": ref}]
        today = name.replace("20220228", "20220310")
        found = night.reader.leaks(world.recipients["mash_county"], today, json.dumps(read).encode())
        reasons[why] = found
    assert reasons == {
        why: [f"it tells of a closed record: {why}"] for why in ("RESTRICT", "DISPUTE", "SUSPECT", "ADULT")
    }


@pytest.mark.parametrize(
    ("plant", "change", "found"),
    [
        (in_json, (b'"postcode"', b'"pnc_id"'), "it has a place for pnc_id"),
        (in_html, (b">Postcode<", b">PNC ID<"), "it has a place for pnc_id"),
        (in_csv, (b'"Gender"', b'"Address"'), "it has a place for address"),
    ],
)
def test_a_place_for_a_field_that_the_contract_does_not_give_is_found(
    world: World, plant: Any, change: tuple[bytes, bytes], found: str
) -> None:
    on, who, part = FILES[plant]
    name, content = world.file(on, who, part)
    changed = content.replace(*change)
    assert changed != content
    assert world.night(on).reader.leaks(world.recipients[who], name, changed) == [found]


def test_a_date_of_birth_that_was_to_be_a_month_is_found(world: World) -> None:
    name, content = world.file("2022-03-02", "share_barnardos", "tracker.csv")
    reader = world.night("2022-03-02").reader
    born = next(row["date_of_birth"].isoformat() for row in reader.people.values() if row["date_of_birth"])
    leak = "it says something of the kind date_of_birth"
    assert reader.leaks(world.recipients["share_barnardos"], name, in_csv(content, born)) == [leak]


@pytest.mark.parametrize("part", ["ashby", "jay_line"])
def test_a_file_name_with_anything_of_its_own_to_say_is_found(world: World, part: str) -> None:
    name = f"31_mash_city_20220228_000001_{part}.json"
    reader, content = world.night("2022-02-28").reader, b'{"schema": "drop", "records": []}'
    assert reader.leaks(world.recipients["mash_city"], name, content) == ["the file's name says more than it may"]


def test_a_value_that_only_a_record_under_conditions_gives_is_found(world: World) -> None:
    """For the hub that accepts the conditions the value is well founded; for the other one it would be a leak."""
    night = world.nights[-1]
    accepting, other = world.recipients["mash_city"], world.recipients["mash_county"]
    assert CONDITIONS in accepting.release.conditions
    only_there = [
        (ref, name, value)
        for ref, content in night.held("mash_city").items()
        for name, value in content.items()
        if night.reader.unfounded(other, ref, {name: value})
    ]
    assert only_there
    for ref, name, value in only_there:
        assert night.reader.unfounded(accepting, ref, {name: value}) == []


def test_a_record_that_a_recipient_lost_or_kept_is_a_difference(world: World) -> None:
    one = Simulated(world.recipients["mash_county"])
    for night in world.nights:
        one.take(night.left)
    ref = min(one.held)
    ledger = {key: one.should_hold(value) for key, value in world.nights[-1].held("mash_county").items()}
    assert one.held == ledger
    assert {key: value for key, value in one.held.items() if key != ref} != ledger
    assert one.held | {record_ref("31", "nobody"): one.held[ref]} != ledger


def test_the_reader_opens_every_corner_of_every_form(world: World) -> None:
    for plant, (on, who, part) in FILES.items():
        name, content = world.file(on, who, part)
        form = name.rsplit(".", 1)[-1]
        assert "a word put in" in set(said(form, plant(content, "a word put in")))
        assert fields_named(form, content) or form == "xml"


def test_a_request_for_access_is_answered_by_a_draft_and_leaves_its_trace(world: World, tmp_path: Path) -> None:
    run = world.nights[-1].run
    child = next(row for row in run.rows("reconcile", "child") if row["tracker_id"] and row["surname"])
    out = tmp_path / "draft.html"
    asked_for = ["access", "--home", str(run.home.root), "--out", str(out), "--by", "dpo.1"]
    assert main([*asked_for, child["tracker_id"]]) == 0
    assert child["surname"] in out.read_text(encoding="utf-8")
    assert out.stat().st_mode & 0o077 == 0
    last = audit(run, child["person_id"])[-1]
    assert (last["operation"], last["actor"], last["person_id"]) == (
        "CONSULTATION",
        f"dpo.1 (typed by {getuser()})",
        child["person_id"],
    )
    assert main([*asked_for, "P-NOBODY"]) == 2
