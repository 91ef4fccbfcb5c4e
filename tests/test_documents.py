"""What the documents point to is there: tests that hold a measure, files, and links between pages."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
PAGES = sorted(path for where in (".", "docs", "helm", "monitoring") for path in (PROJECT / where).glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/[\w/]+\.py|expectations/[\w/]+\.(?:yml|py|csv))`", text))
    linked = {target.split("#")[0] for target in re.findall(r"\]\((?!https?:)([^)#][^)]*)\)", text)}
    assert [name for name in sorted(named) if not (PROJECT / name).is_file()] == []
    assert [target for target in sorted(linked) if not (page.parent / target).exists()] == []


def test_the_impact_assessment_names_a_test_for_every_risk() -> None:
    text = (PROJECT / "docs" / "dpia.md").read_text(encoding="utf-8")
    risks = text.partition("| risk |")[2].partition("\n\n")[0].splitlines()[2:]
    assert len(risks) > 10
    assert [row for row in risks if "`tests/" not in row] == []
