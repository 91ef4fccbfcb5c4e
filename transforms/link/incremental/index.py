"""What is known of all mentions so far, laid out so that a night reads only what its own mentions touch?

An index is a list of segments, each made in one night and never changed: the night's new and changed mentions, their
blocks as sorted 64-bit keys, how many persons bear each value that changed, and the pairs of all mentions that were
decided again. What a newer segment says of a mention or a value stands. Segments of about one size are merged, so that
there are few. Everything can be made again from the mentions at any time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from transforms.link.incremental.mentions import (
    CODED,
    NOMINAL,
    NUMBERS,
    SPELT,
    VOCABULARIES,
    VOCABULARY_OF,
    Array,
    Fields,
    Hashes,
    Mentions,
    in_use,
    joined,
    mixed,
)
from transforms.link.model.columns import BORNE, Codes, Columns, Flags, Values, with_counts
from transforms.link.model.components import UNKNOWN, Rows
from transforms.link.model.settings import BLOCKING

ID: Fields = ("id",)
NAME: Fields = ("surname", "root")  # all who bear a name decide on the is_lone_name of each
DATED = {field: (field, "dob") for field in BORNE}
VALUED: dict[str, Fields] = {field: (field,) for field in BORNE}
BLOCKED = tuple(rule.fields for rule in BLOCKING)
POSTED: tuple[Fields, ...] = tuple(dict.fromkeys((ID, NOMINAL, NAME, *BLOCKED, *DATED.values(), *VALUED.values())))
MERGED_BELOW = 4  # a segment is merged with the one before it where that is less than so many times as large
TEXTS = ("key", *SPELT)
COMPARED_NUMBERS = ("record", "dob", "year", "day_month", "age_year", "is_verified", "is_child", "gender")


@dataclass(frozen=True)
class Pairs:
    """Pairs of mentions by id, left before right in order of their keys, with their weight."""

    left: Hashes
    right: Hashes
    weight: Array

    def take(self, chosen: Flags | Rows) -> "Pairs":
        """The pairs chosen by mask or position."""
        return Pairs(self.left[chosen], self.right[chosen], self.weight[chosen])

    @staticmethod
    def joined(parts: Sequence["Pairs"]) -> "Pairs":
        """The pairs of several, one after the other."""
        return Pairs(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("left", "right", "weight")))

    @staticmethod
    def together(parts: Sequence["Pairs"]) -> "Pairs":
        """Each pair of several once."""
        found = Pairs.joined(parts)
        order = np.lexsort((found.right, found.left))
        left, right = found.left[order], found.right[order]
        first = np.ones(len(order), bool)
        first[1:] = (left[1:] != left[:-1]) | (right[1:] != right[:-1])
        return found.take(order[first])

    @staticmethod
    def none() -> "Pairs":
        """No pairs."""
        return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))


@dataclass(frozen=True)
class Segment:
    """What one night added, as arrays by name: those of its `mentions`, and

    * for fields F of POSTED `keys:F`, sorted block keys, `rows:F`, the row of each, and `less:F`, the keys of mentions
      of earlier segments that stand no more; `replaced` are the sorted ids of these;
    * for X of BORNE `count:X`, by value of X's vocabulary how many persons bear it, UNKNOWN where that did not change;
    * `names`, sorted keys of NAME, and for each `lone`, whether one person alone bears it;
    * `touched`, sorted ids of the mentions that were decided again, and `left`, `right` and `weight`, all their pairs,
      in order of left ids; `rights` are the right ids in order, and `by_right` the place of the pair of each.
    """

    arrays: dict[str, Any]

    def __getitem__(self, name: str) -> Array:
        found: Array = self.arrays[name]
        return found

    @property
    def mentions(self) -> Mentions:
        """The mentions of this night."""
        return Mentions(self.arrays)

    @property
    def size(self) -> int:
        """How much there is to merge; what was decided again weighs less than what is new."""
        return len(self["id"]) + len(self["touched"]) // 4

    @property
    def pairs(self) -> Pairs:
        """All pairs of the mentions that were decided again."""
        return Pairs(self["left"], self["right"], self["weight"])

    def table(self) -> pa.Table:
        """The segment as a table of one row, each array in one list."""
        return pa.table({name: _as_list(values) for name, values in self.arrays.items()})

    @staticmethod
    def of(table: pa.Table) -> "Segment":
        """The segment in a table; nothing is read of one that is mapped into memory before it is asked for."""
        columns: Any = table.columns
        lists = {name: column.chunk(0).values for name, column in zip(table.column_names, columns, strict=True)}
        return Segment({name: values if name in TEXTS else _unpacked(values) for name, values in lists.items()})


def _as_list(values: Any) -> Values:
    if not isinstance(values, pa.Array):
        values = pa.array(values.view(np.uint8) if values.dtype == bool else values)
    return pa.LargeListArray.from_arrays(pa.array([0, len(values)], pa.int64()), values)


def _unpacked(values: Values) -> Array:
    array: Array = values.to_numpy()
    return array.view(bool) if array.dtype == np.uint8 else array


def posted(mentions: Mentions) -> dict[str, Array]:
    """The sorted block keys of mentions, and the rows that have them."""
    found: dict[str, Array] = {}
    for fields in POSTED:
        keys, rows = mentions.keys(fields)
        order = np.argsort(keys, kind="stable")
        found |= {f"keys:{'+'.join(fields)}": keys[order], f"rows:{'+'.join(fields)}": rows[order].astype(np.int32)}
    return found


def less(mentions: Mentions) -> dict[str, Array]:
    """The sorted block keys of mentions that stand no more."""
    return {f"less:{'+'.join(fields)}": np.sort(mentions.keys(fields)[0]) for fields in POSTED}


def paired(touched: Hashes, pairs: Pairs) -> dict[str, Array]:
    """The part of a segment that holds pairs."""
    pairs = pairs.take(np.lexsort((pairs.right, pairs.left)))
    by_right = np.argsort(pairs.right, kind="stable")
    found = {"touched": np.sort(touched), **pairs.__dict__}
    return found | {"by_right": by_right.astype(np.int32), "rights": pairs.right[by_right]}


def distinct(values: Hashes) -> Hashes:
    """The different values, sorted: np.unique goes through a hash table, which takes longer."""
    ordered = np.sort(values)
    is_first = np.ones(len(ordered), bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_first]


def spans(sorted_keys: Array, sought: Array) -> tuple[Rows, Rows]:
    """(place in `sought`, place in `sorted_keys`) of everything that is equal; `sought` is sorted."""
    start, end = np.searchsorted(sorted_keys, sought), np.searchsorted(sorted_keys, sought, side="right")
    count = end - start
    place = np.repeat(np.arange(len(sought)), count)
    return place, np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(start, count)


def places(sorted_keys: Array, sought: Array) -> Rows:
    """The place of each among sorted keys without repetition; UNKNOWN where it is not there."""
    if not len(sorted_keys):
        return np.full(len(sought), UNKNOWN, np.int64)
    place = np.minimum(np.searchsorted(sorted_keys, sought), len(sorted_keys) - 1)
    return np.where(sorted_keys[place] == sought, place, UNKNOWN)


def _times(sorted_keys: Array, sought: Array) -> Rows:
    return np.searchsorted(sorted_keys, sought, side="right") - np.searchsorted(sorted_keys, sought)


class Index:
    """All segments together. Rows are numbered through all of them, ids are hashes of mention keys."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = list(segments)
        self.edges = np.cumsum([0, *(len(segment["id"]) for segment in segments)])

    def __len__(self) -> int:
        """How many mentions are known."""
        return int(self.edges[-1]) - len(self._dead)

    @cached_property
    def _dead(self) -> Rows:
        """Sorted rows that a newer segment replaced."""
        found = [np.empty(0, np.int64)]
        for number, segment in enumerate(self.segments):
            for newer in self.segments[number + 1 :]:
                _, at = spans(segment["keys:id"], newer["replaced"])
                found.append(segment["rows:id"][at].astype(np.int64) + self.edges[number])
        return np.unique(np.concatenate(found))

    def others(self, rows: Rows) -> Rows:
        """The rows of all other mentions that stand."""
        if len(rows) == len(self):
            return np.empty(0, np.int64)
        return np.setdiff1d(np.arange(self.edges[-1]), np.concatenate([rows, self._dead]))

    def find(self, fields: Fields, keys: Hashes) -> tuple[Rows, Rows]:
        """(place in `keys`, row) of every mention that stands and has one of these sorted block keys."""
        found_at, found = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        name = "+".join(fields)
        for segment, edge in zip(self.segments, self.edges, strict=False):
            at, place = spans(segment[f"keys:{name}"], keys)
            rows = segment[f"rows:{name}"][place] + edge
            stands = places(self._dead, rows) == UNKNOWN
            found_at.append(at[stands])
            found.append(rows[stands])
        return np.concatenate(found_at), np.concatenate(found)

    def count(self, fields: Fields, keys: Hashes) -> Rows:
        """How many mentions that stand have each block key."""
        name = "+".join(fields)
        found = np.zeros(len(keys), np.int64)
        for segment in self.segments:
            found += _times(segment[f"keys:{name}"], keys) - _times(segment[f"less:{name}"], keys)
        return found

    def rows(self, ids: Hashes) -> Rows:
        """The row of each of these sorted ids; UNKNOWN where no such mention stands."""
        found = np.full(len(ids), UNKNOWN, np.int64)
        at, rows = self.find(ID, ids)
        found[at] = rows
        return found

    def column(self, name: str, rows: Rows) -> Array:
        """Some rows of an array of ROW; codes are those of `vocabulary`."""
        found = np.empty(len(rows), self.segments[0][name].dtype)
        for number, ((segment, local), here) in enumerate(zip(self._by_segment(rows), self._here(rows), strict=True)):
            values = segment[name][local]
            if name in VOCABULARY_OF:
                values = self.vocabulary(VOCABULARY_OF[name]).codes[number][values]
            found[here] = values
        return found

    def numbers(self, rows: Rows) -> dict[str, Array]:
        """The NUMBERS of some rows."""
        return {name: self.column(name, rows) for name in NUMBERS}

    def keys(self, rows: Rows) -> Values:
        """The mention keys of some rows."""
        parts = [segment.arrays["key"].take(pa.array(at)) for segment, at in self._by_segment(rows)]
        order = np.argsort(np.concatenate([np.flatnonzero(here) for here in self._here(rows)]), kind="stable")
        return pa.concat_arrays(parts).take(pa.array(order))

    def _here(self, rows: Rows) -> list[Flags]:
        """For each segment, which of these rows it has."""
        return [
            np.asarray((rows >= start) & (rows < end)) for start, end in zip(self.edges, self.edges[1:], strict=False)
        ]

    def _by_segment(self, rows: Rows) -> list[tuple[Segment, Rows]]:
        """Each segment with its own numbers of those of these rows that it has."""
        here = self._here(rows)
        return [
            (segment, rows[mask] - edge) for segment, edge, mask in zip(self.segments, self.edges, here, strict=False)
        ]

    def mentions(self, rows: Rows) -> Mentions:
        """Some rows, segment by segment, with no more of the vocabulary than they use."""
        return joined([segment.mentions.taken(at).trimmed() for segment, at in self._by_segment(rows)])

    def vocabulary(self, name: str) -> "Vocabulary":
        """All values of a vocabulary."""
        if name not in self._vocabularies:
            self._vocabularies[name] = Vocabulary([segment[f"hash:{name}"] for segment in self.segments])
        return self._vocabularies[name]

    @cached_property
    def _vocabularies(self) -> dict[str, "Vocabulary"]:
        return {}

    def persons(self, field: str) -> Codes:
        """How many persons bear each value of a field, by code."""
        vocabulary = self.vocabulary(VOCABULARY_OF[field])
        found = np.zeros(vocabulary.size, np.int32)
        for segment, codes in zip(self.segments, vocabulary.codes, strict=True):
            count = segment[f"count:{field}"]
            is_known = count != UNKNOWN
            found[codes[:-1][is_known]] = count[is_known]
        return found

    def texts(self, vocabulary: str, codes: Rows) -> Values:
        """The texts of some codes, which are sorted."""
        parts = []
        for segment, (first, local) in zip(self.segments, self.vocabulary(vocabulary).firsts, strict=True):
            here = codes[(codes >= first) & (codes < first + len(local))] - first
            parts.append(segment.arrays[vocabulary].take(pa.array(local[here])))
        return pa.concat_arrays(parts)

    def is_lone(self, names: Hashes) -> Array:
        """For each of these sorted names 1 where one person alone bears it, 0 where not, UNKNOWN where nobody does."""
        found = np.full(len(names), UNKNOWN, np.int8)
        for segment in self.segments:
            place = places(segment["names"], names)
            there = place != UNKNOWN
            found[there] = segment["lone"][place[there]]
        return found

    def pairs_of(self, ids: Hashes) -> Pairs:
        """All pairs of these mentions, whose ids are sorted."""
        found = [Pairs.none()]
        for segment in reversed(self.segments):
            there = places(segment["touched"], ids) != UNKNOWN
            here, ids = ids[there], ids[~there]
            _, by_left = spans(segment["left"], here)
            _, by_right = spans(segment["rights"], here)
            found.append(segment.pairs.take(distinct(np.concatenate([by_left, segment["by_right"][by_right]]))))
        return Pairs.joined(found)

    def columns(self, rows: Rows) -> Columns:
        """The columns of some rows, which are in order of their mention keys, with what was counted among all."""
        codes = {field: self.column(field, rows) for field in CODED}
        texts: dict[str, Any] = dict.fromkeys(VOCABULARIES, pa.array([], pa.string()))
        persons: dict[str, Codes] = {}
        for vocabulary, fields in VOCABULARIES.items():
            borne = [field for field in fields if field in BORNE]
            if not borne:
                continue
            used, place = in_use([codes[field] for field in fields], self.vocabulary(vocabulary).size)
            codes |= {field: place[codes[field]] for field in fields}
            persons |= {field: self.persons(field)[used] for field in borne}
            if vocabulary in SPELT:
                texts[vocabulary] = self.texts(vocabulary, used)
        numbers = {name: self.column(name, rows) for name in COMPARED_NUMBERS}
        columns = Columns(keys=self.keys(rows), nominals=self._nominals(rows), **codes, **numbers, **texts)
        bits = {field: columns.bits_by(field, persons[field]) for field in BORNE}
        return with_counts(columns, bits=bits, is_lone_name=self._lone_rows(rows))

    def _lone_rows(self, rows: Rows) -> Flags:
        keys = {field: self.hashed(field, rows) for field in NAME}
        named = np.all([values != UNKNOWN for values in keys.values()], axis=0)
        names, place = np.unique(mixed([values[named] for values in keys.values()]), return_inverse=True)
        found = np.zeros(len(rows), bool)
        found[named] = (self.is_lone(names) == 1)[place]
        return found

    def hashed(self, field: str, rows: Rows) -> Hashes:
        """For each row the hash of its value."""
        return np.append(self.vocabulary(VOCABULARY_OF[field]).hashes, UNKNOWN)[self.column(field, rows)]

    def _nominals(self, rows: Rows) -> Codes:
        """N x K, padded with UNKNOWN."""
        at, values = [], []
        vocabulary = self.vocabulary(VOCABULARY_OF["nominal"])
        for number, (segment, mask) in enumerate(zip(self.segments, self._here(rows), strict=True)):
            here = np.flatnonzero(mask)
            local = rows[here] - self.edges[number]
            order = np.argsort(local)
            place, nominal = spans(segment["nominal_row"], local[order])
            at.append(here[order][place])
            values.append(vocabulary.codes[number][segment["nominal"][nominal]])
        return _padded(np.concatenate(at), np.concatenate(values), len(rows))


