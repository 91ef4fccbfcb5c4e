"""The documents that a force adopts point for each measure to the test that holds it: these tests are there."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
DOCUMENTS = ("dpia.md", "ropa.md", "code-of-connection.md")


def named(document: str) -> list[str]:
    return re.findall(r"`(tests/[\w/]+\.py)`", (PROJECT / "docs" / document).read_text())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_test_that_a_document_names_is_there_and_tests_something(document: str) -> None:
    assert len(named(document)) >= 6
    for name in named(document):
        assert (PROJECT / name).is_file(), name
        assert "\ndef test_" in (PROJECT / name).read_text(), name


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_row_of_a_table_of_measures_names_its_test(document: str) -> None:
    inside = False
    for line in (PROJECT / "docs" / document).read_text().splitlines():
        inside = line.startswith("|") and (inside or "held by" in line)
        if inside and "held by" not in line and not line.startswith("|---"):
            assert "`tests/" in line, line
