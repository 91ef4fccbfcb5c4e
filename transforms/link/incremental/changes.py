"""Which mentions has a night to decide again, and by which pairs?

New and changed mentions are compared with all that share a block with them. They make values commoner, names no longer
one person's alone, and blocks too large: the pairs for which that matters are weighed again. Whatever is connected with
something that changed is decided again; nothing else can come out otherwise.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pyarrow as pa

from transforms.link.incremental.index import (
    BLOCKED,
    DATED,
    NAME,
    VALUED,
    Index,
    Pairs,
    Segment,
    distinct,
    less,
    places,
    posted,
    spans,
)
from transforms.link.incremental.mentions import NOMINAL, VOCABULARY_OF, Array, Fields, Hashes, Mentions, in_use, joined
from transforms.link.model.blocking import in_chunks, side_by_side
from transforms.link.model.columns import BORNE, Codes, Columns, Flags, bits_of, is_listed, lone, pc
from transforms.link.model.components import UNKNOWN, Rows
from transforms.link.model.engine import weighed
from transforms.link.model.evidence import worth_keeping
from transforms.link.model.score import Scored, score
from transforms.link.model.settings import KNOWN_NAME_BITS, LARGEST_BLOCK

TOGETHER = 1 << 14  # so many mentions meet all others at once
NO_IDS = np.empty(0, np.int64)


@dataclass(frozen=True)
class Moved:
    """Block keys of what tonight's mentions moved, and the fields that each is a key of.

    Mentions with a key of `fresh` are compared with all others once more: a value has become rarer, a name one in its
    own right, a block small enough. The pairs of those with a key of `commoner` are weighed again: a value has become
    commoner. The pairs of those with a key of `crowded` may meet no more: a block has become too large. `names` came to
    be, or no longer are, one person's alone.
    """

    fresh: list[tuple[Fields, Hashes]]
    commoner: list[tuple[Fields, Hashes]]
    crowded: list[tuple[Fields, Hashes]]
    names: Hashes


def added(before: Index, new: Mentions, replaced: Rows) -> tuple[Segment, Moved]:
    """The segment of tonight's mentions, without pairs, and what they move; `replaced` are rows that stand no more."""
    both = joined([new, before.mentions(replaced)]) if len(replaced) else new
    ours, theirs = (both.taken(rows) for rows in np.split(np.arange(len(both)), [len(new)]))
    ids = np.sort(theirs["id"])
    arrays = {**ours.arrays, **posted(ours), **less(theirs), "replaced": ids}
    after = Index([*before.segments, Segment(arrays)])
    moved = Moved([], [], [], NO_IDS)
    for field in BORNE:
        was, now = _persons(field, both, before, after)
        arrays[f"count:{field}"] = np.where(was != now, now, UNKNOWN).astype(np.int32)
        _note_values(moved, field, both, was, now)
    for fields in BLOCKED:
        keys = distinct(both.keys(fields)[0])
        was_large, is_large = (index.count(fields, keys) > LARGEST_BLOCK for index in (before, after))
        moved.crowded.append((fields, keys[is_large & ~was_large]))
        moved.fresh.append((fields, keys[was_large & ~is_large]))
    names, is_lone = _lone_names(both, after)
    was_lone = before.is_lone(names)
    arrays |= {"names": names, "lone": is_lone}
    return Segment(arrays), replace(moved, names=names[(was_lone != UNKNOWN) & (was_lone != is_lone)])


def _persons(field: str, both: Mentions, before: Index, after: Index) -> tuple[Codes, Codes]:
    """How many persons bore each value of a field, and how many do now."""
    keys, rows = both.keys(DATED[field])
    keys, first = np.unique(keys, return_index=True)
    hashes = both[f"hash:{VOCABULARY_OF[field]}"]
    change = (after.count(DATED[field], keys) > 0).astype(np.int32) - (before.count(DATED[field], keys) > 0)
    codes = before.vocabulary(VOCABULARY_OF[field]).codes_of(hashes)
    was = np.append(before.persons(field), 0)[codes]
    now = was.copy()
    np.add.at(now, both[field][rows[first]], change)
    return was, now