def _padded(rows: Rows, values: Codes, size: int) -> Codes:
    order = np.argsort(rows, kind="stable")
    rows, values = rows[order], values[order]
    count = np.bincount(rows, minlength=size)
    padded = np.full((size, max(1, int(np.max(count, initial=1)))), UNKNOWN, np.int32)
    padded[rows, np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)] = values
    return padded


class Vocabulary:
    """The values of several segments in one numbering: those of the first, then those that each next one adds."""

    def __init__(self, segments: Sequence[Hashes]) -> None:
        self.codes: list[Codes] = []
        self.firsts: list[tuple[int, Rows]] = []
        self._known: list[tuple[Hashes, int]] = []
        self.size = 0
        for hashes in segments:
            codes = self.codes_of(hashes)
            new = np.flatnonzero(codes == UNKNOWN)
            codes[new] = self.size + np.arange(len(new))
            self.firsts.append((self.size, new))
            self._known.append((hashes[new], self.size))
            self.codes.append(np.append(codes, UNKNOWN).astype(np.int32))
            self.size += len(new)

    def codes_of(self, hashes: Hashes) -> Rows:
        """The code of each value; UNKNOWN where none has it."""
        found = np.full(len(hashes), UNKNOWN, np.int64)
        for known, first in self._known:
            place = places(known, hashes)
            found = np.where(place == UNKNOWN, found, place + first)
        return found

    @cached_property
    def hashes(self) -> Hashes:
        """The hash of each code."""
        return np.concatenate([known for known, _ in self._known])


