"""What of each mention is compared, as numbers?

Linkage compares millions of pairs, so every value becomes a small integer first: two mentions agree on a field where
their codes are equal, and a value that is not known is -1. Rows are in order of mention key, however they came.
"""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import compute

from transforms.link.model.components import UNKNOWN, Rows
from transforms.link.model.database import computed, shortened
from transforms.link.model.names import NATIONAL_POOL, known_given_names, national_share
from transforms.link.model.namesakes import is_lone
from transforms.link.model.settings import KNOWN_NAME_BITS, LONG_SURNAME, UNLISTED_BEARERS
from transforms.normalise.names import root as root_of

Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
pc: Any = compute
Values: TypeAlias = Any  # a pyarrow Array: its stubs cannot follow what is done to it here
DAYS_BEFORE_1970 = 719_200  # dates count from the year 1, so that every one is above UNKNOWN

BORNE = ("surname", "root", "first", "alias", "address", "postcode", "telephone")  # the fields with `bits`
NAMES = {"surname": "surname", "root": "root", "first": "given", "alias": ""}  # and the national table of each
GENDER_SIDE = {"Male": 1, "Trans Male": 1, "Female": 2, "Trans Female": 2}


@dataclass(frozen=True)
class Columns:
    """The comparable columns of N mentions, in order of mention key.

    `words` is the vocabulary of surname, first, root, middle, second and alias codes; `addresses`, `postcodes`,
    `telephones` and `pncs` are those of the codes of one column, `sources` that of the nominals.
    `record` is a hash of the record that the mention is in. `second` is the root of the second given name where that is
    on our lists. `is_child`: a child by the record's own word. Dates of birth are days since the year 1, `day_month` is
    month * 100 + day, `age_year` the last year in which somebody of the stated age was born, known where no date or
    year is. `nominals` is N x K, padded with UNKNOWN.
    """

    keys: Values
    record: Rows
    words: Values
    addresses: Values
    postcodes: Values
    telephones: Values
    pncs: Values
    sources: Values
    surname: Codes
    first: Codes
    root: Codes
    middle: Codes
    second: Codes
    alias: Codes
    dob: Codes
    year: Codes
    day_month: Codes
    age_year: Codes
    is_verified: Flags
    is_child: Flags
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
        """How common each row's value is: bits b where at most 2**b persons bear it, by field."""
        return {field: self.bits_by(field, self._persons(field)) for field in BORNE}

    def bits_by(self, field: str, persons: Codes) -> Codes:
        """The bits of each row's value of a field, of the persons that bear each value; UNKNOWN rows get 0."""
        codes: Codes = getattr(self, field)
        if not len(persons):
            return np.zeros(len(codes), np.int32)
        return np.where(codes >= 0, bits_of(field, persons, self.words)[codes], 0).astype(np.int32)

    def _persons(self, field: str) -> Codes:
        """How many persons bear each value of a field: the different dates of birth seen with it."""
        codes: Codes = getattr(self, field)
        dated = (codes >= 0) & (self.dob != UNKNOWN)
        borne = np.unique(codes[dated].astype(np.int64) << 32 | self.dob[dated])
        size = len(self.words) if field in NAMES else int(np.max(codes, initial=UNKNOWN)) + 1
        return np.bincount(borne >> 32, minlength=size).astype(np.int32)

    @cached_property
    def is_known_name(self) -> Flags:
        """Rows whose first name is a name in its own right: one on our lists or borne by several persons here."""
        common = self.bits["first"] >= KNOWN_NAME_BITS
        return self._of_first(is_listed("first", self.words)) | ((self.first >= 0) & common)

    @cached_property
    def is_known_surname(self) -> Flags:
        """Rows whose surname is a name in its own right, in the same way."""
        common = self.bits["surname"] >= KNOWN_NAME_BITS
        return self._of_surname(is_listed("surname", self.words)) | ((self.surname >= 0) & common)

    @cached_property
    def is_short_surname(self) -> Flags:
        """Rows whose surname has so few letters that one more or less makes another name."""
        return self._of_surname(_flags(pc.less(pc.utf8_length(self.words), LONG_SURNAME)))

    def _of_surname(self, by_word: Flags) -> Flags:
        return np.asarray((self.surname >= 0) & np.append(by_word, False)[self.surname])

    def _of_first(self, by_word: Flags) -> Flags:
        return np.asarray((self.first >= 0) & np.append(by_word, False)[self.first])

    @cached_property
    def nominal(self) -> Codes:
        """The first nominal of each row."""
        return self.nominals[:, 0]

    @cached_property
    def is_lone_name(self) -> Flags:
        """Rows whose surname and first name nobody else who is known bears."""
        named = (self.surname != UNKNOWN) & (self.root != UNKNOWN)
        name = self.surname.astype(np.int64) * (len(self.words) + 1) + self.root
        return lone(np.where(named, name, UNKNOWN), self)

    @cached_property
    def initial(self) -> Codes:
        """First letter of each first name, as a number."""
        _, (letters,) = encoded([pc.utf8_slice_codeunits(self.words, 0, 1)])
        return np.append(letters, np.int32(UNKNOWN))[self.first]

    @cached_property
    def is_double_surname(self) -> Flags:
        """Rows whose surname has several parts."""
        return self._of_surname(_flags(pc.match_substring(self.words, " ")))

    @cached_property
    def is_initial(self) -> Flags:
        """Rows whose first name is one letter."""
        return self._of_first(_flags(pc.equal(pc.utf8_length(self.words), 1)))

    @cached_property
    def letters(self) -> npt.NDArray[np.uint64]:
        """The letters in each of `words`, one bit each; 0 for a word of several parts or other than plain letters."""
        _, edges, content = self.words.buffers()
        edge = np.frombuffer(edges, np.int32)[self.words.offset :][: len(self.words) + 1]
        letter = np.left_shift(np.uint64(1), np.frombuffer(content or b"", np.uint8)[: edge[-1]].astype(np.uint64) & 63)
        found = np.zeros(len(self.words), np.uint64)
        plain = _flags(pc.match_substring_regex(self.words, "^[a-z]+$"))
        found[plain] = np.bitwise_or.reduceat(np.append(letter, np.uint64(0)), edge[:-1])[plain]
        return found

    @cached_property
    def year_to(self) -> Codes:
        """The last year in which each row may have been born, by a date, a year or an age."""
        return np.where(self.year != UNKNOWN, self.year, self.age_year)

    @cached_property
    def year_from(self) -> Codes:
        """The first such year: an age gives two."""
        return np.where((self.year != UNKNOWN) | (self.age_year == UNKNOWN), self.year, self.age_year - 1)

    @cached_property
    def is_middle_initial(self) -> Flags:
        """Rows whose middle name is one letter."""
        letter = np.append(_flags(pc.equal(pc.utf8_length(self.words), 1)), False)[self.middle]
        return np.asarray((self.middle >= 0) & letter)

    def share_nominal(self, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> Flags:
        """For each pair of rows, True where both sides hold a nominal in common."""
        shared = np.zeros(len(left), bool)
        for a in range(self.nominals.shape[1]):
            ours = self.nominals[left, a]
            for b in range(self.nominals.shape[1]):
                shared |= (ours == self.nominals[right, b]) & (ours != UNKNOWN)
        return shared


def with_counts(columns: Columns, **counted: Any) -> Columns:
    """The columns with what was counted elsewhere: `bits`, `is_lone_name`."""
    columns.__dict__.update(counted)
    return columns


def columns_of(table: pa.Table) -> Columns:
    """The columns of a `mention` table."""
    mention: Any = in_order(table)
    names = [mention[name].combine_chunks() for name in ("surname_key", "first_key", "root_key", "alias_key")]
    names.append(_second_word(mention["given_key"].combine_chunks()))
    names.append(_listed_root(names[-1]))
    words, (surname, first, root, alias, middle, second) = encoded(names)
    addresses, (address,) = encoded([mention["address_key"].combine_chunks()])
    postcodes, (postcode,) = encoded([mention["postcode"].combine_chunks()])
    telephones, (telephone,) = encoded([mention["telephone"].combine_chunks()])
    pncs, (pnc,) = encoded([mention["pnc_id"].combine_chunks()])
    sources, nominals = _padded(mention["source_person_ids"].combine_chunks())
    dates = mention["date_of_birth"].combine_chunks()
    dob = _numbers(pc.add(dates.cast(pa.int32()), DAYS_BEFORE_1970))
    year = np.where(dob >= 0, _numbers(pc.year(dates)), _numbers(mention["birth_year"].combine_chunks()))
    day_month = np.where(dob == UNKNOWN, UNKNOWN, _numbers(pc.month(dates)) * 100 + _numbers(pc.day(dates)))
    side = pc.index_in(mention["gender"].combine_chunks(), pa.array(list(GENDER_SIDE)))
    gender = np.array([*GENDER_SIDE.values(), UNKNOWN], np.int32)[_numbers(side)]
    return Columns(
        keys=mention["mention_key"].combine_chunks(),
        record=records_of(mention),
        words=words,
        addresses=addresses,
        surname=surname,
        first=first,
        root=root,
        middle=middle,
        second=second,
        alias=alias,
        dob=dob,
        year=year.astype(np.int32),
        day_month=day_month.astype(np.int32),
        age_year=np.where(year == UNKNOWN, _age_years(mention), UNKNOWN).astype(np.int32),
        is_verified=_numbers(pc.equal(mention["dob_status"].combine_chunks(), "VERIFIED").cast(pa.int32())) == 1,
        is_child=np.asarray(pc.equal(mention["role"], "CHILD").to_numpy(), bool),
        gender=gender,
        address=address,
        postcodes=postcodes,
        postcode=postcode,
        telephones=telephones,
        telephone=telephone,
        pncs=pncs,
        pnc=pnc,
        sources=sources,
        nominals=nominals,
    )


def records_of(mention: pa.Table) -> Rows:
    """For each mention a hash of its record: two mentions of one record are two subjects of it."""
    record = {"record": "hash(coalesce(source, ''), record_ref)"}
    return shortened(computed(record, mention.select(["source", "record_ref"]))["record"])


def in_order(table: pa.Table) -> pa.Table:
    """The table in order of mention key; most come so."""
    keys: Any = table["mention_key"].combine_chunks()
    is_in_order = pc.all(pc.less_equal(keys[:-1], keys[1:])).as_py() is not False
    return table if is_in_order else table.sort_by("mention_key")


def _numbers(values: Values) -> Codes:
    return np.asarray(values.fill_null(UNKNOWN).to_numpy(zero_copy_only=False), dtype=np.int32)


def encoded(columns: list[Values]) -> tuple[Values, list[Codes]]:
    """One vocabulary for several text columns, and each column's codes in it; an empty text is not known."""
    texts = [
        pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column.cast(pa.string())) for column in columns
    ]
    one = pa.chunked_array(texts).combine_chunks().dictionary_encode()
    codes = _numbers(one.indices)
    edges = np.cumsum([len(column) for column in columns])[:-1]
    return one.dictionary, np.split(codes, edges)


