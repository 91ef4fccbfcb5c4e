"""pull, land, normalise: one night to which everybody sent something odd; each costs itself, and is told.

The night is run once. Each row of the tables below is one file or one report of it, with what was taken of it and what
was told.
"""

import codecs
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from tests.pull.force import Force, mentions, until_normalised

NIGHT = "2022-06-02"
HEAD = "episode_ref,given_names,surname,date_of_birth,missing_from\n"
ROW = "MFH-{0:05},Sky,Larkspur,2008-04-17,2022-02-01T21:00:00+00:00\n"
HERE = "here"  # the reference of the file's own good row


@dataclass(frozen=True)
class Odd:
    """Something odd that came: what is taken of it, by how many records, and the codes that are told of it."""

    what: str
    content: Any
    taken: int = 0
    told: tuple[str, ...] = ()
    feed: str = "missing_episodes.csv"


def rows(text: str) -> str:
    return HEAD + text


def referral(**more: Any) -> dict[str, Any]:
    return {"referral_ref": HERE, "received_at": "2022-02-01T10:00:00+00:00", "kind": "REFERRAL", **more}


def referrals(*records: Any, **more: Any) -> str:
    return json.dumps({"schema": "sca_referrals/1", "records": list(records), **more})


JSON = "sca_referrals.json"
NOT_AGREED, NO_KEY = "KEY_NOT_AGREED", "FILE_WITHOUT_KEY_COLUMN"