def merged(older: Segment, newer: Segment) -> Segment:
    """One segment that says what two did."""
    stands = np.ones(len(older["id"]), bool)
    stands[older["rows:id"][spans(older["keys:id"], newer["replaced"])[1]]] = False
    gone = older.mentions.taken(np.flatnonzero(~stands))
    mentions = joined([older.mentions.taken(np.flatnonzero(stands)), newer.mentions])
    apart = np.setdiff1d(newer["replaced"], gone["id"])
    taken_back = less(gone)
    arrays = {
        **mentions.arrays,
        **posted(mentions),
        **{name: _without(np.concatenate([older[name], newer[name]]), keys) for name, keys in taken_back.items()},
        "replaced": np.union1d(older["replaced"], apart),
        **{f"count:{field}": _counts(mentions, field, (older, newer)) for field in BORNE},
    }
    names = np.union1d(older["names"], newer["names"])
    arrays |= {"names": names, "lone": Index([older, newer]).is_lone(names)}
    carried = older.pairs
    again = (places(newer["touched"], carried.left) != UNKNOWN) | (places(newer["touched"], carried.right) != UNKNOWN)
    pairs = Pairs.together([carried.take(~again), newer.pairs])
    return Segment(arrays | paired(np.union1d(older["touched"], newer["touched"]), pairs))


def settled(segments: Sequence[Segment]) -> list[Segment]:
    """The segments, the last ones merged until each is much larger than the next; one that says nothing is left out."""
    found = list(segments)
    if not any(len(found[-1][name]) for name in ("id", "touched", "replaced")):
        return found[:-1]
    while len(found) > 1 and found[-2].size < MERGED_BELOW * found[-1].size:
        newer, older = found.pop(), found.pop()
        found.append(merged(older, newer))
    return found


def _counts(mentions: Mentions, field: str, segments: Sequence[Segment]) -> Codes:
    """What the last of several segments says of each value."""
    name = f"hash:{VOCABULARY_OF[field]}"
    found = np.full(len(mentions[name]), UNKNOWN, np.int32)
    for segment in segments:
        count = segment[f"count:{field}"]
        is_known = count != UNKNOWN
        found[np.searchsorted(mentions[name], segment[name][is_known])] = count[is_known]
    return found


def _without(keys: Hashes, taken: Hashes) -> Hashes:
    """Sorted keys less as many of each as are taken."""
    values, count = np.unique(keys, return_counts=True)
    np.subtract.at(count, np.searchsorted(values, taken), 1)
    return np.repeat(values, count)
