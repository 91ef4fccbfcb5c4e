"""How are rows printed: as a table for a person, as CSV or JSON for a program?"""

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from expectations.plain import Row


def show(rows: Iterable[Row], columns: Sequence[str], form: str) -> None:
    """Print these columns of rows to standard output."""
    plain = [{name: printed(row.get(name)) for name in columns} for row in rows]
    {"csv": _csv, "json": _json, "table": _table}[form](plain, columns)


def printed(value: Any) -> str:
    """A value as text: nothing for not known, ISO dates, `;` between several."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ";".join(map(printed, value))
    return str(value)


def _csv(rows: list[dict[str, str]], columns: Sequence[str]) -> None:
    writer = csv.DictWriter(sys.stdout, fieldnames=list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _json(rows: list[dict[str, str]], columns: Sequence[str]) -> None:
    json.dump(rows, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def _table(rows: list[dict[str, str]], columns: Sequence[str]) -> None:
    table = Table(show_edge=False, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(row[name]) for name in columns))
    Console(width=None if sys.stdout.isatty() else 240).print(table)