def _second_word(given: Values) -> Values:
    return pc.struct_field(pc.extract_regex(given, r"^\S+ (?P<second>\S+)"), 0)


def _listed_root(second: Values) -> Values:
    """The roots of those words that are on our lists; an initial is not."""
    words: Any = second.dictionary_encode()
    known = [word if word in known_given_names() else None for word in words.dictionary.to_pylist()]
    roots = pa.array([known_as and root_of(known_as) for known_as in known], pa.string())
    return roots.take(words.indices)


def _age_years(mention: pa.Table) -> Codes:
    """The later of the two years in which somebody of the stated age was born, on the day that the record speaks of."""
    age, day = (mention[name].combine_chunks() for name in ("age_stated", "recorded_on"))
    return _numbers(pc.subtract(pc.year(day), age))


def _padded(lists: Values) -> tuple[Values, Codes]:
    """The vocabulary of a list column and its codes as a matrix, each row padded with UNKNOWN."""
    lengths = np.asarray(pc.list_value_length(lists).fill_null(0).to_numpy(zero_copy_only=False), dtype=np.int64)
    words, (codes,) = encoded([lists.flatten()])
    padded = np.full((len(lists), max(1, int(lengths.max(initial=1)))), UNKNOWN, np.int32)
    rows = np.repeat(np.arange(len(lists)), lengths)
    padded[rows, np.arange(len(codes)) - np.repeat(np.cumsum(lengths) - lengths, lengths)] = codes
    return words, padded


