"""A column that is read exists: a misspelt one is found before any night is."""

import ast
import re
from collections.abc import Iterator

from expectations.contracts import contract, tables
from tests.test_arrows import PROJECT, parsed, sources

COLUMN = re.compile("[a-z][a-z0-9_]*")
REFERENCE = PROJECT / "expectations" / "reference"
READING = ("transforms", "night", "plugins", "clvt")
# Names in what is no table: settings of exporters, extras of connections, Airflow and FastAPI, data files, a pattern.
OTHERS = {
    *("suspects", "red_missing_episodes", "amber_repeats", "business_area", "stand_in"),
    *("logical_date", "run_after", "dag_run", "conf", "root_path"),
    *("list", "girls", "boys", "word", "y"),
    "return_interview_on",  # agreed in the second version of what comes in; no source brings it yet
}


def read(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Names in `row["name"]` and `row.get("name")`, with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            key: ast.expr | None = node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            key = node.args[0] if node.args else None
        else:
            continue
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and COLUMN.fullmatch(key.value):
            yield key.value, node.lineno


def made(tree: ast.AST) -> Iterator[str]:
    """Names that the code itself gives to a value: keys of a dict, keyword arguments, annotated names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            yield from (k.value for k in node.keys if isinstance(k, ast.Constant) and isinstance(k.value, str))
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif (
            isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.slice, ast.Constant)
        ):
            yield str(node.slice.value)


def columns() -> set[str]:
    """Columns of every table and reference list, and the names of the tables themselves."""
    lists = (path.read_text(encoding="utf-8").splitlines() for path in REFERENCE.glob("*.csv"))
    headers = (next(line for line in lines if not line.startswith("#")).split(",") for lines in lists)
    return {column for name in tables() for column in (name, *contract(name).names)}.union(*headers)


def test_every_column_that_is_read_is_one_of_a_contract_or_made_here() -> None:
    trees = {path: parsed(path) for folder in (*READING, "connectors", "expectations") for path in sources(folder)}
    known = columns() | OTHERS | {name for tree in trees.values() for name in made(tree)}
    unknown = [
        f"{path.relative_to(PROJECT)}:{line}: {name}"
        for path, tree in trees.items()
        if path.relative_to(PROJECT).parts[0] in READING
        for name, line in read(tree)
        if name not in known
    ]
    assert unknown == []


def test_a_misspelt_column_is_seen() -> None:
    assert list(read(ast.parse('row["surnmae"]; row.get("gender"); row[name]; row["A sentence"]'))) == [
        ("surnmae", 1),
        ("gender", 1),
    ]
    assert "surnmae" not in columns()
    assert "surname" in columns()
