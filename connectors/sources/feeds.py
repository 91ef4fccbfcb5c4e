"""What rows does a file hold that a partner, the force or a person gave?

Reads the inbound contract's files: feeds as CSV or JSON, decisions as CSV, the opening tracker as CSV or XLSX. Every
value stays the text it was. One bad value costs that value, one bad record that record, one bad file that file, each
with a reason code; and a file that holds no records is kept apart from one that is no feed.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from connectors.sources import keys, values, workbooks
from connectors.sources.refusals import Refusal
from connectors.sources.values import NotText
from connectors.sources.workbooks import heading_of
from expectations.feeds import INBOX
from expectations.plain import Row
from expectations.spelling import shape_of

csv.field_size_limit(values.LONGEST)

REASONS = {
    **values.REASONS,
    **keys.REASONS,
    "COLUMN_UNKNOWN": "The source has a column that the contract does not name: it was not read. Tell the engineer.",
    "ROW_WITHOUT_KEY": "The row has no key, so it cannot be told from others: the sender has to give one.",
    "ROW_HAS_TOO_MANY_VALUES": "The row has more values than the header has columns: look for a missing quote.",
    "ROW_CUT_SHORT": "The row has fewer values than the header has columns, as where a transfer was cut: the sender "
    "has to send the file again.",
    "RECORD_UNREADABLE": "The record is no list of named values, or names one twice: the sender has to correct it.",
    "CELL_WITHOUT_VALUE": "A cell shows an error, or a formula whose result was not saved. It was left empty: have "
    "the spreadsheet calculated and saved again.",
    "FILE_WITHOUT_KEY_COLUMN": "The file lacks its key column: the sender has to send it in the agreed form.",
    "FILE_HEADING_TWICE": "The file has a heading twice, so its values cannot be told apart: the sender has to "
    "correct it.",
    "FILE_OF_ANOTHER_SCHEMA": "The file says that it is of another schema than the agreed one: ask the sender.",
    "FILE_SAYS_MORE": "The file holds more than its records, such as a next page or errors: ask the sender whether "
    "it is whole.",
    "FILE_HAS_NUL_BYTES": "The file holds bytes that are nothing, as after a crash: ask the sender whether it is "
    "whole.",
    "FILE_KIND_UNKNOWN": "The file's ending is not csv, json or xlsx.",
    "FILE_IS_NOT_CSV": "The file cannot be read as CSV: look for an unclosed quote, and ask the sender for it again.",
    "FILE_IS_NOT_JSON": "The file is not the agreed JSON: ask the sender for it again.",
    "FILE_IS_NOT_XLSX": "The file cannot be opened as a workbook: save it as XLSX again.",
    "FILE_IS_NOT_UTF8": "The file is not UTF-8 text: the sender has to save it as UTF-8.",
}


@dataclass(frozen=True)
class FeedForm:
    """The form of one file: the column that is its key, all its columns, those that hold lists, and a JSON's schema.

    `filled_in` are the columns that somebody fills in of a workbook that was sent out.
    """

    key: str
    columns: Sequence[str]
    lists: frozenset[str] = frozenset()
    schema: str = ""
    filled_in: Sequence[str] = ()


@dataclass
class FeedContent:
    """Rows of a file, each value a string, strings or None; and what was refused."""

    rows: list[Row] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


class Unreadable(Exception):
    """A file cannot be read at all; the message is its reason code."""


@dataclass(frozen=True)
class _Records:
    """What a reader found: headings, (place, values by heading or a reason code) of each record, and signals."""

    headings: Sequence[str]
    records: Sequence[tuple[str, dict[str, Any] | str]]
    signals: Sequence[str] = ()


@lru_cache(maxsize=20_000)  # every night asks it of all files that ever came
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
    reader = _READERS.get(file_name.rsplit(".", 1)[-1].lower())
    if reader is None:
        return FeedContent(refused=[Refusal(file_name, "FILE_KIND_UNKNOWN")])
    try:
        found = reader(content, form)
        _expect_headings(found.headings, form)
    except Unreadable as reason:
        return FeedContent(refused=[Refusal(file_name, str(reason))])
    return _checked(file_name, found, form)


def _expect_headings(headings: Sequence[str], form: FeedForm) -> None:
    if form.key not in headings:
        raise Unreadable("FILE_WITHOUT_KEY_COLUMN")
    if any(number > 1 for name, number in Counter(headings).items() if name in form.columns):
        raise Unreadable("FILE_HEADING_TWICE")


def _checked(file_name: str, found: _Records, form: FeedForm) -> FeedContent:
    content = FeedContent(refused=[Refusal(file_name, code) for code in found.signals])
    for name in sorted({name for name in found.headings if name} - set(form.columns)):
        content.refused.append(Refusal(f"{file_name}:{_shown(name)}", "COLUMN_UNKNOWN"))
    for place, record in found.records:
        _take(f"{file_name}:{place}", record, form, content)
    return content


def _take(place: str, record: dict[str, Any] | str, form: FeedForm, content: FeedContent) -> None:
    """Take a record in, or note why not; and which of its values could not be."""
    if isinstance(record, str):
        content.refused.append(Refusal(place, record))
        return
    row: dict[str, Any] = {}
    wrong: dict[str, list[str]] = {}
    for name in form.columns:
        try:
            row[name] = _value(record.get(name), name in form.lists)
        except NotText as reason:
            row[name] = None
            wrong.setdefault(str(reason), []).append(name)
    for code, names in wrong.items():
        content.refused.append(Refusal(place, code, detail=f"Column {', '.join(names)}."))
    row[form.key] = keys.key_of(row[form.key])
    if row[form.key] is None:
        content.refused.append(Refusal(place, "ROW_WITHOUT_KEY"))
    elif not keys.is_agreed(row[form.key]):
        content.refused.append(Refusal(place, keys.NOT_AGREED))
    else:
        content.rows.append(row)


def _value(value: Any, is_list: bool) -> Any:
    """A text or None; of a column that holds lists the texts of its items, of which one may stand alone."""
    if value is _UNREAD:
        raise NotText("CELL_WITHOUT_VALUE")
    if not is_list:
        return values.text_of(value)
    items = value if isinstance(value, list) else [value]
    return [text for text in map(values.text_of, items) if text] or None


def _csv(content: bytes, _form: FeedForm) -> _Records:
    text = _utf8(content)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        raise Unreadable("FILE_IS_NOT_CSV") from None
    header, *rows = lines or [[]]
    headings = list(map(heading_of, header))
    records = [(f"row {number}", _of_row(headings, row)) for number, row in enumerate(rows, 1) if _is_filled(row)]
    return _Records(headings, records, ["FILE_HAS_NUL_BYTES"] if "\x00" in text else [])


def _of_row(headings: Sequence[str], row: Sequence[Any]) -> dict[str, Any] | str:
    if len(row) > len(headings) and any(row[len(headings) :]):
        return "ROW_HAS_TOO_MANY_VALUES"
    if len(row) < len(headings):
        return "ROW_CUT_SHORT"
    return dict(zip(headings, row, strict=False))


def _is_filled(row: Sequence[str]) -> bool:
    return any(cell.strip("\x00 \t\u00a0") for cell in row)


def _json(content: bytes, form: FeedForm) -> _Records:
    try:
        whole = json.loads(_utf8(content), object_pairs_hook=_object, parse_int=str)
        records = whole["records"]
        others = {name for name, value in whole.items() if value} - {"schema", "records"}
        schema = whole.get("schema")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unreadable("FILE_IS_NOT_JSON") from None
    if isinstance(whole, _Twice) or not isinstance(records, list):
        raise Unreadable("FILE_IS_NOT_JSON")
    if schema is not None and form.schema and schema != form.schema:
        raise Unreadable("FILE_OF_ANOTHER_SCHEMA")
    found = [(f"record {number}", _of_object(record)) for number, record in enumerate(records, 1)]
    headings = {name for _, record in found if isinstance(record, dict) for name in record}
    if not any(isinstance(record, dict) for _, record in found):
        headings = {form.key}  # no record names anything: nothing shows that they are of another form
    return _Records(sorted(headings), found, ["FILE_SAYS_MORE"] if others else [])


class _Twice(dict[str, Any]):
    """An object that names a value twice."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else _Twice(made)


