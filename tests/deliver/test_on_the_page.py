"""What a sergeant reads in the morning about the deliveries of several nights, to real stand-in partners."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from connectors.delivery import outbox
from connectors.store import sealed
from connectors.store.paths import Home
from night.deliver import DeliveryFailed, deliver
from night.recall import withdraw
from night.report import SHOWN, report
from night.run import Run
from tests.deliver.faults import FaultyDrop, FaultyProtocol, Plan
from tests.deliver.nights import Partners, exported, recipient
from tests.report import a_night

NIGHTS = [a_night.AS_OF - timedelta(days=back) for back in (3, 2, 1, 0)]
PARTNERS = {
    "mash": recipient("mash", encryption="plain"),
    "panel": recipient("panel", encryption="plain"),
    "school": recipient("school", encryption="plain"),
}


class Mixed(FaultyDrop):
    """Partners of whom one acknowledges nothing, and another fails in the last night."""

    plan = Plan("permission is lost", where="school_20221123")

    def acknowledge(self, arrived: Path) -> None:
        if self.account.folder.name != "panel":
            super().acknowledge(arrived)


class Protocol(FaultyProtocol):
    plan = Mixed.plan


class Texts(HTMLParser):
    """What a page says, section by section."""

    def __init__(self) -> None:
        super().__init__()
        self.sections: dict[str, str] = {}
        self._now = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "section":
            self._now = given.get("id") or given.get("aria-labelledby") or ""

    def handle_data(self, data: str) -> None:
        self.sections[self._now] = self.sections.get(self._now, "") + data


def files(night: date) -> dict[str, Mapping[str, bytes]]:
    return {name: {f"{name}_{night:%Y%m%d}.csv": b"record", "manifest.json": b"{}"} for name in PARTNERS}


def shown(run: Run) -> None:
    """The rest of a published night, for the page; what was made from it stays, though it is sealed only now."""
    made = [run.folder.stage(name) for name in ("export", "deliver") if run.folder.is_sealed(name)]
    for folder in made:
        folder.rename(folder.with_name(f".{folder.name}"))
    tables = a_night.tables()
    for stage in ("normalise", "link", "reconcile", "validate"):
        writer = sealed.StageWriter(run.folder, stage).start()
        for name in SHOWN[stage]:
            writer.table(name, tables[name])
        writer.seal({}, replaceable=True)
    for folder in made:
        folder.with_name(f".{folder.name}").rename(folder)


@pytest.fixture(scope="module")
def said(keys: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The last night's page after four nights, by section, without line breaks."""
    home = Home(tmp_path_factory.mktemp("nights"))
    failure = ""
    with pytest.MonkeyPatch.context() as patch, Partners(home, PARTNERS, Mixed, Protocol):
        for night in NIGHTS:
            moment = datetime.combine(night, time(0, 15), UTC)
            patch.setattr(outbox, "now", lambda at=moment: at.isoformat(timespec="milliseconds"))
            run = exported(home, files(night), night)
            try:
                deliver(run)
            except DeliveryFailed as problem:
                failure = str(problem)
        withdraw(Run(NIGHTS[0], home, run.endpoint), "mash", f"mash_{NIGHTS[0]:%Y%m%d}.csv", "the wrong child", "x")
        wrong = {"file": "never_sent.csv", "sha256": "0" * 64, "status": "accepted"}
        (home.drops / "panel" / "receipts" / "r.json").write_text(json.dumps(wrong))
        with pytest.raises(DeliveryFailed):
            deliver(run)
    shown(run)
    report(run, failure)
    page = (run.folder.stage("report") / "report.html").read_bytes()
    texts = Texts()
    texts.feed(page.decode())
    return {name: re.sub(r"\s+", " ", text) for name, text in texts.sections.items()}


def test_a_partner_that_could_not_be_reached_is_named_with_what_waits(said: dict[str, str]) -> None:
    assert "Partners not reached1Partner school" in said["today"]
    assert "Partner school: 2 files, waiting since the night of 23 Nov 2022" in said["not-reached"]
    assert "school_20221123 csv, 1 record, failed" in said["sent"]


def test_every_file_that_a_partner_should_have_acknowledged_is_named_with_its_day(said: dict[str, str]) -> None:
    assert "Acknowledgements overdue4Partner panel" in said["today"]
    late = [f"Partner panel: {file}, sent {day} Nov 2022, 00:15" for day in (20, 21) for file in of_panel(day)]
    assert all(line in said["overdue"] for line in late)
    assert "22 Nov" not in said["overdue"], "it has a day to acknowledge"
    assert "mash" not in said["overdue"]


def of_panel(day: int) -> tuple[str, str]:
    return f"202211{day}_manifest.json", f"panel_202211{day}.csv"


def test_an_acknowledgement_of_something_never_sent_is_named(said: dict[str, str]) -> None:
    assert "Acknowledgements that are wrong1Partner panel" in said["today"]
    assert "Partner panel: never_sent.csv, 23 Nov 2022, 00:15. The receipt names a file that was" in said["receipts"]


def test_a_withdrawn_file_is_called_so_and_the_notice_says_which_it_is_about(said: dict[str, str]) -> None:
    assert "mash_20221120 csv, 1 record, withdrawn (sent 20 Nov 2022, 00:15)" in said["sent"]
    assert re.search(
        r"20221120_withdrawal_\w+ json, acknowledged \(sent 23 Nov 2022, 00:15\), asks to delete mash_20221120.csv",
        said["sent"],
    )


def test_the_children_of_each_file_stand_beside_it(said: dict[str, str]) -> None:
    assert said["sent"].count("new: Name not known P1") == len(NIGHTS) * len(PARTNERS)