FILES = [
    Odd("a mark of byte order", codecs.BOM_UTF8 + rows(ROW).encode(), 1),
    Odd("UTF-16", rows(ROW).encode("utf-16"), 0, ("FILE_IS_NOT_UTF8",)),
    Odd("UTF-16 without a mark", rows(ROW).encode("utf-16-le"), 0, (NO_KEY,)),
    Odd("Windows-1252", rows(ROW.replace("Sky", "Zoë")).encode("cp1252"), 0, ("FILE_IS_NOT_UTF8",)),
    Odd("old Macintosh lines", rows(ROW).replace("\n", "\r"), 1),
    Odd("no end of the last line", rows(ROW)[:-1], 1),
    Odd("tabs", rows(ROW).replace(",", "\t"), 0, (NO_KEY,)),
    Odd("a line for the spreadsheet", "sep=,\n" + rows(ROW), 0, (NO_KEY,)),
    Odd("a title above", "Missing episodes of May\n\n" + rows(ROW), 0, (NO_KEY,)),
    Odd("headings once more in the middle", rows(ROW + HEAD), 1, (NOT_AGREED,)),
    Odd("headings in capitals", HEAD.upper() + ROW, 1),
    Odd("headings in quotes with spaces", '" Episode Ref ","Given Names","Surname"\nMFH-{0:05},Sky,Larkspur\n', 1,
        ("MISSING_FROM_UNREADABLE",)),
    Odd("a heading of no name", HEAD[:-1] + ",\n" + ROW[:-1] + ",x\n", 1),
    Odd("an unclosed quote", rows(ROW + 'MFH-1,"Sky\n'), 0, ("FILE_IS_NOT_CSV",)),
    Odd("a quote within", rows(ROW.replace("Sky", 'Sky "Moth" Ann')), 1),
    Odd("a line within a value", rows(ROW.replace("Sky", '"Sky\nAnn"')), 1),
    Odd("a row cut short", rows(ROW + "MFH-2,Sky,Lar"), 1, ("ROW_CUT_SHORT",)),
    Odd("a total below", rows(ROW + "Total: 1 episode\n"), 1, ("ROW_CUT_SHORT",)),
    Odd("a comma more", rows(ROW.replace("Larkspur", "Larkspur, once Teasel")), 0, ("ROW_HAS_TOO_MANY_VALUES",)),
    Odd("commas at the end", rows(ROW[:-1] + ",,,\n"), 1),
    Odd("blank rows", rows(ROW + ",,,,\n" * 200), 1),
    Odd("a key of blanks", rows(ROW + ROW.replace("MFH-{0:05}", "  ")), 1, ("ROW_WITHOUT_KEY",)),
    Odd("a key that is a name", rows(ROW + ROW.replace("MFH-{0:05}", "Larkspur Sky 2008")), 1, (NOT_AGREED,)),
    Odd("a key that is a telephone number", rows(ROW + ROW.replace("MFH-{0:05}", "07700900417")), 1, (NOT_AGREED,)),
    Odd("a key between no-break spaces", rows(ROW.replace("MFH-{0:05}", "\u00a0MFH-{0:05}\u200b")), 1),
    Odd("a key with a formula", rows(ROW + ROW.replace("MFH-{0:05}", "=1+1")), 1, (NOT_AGREED,)),
    Odd("the row twice", rows(ROW + ROW), 1),
    Odd("zero bytes behind", rows(ROW).encode() + b"\x00" * 900, 1, ("FILE_HAS_NUL_BYTES",)),
    Odd("zero bytes between", rows(ROW.replace("Sky", "S\x00ky")).encode(), 1, ("FILE_HAS_NUL_BYTES",)),
    Odd("nothing but spaces", "   \n \n", 0, (NO_KEY,)),
    Odd("a page of a proxy", "<!DOCTYPE html>\n<title>Blocked</title>\n", 0, (NO_KEY,)),
    Odd("a workbook under the name of a table", b"PK\x03\x04" + b"\x00" * 200, 0, (NO_KEY,)),
    Odd("a day without a zone", rows(ROW.replace("+00:00", "")), 1, ("MISSING_FROM_UNREADABLE",)),
    Odd("a day in another order", rows(ROW.replace("2022-02-01T21:00:00+00:00", "02/01/2022")), 1,
        ("MISSING_FROM_UNREADABLE",)),
    Odd("a leap day of no year", rows(ROW.replace("2022-02-01", "2022-02-29")), 1, ("MISSING_FROM_UNREADABLE",)),
    Odd("Zulu time", rows(ROW.replace("+00:00", "Z")), 1),
    Odd("seven digits of a second", rows(ROW.replace("21:00:00", "21:00:00.1234567")), 1),
    Odd("another column", HEAD[:-1] + ",shoe_size\n" + ROW[:-1] + ",41\n", 1, ("COLUMN_UNKNOWN",)),
    Odd("a heading that is a name", HEAD[:-1] + ",Larkspur Sky\n" + ROW[:-1] + ",41\n", 1, ("COLUMN_UNKNOWN",)),
    Odd("a next page", referrals(referral(), next_page=2), 1, ("FILE_SAYS_MORE",), JSON),
    Odd("a page that is not the last", referrals(referral(), has_more=True), 1, ("FILE_SAYS_MORE",), JSON),
    Odd("a total", referrals(referral(), total=412), 1, ("FILE_SAYS_MORE",), JSON),
    Odd("another schema", referrals(referral()).replace("sca_referrals/1", "sca_referrals/2"), 0,
        ("FILE_OF_ANOTHER_SCHEMA",), JSON),
    Odd("no envelope", json.dumps([referral()]), 0, ("FILE_IS_NOT_JSON",), JSON),
    Odd("a record a line", json.dumps(referral()) + "\n" + json.dumps(referral()), 0, ("FILE_IS_NOT_JSON",), JSON),
    Odd("cut within", referrals(referral())[:-9], 0, ("FILE_IS_NOT_JSON",), JSON),
    Odd("records by number", json.dumps({"records": {"0": referral()}}), 0, ("FILE_IS_NOT_JSON",), JSON),
    Odd("a record within a record", referrals({"referral": referral()}), 0, (NO_KEY,), JSON),
    Odd("an error as the answer", json.dumps({"records": [], "error": "timeout"}), 0, ("FILE_SAYS_MORE",), JSON),
    Odd("yes or no for a name", referrals(referral(surname=False)), 1, ("VALUE_NOT_TEXT",), JSON),
    Odd("no number for a name", referrals(referral(alias=float("nan"))), 1, (), JSON),
    Odd("half a character", referrals(referral(given_names="Sky \udc00")), 1, ("VALUE_NOT_UTF8",), JSON),
    Odd("a text for a list", referrals(referral(exploitation_types="debt bondage")), 1, (), JSON),
    Odd("a number without end", referrals(referral(postcode=1)).replace(': 1}', f': {"9" * 5000}}}'), 1, (), JSON),
    Odd("ten thousand brackets", '{"records": ' + "[" * 10_000, 0, ("FILE_IS_NOT_JSON",), JSON),
]  # fmt: skip

