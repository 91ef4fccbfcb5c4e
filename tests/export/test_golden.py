"""A synthetic day, agreed byte for byte: a change to any outgoing file is seen here first.

To agree to a change on purpose, run `python -m tests.export.test_golden` and look at what differs before committing.
"""

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

from openpyxl import load_workbook

from tests.export.a_force import CONTRACTS, TONIGHT, Person, after, mention, night, report, rows_of, tables_of
from transforms.export.drops import Outcome

GOLDEN = Path(__file__).parent / "golden"
LINES = rows_of(
    "line",
    {"line_ref": "L1", "line_name": "Jay", "kind": "IDENTIFIED", "deal_number": "+447700900999", "owner_force": "31"},
    {"line_ref": "G", "line_name": "Children", "kind": "GENERIC_CHILDREN", "owner_force": "31"},
)
RAIL = rows_of(
    "btp_report",
    {
        "mention_key": "btp:B-1",
        "reported_at": datetime(2022, 5, 3, 23, 30, tzinfo=UTC),
        "station": "Derby",
        "grade": "2BP",
    },
)
MISSING = rows_of(
    "missing_episode",
    {"mention_key": "missing:M-1", "missing_from": datetime(2022, 5, 3, 22, 30, tzinfo=UTC), "risk": "HIGH"},
)
COVERT = report("31/2022/000004", grade="2BC", handling="C", handling_conditions="Ask first", action_code="A1")


def yesterday() -> list[Person]:
    return [
        Person(
            "P-1",
            [
                mention(involvement="INVOLVED", line_ref="L1", telephone="+447700900123", pnc_id="2020/0000001Q"),
                mention("missing:M-1"),
                mention("btp:B-1", grade="2BP"),
            ],
        ),
        Person(
            "P-2",
            [mention("intel:31/2022/000002#1", given_names="Zoë", surname="=O'Brien", gender="Female", line_ref="L1")],
        ),
        Person(
            "P-3",
            [mention("intel:31/2022/000003#1", surname="Moss", local_authority="COUNTY", home_area="Ashfield")],
        ),
        Person("P-4", [mention("intel:31/2022/000004#1", surname="Veil")]),
    ]


def today() -> list[Person]:
    """One name corrected, one child restricted, one new."""
    first, second, third, covert = yesterday()
    first.mentions[0] = {**first.mentions[0], "surname": "Ashbury"}
    first.mentions = [first.mentions[0], *({**one, "surname": None} for one in first.mentions[1:])]
    third.given["restricted"] = True
    new = Person(
        "P-5",
        [mention("intel:31/2022/000005#1", given_names="Li", surname="Wen", ethnicity="A4")],
        {"state": "PROPOSED"},
    )
    return [first, second, third, covert, new]


def synthetic_day() -> Outcome:
    """The second of two nights, on which every recipient has a drop."""
    tables = {"line": LINES, "btp_report": RAIL, "missing_episode": MISSING, "reports": [COVERT]}
    lists = tuple(name for name, one in CONTRACTS.items() if one.content == "full")
    before = night(tables_of(*yesterday(), **tables), *CONTRACTS, full=lists)
    day = date(2022, 6, 16)
    return night(tables_of(*today(), as_of=day, **tables), *CONTRACTS, earlier=after(before, TONIGHT), full=lists)


def monday(before: Outcome) -> Outcome:
    """What people of a front door read of the week, when nothing is new on the night itself."""
    given = {"line": LINES, "btp_report": RAIL, "missing_episode": MISSING, "reports": [COVERT]}
    state = tables_of(*today(), as_of=date(2022, 6, 20), **given)
    return night(state, "mash_city", earlier=after(before, date(2022, 6, 16)))


def agreed() -> dict[str, bytes]:
    """Every file of the days; a workbook as its rows. Its bytes are agreed too, by their hash in the manifest."""
    day = synthetic_day()
    return dict(_readable(name, content) for name, content in (day.files | monday(day).files).items())


def _readable(name: str, content: bytes) -> tuple[str, bytes]:
    if not name.endswith(".xlsx"):
        return name, content
    rows = {page.title: list(page.iter_rows(values_only=True)) for page in load_workbook(io.BytesIO(content))}
    return f"{name}.rows.json", (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode()


def test_every_file_of_the_synthetic_day_is_as_agreed():
    kept = {path.relative_to(GOLDEN).as_posix(): path.read_bytes() for path in GOLDEN.rglob("*") if path.is_file()}
    made = agreed()
    assert sorted(made) == sorted(kept)
    assert [name for name in sorted(made) if made[name] != kept[name]] == []


def test_the_synthetic_day_tells_nobody_of_the_covert_child_nor_of_the_restricted_one():
    for name, content in synthetic_day().files.items():
        assert b"Veil" not in content, name
        assert b"Moss" not in content, name


def _agree() -> None:
    for name, content in agreed().items():
        path = GOLDEN / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    _agree()
