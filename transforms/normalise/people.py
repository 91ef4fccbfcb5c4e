"""In which form are people compared?

One pass over raw person columns, however many rows: each distinct value is read once and spread over the rows that
hold it, so that a million mentions take seconds.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from expectations.fields import FIELDS
from expectations.places import Places
from transforms.normalise import codes
from transforms.normalise.births import Birth, birth_of
from transforms.normalise.identifiers import pnc_id_of
from transforms.normalise.names import Name, name_of
from transforms.normalise.places import Place, address_of, postcode_of
from transforms.normalise.telephones import telephone_of
from transforms.normalise.text import tidy

NAME = ("given_names", "surname", "alias")
NO_WARNINGS: tuple[str, ...] = ()


def comparable(raw: pd.DataFrame, as_of: date | None = None, places: Places | None = None) -> pd.DataFrame:
    """The comparable columns of the contract `mention`, on the index of `raw`.

    `raw` holds text as it came, in any of the columns given_names, surname, alias, date_of_birth, dob_status,
    age_stated, gender, ethnicity, address, postcode, local_authority, telephone, pnc_id, school, and source_person_id
    or source_person_ids (`;`-separated, or lists). An absent column and an empty value are not known. With `as_of`,
    dates of birth that are not before it are refused. Authorities are read by the names of `places`, or those of the
    national list alone. What is not known is None; source_person_ids and warnings are tuples.
    """
    columns: dict[str, Any] = {}
    warned: list[np.ndarray] = []
    for made, warnings in (*(read(raw, as_of) for read in TOGETHER.values()), _alone(raw, places or Places())):
        columns |= made
        warned.extend(warnings)
    columns["warnings"] = _together(warned, len(raw))
    return pd.DataFrame(columns, index=raw.index, dtype=object)


Made = tuple[dict[str, np.ndarray], list[np.ndarray]]


def _births(raw: pd.DataFrame, as_of: date | None) -> Made:
    births = _distinct(raw, ("date_of_birth",), partial(birth_of, as_of=as_of))
    statuses = _distinct(raw, ("dob_status",), codes.birth_status_of)
    columns, warned = _columns(births, Birth._fields)
    status, status_warned = _pairs(statuses)
    day, year, precision = (columns[name] for name in ("day", "year", "precision"))
    status = np.where(precision == "NONE", "UNKNOWN", status)  # nothing is known of a date that is not there
    named = {"date_of_birth": day, "birth_year": year, "dob_precision": precision, "dob_status": status}
    return named, [*warned, status_warned]


def _alone(raw: pd.DataFrame, places: Places) -> Made:
    """The fields that are read from one column each."""
    read = {name: partial(ALONE[field.read], places=places) for name, field in FIELDS.items() if field.read in ALONE}
    found = {name: _pairs(_distinct(raw, (name,), reader)) for name, reader in read.items()}
    return {name: value for name, (value, _) in found.items()}, [warned for _, warned in found.values()]


def _source_person_ids(raw: pd.DataFrame) -> np.ndarray:
    """Nominals of either column: one record system gives one, a spreadsheet several."""
    one, several = _spread(raw, "source_person_id", _ids), raw.get("source_person_ids")
    if several is None:
        return one
    if several.map(lambda value: isinstance(value, list | tuple | np.ndarray)).any():
        given = [tuple(value) if isinstance(value, list | tuple | np.ndarray) else () for value in several]
    else:
        given = list(_spread(raw, "source_person_ids", _ids))
    return _objects([tuple(sorted({*ids, *more})) for ids, more in zip(one, given, strict=True)])


def _ids(text: str | None) -> tuple[str, ...]:
    parts = (tidy(part) for part in (text or "").split(";"))
    return tuple(sorted({part for part in parts if part}))


def _spread(raw: pd.DataFrame, column: str, reader: Callable[[str | None], Any]) -> np.ndarray:
    codes_of_rows, values = _distinct(raw, (column,), reader)
    return _objects(values)[codes_of_rows]


Distinct = tuple[np.ndarray, list[Any]]  # for each row the place of its value; the values


def _distinct(raw: pd.DataFrame, columns: Sequence[str], reader: Callable[..., Any]) -> Distinct:
    """What `reader` makes of each distinct combination of the columns, and which of them each row holds."""
    places = np.zeros(len(raw), dtype=np.int64)
    values: list[tuple[str | None, ...]] = [()]
    for column in columns:
        if column not in raw:
            values = [(*value, None) for value in values]
            continue
        rows, texts = pd.factorize(raw[column], use_na_sentinel=True)
        both = places * (len(texts) + 1) + rows + 1
        uniques, places = np.unique(both, return_inverse=True)
        known: list[str | None] = [None, *map(str, texts.tolist())]
        values = [(*values[one // len(known)], known[one % len(known)]) for one in uniques.tolist()]
    return places, [reader(*value) for value in values]


def _columns(found: Distinct, names: Sequence[str]) -> Made:
    """The items of the values as columns by name; the last of them are warnings."""
    *columns, warnings = _items(found, len(names))
    return dict(zip(names, columns, strict=False)), [warnings]


def _pairs(found: Distinct) -> tuple[np.ndarray, np.ndarray]:
    value, warning = _items(found, 2)
    return value, warning


def _items(found: Distinct, number: int) -> list[np.ndarray]:
    places, values = found
    return [_objects(column)[places] for column in zip(*values, strict=True)] or [places] * number


def _objects(values: Sequence[Any]) -> np.ndarray:
    return np.fromiter(values, dtype=object, count=len(values))  # tuples stay single objects


def _together(warned: list[np.ndarray], rows: int) -> np.ndarray:
    """All warnings of each row as one sorted tuple; rows without any share the empty one."""
    array = np.empty(rows, dtype=object)
    array.fill(NO_WARNINGS)
    found: dict[int, set[str]] = {}
    for column in warned:
        for row in np.flatnonzero(column.astype(bool)).tolist():
            warning = column[row]
            found.setdefault(row, set()).update((warning,) if isinstance(warning, str) else warning)
    for row, warnings in found.items():
        array[row] = tuple(sorted(warnings))
    return array


# Each word of the fields' `read`, with its reader: of a group of columns at once, or of one column's text alone.
TOGETHER: dict[str, Callable[[pd.DataFrame, date | None], Made]] = {
    "names": lambda raw, _: _columns(_distinct(raw, NAME, name_of), Name._fields),
    "births": _births,
    "postcode": lambda raw, _: _columns(_distinct(raw, ("postcode",), postcode_of), Place._fields),
    "address": lambda raw, _: _columns(_distinct(raw, ("address",), address_of), ("address", "address_key", "")),
    "nominals": lambda raw, _: ({"source_person_ids": _source_person_ids(raw)}, []),
}
ALONE: dict[str, Callable[..., tuple[Any, str]]] = {
    "age": lambda text, places: codes.age_of(text),
    "gender": lambda text, places: codes.gender_of(text),
    "ethnicity": lambda text, places: codes.ethnicity_of(text),
    "authority": codes.authority_of,
    "telephone": lambda text, places: telephone_of(text),
    "pnc_id": lambda text, places: pnc_id_of(text),
    "text": lambda text, places: (tidy(text), ""),
}
