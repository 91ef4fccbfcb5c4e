"""land, pull: whatever the bytes are, a reader refuses or reads; none of them ends with another exception.

Real files of each kind are changed byte by byte, and values of every kind are made up. The number of inputs is set by
CLVT_FUZZ: `make fuzz` tries many, the suite a fixed sample.
"""

import io
import json
import os
import random
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.delivery.openpgp import Keyring
from connectors.endpoints import Endpoint
from connectors.sources import feeds, inbox, intelligence, workbooks
from connectors.sources.database import SourceError
from connectors.sources.inbox import InboxFile
from connectors.sources.intelligence import Earlier
from connectors.sources.values import NotText, text_of
from connectors.sources.worklist import WorklistError, read_answers
from expectations.feeds import FEEDS
from night.land import form_of
from night.pull import REASONS, source_columns
from tests.land.test_files import GOOD, HEADER, REFERRAL, TRACKER, saved, workbook
from tests.pull.force import REPORT, SUBJECT, fill
from tests.pull.test_pull import WANTED

INPUTS = int(os.environ.get("CLVT_FUZZ", "400"))  # of each kind of file; encrypted ones cost more, and are fewer


def changed(content: bytes, chance: random.Random) -> bytes:
    """The content with some bytes changed, put in, left out, doubled, or cut off."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at, length = chance.randrange(len(data) + 1), chance.choice((1, 1, 2, 8, 64))
        change = chance.randrange(5)
        if change == 0:
            data[at : at + length] = chance.randbytes(length)
        elif change == 1:
            data[at:at] = chance.randbytes(length)
        elif change == 2:
            del data[at : at + length]
        elif change == 3:
            data[at:at] = data[at : at + length] * chance.randint(1, 20)
        else:
            del data[max(1, at) :]
    return bytes(data)


def mutations(content: bytes, number: int) -> Iterator[bytes]:
    chance = random.Random(20221122)
    yield content
    for _ in range(number):
        yield changed(content, chance)


CSV = (HEADER + GOOD + GOOD.replace("00042", "00043") + '"MFH-00044","Zoë ""Z""","O’Hara",2008,\n').encode()
JSON = json.dumps({"schema": "sca_referrals/1", "records": [REFERRAL, {**REFERRAL, "alias": "Möwe 🐦"}]}).encode()
XLSX = saved(workbook([["Cover"]], TRACKER))


@pytest.mark.parametrize(
    ("feed", "name", "content"),
    [
        ("missing_episodes", "missing_episodes_20220301.csv", CSV),
        ("sca_referrals", "sca_referrals_20220301.json", JSON),
        ("opening", "opening_tracker.xlsx", XLSX),
    ],
)
def test_a_file_of_any_bytes_is_read_or_refused(feed: str, name: str, content: bytes) -> None:
    form = form_of(FEEDS[feed])
    for bytes_of_it in mutations(content, INPUTS):
        found = feeds.read(name, bytes_of_it, form)
        assert {one.code for one in found.refused} <= REASONS.keys()
        for row in found.rows:
            assert row.keys() == set(form.columns)
            assert all(value is None or isinstance(value, list | str) for value in row.values())


