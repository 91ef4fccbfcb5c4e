"""Which claims does a contract make of a table's rows?

A claim is one thing that must be true of one row: this cell is filled, this value is one of those agreed, this date is
not before that one. All claims of a kind go into one table, equal ones of a rule once, so that a suite of four
expectations, one for each kind of claim, judges them all: Great Expectations' cost is mostly by the expectation.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import compress
from typing import Any, TypeVar

import pyarrow as pa

from expectations.contracts import Column, Contract, contract
from expectations.plain import plain_values

T = TypeVar("T")
U = TypeVar("U")
BLOCKING, WARNING = "blocking", "warning"

# Each kind of claim with the columns it fills in the table of claims.
KINDS: dict[str, tuple[str, ...]] = {
    "written": ("written",),  # "table.rule=value": must have the form agreed
    "single": ("single",),  # "table.rule=values": must not be there twice
    "at_least": ("upper", "lower"),  # the first number must be at least the second
    "equal": ("found", "expected"),  # the first text must be the second; a condition is "yes" where it is met
}
NUMBERS = ("upper", "lower")  # the columns that hold numbers; the others hold text
MET, NOT_MET = ("yes", "yes"), ("no", "yes")
KEY = "(key)"  # beside the columns: each row's key as one text
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Rule:
    """One rule, by the table and name it has in the gate's result, and in words for the person who must act on it."""

    table: str
    name: str
    kind: str
    sentence: str
    severity: str = BLOCKING


@dataclass(frozen=True)
class Claims:
    """A rule's claims: of each row the key, and the one or, as a pair, two values that the rule's kind looks at.

    None where the rule claims nothing of the row.
    """

    rule: Rule
    keys: Sequence[str]
    values: Sequence[Any]

    def distinct(self) -> list[Any]:
        """Each different claim once; where rows must differ, every one."""
        values = self.values if self.rule.kind == "single" else dict.fromkeys(self.values)
        return [value for value in values if value is not None]

    def keys_of(self, values: set[Any]) -> list[str]:
        """Keys of the rows with one of these values."""
        return sorted({key for key, value in zip(self.keys, self.values, strict=True) if value in values})


