"""Which rules does the gate ask, and how did each end on the last night that it was asked?"""

from datetime import date
from typing import Any

from connectors.store import sealed
from connectors.store.paths import PUBLISHING_STAGE, Home
from expectations import contracts, rulebook
from expectations.plain import Row, plain_rows

COLUMNS = ("table", "rule", "severity", "last_result", "keys", "night", "expectation", "sentence")
BETWEEN = "a rule between tables or nights"


class NoSuchTable(Exception):
    """No table of this name has a contract."""


def rules(home: Home, as_of: date | None = None, table: str | None = None) -> list[Row]:
    """Every rule, of one table only where one is named, with its result on the last night up to `as_of` that asked."""
    _expect_table(table)
    night, found = _last_asked(home, as_of)
    results = {(row["table"], row["rule"]): row for row in found}
    described = {key: (row["severity"], BETWEEN, row["sentence"]) for key, row in results.items()}
    for name, written in rulebook.suites().items():
        for each in written["expectations"]:
            meta = each["meta"]
            described[name, meta["rule"]] = (meta["severity"], each["type"], meta["sentence"])
    return [_row(key, described[key], results.get(key), night) for key in sorted(described) if table in (None, key[0])]


def _row(key: tuple[str, str], described: tuple[str, str, str], result: Row | None, night: date | None) -> Row:
    severity, expectation, sentence = described
    return {
        "table": key[0],
        "rule": key[1],
        "severity": severity,
        "last_result": _result(result),
        "keys": len(result["failed_keys"] or ()) if result else None,
        "night": night if result else None,
        "expectation": expectation,
        "sentence": sentence,
    }


def suite(table: str | None) -> dict[str, Any]:
    """The Great Expectations suite of a table, in its own form; of all tables, by name, where none is named."""
    _expect_table(table)
    return rulebook.suites() if table is None else rulebook.suite_of(contracts.contract(table))


def _expect_table(table: str | None) -> None:
    if table is not None and table not in contracts.tables():
        raise NoSuchTable(f"No table {table} has a contract. There are: {', '.join(contracts.tables())}.")


def _result(row: Row | None) -> str:
    if row is None:
        return "never asked"
    if not row["ran"]:
        return "could not be asked"
    return "held" if row["passed"] else "broken"


def _last_asked(home: Home, as_of: date | None) -> tuple[date | None, list[Row]]:
    """The last night that came to the gate, also where it stayed closed, and what was found; None where none did."""
    for night in (night for night in reversed(home.nights()) if as_of is None or night <= as_of):
        run = home.run(night)
        if run.is_sealed(PUBLISHING_STAGE):
            return night, plain_rows(sealed.read(run, PUBLISHING_STAGE, "check"))
        left = sealed.left(run, PUBLISHING_STAGE, "check")
        if left is not None:
            return night, plain_rows(left)
    return None, []
