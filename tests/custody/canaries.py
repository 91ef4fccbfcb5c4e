"""Values that nobody bears, in every field of everything that a force and its partners give: each can be found again.

A word begins with BEGIN and ends with letters of its own. What has a form (a date of birth, a postcode, a telephone) is
one value that no invented child bears, in every spelling that a program may print.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from itertools import count, product
from pathlib import Path
from string import ascii_lowercase

import sqlalchemy as sa

from expectations.feeds import FEEDS, INBOX, PERSON, Feed
from night.pull import DECISION, source_columns
from tests.custody.searching import texts
from tests.pull.force import LINE, REPORT, SUBJECT, fill

BEGIN = "Qzvxk"
VALID = {
    "address": f"11 {BEGIN} Street",
    "age_stated": "13",
    "date_of_birth": "2008-02-29",
    "postcode": "ZE3 9QX",
    "telephone": "07700 900417",
    "pnc_id": "2019/0417417Q",
}
SPELLINGS = ("2008-02-29", "20080229", "29/02/2008", "29 February 2008", "ZE3 9QX", "ZE39QX", "7700900417", "0417417")
MARKS = (BEGIN, *SPELLINGS)
CODES = {"dob_status": "VERIFIED", "gender": "Male"}
READABLE = {
    "moment": "2022-03-01T10:00:00+00:00",
    "day": "2022-03-01",
    "british_day": "01/03/2022",
    "opening_status": "Open to the team",
    "panel": "CCEP",
    "pounds": "10",
    "grade": "2BP",
}


class Canaries:
    """Words, each given out once."""

    def __init__(self) -> None:
        self._endings = map("".join, product(ascii_lowercase, repeat=3))

    def word(self) -> str:
        """A word that was not there before."""
        return f"{BEGIN}{next(self._endings)}"

    def person(self, columns: Mapping[str, object] | list[str]) -> dict[str, str]:
        """Somebody who can be read, of whom everything that may be said is said."""
        return {name: VALID.get(name) or CODES.get(name) or self.word() for name in columns}


def planted(folder: Path, night: str) -> set[str]:
    """Plant canaries in each field of everything that a force gives, beside what lies in the folder; the words.

    `night` is the day before the night that has to take it in, as YYYYMMDD.
    """
    canaries = Canaries()
    (folder / "inbox").mkdir(exist_ok=True, parents=True)
    _intelligence(folder / "intelligence.sqlite", canaries)
    for feed in INBOX.values():
        _csv(folder / "inbox" / f"{feed.name}_{night}.csv", _rows(feed, canaries))
    _opening(folder / "opening_tracker.csv", canaries)
    _decisions(folder / "decisions.csv", canaries)
    for name, content in damaged(canaries):
        (folder / "inbox" / name).write_bytes(content)
    return words_in(folder)


def words_in(folder: Path) -> set[str]:
    """The words that stand in the files of a folder, or in their names."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    everything = (text for path in files for text in (path.name, *texts(path.name, path.read_bytes())))
    return {word.casefold() for text in everything for word in re.findall(f"{BEGIN}[a-z]{{3}}", text, re.IGNORECASE)}


def _intelligence(path: Path, canaries: Canaries) -> None:
    """A report of a child of whom everything is known, and for each column one more that holds a word there."""
    columns, numbers = source_columns(), count(417_001)
    reports, subjects = [], []

    def add(report: Mapping[str, str], subject: Mapping[str, str]) -> None:
        ref = {"report_ref": f"31/2022/{next(numbers)}"}
        words = {name: canaries.word() for name in ("title", "text", "location")}
        person = {"given_names": canaries.word(), "surname": canaries.word(), "date_of_birth": VALID["date_of_birth"]}
        reports.append({**REPORT, **ref, **words, **report})
        subjects.append({**SUBJECT, **ref, **person, **subject})

    keys = ("report_ref", "version", "subject_no")
    about = [name for name in columns["report_subject"] if name not in (*keys, "role", "involvement")]
    add({}, canaries.person(about))
    for name in columns["intelligence_report"]:
        if name not in keys:
            add({name: canaries.word()}, {})
    for name in columns["report_subject"]:
        if name not in keys:
            add({}, {name: canaries.word()})
    ref = canaries.word()
    reports.append({**REPORT, "report_ref": ref})
    subjects.append({**SUBJECT, "report_ref": ref})
    lines = [{**LINE, "line_ref": f"CL-31-4{n:02}", name: canaries.word()} for n, name in enumerate(LINE)]
    engine = sa.create_engine(f"sqlite:///{path}")
    fill(engine, intelligence_report=reports, report_subject=subjects, county_line=lines)
    engine.dispose()


