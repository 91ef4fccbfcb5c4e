"""What rows does a file hold that a partner, the force or a person gave?

Reads the inbound contract's files: feeds as CSV or JSON, decisions as CSV, the opening tracker as CSV or XLSX. Every
value stays the string it was; a file that cannot be read is refused whole with a reason code, a row that has no key
is refused alone, and a column that the contract does not name is a signal.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import openpyxl

from expectations.feeds import INBOX

csv.field_size_limit(1_000_000)


@dataclass(frozen=True)
class FeedForm:
    """The form of one file: the column that is its key, and all its columns."""

    key: str
    columns: Sequence[str]


@dataclass
class FeedContent:
    """Rows of a file, each value a string, strings or None; and (record key, reason code) of what was refused."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


class Unreadable(Exception):
    """A file cannot be read at all; the message is its reason code."""


def feed_of(file_name: str) -> tuple[str, date] | None:
    """The feed and the date in a file's name; None where the name is not of the inbound contract."""
    for feed in INBOX.values():
        match = re.fullmatch(feed.file_pattern, file_name)
        if match is not None:
            try:
                return feed.name, date.fromisoformat(match["day"])
            except ValueError:
                return None
    return None


def read(file_name: str, content: bytes, form: FeedForm) -> FeedContent:
    """The rows of a file of this form, by the ending of its name."""
    try:
        rows = _READERS[file_name.rsplit(".", 1)[-1].lower()](content)
    except KeyError:
        return FeedContent(refused=[(file_name, "FILE_KIND_UNKNOWN")])
    except Unreadable as reason:
        return FeedContent(refused=[(file_name, str(reason))])
    return _checked(file_name, rows, form)


def _checked(file_name: str, rows: list[dict[str, Any]], form: FeedForm) -> FeedContent:
    found = FeedContent()
    given = {name for row in rows for name in row if name is not None}
    if rows and form.key not in given:
        found.refused.append((file_name, "FILE_WITHOUT_KEY_COLUMN"))
        return found
    found.refused.extend((f"{file_name}:{name}", "COLUMN_UNKNOWN") for name in sorted(given - set(form.columns)))
    for number, row in enumerate(rows, start=1):
        if None in row:
            found.refused.append((f"{file_name}:row {number}", "ROW_HAS_TOO_MANY_VALUES"))
        elif not row.get(form.key):
            found.refused.append((f"{file_name}:row {number}", "ROW_WITHOUT_KEY"))
        else:
            found.rows.append({name: row.get(name) or None for name in form.columns})
    return found


def _csv(content: bytes) -> list[dict[str, Any]]:
    try:
        return list(csv.DictReader(io.StringIO(_utf8(content), newline=""), strict=True))
    except csv.Error:
        raise Unreadable("FILE_IS_NOT_CSV") from None


def _json(content: bytes) -> list[dict[str, Any]]:
    try:
        records = json.loads(_utf8(content))["records"]
        return [{name: _json_value(value) for name, value in record.items()} for record in records]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unreadable("FILE_IS_NOT_JSON") from None


def _json_value(value: Any) -> Any:
    if isinstance(value, list):
        return [str(item) for item in value]
    return None if value is None else str(value)


def _xlsx(content: bytes) -> list[dict[str, Any]]:
    try:
        sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        rows = [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError):
        raise Unreadable("FILE_IS_NOT_XLSX") from None
    header, *body = rows or [[]]
    names = [name or "" for name in header]
    return [dict(zip(names, row, strict=False)) for row in body if any(row)]


def _cell(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, date):  # a spreadsheet's date, given as the contract writes it
        return value.strftime("%d/%m/%Y")
    return str(value).strip()


def _utf8(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("FILE_IS_NOT_UTF8") from None


_READERS = {"csv": _csv, "json": _json, "xlsx": _xlsx}