@dataclass(frozen=True)
class Rows:
    """A table's rows, column by column, each read when it is first asked for."""

    contract: Contract
    read: Callable[[str], list[Any]]
    columns: dict[str, list[Any]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> list[Any]:
        if name not in self.columns:
            self.columns[name] = self.read(name)
        return self.columns[name]

    @property
    def keys(self) -> list[str]:
        """Each row's key as one text."""
        return self[KEY]

    def of(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """Each row's values of these columns."""
        return zip(*(self[name] for name in names), strict=True)

    def chosen(self, conditions: Sequence[bool]) -> "Rows":
        """The rows that meet a condition."""
        return Rows(self.contract, lambda name: list(compress(self[name], conditions)))


def rows_of(name: str, table: pa.Table) -> Rows:
    """The rows of a table by the name of its contract."""
    agreed = contract(name)

    def read(column: str) -> list[Any]:
        return _key_texts(agreed, table) if column == KEY else plain_values(table[column])

    return Rows(agreed, read)


def _key_texts(agreed: Contract, table: pa.Table) -> list[str]:
    parts = (["(no key)" if part is None else str(part) for part in table[name].to_pylist()] for name in agreed.key)
    return list(map(" | ".join, zip(*parts, strict=True)))


def table_of(kind: str, asked: Iterable[Claims]) -> pa.Table:
    """All different claims of a kind, each with its rule, in the columns that the kind fills."""
    filled = KINDS[kind]
    cells: dict[str, list[Any]] = {name: [] for name in ("table", "rule", *filled)}
    for one in asked:
        values = one.distinct()
        cells["table"] += [one.rule.table] * len(values)
        cells["rule"] += [one.rule.name] * len(values)
        for number, name in enumerate(filled):
            cells[name] += values if len(filled) == 1 else [value[number] for value in values]
    types = {name: pa.float64() if name in NUMBERS else pa.string() for name in cells}
    return pa.table(cells, schema=pa.schema(types))


def of_contract(every: Rows, asked: Rows) -> Iterator[Claims]:
    """The claims of the contract: the keys of every row are single, and everything else holds of the rows asked."""
    agreed = every.contract
    sentence = f"No two rows of {agreed.table} have the same {', '.join(agreed.key)}."
    rule = Rule(agreed.table, "key.single", "single", sentence)
    yield Claims(rule, every.keys, [f"{agreed.table}={key}" for key in every.keys])
    for column in agreed.columns:
        yield from _of_column(column, asked)
    for raw in agreed.rules:
        form = next(form for form in FORMS if form in raw)
        kind, claims_of = FORMS[form]
        rule = Rule(agreed.table, raw["rule"], kind, raw["sentence"], raw.get("severity", BLOCKING))
        yield claims_of(rule, _chosen(asked, raw), raw[form])


def single(rule: Rule, rows: Rows, columns: list[str]) -> Claims:
    """No two rows have the same values in these columns, where all of them are there."""
    start = f"{rule.table}.{rule.name}="
    values = [None if None in values else start + "\x1f".join(map(str, values)) for values in rows.of(*columns)]
    return Claims(rule, rows.keys, values)


def met(rule: Rule, conditions: Iterable[tuple[str, bool]]) -> Claims:
    """Each row, by key, meets a condition that was worked out before."""
    judged = list(conditions)
    return _each(rule, [key for key, _ in judged], [condition for _, condition in judged])


def _each(rule: Rule, keys: Sequence[str], conditions: Iterable[bool]) -> Claims:
    return Claims(rule, keys, [MET if condition else NOT_MET for condition in conditions])


def equal(rule: Rule, pairs: Iterable[tuple[str, object, object]]) -> Claims:
    """Each row, by key, has the value that it has to have; a missing one equals only a missing one."""
    compared = [(key, (str(found), str(wanted))) for key, found, wanted in pairs]
    return Claims(rule, [key for key, _ in compared], [values for _, values in compared])


def forms(contract: Contract) -> dict[str, str]:
    """The form that each rule about writing asks for, a regular expression for the whole value, by `table.rule`."""
    table = contract.table
    found = {f"{table}.{c.name}.written": c.pattern for c in contract.columns if c.pattern}
    return found | {f"{table}.{raw['rule']}": raw["form"] for raw in contract.rules if "form" in raw}


def _of_column(column: Column, rows: Rows) -> Iterator[Claims]:
    table, name = rows.contract.table, column.name
    if column.required:
        rule = Rule(table, f"{name}.filled", "equal", f"Every row of {table} has a {name}.")
        yield _each(rule, rows.keys, (value is not None for value in rows[name]))
    if column.values:
        sentence = f"{name} of {table} is one of {', '.join(column.values)}."
        yield _allowed(Rule(table, f"{name}.allowed", "equal", sentence, column.severity), rows, column)
    if column.pattern:
        sentence = f"{name} of {table} has the form {column.pattern}."
        yield _written(Rule(table, f"{name}.written", "written", sentence, column.severity), rows, name)
    if column.minimum is not None:
        sentence = f"{name} of {table} is at least {column.minimum:g}."
        rule = Rule(table, f"{name}.minimum", "at_least", sentence, column.severity)
        yield _at_least(rule, rows.keys, ((value, column.minimum) for value in rows[name]))
    if column.maximum is not None:
        sentence = f"{name} of {table} is at most {column.maximum:g}."
        rule = Rule(table, f"{name}.maximum", "at_least", sentence, column.severity)
        yield _at_least(rule, rows.keys, ((column.maximum, value) for value in rows[name]))


def _chosen(rows: Rows, raw: dict[str, Any]) -> Rows:
    conditions = [[value in values for value in rows[name]] for name, values in raw.get("when", {}).items()]
    conditions += [[value is not None for value in rows[name]] for name in raw.get("given", ())]
    return rows.chosen([all(row) for row in zip(*conditions, strict=True)]) if conditions else rows


def _filled(rule: Rule, rows: Rows, columns: list[str]) -> Claims:
    return _each(rule, rows.keys, (None not in values for values in rows.of(*columns)))


def _empty(rule: Rule, rows: Rows, columns: list[str]) -> Claims:
    nothing = (None,) * len(columns)
    return _each(rule, rows.keys, (values == nothing for values in rows.of(*columns)))


def _same(rule: Rule, rows: Rows, columns: list[str]) -> Claims:
    one, other = columns
    return equal(rule, zip(rows.keys, rows[one], rows[other], strict=True))


def _not_before(rule: Rule, rows: Rows, columns: list[str]) -> Claims:
    return _at_least(rule, rows.keys, rows.of(*columns))


def _at_least(rule: Rule, keys: Sequence[str], pairs: Iterable[tuple[Any, Any]]) -> Claims:
    def numbers(pair: tuple[Any, Any]) -> tuple[float, float] | None:
        upper, lower = pair
        return None if upper is None or lower is None else (_on_a_scale(upper), _on_a_scale(lower))

    return Claims(rule, keys, _of_each(pairs, numbers))


def _written(rule: Rule, rows: Rows, column: str) -> Claims:
    start = f"{rule.table}.{rule.name}="
    return Claims(rule, rows.keys, _of_each(rows[column], lambda value: None if value is None else f"{start}{value}"))


def _allowed(rule: Rule, rows: Rows, column: Column) -> Claims:
    known: dict[Any, tuple[str, str] | None] = {None: None, **dict.fromkeys(column.values, MET)}
    return Claims(rule, rows.keys, [known.get(value, NOT_MET) for value in rows[column.name]])


def _of_each(values: Iterable[T], made: Callable[[T], U]) -> list[U]:
    """What is made of each value: of equal ones once, since few are different and all are held until all are judged."""
    every = list(values)
    found = {value: made(value) for value in set(every)}
    return [found[value] for value in every]


# The words of a contract's `rules:`, each with the kind of claim it makes: columns that are all filled, all empty, not
# there twice together, the same, or not before the second; or the one column whose values have the rule's `form`.
# `when` (column: values) and `given` (columns that are filled) choose the rows that a rule is about.
FORMS: dict[str, tuple[str, Callable[[Rule, Rows, Any], Claims]]] = {
    "filled": ("equal", _filled),
    "empty": ("equal", _empty),
    "single": ("single", single),
    "same": ("equal", _same),
    "not_before": ("at_least", _not_before),
    "written": ("written", _written),
}


def _on_a_scale(value: date | datetime | float) -> float:
    """Numbers as they are, timestamps as seconds and dates as days since 1970."""
    if isinstance(value, datetime):
        return value.timestamp()
    return float((value - EPOCH).days) if isinstance(value, date) else value