def _note_values(moved: Moved, field: str, both: Mentions, was: Codes, now: Codes) -> None:
    changed = np.flatnonzero(was != now)
    words = both.arrays["words"].take(pa.array(changed)) if VOCABULARY_OF[field] == "words" else pa.array([])
    bits_was, bits_now = (bits_of(field, persons[changed], words) for persons in (was, now))
    keys = both[f"hash:{VOCABULARY_OF[field]}"][changed]
    moved.commoner.append((VALUED[field], keys[bits_now > bits_was]))
    moved.fresh.append((VALUED[field], keys[bits_now < bits_was]))
    if field in ("first", "surname"):
        known_otherwise = (bits_now >= KNOWN_NAME_BITS) != (bits_was >= KNOWN_NAME_BITS)
        moved.fresh.append((VALUED[field], keys[known_otherwise & ~is_listed(field, words)]))


def _lone_names(both: Mentions, after: Index) -> tuple[Hashes, Array]:
    """The names of these mentions that anybody bears, and whether one person alone does."""
    names = distinct(both.keys(NAME)[0])
    bearer, rows = after.find(NAME, names)
    of = SimpleNamespace(**{name: after.column(name, rows) for name in ("year", "day_month", "dob", "gender", "pnc")})
    is_lone = np.full(len(names), UNKNOWN, np.int8)
    is_lone[bearer] = lone(bearer, of)
    return names[is_lone != UNKNOWN], is_lone[is_lone != UNKNOWN]


@dataclass(frozen=True)
class Again:
    """The mentions that are decided again, in order of their keys, and their scored pairs."""

    rows: Rows
    columns: Columns
    pairs: Scored


def again(before: Index, after: Index, moved: Moved, decided: Pairs, otherwise: Pairs) -> Again:
    """What has to be decided again.

    `after` is the index with tonight's mentions, `decided` are all pairs that people decided, and `otherwise` those of
    which they decided otherwise than the night before.
    """
    tonight = np.arange(after.edges[-2], after.edges[-1])
    fresh = distinct(np.concatenate([tonight, *(after.find(fields, keys)[1] for fields, keys in moved.fresh)]))
    found = compared(after, fresh)
    void = distinct(np.concatenate([after.column("id", fresh), after.segments[-1]["replaced"]]))
    lost = before.pairs_of(void)
    reweighed = _reweighed(before, after, moved, void)
    names = after.column("id", after.find(NAME, moved.names)[1])
    ruled = (otherwise.left, otherwise.right)
    seeds = distinct(np.concatenate([void, lost.left, lost.right, reweighed, names, *ruled]))
    ids, known = _connected(before, seeds, Pairs.together([found, decided]), void)
    rows = after.rows(ids)
    rows = rows[rows != UNKNOWN]
    rows = rows[np.asarray(pc.sort_indices(after.keys(rows)).to_numpy(), np.int64)]
    columns = after.columns(rows)
    ids = after.column("id", rows)
    pairs = _scored(columns, ids, Pairs.together([found, known]))
    return Again(rows, columns, worth_keeping(columns, pairs.take(_still_meet(after, columns, rows, pairs, moved))))


def compared(after: Index, fresh: Rows) -> Pairs:
    """The pairs of fresh rows that are worth keeping, by id; which side is left is not yet known."""
    found = [Pairs.none()]
    for left, right in candidates(after, fresh):
        rows, place = in_use([left, right], int(after.edges[-1]))
        columns = after.columns(rows)
        ours, theirs = (place[side].astype(np.int64) for side in (left, right))
        ids = after.column("id", rows)
        for kept in side_by_side(partial(weighed, columns), in_chunks(ours, theirs)):
            found.append(Pairs(ids[kept.left], ids[kept.right], kept.weight))
    return Pairs.joined(found)


