"""A column that is read exists: a misspelt one is found before any night is.

Where the code shows of which table a row is, by its name or by what it is taken from, the column is one of that
table's; elsewhere it is one of any table, or a name that the code itself gives.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache

import pytest

from expectations.contracts import contract, tables
from tests.test_arrows import PROJECT, parsed, sources

COLUMN = re.compile("[a-z][a-z0-9_]*")
REFERENCE = PROJECT / "expectations" / "reference"
READING = ("transforms", "night", "plugins", "clvt")
# Names in what is no table: settings of exporters, extras of connections, Airflow and FastAPI, data files, a pattern.
OTHERS = {
    "passphrase_file",
    *("suspects", "red_missing_episodes", "amber_repeats", "business_area", "stand_in", "agencies", "most_links"),
    *("logical_date", "run_after", "dag_run", "conf", "root_path"),
    *("list", "girls", "boys", "word", "y"),
    "return_interview_on",  # agreed in the second version of what comes in; no source brings it yet
}
NAMED_FOR = {name: name for name in tables()} | {"episode": "missing_episode", "opening": "opening_entry"}
DERIVED = {"decision": {"decided_on"}}  # given to the rows on the way: by `Tables.decisions_in_order`
# A name of a table that is another one there, or none: a document, a fact sheet.
NAMED_OTHERWISE = {
    "transforms/export/check.py": {"notice": ""},
    "transforms/export/pnd.py": {"line": ""},
    "transforms/export/shareable.py": {"report": "", "episode": ""},
    "transforms/normalise/folding.py": {"person": ""},
    "transforms/normalise/reports.py": {"report": "landed_report"},
    "transforms/report/person.py": {"report": ""},
}
Read = tuple[str, str, int]


class Reader(ast.NodeVisitor):
    """Finds each `row["name"]` and `row.get("name")`: the row's table, empty where it is not shown, and the line."""

    def __init__(self, named: dict[str, str]) -> None:
        self.scopes = [NAMED_FOR | named]
        self.found: list[Read] = []

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """`row["name"]`, where it is read."""
        if isinstance(node.ctx, ast.Load):
            self._note(node.value, node.slice, node.lineno)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """`row.get("name")`, and a call with a key, as of `sorted(rows, key=lambda row: …)`."""
        if isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
            self._note(node.func.value, node.args[0], node.lineno)
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        keys = [value for value in given if isinstance(value, ast.Lambda)]
        of = self._rows_of(node.args[0]) if node.args else ""
        for key in keys:
            names = [argument.arg for argument in key.args.args]
            self._within({name: of or self._table_of(ast.Name(name)) for name in names}, [key.body])
        for child in ast.iter_child_nodes(node):
            if (child.value if isinstance(child, ast.keyword) else child) not in keys:
                self.visit(child)

    def visit(self, node: ast.AST) -> None:
        """Comprehensions of every kind are read alike."""
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            self._comprehension(node)
        else:
            super().visit(node)

    def visit_For(self, node: ast.For) -> None:
        """`for row in rows:`."""
        self.visit(node.iter)
        self._within(self._bound(node.target, node.iter), [*node.body, *node.orelse])

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        bound: dict[str, str] = {}
        for each in node.generators:
            self._within(dict(bound), [each.iter])
            bound |= self._bound(each.target, each.iter)
            self._within(dict(bound), each.ifs)
        self._within(bound, [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])

    def _within(self, names: dict[str, str], nodes: Iterable[ast.AST]) -> None:
        self.scopes.append(names)
        for node in nodes:
            self.visit(node)
        self.scopes.pop()

    def _bound(self, target: ast.expr, rows: ast.expr) -> dict[str, str]:
        if not isinstance(target, ast.Name):
            return {}
        return {target.id: self._rows_of(rows) or self._table_of(target)}

    def _note(self, row: ast.expr, key: ast.expr, line: int) -> None:
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and COLUMN.fullmatch(key.value):
            self.found.append((self._table_of(row), key.value, line))

    def _table_of(self, row: ast.expr) -> str:
        name = row.id if isinstance(row, ast.Name) else row.attr if isinstance(row, ast.Attribute) else ""
        return next((scope[name] for scope in reversed(self.scopes) if name in scope), "")

    def _rows_of(self, rows: ast.expr) -> str:
        """The table of `tables.child`, `run.rows("reconcile", "child")`, and of those in order or some of them."""
        match rows:
            case ast.Attribute(attr=name) if name in NAMED_FOR:
                return NAMED_FOR[name]
            case ast.Call(func=ast.Attribute(attr="rows" | "read" | "table"), args=[*_, ast.Constant(value=str(name))]):
                return NAMED_FOR.get(name, "")
            case ast.Call(func=ast.Name(id="sorted" | "reversed" | "plain_rows" | "rows_where"), args=[first, *_]):
                return self._rows_of(first)
            case ast.Subscript(slice=ast.Constant(value=str(name))) if name in NAMED_FOR:
                return NAMED_FOR[name]
            case ast.Call(func=ast.Attribute(attr="select" | "filter", value=table)):
                return self._rows_of(table)
            case ast.GeneratorExp(elt=ast.Name(id=one), generators=[ast.comprehension(target=ast.Name(id=other))]):
                return self._rows_of(rows.generators[0].iter) if one == other else ""
        return ""