def _of_object(record: Any) -> dict[str, Any] | str:
    return record if isinstance(record, dict) and not isinstance(record, _Twice) else "RECORD_UNREADABLE"


def _xlsx(content: bytes, form: FeedForm) -> _Records:
    try:
        sheet = workbooks.sheet_with(content, {form.key})
    except workbooks.NotAWorkbook:
        raise Unreadable("FILE_IS_NOT_XLSX") from None
    if sheet is None:
        raise Unreadable("FILE_WITHOUT_KEY_COLUMN")
    records: list[tuple[str, dict[str, Any] | str]] = []
    for number, cells in sheet.rows:
        row = [_UNREAD if (number, at) in sheet.unread else _cell(cell) for at, cell in enumerate(cells)]
        if any(cell not in (None, "") for cell in row):
            records.append((f"row {number}", dict(zip(sheet.headings, row, strict=False))))
    return _Records(sheet.headings, list(_filled_in(records, form)) if form.filled_in else records)


def _filled_in(
    records: Sequence[tuple[str, dict[str, Any] | str]], form: FeedForm
) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """The rows in which somebody wrote something; a row copied to say more is one more record, and has its number."""
    times: Counter[Any] = Counter()
    for place, row in records:
        if isinstance(row, dict) and any(row.get(name) not in (None, "") for name in form.filled_in):
            key = row.get(form.key)
            times[key] += 1
            yield place, row | ({form.key: f"{key}/{times[key]}"} if key and times[key] > 1 else {})


_UNREAD = object()


def _cell(value: Any) -> Any:
    if isinstance(value, date):  # a spreadsheet's date, given as the contract writes it
        return f"{value:%d/%m/}{value.year:04d}"
    return value.strip() if isinstance(value, str) else value


def _shown(heading: str) -> str:
    """What may be shown of a heading that is not agreed: any text may stand there."""
    return heading if re.fullmatch(r"[a-z][a-z0-9_]{0,40}", heading) else f"({shape_of(heading)})"


def _utf8(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("FILE_IS_NOT_UTF8") from None


_READERS: dict[str, Callable[[bytes, FeedForm], _Records]] = {"csv": _csv, "json": _json, "xlsx": _xlsx}