def _rows(feed: Feed, canaries: Canaries) -> Iterator[dict[str, str]]:
    """A record of a feed of which everything can be read, and for each column one more that holds a word there."""
    readable = {one.name: READABLE.get(one.read, "") for one in feed.columns}
    readable |= {one.name: one.values[0] for one in feed.columns if one.values}
    readable |= {name: READABLE["opening_status"] for name in ["status"] if feed.connection}
    people = [one.name for one in feed.columns if one.read == PERSON]
    for number, name in enumerate(["", *(one.name for one in feed.columns)]):
        written = {one.name: canaries.word() for one in feed.columns if not name and not readable[one.name]}
        row = readable | written | canaries.person(people) | {feed.key: f"{feed.name[:3].upper()}-417{number:03}"}
        yield row | ({name: canaries.word()} if name else {})


def _opening(path: Path, canaries: Canaries) -> None:
    """The spreadsheet kept so far, after what was in it."""
    rows = list(_rows(FEEDS["opening"], canaries))
    before = list(csv.DictReader(path.open(newline="", encoding="utf-8"))) if path.is_file() else []
    _csv(path, [*before, *rows])


def _decisions(path: Path, canaries: Canaries) -> None:
    before = list(csv.DictReader(path.open(newline="", encoding="utf-8"))) if path.is_file() else []
    base = {"decided_at": READABLE["moment"], "action": "RATIFY", "mention_key": "intel:31/2022/417001#1"}
    made = [
        {**base, "decision_id": f"D-417{number:03}", "decided_by": canaries.word(), "reason": canaries.word(), **given}
        for number, given in enumerate([{}, *({name: canaries.word()} for name in DECISION.columns)])
    ]
    _csv(path, [*before, *made])


def _csv(path: Path, rows: Iterator[dict[str, str]] | list[dict[str, str]]) -> None:
    rows = list(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[-1]), restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def damaged(canaries: Canaries) -> Iterator[tuple[str, bytes]]:
    """Files that cannot be read, of each form, and names of files that were not agreed."""
    word = canaries.word
    yield f"missing_episodes_20220228_{word()}.csv", b"x"
    yield f"{word()} of 12 High Street.csv", b"x"
    yield "missing_episodes_20220220.csv", f'{word()},{word()}\n"{word()}'.encode()
    yield "missing_episodes_20220221.csv", f"episode_ref,surname\n1,{word()}\xff\n".encode("latin-1")
    yield "sca_referrals_20220220.json", f'{{"schema": "sca_referrals/1", "records": [{{"surname": "{word()}'.encode()
    yield "sca_referrals_20220221.json", json.dumps({"schema": word(), "records": [{word(): word()}]}).encode()
    yield (
        "sca_referrals_20220222.json",
        json.dumps({"schema": "sca_referrals/1", "records": [[word()], word()]}).encode(),
    )
    yield "btp_reports_20220220.csv.gpg", f"-----BEGIN PGP MESSAGE-----\n\n{word()}\n-----END PGP MESSAGE-----".encode()
    yield "btp_reports_20220221.csv", f"report_ref,{word()}\nBTP-417900,{word()}\n".encode()
    yield "panel_outcomes_20220220.xlsx", _workbook(f"<worksheet>{word()}")


def _workbook(sheet: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("xl/worksheets/sheet1.xml", sheet)
    return made.getvalue()