def read(tree: ast.AST, path: str = "") -> list[Read]:
    """Every column that a source reads."""
    reader = Reader(NAMED_OTHERWISE.get(path, {}))
    reader.visit(tree)
    return reader.found


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


def misspelt(trees: dict[str, ast.AST]) -> list[str]:
    """What is read and is no column, by the place where it is read."""
    return [
        f"{path}:{line}: {f'{table} has no column {name}' if table else name}"
        for path, tree in trees.items()
        if path.startswith(READING)
        for table, name, line in read(tree, path)
        if name not in allowed(table)
    ]


@cache
def allowed(table: str) -> set[str]:
    """What may be read of a row of a table; of one of which it is not shown, what any code gives and any table has."""
    if table:
        return {*contract(table).names} | DERIVED.get(table, set())
    return columns() | OTHERS | {name for tree in product().values() for name in made(tree)}


@cache
def product() -> dict[str, ast.AST]:
    """Every module of the product, by its path."""
    paths = (path for folder in (*READING, "connectors", "expectations") for path in sources(folder))
    return {str(path.relative_to(PROJECT)): parsed(path) for path in paths}


def test_every_column_that_is_read_is_one_of_its_contract_or_made_here() -> None:
    assert misspelt(product()) == []


PLANTED = [
    # a module, a column that it reads, and what it would read: a slip of the pen, or a column of another table
    ("transforms/reconcile/children.py", 'row["tracker_id"]', 'row["traker_id"]'),
    ("transforms/reconcile/lifecycle.py", 'decision["value"]', 'decision["vlaue"]'),
    ("transforms/export/release.py", 'child["restricted"]', 'child["is_restricted"]'),
    ("transforms/export/release.py", 'mention["withdrawn"]', 'mention["withdrawn_at"]'),
    ("transforms/export/population.py", 'child["identified_on"]', 'child["first_identified_on"]'),
    ("transforms/report/balance.py", 'spell["removed_on"]', 'spell["removed_at"]'),
    (
        "transforms/tables.py",
        'row["first_landed_on"] for row in self.mention',
        'row["asked_on"] for row in self.mention',
    ),
    ("transforms/normalise/folding.py", 'row["record_key"]', 'row["recordkey"]'),
    ("night/export.py", 'row["done_on"]', 'row["ended_on"]'),
    ("night/reconcile.py", 'row["state"]', 'row["status_now"]'),
    ("night/measured.py", 'row["is_open"]', 'row["standing"]'),
    ("plugins/screens/review.py", 'asked["person_id"]', 'asked["persn_id"]'),
]


@pytest.mark.parametrize(("path", "was", "becomes"), PLANTED)
def test_a_misspelt_column_is_found(path: str, was: str, becomes: str) -> None:
    text = (PROJECT / path).read_text(encoding="utf-8")
    assert was in text
    (found, *_) = misspelt({path: ast.parse(text.replace(was, becomes, 1))})
    assert found.startswith(f"{path}:")


def test_more_than_a_third_of_what_is_read_is_held_by_its_own_table() -> None:
    found = [table for path, tree in product().items() if path.startswith(READING) for table, _, _ in read(tree, path)]
    assert sum(map(bool, found)) > len(found) / 3


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('row["surname"]', [("", "surname", 1)]),
        ('child["surname"]; child.get("state")', [("child", "surname", 1), ("child", "state", 1)]),
        ('{row["a"] for row in tables.fact if row["b"]}', [("fact", "b", 1), ("fact", "a", 1)]),
        ('for row in run.rows("link", "person"):\n    row["a"]', [("person", "a", 2)]),
        ('sorted(tables.spell, key=lambda row: row["a"])', [("spell", "a", 1)]),
        ('[child["a"] for child in found]', [("child", "a", 1)]),
        ('row[name]; row["A sentence"]; row["a"] = 1', []),
    ],
)
def test_the_table_of_a_row_is_read_from_its_name_or_its_source(code: str, expected: list[Read]) -> None:
    assert read(ast.parse(code)) == expected
