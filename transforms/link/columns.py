"""What of each mention is compared, as numbers?

Linkage compares millions of pairs, so every value becomes a small integer first: two mentions agree on a field where
their codes are equal, and a value that is not known is -1. Rows are in order of mention key, however they came.
"""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import compute

from transforms.link.components import UNKNOWN, Rows
from transforms.link.names import NATIONAL_POOL, known_given_names, national_share
from transforms.link.namesakes import is_lone
from transforms.link.settings import KNOWN_NAME_BITS, UNLISTED_BEARERS

Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
pc: Any = compute
Values: TypeAlias = Any  # a pyarrow Array: its stubs cannot follow what is done to it here
DAYS_BEFORE_1970 = 60_000  # dates count from 1805, so that every date of birth is above UNKNOWN

GENDER_SIDE = {"Male": 1, "Trans Male": 1, "Female": 2, "Trans Female": 2}


@dataclass(frozen=True)
class Columns:
    """The comparable columns of N mentions, in order of mention key.

    `words` is the vocabulary of surname, first, root, middle and alias codes; `addresses` that of address codes.
    Dates of birth are days since 1805, `day_month` is month * 100 + day. `nominals` is N x K, padded with UNKNOWN.
    """

    keys: Values
    words: Values
    addresses: Values
    surname: Codes
    first: Codes
    root: Codes
    middle: Codes
    alias: Codes
    dob: Codes
    year: Codes
    day_month: Codes
    is_verified: Flags
    gender: Codes
    address: Codes
    postcode: Codes
    telephone: Codes
    pnc: Codes
    nominals: Codes

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def bits(self) -> dict[str, Codes]:
        """How common each row's value is: bits b where at most 2**b persons bear it, by field.

        Persons are counted as the different dates of birth seen with a value: that needs no linkage, and errors in
        dates only make a value look commoner, which is the safe side. A name counts at least as often as the country's
        share of it would give in a pool of NATIONAL_POOL persons, so that 42 children do not make Smith a rare name.
        """
        size = len(self.words)
        floor_surname, floor_given = _national_floor(self.words, "surname"), _national_floor(self.words, "given")
        return {
            "surname": _bits(self.surname, self.dob, np.maximum(floor_surname, 1)),
            "root": _bits(self.root, self.dob, np.where(floor_given > 0, np.maximum(floor_given, 1), UNLISTED_BEARERS)),
            "first": _bits(self.first, self.dob, np.maximum(floor_given, 1)),
            "alias": _bits(self.alias, self.dob, np.ones(size)),
            "address": _bits(self.address, self.dob, np.ones(len(self.addresses))),
            "postcode": _bits(self.postcode, self.dob, None),
            "telephone": _bits(self.telephone, self.dob, None),
        }

    @cached_property
    def is_known_name(self) -> Flags:
        """Rows whose first name is a name in its own right: one on our lists or borne by several persons here."""
        common = self.bits["first"] >= KNOWN_NAME_BITS
        return np.asarray((self.first >= 0) & (self._is_listed[self.first] | common))

    @cached_property
    def _is_listed(self) -> Flags:
        """By word of the vocabulary: True for first names on our lists."""
        names = known_given_names()
        return np.array([word in names for word in self.words.to_pylist()] or [False])

    @cached_property
    def nominal(self) -> Codes:
        """The first nominal of each row."""
        return self.nominals[:, 0]

    @cached_property
    def is_lone_name(self) -> Flags:
        """Rows whose surname and first name nobody else who is known bears."""
        named = (self.surname != UNKNOWN) & (self.root != UNKNOWN)
        name = self.surname.astype(np.int64) * (len(self.words) + 1) + self.root
        date = np.where(self.dob != UNKNOWN, self.year.astype(np.int64) * 10000 + self.day_month, UNKNOWN)
        return is_lone(np.where(named, name, UNKNOWN), date, [self.gender, self.pnc])

    @cached_property
    def initial(self) -> Codes:
        """First letter of each first name, as a number."""
        letters = np.array([ord(word[0]) for word in self.words.to_pylist()] or [UNKNOWN], np.int32)
        return np.where(self.first >= 0, letters[self.first], UNKNOWN)

    @cached_property
    def is_double_surname(self) -> Flags:
        """Rows whose surname has several parts."""
        double = np.array([" " in word for word in self.words.to_pylist()] or [False])
        return np.asarray((self.surname >= 0) & double[self.surname])

    @cached_property
    def is_initial(self) -> Flags:
        """Rows whose first name is one letter."""
        single = np.array([len(word) == 1 for word in self.words.to_pylist()] or [False])
        return np.asarray((self.first >= 0) & single[self.first])

    def part(self, rows: Rows) -> "Columns":
        """The columns of some rows; what was counted among all stays as it is."""
        taken = {name.name: getattr(self, name.name) for name in fields(self)}
        taken |= {name: values[rows] for name, values in taken.items() if isinstance(values, np.ndarray)}
        part = Columns(**taken | {"keys": self.keys.take(pa.array(rows))})
        bits = {name: bits[rows] for name, bits in self.bits.items()}
        return _with_counts(part, bits=bits, is_lone_name=self.is_lone_name[rows])

    def share_nominal(self, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> Flags:
        """For each pair of rows, True where both sides hold a nominal in common."""
        shared = np.zeros(len(left), bool)
        for a in range(self.nominals.shape[1]):
            ours = self.nominals[left, a]
            for b in range(self.nominals.shape[1]):
                shared |= (ours == self.nominals[right, b]) & (ours != UNKNOWN)
        return shared


def _with_counts(columns: Columns, **counted: Any) -> Columns:
    """The columns with what was counted elsewhere: `bits`, `is_lone_name`."""
    columns.__dict__.update(counted)
    return columns


def columns_of(table: pa.Table) -> Columns:
    """The columns of a `mention` table."""
    mention: Any = in_order(table)
    names = [mention[name].combine_chunks() for name in ("surname_key", "first_key", "root_key", "alias_key")]
    names.append(_second_word(mention["given_key"].combine_chunks()))
    words, (surname, first, root, alias, middle) = _encode(names)
    addresses, (address,) = _encode([mention["address_key"].combine_chunks()])
    dates = mention["date_of_birth"].combine_chunks()
    dob = _numbers(pc.add(dates.cast(pa.int32()), DAYS_BEFORE_1970))
    year = np.where(dob >= 0, _numbers(pc.year(dates)), _numbers(mention["birth_year"].combine_chunks()))
    day_month = np.where(dob == UNKNOWN, UNKNOWN, _numbers(pc.month(dates)) * 100 + _numbers(pc.day(dates)))
    side = pc.index_in(mention["gender"].combine_chunks(), pa.array(list(GENDER_SIDE)))
    gender = np.array([*GENDER_SIDE.values(), UNKNOWN], np.int32)[_numbers(side)]
    return Columns(
        keys=mention["mention_key"].combine_chunks(),
        words=words,
        addresses=addresses,
        surname=surname,
        first=first,
        root=root,
        middle=middle,
        alias=alias,
        dob=dob,
        year=year.astype(np.int32),
        day_month=day_month.astype(np.int32),
        is_verified=_numbers(pc.equal(mention["dob_status"].combine_chunks(), "VERIFIED").cast(pa.int32())) == 1,
        gender=gender,
        address=address,
        postcode=_encode([mention["postcode"].combine_chunks()])[1][0],
        telephone=_encode([mention["telephone"].combine_chunks()])[1][0],
        pnc=_encode([mention["pnc_id"].combine_chunks()])[1][0],
        nominals=_padded(mention["source_person_ids"].combine_chunks()),
    )


def in_order(table: pa.Table) -> pa.Table:
    """The table in order of mention key; most come so."""
    keys: Any = table["mention_key"].combine_chunks()
    is_in_order = pc.all(pc.less_equal(keys[:-1], keys[1:])).as_py() is not False
    return table if is_in_order else table.sort_by("mention_key")


def _numbers(values: Values) -> Codes:
    return np.asarray(values.fill_null(UNKNOWN).to_numpy(zero_copy_only=False), dtype=np.int32)


def _encode(columns: list[Values]) -> tuple[Values, list[Codes]]:
    """One vocabulary for several text columns, and each column's codes in it; an empty text is not known."""
    texts = [
        pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column.cast(pa.string())) for column in columns
    ]
    encoded = pa.chunked_array(texts).combine_chunks().dictionary_encode()
    codes = _numbers(encoded.indices)
    edges = np.cumsum([len(column) for column in columns])[:-1]
    return encoded.dictionary, np.split(codes, edges)


