"""A written file is read back before it may leave."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from expectations.on_board import FOLDER, contracts
from expectations.recipients import Recipient, Schedule, _recipient, parse
from tests.export.a_force import CONTRACTS, TONIGHT, Person, mention, night, routes_of, rows_of, tables_of
from transforms.export.check import problems
from transforms.export.drops import Earlier, drops

ON_BOARD = {"authorities": {"Derby": {}}, "forces": {"20": {}}}
EVERY: dict[str, Recipient] = {
    **CONTRACTS,
    **{name: _recipient(name, raw) for name, raw in contracts(ON_BOARD)},
    "adult_city": replace(
        parse("adult_city", (FOLDER / "turning_18.yml").read_text(encoding="utf-8")), schedule=Schedule()
    ),
    "pnd_old": replace(CONTRACTS["pnd"], name="pnd_old", version="1.0"),
}


def files(name):
    outcome = night(tables_of(Person("P-1")), name, full=(name,))
    return {
        row["file"].rsplit(".")[-1]: (outcome.files[f"{name}/{row['file']}"], row) for row in reversed(outcome.outgoing)
    }


def known_in_full():
    """A child of whom all is known that a form may add something for: nearly 18, missing, met by rail, referred."""
    born, since = date(2004, 9, 1), date(2022, 6, 1)
    said = {"address": "1 Elm Road", "postcode": "NG1 1AA", "school": "Elm Academy", "telephone": "+447700900123"}
    said |= {"involvement": "INVOLVED", "line_ref": "L1", "pnc_id": "2020/0000001Q", "placing_authority": "E06000015"}
    mentions = [mention(**said), mention("missing:M-1"), mention("btp:B-1", grade="2BP"), mention("panel:O-1")]
    given = {"nrm_submitted_on": since, "nrm_outcome": "positive RG", "consent": "REFUSED", "parents": "INFORMED"}
    given |= {"concern": "He owes them money.", "concern_on": since, "concern_urgency": "IMMEDIATE"}
    boy = Person("P-1", [one | {"date_of_birth": born} for one in mentions], given)
    at = datetime(2022, 6, 1, 22, tzinfo=UTC)
    route = {"person_id": "P-1", "role": "PLACING", "authority": "E06000015", "force": "30"}
    return tables_of(
        boy,
        line=rows_of("line", {"line_ref": "L1", "line_name": "Jay", "kind": "IDENTIFIED", "owner_force": "20"}),
        missing_episode=rows_of("missing_episode", {"mention_key": "missing:M-1", "missing_from": at, "risk": "HIGH"}),
        btp_report=rows_of(
            "btp_report", {"mention_key": "btp:B-1", "reported_at": at, "station": "Derby", "grade": "2BP"}
        ),
        route=[
            *routes_of([boy.row(TONIGHT)]),
            *rows_of("route", route, route | {"role": "POLICE_FOUND", "force": "20"}),
        ],
    )


def test_what_is_written_is_what_was_agreed_whatever_is_known_of_a_child():
    told = set()
    for state in (known_in_full(), tables_of(Person("P-1"))):
        outcome = drops(state, EVERY, Earlier(), frozenset(EVERY))
        for row in outcome.outgoing:
            name = row["recipient"]
            assert problems(EVERY[name], outcome.files[f"{name}/{row['file']}"], row) == [], row["file"]
        told |= {row["recipient"] for row in outcome.disclosure}
    elsewhere = {name for name in EVERY if "county" in name or name.startswith("neighbourhood_")} | {"syvp"}
    assert told - elsewhere == EVERY.keys() - elsewhere


@pytest.mark.parametrize(
    ("name", "form", "change", "found"),
    [
        ("mash_city", "json", (b'"postcode"', b'"pnc_id"'), "it holds pnc_id, which the contract does not give"),
        ("mash_city", "json", (b'"CREATE"', b'"INVENT"'), "records/0/operation breaks the rule enum"),
        ("mash_city", "json", (b'"records": [', b'"records": [['), "it cannot be read as json"),
        ("mash_city", "json", (b"OFFICIAL-SENSITIVE", b"OFFICIAL"), "its marking is not the contract's"),
        ("mash_city", "html", (b"<main>", b"<main><script>1</script>"), "it holds a script"),
        (
            "mash_city",
            "html",
            (b"OFFICIAL-SENSITIVE</p></td></tr></tfoot>", b"</p></td></tr></tfoot>"),
            "its marking does not stand at the top and at the bottom",
        ),
        ("pnd", "xml", (b"P_009", b"P_010"), "line 5 breaks the schema"),
        ("pnd", "xml", (b'recordCount="1"', b'recordCount="2"'), "its number of records is not the one announced"),
        ("pnd", "xml", (b"</Record>", b""), "it cannot be read as xml"),
        ("share_btp", "csv", (b'"Surname"', b'"Address"'), "its columns are not those of the contract"),
        ("share_btp", "csv", (b'"CL-', b'"CL-1"\r\n"CL-'), "its number of records is not the one announced"),
        ("ccep", "xlsx", (b"PK", b"KP"), "it cannot be read as xlsx"),
    ],
)
def test_a_file_that_is_not_as_agreed_is_found(name, form, change, found):
    content, row = files(name)[form]
    changed = content.replace(*change)
    assert changed != content
    said = problems(CONTRACTS[name], changed, row)
    assert found in said
    assert not any("Ashby" in sentence or "Kai" in sentence for sentence in said)