def candidates(index: Index, fresh: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Pairs of rows that share a block and of which one at least is fresh, each once; `fresh` is sorted."""
    size = int(index.edges[-1])
    for start in range(0, len(fresh), TOGETHER):
        mentions = index.mentions(fresh[start : start + TOGETHER])
        codes = side_by_side(partial(_codes, index, fresh, start, mentions), (NOMINAL, *BLOCKED))
        pairs = distinct(np.concatenate([NO_IDS, *codes]))
        yield pairs // size, pairs % size


def _codes(index: Index, fresh: Rows, start: int, mentions: Mentions, fields: Fields) -> Hashes:
    """Pairs that share a block of one rule, each as one number; `mentions` are those of `fresh` from `start` on.

    A pair of two that are fresh is left to the first of them.
    """
    ours, theirs = _meeting(index, mentions, fields)
    ours = fresh[start + ours]
    rank = places(fresh, theirs)
    new = (ours != theirs) & ((rank == UNKNOWN) | (rank >= start))
    ours, theirs = ours[new], theirs[new]
    return np.asarray(np.minimum(ours, theirs) * int(index.edges[-1]) + np.maximum(ours, theirs))


def _meeting(index: Index, mentions: Mentions, fields: Fields) -> tuple[Rows, Rows]:
    """(place among the mentions, row of the index) of all that share a block of one rule."""
    keys, ours = mentions.keys(fields)
    order = np.argsort(keys, kind="stable")
    keys, ours = keys[order], ours[order]
    blocks = distinct(keys)
    if fields != NOMINAL:
        blocks = blocks[index.count(fields, blocks) <= LARGEST_BLOCK]
    block, theirs = index.find(fields, blocks)
    place, at = spans(keys, blocks[block])
    return ours[at], theirs[place]


def _reweighed(before: Index, after: Index, moved: Moved, void: Hashes) -> Hashes:
    """The mentions of known pairs that weigh otherwise now, or meet no more."""
    moving = [after.find(fields, keys)[1] for fields, keys in (*moved.commoner, *moved.crowded)]
    reweighed = distinct(np.concatenate([NO_IDS, *moving]))
    pairs = _without(before.pairs_of(np.sort(after.column("id", reweighed))), void)
    if not len(pairs.left):
        return NO_IDS
    ids = distinct(np.concatenate([pairs.left, pairs.right]))
    rows = after.rows(ids)
    columns = after.columns(rows)
    left, right = np.searchsorted(ids, pairs.left), np.searchsorted(ids, pairs.right)
    scored = score(columns, left, right)
    changed = (scored.weight != pairs.weight) | ~_still_meet(after, columns, rows, scored, moved)
    return np.concatenate([pairs.left[changed], pairs.right[changed]])


def _still_meet(index: Index, columns: Columns, rows: Rows, pairs: Scored, moved: Moved) -> Flags:
    """Known pairs that share a nominal or a block that is not too large."""
    if not any(len(keys) for _, keys in moved.crowded):
        return np.ones(len(pairs), bool)
    meet = columns.share_nominal(pairs.left, pairs.right)
    order = np.argsort(rows)
    mentions = index.mentions(rows[order])
    place = np.empty(len(rows), np.int64)
    place[order] = np.arange(len(rows))
    for fields in BLOCKED:
        keys, of = mentions.keys(fields)
        key = np.full(len(mentions), UNKNOWN, np.int64)
        blocks, block = np.unique(keys, return_inverse=True)
        key[of] = np.where((index.count(fields, blocks) <= LARGEST_BLOCK)[block], keys, UNKNOWN)
        left, right = key[place[pairs.left]], key[place[pairs.right]]
        meet |= (left == right) & (left != UNKNOWN)
    return meet


def _without(pairs: Pairs, void: Hashes) -> Pairs:
    """The pairs of which neither mention is among these."""
    return pairs.take((places(void, pairs.left) == UNKNOWN) & (places(void, pairs.right) == UNKNOWN))


def _connected(before: Index, seeds: Hashes, tonight: Pairs, void: Hashes) -> tuple[Hashes, Pairs]:
    """All mentions that a chain of pairs connects with a seed, and the pairs between them that were known before.

    Those of `before` with a mention among `void` are known no more.
    """
    one, other = np.r_[tonight.left, tonight.right], np.r_[tonight.right, tonight.left]
    order = np.argsort(one, kind="stable")
    one, other = one[order], other[order]
    reached, edge, known = NO_IDS, seeds, [Pairs.none()]
    while len(edge):
        reached = np.sort(np.concatenate([reached, edge]))
        old = _without(before.pairs_of(edge), void)
        known.append(old)
        _, new = spans(one, edge)
        edge = distinct(np.concatenate([old.left, old.right, other[new]]))
        edge = edge[places(reached, edge) == UNKNOWN]
    return reached, Pairs.together(known)


def _scored(columns: Columns, ids: Hashes, pairs: Pairs) -> Scored:
    """Pairs by id as scored pairs of rows, in order."""
    order = np.argsort(ids)
    left, right = (order[np.searchsorted(ids[order], side)] for side in (pairs.left, pairs.right))
    chunks = in_chunks(np.minimum(left, right), np.maximum(left, right))
    return Scored.together(side_by_side(lambda chunk: score(columns, *chunk), chunks))