REPORTS: list[tuple[str, dict[str, Any], dict[str, Any], bool, tuple[str, ...]]] = [
    # what, of the report, of its subject, whether the child is known, what is told
    ("padded codes", {"status": "Authorised      ", "protective_marking": " official "}, {"role": "child  "}, True, ()),
    ("a flag among commas", {"flags": "MISSING,COUNTY LINES"}, {}, False, ("FLAG_NOT_AGREED",)),
    ("a flag with a no-break space", {"flags": "county\u00a0lines"}, {}, True, ()),
    ("a status with a slip", {"status": "AUTHORIZED"}, {}, False, ("STATUS_UNKNOWN",)),
    ("a status that is none", {"status": "LIVE"}, {}, False, ("STATUS_UNKNOWN",)),
    ("a marking with a slip", {"protective_marking": "OFICIAL"}, {}, False, ("MARKING_UNKNOWN",)),
    ("a marking of old", {"protective_marking": "RESTRICTED"}, {}, False, ("MARKING_TOO_HIGH",)),
    ("no marking", {"protective_marking": "  "}, {}, False, ("MARKING_MISSING",)),
    ("a day with midnight", {"intelligence_date": "2022-03-01 00:00:00.000"}, {}, True, ()),
    ("a birthday with midnight", {}, {"date_of_birth": "2008-05-05 00:00"}, True, ()),
    ("a day by its number", {"intelligence_date": "44621"}, {}, False, ("INTELLIGENCE_DATE_UNREADABLE",)),
    ("bytes for a name", {}, {"surname": b"M\xf6rk"}, True, ("VALUE_NOT_UTF8",)),
    ("a number for a name", {}, {"surname": 7}, True, ()),
    ("a role with a slip", {}, {"role": "CHILDREN"}, False, ("SUBJECT_ROLE_UNKNOWN",)),
    ("a stamp without a zone", {"updated_at": "2022-03-01 10:00:00"}, {}, False, ("STAMP_UNREADABLE",)),
    ("a stamp of no year", {"updated_at": "0001-01-01T00:00:00+00:00"}, {}, False, ("STAMP_UNREADABLE",)),
    ("a grade in small letters", {"grade": "2bp"}, {}, True, ()),
    ("a wide digit", {}, {"pnc_id": "１９/1234A"}, True, ()),
    ("no number of a subject", {}, {"subject_no": None}, False,
     ("REPORT_WITHOUT_SUBJECTS", "SUBJECT_WITHOUT_NUMBER")),
]  # fmt: skip


@dataclass
class Night:
    """By odd thing: how many records were taken, and the codes told; keys of mentions."""

    taken: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    told: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    mentions: set[str] = field(default_factory=set)


def name_of(number: int, odd: Odd) -> str:
    stem, ending = odd.feed.split(".")
    return f"{stem}_{date(2022, 3, 1) + timedelta(days=number):%Y%m%d}.{ending}"


def ref_of(number: int) -> str:
    return f"31/2022/{500 + number:06}"


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The night to which all of it came, beside one good report and one good file."""
    force = Force(tmp_path_factory.mktemp("odd") / "force")
    force.report()
    for number, odd in enumerate(FILES):
        content = odd.content if isinstance(odd.content, bytes) else odd.content.encode()
        for form in (b"{0:05}", "{0:05}".encode("utf-16-le")):
            content = content.replace(form, f"{number:05}".encode("utf-16-le" if b"\x00" in form else "ascii"))
        force.put(name_of(number, odd), content.replace(b'"here"', f'"NRM-{number:06}"'.encode()))
    for number, (_, report, subject, _, _) in enumerate(REPORTS):
        force.odd_report(ref_of(number), report, subject)
    run = until_normalised(force.night(NIGHT))
    found = Night(mentions=mentions(run))
    for table in ("landed_missing", "landed_sca"):
        for row in run.rows("land", table):
            found.taken[row["file_name"]] += 1
    for row in run.rows("normalise", "quarantine"):
        key = row["record_key"].removeprefix("missing:").split(":")[0].split("#")[0]
        found.told[key].add(row["reason_code"])
    return found


@pytest.mark.parametrize(("number", "odd"), [pytest.param(n, one, id=one.what) for n, one in enumerate(FILES)])
def test_of_an_odd_file_all_is_taken_that_can_be_and_the_rest_is_told(night: Night, number: int, odd: Odd) -> None:
    name = name_of(number, odd)
    told = night.told[name] | night.told[f"MFH-{number:05}"]
    assert (night.taken[name], told) == (odd.taken, set(odd.told))


@pytest.mark.parametrize(
    ("number", "is_known", "told"), [pytest.param(n, *rest, id=what) for n, (what, _, _, *rest) in enumerate(REPORTS)]
)
def test_of_an_odd_report_all_is_taken_that_can_be_and_the_rest_is_told(
    night: Night, number: int, is_known: bool, told: tuple[str, ...]
) -> None:
    ref = ref_of(number)
    assert (f"intel:{ref}#1" in night.mentions, night.told[ref]) == (is_known, set(told))


def test_what_was_good_came_in(night: Night) -> None:
    assert "intel:31/2022/000001#1" in night.mentions
