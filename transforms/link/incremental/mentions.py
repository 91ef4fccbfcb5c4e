"""What is compared of some mentions, as numbers that mean the same in every night?

`Columns` numbers the values of one table; here each value goes with 63 bits of its hash, so that rows of several nights
can be held against each other. That two among a million values are taken for one has a chance of one in ten million.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.link.model.columns import Codes, Columns, Values
from transforms.link.model.components import UNKNOWN, Rows
from transforms.link.model.database import hashes_of

Array = npt.NDArray[Any]
Hashes = npt.NDArray[np.int64]
Fields = tuple[str, ...]

VOCABULARIES: dict[str, Fields] = {
    "words": ("surname", "first", "root", "middle", "second", "alias"),
    "addresses": ("address",),
    "postcodes": ("postcode",),
    "telephones": ("telephone",),
    "pncs": ("pnc",),
    "sources": ("nominal",),
}
VOCABULARY_OF = {field: vocabulary for vocabulary, fields in VOCABULARIES.items() for field in fields}
SPELT = ("words", "addresses")  # of these the texts are kept, since some that differ are alike
CODED = tuple(field for field in VOCABULARY_OF if field != "nominal")
NUMBERS = (
    *("id", "print", "record", "dob", "year", "day_month", "age_year", "is_verified", "gender", "landed"),
    *("is_child", "is_young"),
)
ROW = (*CODED, *NUMBERS)
NOMINAL: Fields = ("nominal",)


@dataclass(frozen=True)
class Mentions:
    """Some mentions as numbers, N rows: the arrays of ROW by name, `key`, and `nominal` with `nominal_row`.

    For each vocabulary there are its sorted hashes as `hash:V`, for those of SPELT its texts as `V`; the coded columns
    are places in it.
    """

    arrays: dict[str, Any]

    def __getitem__(self, name: str) -> Array:
        found: Array = self.arrays[name]
        return found

    def __getattr__(self, name: str) -> Array:
        return self[name]

    def __len__(self) -> int:
        return len(self.arrays["id"])

    def hashed(self, field: str) -> Hashes:
        """For each row the hash of its value, or the number itself; UNKNOWN where it is not known."""
        if field == "name_pair":
            first, surname = self.hashed("first"), self.hashed("surname")
            known = (first != UNKNOWN) & (surname != UNKNOWN)
            pair = mixed([np.minimum(first, surname), np.maximum(first, surname)])
            return np.where(known, pair, UNKNOWN)
        if field in VOCABULARY_OF:
            return np.append(self[f"hash:{VOCABULARY_OF[field]}"], UNKNOWN)[self[field]]
        return self[field].astype(np.int64)

    def keys(self, fields: Fields) -> tuple[Hashes, Rows]:
        """The block key of every row that has all these fields, and these rows."""
        values = [self.hashed(field) for field in fields]
        rows = np.flatnonzero(np.all([value != UNKNOWN for value in values], axis=0))
        keys = values[0][rows] if len(fields) == 1 else mixed([value[rows] for value in values])
        return keys, self["nominal_row"][rows] if fields == NOMINAL else rows

    def taken(self, rows: Rows) -> "Mentions":
        """Some of the rows, with all of the vocabulary."""
        place = np.full(len(self), UNKNOWN, np.int64)
        place[rows] = np.arange(len(rows))
        nominal_row = place[self["nominal_row"]]
        there = nominal_row != UNKNOWN
        return Mentions(
            {
                **self.arrays,
                **{name: self[name][rows] for name in ROW},
                "key": self.arrays["key"].take(pa.array(rows)),
                "nominal": self["nominal"][there],
                "nominal_row": nominal_row[there],
            }
        )

    def trimmed(self) -> "Mentions":
        """The same rows with no more of the vocabulary than they use."""
        found = dict(self.arrays)
        for vocabulary, fields in VOCABULARIES.items():
            used, place = in_use([self[field] for field in fields], len(self[f"hash:{vocabulary}"]))
            found |= {f"hash:{vocabulary}": self[f"hash:{vocabulary}"][used]}
            found |= {field: place[self[field]] for field in fields}
            if vocabulary in SPELT:
                found[vocabulary] = self.arrays[vocabulary].take(pa.array(used))
        return Mentions(found)


def in_use(columns: Sequence[Array], size: int) -> tuple[Rows, Codes]:
    """The codes in use, and for each code its place among them; UNKNOWN stays what it is."""
    used = np.zeros(size + 1, bool)
    for codes in columns:
        used[codes] = True
    used[-1] = False
    place = (np.cumsum(used) - 1).astype(np.int32)
    place[-1] = UNKNOWN
    return np.flatnonzero(used), place


def mixed(values: list[Hashes]) -> Hashes:
    """63 bits out of several columns of numbers, by the mixing function of splitmix64."""
    key = np.zeros(len(values[0]), np.uint64)
    for value in values:
        key = (key + value.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        key ^= key >> np.uint64(31)
    return (key >> np.uint64(1)).astype(np.int64)


def mentions_of(columns: Columns, facts: dict[str, Array]) -> Mentions:
    """Columns made from a table, and the other NUMBERS as `facts`, with sorted vocabularies."""
    found: dict[str, Any] = {"key": columns.keys, **facts}
    rows, places = np.nonzero(columns.nominals != UNKNOWN)
    coded = {field: getattr(columns, field) for field in CODED} | {"nominal": columns.nominals[rows, places]}
    all_texts: list[Values] = [getattr(columns, vocabulary) for vocabulary in VOCABULARIES]
    all_hashes = np.split(hashes_of(pa.concat_arrays(all_texts)), np.cumsum([len(texts) for texts in all_texts])[:-1])
    for (vocabulary, fields), texts, hashes in zip(VOCABULARIES.items(), all_texts, all_hashes, strict=True):
        order = np.argsort(hashes)
        place = np.full(len(order) + 1, UNKNOWN, np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        found |= {f"hash:{vocabulary}": hashes[order], **{field: place[coded[field]] for field in fields}}
        if vocabulary in SPELT:
            found[vocabulary] = texts.take(pa.array(order))
    found |= {name: getattr(columns, name) for name in NUMBERS if name not in facts}
    return Mentions(found | {"nominal_row": rows})


def joined(parts: Sequence[Mentions]) -> Mentions:
    """The rows of several, one after the other, with one vocabulary."""
    if len(parts) == 1:
        return parts[0]
    found: dict[str, Any] = {name: np.concatenate([part[name] for part in parts]) for name in NUMBERS}
    found["key"] = pa.concat_arrays([part.arrays["key"] for part in parts])
    edges = np.cumsum([0, *(len(part) for part in parts)])
    found["nominal_row"] = np.concatenate(
        [part["nominal_row"] + edge for part, edge in zip(parts, edges, strict=False)]
    )
    for vocabulary, fields in VOCABULARIES.items():
        name = f"hash:{vocabulary}"
        hashes, first = np.unique(np.concatenate([part[name] for part in parts]), return_index=True)
        places = [np.append(np.searchsorted(hashes, part[name]), UNKNOWN).astype(np.int32) for part in parts]
        found[name] = hashes
        for field in fields:
            found[field] = np.concatenate([place[part[field]] for place, part in zip(places, parts, strict=True)])
        if vocabulary in SPELT:
            found[vocabulary] = pa.concat_arrays([part.arrays[vocabulary] for part in parts]).take(pa.array(first))
    return Mentions(found)
