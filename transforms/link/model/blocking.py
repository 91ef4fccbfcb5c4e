"""Which pairs of mentions are worth comparing?

Each rule of the settings gives every mention a key; mentions that share one are a candidate pair. Pairs come in chunks,
each pair once: by the first rule that brings it.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import chain, islice
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from transforms.link.model.columns import Codes, Columns
from transforms.link.model.components import UNKNOWN, Rows
from transforms.link.model.settings import BLOCKING, LARGEST_BLOCK, Rule

T = TypeVar("T")
R = TypeVar("R")
THREADS = 2
CHUNK = 1 << 15  # pairs; what is worked out of so many stays in the processor's cache


def blocks_of(columns: Columns) -> list[Codes]:
    """The block of every row under each rule of the settings, see `block_keys`."""
    return list(side_by_side(partial(block_keys, columns), BLOCKING))


def candidates(columns: Columns) -> Iterator[tuple[Rows, Rows]]:
    """All pairs of rows (left < right) in chunks of about CHUNK."""
    gathered: list[tuple[Rows, Rows]] = []
    for pairs in _by_rule(columns, blocks_of(columns)):
        gathered.append(pairs)
        if sum(len(left) for left, _ in gathered) >= CHUNK:
            yield _joined(gathered)
            gathered = []
    if gathered:
        yield _joined(gathered)


def side_by_side(work: Callable[[T], R], chunks: Iterable[T]) -> Iterator[R]:
    """What becomes of each chunk, in their order, worked out in THREADS threads; few chunks wait at once."""
    coming, waiting = iter(chunks), deque[Future[R]]()
    first = list(islice(coming, 2))
    if len(first) < 2:  # one is worth no thread
        yield from map(work, first)
        return
    with ThreadPoolExecutor(THREADS) as pool:
        for chunk in chain(first, coming):
            waiting.append(pool.submit(work, chunk))
            if len(waiting) > 2 * THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def in_chunks(left: Rows, right: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Pairs of rows in chunks of CHUNK."""
    for start in range(0, len(left), CHUNK):
        yield left[start : start + CHUNK], right[start : start + CHUNK]


def _joined(parts: list[tuple[Rows, Rows]]) -> tuple[Rows, Rows]:
    return np.concatenate([left for left, _ in parts]), np.concatenate([right for _, right in parts])


def _by_rule(columns: Columns, blocks: list[Codes]) -> Iterator[tuple[Rows, Rows]]:
    earlier: list[Codes] = []
    yield from _nominal_pairs(columns)
    for keys in blocks:
        for left, right in _pairs_within(keys):
            new = ~columns.share_nominal(left, right)
            for key in earlier:
                new &= (key[left] != key[right]) | (key[left] == UNKNOWN)
            left, right = left[new], right[new]
            yield np.minimum(left, right), np.maximum(left, right)
        earlier.append(keys)


def block_keys(columns: Columns, rule: Rule) -> Codes:
    """The number of each row's block; UNKNOWN where a field is not known, or the block is over LARGEST_BLOCK."""
    keys = np.zeros(len(columns), np.int64)
    known = np.ones(len(columns), bool)
    for field in rule.fields:
        values = _values(columns, field)
        known &= values != UNKNOWN
        keys = keys * (int(np.max(values, initial=0)) + 1) + values
    block = np.unique(keys, return_inverse=True)[1]
    found = block.astype(np.int32)
    found[~known | (np.bincount(block, known)[block] > LARGEST_BLOCK)] = UNKNOWN
    return found


def _values(columns: Columns, field: str) -> Rows:
    if field != "name_pair":
        return np.asarray(getattr(columns, field), np.int64)
    first, surname = columns.first.astype(np.int64), columns.surname.astype(np.int64)
    pair = np.minimum(first, surname) * (len(columns.words) + 1) + np.maximum(first, surname)
    return np.where((first == UNKNOWN) | (surname == UNKNOWN), UNKNOWN, np.unique(pair, return_inverse=True)[1])


def _nominal_pairs(columns: Columns) -> Iterator[tuple[Rows, Rows]]:
    """Pairs that share a nominal of the record system; a mention may hold several."""
    rows, places = np.nonzero(columns.nominals != UNKNOWN)
    codes = columns.nominals[rows, places].astype(np.int64)
    for left, right in _pairs_within(codes):
        pairs = np.unique(np.minimum(rows[left], rows[right]) * len(columns) + np.maximum(rows[left], rows[right]))
        yield pairs // len(columns), pairs % len(columns)


def _pairs_within(keys: npt.NDArray[Any]) -> Iterator[tuple[Rows, Rows]]:
    """All pairs within a block: each row meets every one that stands before it."""
    rows = np.flatnonzero(keys != UNKNOWN)
    rows = rows[np.argsort(keys[rows], kind="stable")]
    if not len(rows):
        return
    starts = np.r_[True, keys[rows][1:] != keys[rows][:-1]]
    before = np.arange(len(rows)) - np.flatnonzero(starts)[np.cumsum(starts) - 1]
    ends = np.cumsum(before)
    edges = np.unique(np.r_[np.searchsorted(ends, np.arange(CHUNK, ends[-1], CHUNK)) + 1, len(rows)])
    begin = 0
    for edge in edges.tolist():
        place = np.arange(begin, edge)
        count = before[begin:edge]
        right = np.repeat(place, count)
        offset = np.arange(len(right)) - np.repeat(np.cumsum(count) - count, count)
        if len(right):
            yield rows[right - 1 - offset], rows[right]
        begin = edge