def _second_word(given: Values) -> Values:
    return pc.struct_field(pc.extract_regex(given, r"^\S+ (?P<second>\S+)"), 0)


def _padded(lists: Values) -> Codes:
    """Codes of a list column as a matrix, each row padded with UNKNOWN."""
    lengths = np.asarray(pc.list_value_length(lists).fill_null(0).to_numpy(zero_copy_only=False), dtype=np.int64)
    _, (codes,) = _encode([lists.flatten()])
    padded = np.full((len(lists), max(1, int(lengths.max(initial=1)))), UNKNOWN, np.int32)
    rows = np.repeat(np.arange(len(lists)), lengths)
    padded[rows, np.arange(len(codes)) - np.repeat(np.cumsum(lengths) - lengths, lengths)] = codes
    return padded


def _national_floor(words: Values, kind: str) -> npt.NDArray[np.float64]:
    shares = national_share(kind)
    return np.array([shares.get(word, 0.0) for word in words.to_pylist()]) * NATIONAL_POOL


def _bits(codes: Codes, dob: Codes, floor: npt.NDArray[np.float64] | None) -> Codes:
    """Per row, the bits of how many different dates of birth bear its value; UNKNOWN rows get 0."""
    dated = (codes >= 0) & (dob != UNKNOWN)
    borne = np.unique(codes[dated].astype(np.int64) << 32 | dob[dated])
    size = int(codes.max(initial=-1)) + 1
    persons = np.bincount(borne >> 32, minlength=size).astype(float)
    if floor is not None:
        persons = np.maximum(persons, floor[:size])
    bits = np.ceil(np.log2(np.maximum(persons, 1))).astype(np.int32)
    return np.where(codes >= 0, bits[codes] if size else 0, 0).astype(np.int32)
