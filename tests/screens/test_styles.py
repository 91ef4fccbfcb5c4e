"""The style sheets of the screens load nothing, hold no crown and no Transport font, and no more than is used."""

import re
from pathlib import Path

import pytest

SCREENS = Path(__file__).parents[2] / "plugins" / "screens"
SHEETS = sorted((SCREENS / "static").glob("*.css"))
VENDORED = SCREENS / "static" / "govuk-moj.css"


def classes(text: str) -> set[str]:
    return set(re.findall(r"(?:govuk|moj)-[\w-]+", text))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_nothing_is_loaded_and_neither_crown_nor_font_is_in_it(sheet):
    text = sheet.read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|@font-face|expression\(|Transport|crown", text)


def test_every_rule_that_was_taken_is_for_a_class_that_a_page_has():
    rules = re.sub(r"/\*.*?\*/|--govuk-[\w-]+|:not\([^)]*\)", "", VENDORED.read_text(encoding="utf-8"), flags=re.DOTALL)
    pages = "".join(page.read_text(encoding="utf-8") for page in (SCREENS / "templates").glob("*.html"))
    assert {name for name in re.findall(r"\.((?:govuk|moj)-[\w-]+)", rules)} <= classes(pages)


def test_it_says_which_packages_it_was_taken_from_and_their_licence_lies_beside_it():
    text = VENDORED.read_text(encoding="utf-8")
    found = re.findall(r"/\* ([\w.-]+)\.tgz, SHA-256 ([0-9a-f]{64}): MIT licence", text)
    licences = (SCREENS / "static" / "LICENCES.txt").read_text(encoding="utf-8")
    assert [name for name, _ in found] == ["govuk-frontend-6.3.0", "ministryofjustice-frontend-11.1.0"]
    assert "govuk-frontend 6.3.0" in licences
    assert "@ministryofjustice/frontend 11.1.0" in licences
