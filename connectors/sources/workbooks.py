"""What does a workbook hold, on the sheet that has the agreed headings?

Reads values with calamine, which takes what Excel takes: styles left empty, a wrong size. What it gives as an
empty cell although something stands there, an error or a formula without a result, is looked up in the sheet's own XML.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook

MOST_BYTES = 256_000_000  # of all parts, unpacked
HEADINGS_WITHIN = 20  # rows from the top: a title and a few notes may stand above the headings

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class NotAWorkbook(Exception):
    """The content cannot be read as an XLSX workbook."""


@dataclass(frozen=True)
class Sheet:
    """A sheet from its headings on.

    `rows` are the rows below the headings, with the number each has in the workbook; `unread` holds (number, column) of
    cells that show an error, or a formula whose result was not saved.
    """

    headings: list[Any]
    rows: list[tuple[int, list[Any]]]
    unread: set[tuple[int, int]] = field(default_factory=set)


def sheet_with(
    content: bytes, wanted: Collection[str], only: str | None = None, most: int = MOST_BYTES
) -> Sheet | None:
    """The first sheet (or the one named `only`) that has a row with all `wanted` headings; None where none has.

    Headings are as `heading_of` gives them; all parts may have `most` bytes unpacked. Raises NotAWorkbook.
    """
    with _reading(content, most) as parts:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            if only is None or name == only:
                sheet = _found(book.get_sheet_by_name(name).to_python(skip_empty_area=False), wanted)
                if sheet is not None:
                    sheet.unread.update(_unread(parts, name))
                    return sheet
    return None


def sheet_names(content: bytes, most: int = MOST_BYTES) -> list[str]:
    """The names of all sheets; raises NotAWorkbook."""
    with _reading(content, most):
        return list(CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names)


@contextmanager
def _reading(content: bytes, most: int) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > most:
                raise NotAWorkbook
            yield parts
    except (CalamineError, etree.LxmlError, zipfile.BadZipFile, LookupError, ValueError, OSError, EOFError) as error:
        raise NotAWorkbook from error
    except (NotImplementedError, RuntimeError, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
        raise NotAWorkbook from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # how a fault inside calamine ends
            raise NotAWorkbook from error
        raise


def _found(rows: list[list[Any]], wanted: Collection[str]) -> Sheet | None:
    needed = set(wanted)
    for place, row in enumerate(rows[:HEADINGS_WITHIN]):
        headings = [heading_of(cell) for cell in row]
        if needed <= set(headings):
            below = enumerate(rows[place + 1 :], place + 2)
            return Sheet(headings, [(number, list(cells)) for number, cells in below])
    return None


def heading_of(cell: Any) -> str:
    """A heading without case and outer spaces."""
    return " ".join(str(cell).strip("\ufeff").split()).casefold().replace(" ", "_")


def _unread(parts: zipfile.ZipFile, sheet: str) -> Iterator[tuple[int, int]]:
    """Cells of a sheet that show an error, or a formula without a result, by row number and column from 0."""
    row = column = 0
    with parts.open(_part_of(parts, sheet)) as file:
        for event, element in etree.iterparse(file, events=("start", "end"), resolve_entities=False, no_network=True):
            if event == "start" and element.tag == f"{MAIN}row":
                row, column = int(element.get("r") or row + 1), -1
            elif event == "end" and element.tag == f"{MAIN}c":
                column = _column(element.get("r"), column)
                has_value = any(
                    child.tag in (f"{MAIN}v", f"{MAIN}is") and len(child) + len(child.text or "") for child in element
                )
                if element.get("t") == "e" or (element.find(f"{MAIN}f") is not None and not has_value):
                    yield row, column
                element.clear()


def _column(reference: str | None, before: int) -> int:
    letters = re.match(r"[A-Z]{1,3}", reference or "")
    if letters is None:
        return before + 1
    number = 0
    for letter in letters[0]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _part_of(parts: zipfile.ZipFile, sheet: str) -> str:
    """The part of the archive that holds a sheet (ECMA-376 part 1, 12.3.24 and part 2, 9.3)."""
    for candidate in ("xl/workbook.xml", *(n for n in parts.namelist() if n.endswith("workbook.xml"))):
        if candidate in parts.namelist():
            break
    else:
        raise NotAWorkbook
    folder = PurePosixPath(candidate).parent
    named = {e.get("name"): e.get(RELATED) for e in _parsed(parts, candidate).iter(f"{MAIN}sheet")}
    relations = _parsed(parts, str(folder / "_rels" / f"{PurePosixPath(candidate).name}.rels"))
    target = next(e.get("Target") for e in relations if e.get("Id") == named[sheet])
    return posixpath.normpath(target.lstrip("/") if target.startswith("/") else str(folder / target))


def _parsed(parts: zipfile.ZipFile, name: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return etree.fromstring(parts.read(name), parser)