def with_changed_parts(content: bytes, number: int) -> Iterator[bytes]:
    """Workbooks of which one part is changed before it is packed, so that no checksum stops the reader at the door."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    chance = random.Random(20221123)
    for _ in range(number):
        name = chance.choice([one for one in parts if one.endswith((".xml", ".rels"))])
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as packed:
            for part, kept in parts.items():
                packed.writestr(part, changed(kept, chance) if part == name else kept)
        yield made.getvalue()


def test_a_workbook_whose_parts_hold_any_bytes_is_read_or_refused() -> None:
    for content in with_changed_parts(XLSX, INPUTS):
        found = feeds.read("opening_tracker.xlsx", content, form_of(FEEDS["opening"]))
        assert {one.code for one in found.refused} <= REASONS.keys()
        assert all(value is None or isinstance(value, str) for row in found.rows for value in row.values())
        outcome(lambda content=content: read_answers(io.BytesIO(content), {}, ""), WorklistError)


@given(st.binary(max_size=400), st.sampled_from(["csv", "json", "xlsx"]))
@settings(max_examples=INPUTS)
def test_bytes_of_no_kind_are_refused_or_read(content: bytes, ending: str) -> None:
    found = feeds.read(f"opening_tracker.{ending}", content, form_of(FEEDS["opening"]))
    assert {one.code for one in found.refused} <= REASONS.keys()


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(["\ud83d", "\x00", "NaN", "=1+1", "\u202e", "1" * 400]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.lists(
        st.dictionaries(st.sampled_from(form_of(FEEDS["sca_referrals"]).columns), ANYTHING, max_size=6), max_size=4
    )
)
@settings(max_examples=INPUTS)
def test_a_json_of_any_values_is_read_or_refused(records: list[dict[str, object]]) -> None:
    found = feeds.read(
        "sca_referrals_20220301.json", json.dumps({"records": records}).encode(), form_of(FEEDS["sca_referrals"])
    )
    for row in found.rows:
        for value in row.values():
            "".join(value or ()).encode()
    assert len(found.rows) <= len(records)


@given(
    ANYTHING
    | st.binary(max_size=20)
    | st.decimals()
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.timedeltas()
    | st.uuids()
    | st.complex_numbers()
)
@settings(max_examples=INPUTS)
def test_any_value_is_a_text_nothing_or_refused_by_name(value: object) -> None:
    text, code = outcome(lambda: text_of(value), NotText)
    assert code in REASONS if code else text is None or text.encode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("31.00"), "31"),
        (Decimal("1E+3"), "1000"),
        (Decimal("7.50"), "7.50"),
        (Decimal("NaN"), None),
        (3.0, "3"),
        (float("inf"), None),
        (date(2022, 3, 1), "2022-03-01"),
        (datetime.fromisoformat("2022-03-01T10:00:00+00:00"), "2022-03-01T10:00:00+00:00"),
        ("Mönch".encode(), "Mönch"),
        (memoryview(b"abc"), "abc"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        ("", None),
        (b"", None),
    ],
)
def test_values_of_drivers_become_the_texts_that_are_agreed(value: object, text: str | None) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (True, "VALUE_NOT_TEXT"),
        ([1], "VALUE_NOT_TEXT"),
        (time(10, 30), "VALUE_NOT_TEXT"),
        (timedelta(days=1), "VALUE_NOT_TEXT"),
        (b"M\xf6nch", "VALUE_NOT_UTF8"),
        ("half \ud83d", "VALUE_NOT_UTF8"),
        ("x" * 1_000_001, "VALUE_TOO_LONG"),
        (Decimal("1E+400000"), "VALUE_TOO_LONG"),
        (1e300, "VALUE_TOO_LONG"),
    ],
)
def test_values_that_are_no_text_are_refused_by_name(value: object, code: str) -> None:
    with pytest.raises(NotText, match=code):
        text_of(value)


def test_a_worklist_of_any_bytes_is_read_or_refused() -> None:
    for content in mutations(XLSX, INPUTS):
        with pytest.raises(WorklistError):
            read_answers(io.BytesIO(content), {}, "")


def test_a_workbook_of_any_bytes_is_one_or_none() -> None:
    for content in mutations(saved(workbook(TRACKER, [[]])), INPUTS):
        outcome(lambda content=content: workbooks.sheet_names(content), workbooks.NotAWorkbook)


def test_an_intelligence_database_of_any_bytes_is_read_or_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "intelligence.sqlite"
    engine = sa.create_engine(f"sqlite:///{path}")
    fill(engine, intelligence_report=[REPORT], report_subject=[SUBJECT])
    engine.dispose()
    endpoint = Endpoint("intelligence_db", "sqlite", host=str(path))
    for content in mutations(path.read_bytes(), INPUTS):
        path.write_bytes(content)
        _, said = outcome(lambda: intelligence.read(endpoint, WANTED, Earlier(), source_columns()), SourceError)
        assert "Canarywharf" not in said


def test_an_intelligence_database_of_any_values_is_read(tmp_path: Path) -> None:
    chance = random.Random(7)
    path = tmp_path / "intelligence.sqlite"
    odd = [
        None,
        "",
        " ",
        b"\xff\xfe",
        b"ok",
        7,
        7.5,
        1e300,
        float("inf"),
        "\x00",
        "x" * 2_000,
        "2022-13-45",
        "é\u202e",
        -1,
    ]
    engine = sa.create_engine(f"sqlite:///{path}")
    fill(engine)
    for number in range(INPUTS):
        report, subject = ({**row, "report_ref": f"31/2022/{number:06}"} for row in (REPORT, SUBJECT))
        for row in (report, subject):
            for name in chance.sample(sorted(row), 2):
                row[name] = chance.choice(odd)
        with sqlite3.connect(path) as connection:
            for table, row in (("intelligence_report", report), ("report_subject", subject)):
                names, marks = ", ".join(row), ", ".join("?" * len(row))
                connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))
    found = intelligence.read(
        Endpoint("intelligence_db", "sqlite", host=str(path)), WANTED, Earlier(), source_columns()
    )
    assert found.reports
    assert {one.code for one in found.refused} <= REASONS.keys()


def test_an_encrypted_file_of_any_bytes_is_taken_or_refused(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "keyring")
    own = keyring.generate("Force")
    folder, into, plain = tmp_path / "inbox", tmp_path / "into", tmp_path / "plain"
    folder.mkdir(), into.mkdir()
    plain.write_bytes(CSV)
    place = folder / "missing_episodes_20220301.csv.gpg"
    keyring.encrypt_all([(plain, place)], own)
    endpoint = Endpoint("partner_inbox", "fs", extra={"path": str(folder)})
    for content in mutations(place.read_bytes(), max(10, INPUTS // 40)):
        place.write_bytes(content)
        os.utime(place, (1, 1))
        taken, refused = inbox.fetch(endpoint, {}, into, date(2022, 3, 2), keyring.folder)
        assert all(isinstance(one, InboxFile) for one in taken)
        assert {code for _, code in refused} <= REASONS.keys()
    keyring.rest()


def outcome(work: Callable[[], Any], error: type[Exception]) -> tuple[Any, str]:
    """What the work gives, or what it says where it refuses as it may; any other exception is a failure."""
    try:
        return work(), ""
    except error as refusal:
        return None, str(refusal)
