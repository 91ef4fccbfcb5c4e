"""A written file is read back before it may leave."""

import pytest

from tests.export.a_force import CONTRACTS, Person, night, tables_of
from transforms.export.check import problems


def files(name):
    outcome = night(tables_of(Person("P-1")), name, full=(name,))
    return {
        row["file"].rsplit(".")[-1]: (outcome.files[f"{name}/{row['file']}"], row) for row in reversed(outcome.outgoing)
    }


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_what_is_written_is_what_was_agreed(name):
    outcome = night(tables_of(Person("P-1")), name, full=(name,))
    for row in outcome.outgoing:
        assert problems(CONTRACTS[name], outcome.files[f"{name}/{row['file']}"], row) == []


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
            (b"OFFICIAL-SENSITIVE</p></footer>", b"</p></footer>"),
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
