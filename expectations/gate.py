"""May this night's tracker be published, and may anything leave?

The gate asks every rule of the contracts, and those between tables, of the night's rows. The result says of each rule
whether it ran, whether it held, and the keys of the rows for which it did not: keys, never values. A rule that could
not run counts as broken. A broken blocking rule closes the gate; a warning goes into the report.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pyarrow as pa

from expectations import across, claims, suites, volume
from expectations.claims import BLOCKING, Claims, Rule
from expectations.contracts import contract
from expectations.plain import where
from expectations.site import Site

# Of these only rows that came tonight are asked, the others were when they came; the key is asked of all.
BY_NIGHT = ("mention", "report")
NAMED_KEYS = 10


class GateClosed(Exception):
    """The night stops before anything leaves; the message has a sentence for each broken rule."""


def validate(tables: dict[str, pa.Table], as_of: date, site: Site, before: pa.Table | None = None) -> pa.Table:
    """Ask every rule of a night's tables, by name; `before` is table `child` of the night before.

    Returns table `check`, one row a rule. Raises nothing for what it finds: see `require`.
    """
    wrong = sorted(name for name, table in tables.items() if not table.schema.equals(contract(name).schema))
    right = {name: table for name, table in tables.items() if name not in wrong}
    suite = _suite(tuple(sorted(right)))  # its import keeps all that this function has at hand, so no claims
    found = _found(right, as_of, site, before, suite) + [_wrong_columns(name) for name in wrong]
    return contract("check").table_of(sorted(found, key=lambda row: (row["table"], row["rule"])))


def _found(
    tables: dict[str, pa.Table], as_of: date, site: Site, before: pa.Table | None, suite: Any
) -> list[dict[str, Any]]:
    """Rows of `check` for tables that have the columns of their contracts."""
    rows = {name: claims.rows_of(name, table) for name, table in tables.items()}
    earlier = None if before is None else claims.rows_of("child", before)
    asked = list(_claims(across.Night(rows, as_of, site, earlier), tables))
    del rows, earlier  # a nation's columns as Python's values are as large as all its claims
    verdict = suites.judge(asked, suite)
    return [_row(claim.rule, verdict) for claim in asked]


def require(check: pa.Table) -> None:
    """Raise GateClosed where a blocking rule is broken, or any rule could not be asked."""
    rows = check.to_pylist()
    broken = [sentence(row) for row in rows if row["ran"] and not row["passed"] and row["severity"] == BLOCKING]
    unasked = sorted({row["table"] for row in rows if not row["ran"]})
    if unasked:
        broken.append(
            f"Some rules of {', '.join(unasked)} could not be asked, so nothing of them counts as checked: table check "
            "says which. Mend the contract, or the stage whose table has other columns, and run the night again."
        )
    if broken:
        raise GateClosed("\n".join(["The gate is closed, nothing leaves tonight.", *broken]))


def sentence(row: dict[str, Any]) -> str:
    """A broken rule, a row of `check`, in words: what had to hold, for which keys it does not, and what to do."""
    failed = row["failed_keys"]
    more = f" and {len(failed) - NAMED_KEYS} more" if len(failed) > NAMED_KEYS else ""
    return (
        f"{row['table']}.{row['rule']}: {row['sentence']} Not so for {', '.join(failed[:NAMED_KEYS])}{more}. Look at "
        f"these rows of table {row['table']}, mend their source or the stage that made them, and run the night again."
    )


def _claims(night: across.Night, tables: dict[str, pa.Table]) -> Iterator[Claims]:
    for name, rows in sorted(night.rows.items()):
        yield from claims.of_contract(
            rows, _came_this_night(name, tables[name], night.as_of) if name in BY_NIGHT else rows
        )
    yield from across.claims(night)
    if "report" in night.rows:
        yield from volume.claims(night.rows["report"]["created_at"], night.as_of, night.site)


def _came_this_night(name: str, table: pa.Table, as_of: date) -> claims.Rows:
    return claims.rows_of(name, where(table, "landed_on", [as_of]))


@cache
def _suite(tables: tuple[str, ...]) -> Any:
    """The suite of these tables alone: what a form costs is by the length of the expression that all forms make."""
    return suites.suite(map(contract, tables))


def _row(rule: Rule, verdict: suites.Verdict) -> dict[str, Any]:
    ran = rule.kind in verdict.ran
    failed = verdict.failed.get((rule.table, rule.name), [])
    return {
        "table": rule.table,
        "rule": rule.name,
        "severity": rule.severity,
        "sentence": rule.sentence,
        "ran": ran,
        "passed": ran and not failed,
        "failed_keys": failed,
    }


def _wrong_columns(table: str) -> dict[str, Any]:
    return {
        "table": table,
        "rule": "columns",
        "severity": BLOCKING,
        "sentence": f"Table {table} has the columns and types of its contract: it has others, so it was not asked.",
        "ran": False,
        "passed": False,
        "failed_keys": [],
    }