def _flags(values: Values) -> Flags:
    return np.asarray(
        values.to_numpy(zero_copy_only=False) if isinstance(values, pa.Array) else values.to_numpy(), bool
    )


def is_listed(field: str, words: Values) -> Flags:
    """By word: True for names on our lists; `field` is first or surname. First names are borne as surnames, too."""
    return _flags(pc.is_in(words, _listed(field)))


@cache
def _listed(field: str) -> "pa.Array[Any]":
    return pa.array(
        sorted(known_given_names() | (national_share("surname").keys() if field == "surname" else frozenset()))
    )


def lone(name: Rows, of: Any) -> Flags:
    """Rows whose name nobody else who is known bears, by the rows `of` all who bear it; see `namesakes.is_lone`.

    `of` has the columns that decide it: year, day_month, dob, gender and pnc.
    """
    date = np.where(of.dob != UNKNOWN, of.year.astype(np.int64) * 10000 + of.day_month, UNKNOWN)
    return is_lone(name, date, [of.gender, of.pnc])


def bits_of(field: str, persons: Codes, words: Values) -> Codes:
    """Bits b for each value of a field, of which at most 2**b persons bear it; `words` are the values of names.

    Persons are counted as the different dates of birth seen with a value: that needs no linkage, and errors in dates
    only make a value look commoner, which is the safe side. A name counts at least as often as the country's share of
    it would give in a pool of NATIONAL_POOL persons, so that 42 children do not make Smith a rare name.
    """
    least = _least(NAMES[field], words) if field in NAMES else np.ones(len(persons))
    if field == "root":
        least = np.where(least > 0, least, UNLISTED_BEARERS)
    return np.ceil(np.log2(np.maximum(np.maximum(persons, least), 1))).astype(np.int32)


def _least(kind: str, words: Values) -> npt.NDArray[np.float64]:
    """How many of NATIONAL_POOL persons bear each name."""
    if not kind:
        return np.ones(len(words))
    names, share = _shares(kind)
    place = pc.index_in(words, names)
    return np.asarray(share[np.asarray(pc.fill_null(place, len(names)).to_numpy(), np.int64)] * NATIONAL_POOL)


@cache
def _shares(kind: str) -> tuple["pa.Array[Any]", npt.NDArray[np.float64]]:
    """The names of which the country's shares are known, and the shares; last, that of all others."""
    shares = national_share(kind)
    return pa.array(list(shares)), np.append(np.array(list(shares.values())), 0.0)
