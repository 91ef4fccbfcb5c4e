"""What the documents point to is there: tests that hold a measure, files, and links between pages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_arrows import PROJECT, parsed, sources

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


def raised(within: ast.AST) -> Iterator[str]:
    """The errors that leave a function which raises them itself; what a function within it raises is that one's."""
    caught = {ast.unparse(one.type) for one in getattr(within, "handlers", ()) if one.type}
    for node in ast.iter_child_nodes(within):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield ast.unparse(node.exc.func).split(".")[-1]
        elif not isinstance(node, ast.FunctionDef):
            yield from (error for error in raised(node) if error not in caught)


@pytest.mark.parametrize("folder", ["clvt", "connectors", "expectations", "night", "transforms"])
def test_a_public_function_says_which_errors_it_raises(folder: str) -> None:
    silent = [
        f"{path.relative_to(PROJECT)}: {node.name} raises {error}"
        for path in sources(folder)
        if "migrations" not in path.parts
        for node in parsed(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        for error in raised(node)
        if error[0].isupper() and error not in (ast.get_docstring(node) or "")
    ]
    assert silent == []
