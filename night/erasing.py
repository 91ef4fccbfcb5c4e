"""How does a person leave everything that is kept: every night, file, index and row of the register?

`ROOMS` says for each place of a data home how a person is found in it and taken out, as `REMOVALS` does for each table
of the register and `NAMED_BY` for each table of a night; a place that is in none of them fails a test. What is sealed
is sealed again, with the erasure in the seal. A table loses the rows that are about the person, and elsewhere their ids
and names; a file that was made of tables in which they stood goes whole.
"""

import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.delivery.outbox import Outbox
from connectors.register import erasures, proof, seals
from connectors.register.erasures import ERASED, Erasure, mark
from connectors.store import at_work, sealed
from connectors.store.paths import STAGES, Home, RunFolder
from expectations.agreed import ON_TRACKER
from expectations.contracts import contract
from expectations.feeds import FEEDS, INTELLIGENCE
from expectations.plain import Row, plain_rows
from expectations.questions import PAIRS, asked_about, shown_in
from night import erased
from night.failures import MayNotRun
from night.holdings import held_now
from night.landed import DECISION
from night.outgoing_files import stored
from night.person import NobodyOfThatId, ids_of, names_one_of
from night.run import Counts, Run, register_key
from transforms.export.records import SUSPECT, VICTIM, refs_of

# What is looked for inside texts, where nobody else is called so. A lone first name or alias would be found in the
# words about others, and those are evidence.
NAMING = ("surname", "address", "telephone", "pnc_id", "source_person_id", "source_person_ids")
CALLED = ("given_names", "alias", "aliases", "given_key", "surname_key", "alias_key", "address_key")  # as whole cells
LEAST = 5  # letters of what is looked for inside texts; less would be found in everything

# By which column the rows of a table are somebody's, and which ids stand in it.
NAMED_BY = {
    "person_id": "persons",
    "other_person_id": "persons",
    "tracker_id": "trackers",
    "mention_key": "mentions",
    "other_mention_key": "mentions",
    "founding_mention_key": "mentions",
    "record_ref": "refs",
    "report_ref": "reports",
    "decision_id": "decisions",
}
# Tables without any of these columns, each with the reason.
NAMES_NOBODY = {
    "brake": "counts of a night",
    "check": "keys of rows that broke a rule, which go as any id in a text does",
    "landed_line": "lines, which are no persons",
    "line": "lines, which are no persons",
    "outgoing": "files and their hashes",
    "pulled_file": "files and their hashes",
    "sequence": "numbers of files",
    "unmade": "names of files, and the rules that they broke",
}
OF_LINES = ("landed_line", "line")  # a line may be called what somebody is called
LEFT = ("REMOVED", "DECLINED")
BY_SOURCE = ("landed_key", "landed_refusal", "quarantine")  # somebody's by source and record_key


@dataclass(frozen=True)
class Trace:
    """Every id under which a person stands in a home, and what they alone are called."""

    persons: frozenset[str]
    mentions: frozenset[str]
    trackers: frozenset[str]
    decisions: frozenset[str]
    reports: frozenset[str]
    shared_reports: frozenset[str]
    words: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    force: str = ""

    @cached_property
    def refs(self) -> frozenset[str]:
        """The keys by which recipients know the person."""
        categories = (VICTIM, SUSPECT)
        return frozenset(
            ref for one in self.persons for category in categories for ref in refs_of(self.force, one, category)
        )

    @cached_property
    def keys(self) -> frozenset[str]:
        """Their records' own keys, without the source in front."""
        return frozenset(key.split(":", 1)[1] for key in self.mentions) | self.reports

    @cached_property
    def pattern(self) -> str:
        """Finds any of their ids and words in a text, whole."""
        return _finding({*self.ids, *self.words})

    @cached_property
    def pattern_of_ids(self) -> str:
        """Finds their ids alone: a street or another's name may be what somebody is called."""
        return _finding(self.ids)

    @property
    def ids(self) -> set[str]:
        """Every id and key of theirs."""
        return {*self.persons, *self.mentions, *self.trackers, *self.refs, *self.keys}

    def names(self, text: str) -> bool:
        """True where a text holds one of their ids or words, or is one of their ids."""
        return text in self.mentions or re.search(self.pattern, text) is not None


def _finding(literals: set[str]) -> str:
    found = sorted((re.escape(one) for one in literals if len(one) >= LEAST), key=len, reverse=True)
    return rf"(?i)(^|[^0-9A-Za-z])({'|'.join(found)})($|[^0-9A-Za-z])"


# --- who it is ------------------------------------------------------------------------------------------------------


def trace_of(run: Run, ids: Sequence[str]) -> Trace:
    """Everything under which the person of these ids stands, by the records that the night knows as theirs."""
    mentions = {row["mention_key"] for row in run.rows("link", "person") if row["person_id"] in ids}
    theirs: dict[str, Container[str]] = {"mention_key": mentions, "person_id": ids}
    return _trace_of(run.home, lambda kind, value: value in theirs.get(kind, ()))


def _trace_of(home: Home, is_marked: Callable[..., bool]) -> Trace:
    """Everything under which somebody stands in a home and its register, by the marks of their ids.

    A register from before an erasure may be all that still names them, and so may a home.
    """
    run = Run(home.nights()[-1], home)
    register, force = run.register, run.site.force_code
    named = {one for given in erasures.named_in(register) for one in _as_ids(given)}
    mentions = _marked(named | _column(home, "person", "mention_key"), "mention_key", is_marked)
    persons = _marked(named | _column(home, "person_id", "person_id"), "person_id", is_marked)
    reports, shared = _reports_of(home, mentions)
    reports |= _marked(named, "report_ref", is_marked)
    first = Trace(persons, mentions, frozenset(), frozenset(), reports, shared, force=force)
    trackers = {row["tracker_id"] for row in _theirs(home, first, "tracker_id")}
    decisions = {row["decision_id"] for row in _theirs(home, first, "landed_decision", "decision")}
    decisions |= _marked(named, "decision_id", is_marked)
    found = Trace(persons, mentions, frozenset(trackers), frozenset(decisions), reports, shared, force=force)
    called = _called(home, found)
    return replace(found, words=called["words"], values=called["values"])


def _as_ids(given: str) -> set[str]:
    """What an id, or a reference of the processing log such as `landed_btp:BTP-00001`, may name."""
    table, _, key = given.partition(":")
    feed = _OF_FEEDS.get(table)
    return {given, key, f"{feed.prefix}:{key}" if feed else given}


def _column(home: Home, table: str, column: str) -> set[str]:
    return {str(value) for one in _tables(home, table) for value in one.read[column].unique().to_pylist()}


def _marked(values: set[str], kind: str, is_marked: Callable[..., bool]) -> frozenset[str]:
    return frozenset(value for value in values if is_marked(kind, value))


def _reports_of(home: Home, mentions: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The reports that name nobody else, and those that do."""
    theirs: set[str] = set()
    others: set[str] = set()
    for one in _tables(home, "landed_subject"):
        for row in plain_rows(one.read.select(["report_ref", "subject_no"])):
            key = f"{INTELLIGENCE.prefix}:{row['report_ref']}#{row['subject_no']}"
            (theirs if key in mentions else others).add(row["report_ref"])
    return frozenset(theirs - others), frozenset(theirs & others)


def _theirs(home: Home, trace: Trace, *names: str) -> Iterator[Row]:
    for one in _tables(home, *names):
        yield from _rows_of(one.path, trace)


def _called(home: Home, trace: Trace) -> dict[str, frozenset[str]]:
    """What the person alone was ever called, as `words` inside texts and as `values` that are a whole cell."""
    own: dict[str, set[str]] = defaultdict(set)
    others: dict[str, set[str]] = defaultdict(set)
    whole = set()
    for one in _tables(home, "mention", "landed_subject", "child", *_OF_FEEDS):
        columns = [name for name in (*NAMING, *CALLED) if name in one.read.column_names]
        is_theirs = _is_theirs(one.name, one.read, trace)
        for row, theirs in zip(plain_rows(one.read.select(columns)), is_theirs, strict=True):
            for name, value in row.items():
                (own if theirs else others)[name].update(_each(value))
            if theirs and row.get("given_names") and row.get("surname"):
                given, surname = row["given_names"], row["surname"]
                whole |= {f"{given} {surname}", f"{surname} {given}", f"{surname}, {given}"}
    alone = {name: values.difference(*others.values()) for name, values in own.items()}
    elsewhere = "\n".join(one for values in others.values() for one in values).casefold()
    return {
        "words": frozenset(
            word
            for word in whole.union(*(alone.get(name, set()) for name in NAMING))
            if word.casefold() not in elsewhere  # nor part of what somebody else is called, or of where they live
        ),
        "values": frozenset().union(*alone.values()),
    }


def _each(value: Any) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if one]


# --- the tables of the nights ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Table:
    """A table of a stage of a night, as it lies there."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def read(self) -> pa.Table:
        return pq.ParquetFile(self.path).read(use_threads=False)


def _tables(home: Home, *names: str) -> Iterator[_Table]:
    for night in home.nights():
        for stage in STAGES:
            folder = home.run(night).stage(stage)
            yield from (_Table(path) for name in names if (path := folder / f"{name}.parquet").is_file())


def _is_theirs(name: str, table: pa.Table, trace: Trace) -> list[bool]:
    """Which rows of a table are about the person."""
    found = [False] * table.num_rows
    for column, ids in NAMED_BY.items():
        if column in table.column_names and not (column == "report_ref" and name in _OF_FEEDS):
            values = getattr(trace, ids)
            found = [was or value in values for was, value in zip(found, table[column].to_pylist(), strict=True)]
    more = _by_source(table, trace) if name in BY_SOURCE else [key in trace.mentions for key in _keys(name, table)]
    return [was or one for was, one in zip(found, more, strict=True)] if more else found


_OF_FEEDS = {feed.landed: feed for feed in FEEDS.values()}


def _keys(name: str, table: pa.Table) -> list[str]:
    """The mention keys of the rows of a landed table; none of any other."""
    if name == "landed_subject":
        pairs = zip(table["report_ref"].to_pylist(), table["subject_no"].to_pylist(), strict=True)
        return [f"{INTELLIGENCE.prefix}:{ref}#{number}" for ref, number in pairs]
    if name in _OF_FEEDS:
        return [f"{_OF_FEEDS[name].prefix}:{key}" for key in table["record_key"].to_pylist()]
    return []


def _by_source(table: pa.Table, trace: Trace) -> list[bool]:
    rows = zip(table["source"].to_pylist(), table["record_key"].to_pylist(), strict=True)
    return [_is_their_record(str(source), str(key), trace) for source, key in rows]


def _is_their_record(source: str, key: str, trace: Trace) -> bool:
    if source == INTELLIGENCE.name:
        return key in trace.reports or f"{INTELLIGENCE.prefix}:{key}" in trace.mentions
    if source == DECISION or source == "decisions":
        return key in trace.decisions
    feed = FEEDS.get(source)
    return feed is not None and f"{feed.prefix}:{key}" in trace.mentions


def without(name: str, table: pa.Table, trace: Trace) -> pa.Table:
    """A table without the person: the very same where they are not in it."""
    theirs = _is_theirs(name, table, trace)
    left = table.filter(pa.array([not one for one in theirs])) if any(theirs) else table
    for column in contract(name).columns if name not in OF_LINES else ():
        if column.name in left.column_names and column.type in ("string", "strings"):
            number = left.column_names.index(column.name)
            pattern = trace.pattern if column.free_text else trace.pattern_of_ids
            cleaned = _cleaned(left[column.name], pattern, trace.values if column.identifying else frozenset())
            if column.free_text and name == "landed_report":
                cleaned = _emptied(cleaned, left["report_ref"], trace)
            if cleaned is not left[column.name] and not cleaned.equals(left[column.name]):
                left = left.set_column(number, left.schema.field(number), cleaned)
    return left


def _cleaned(column: "pa.ChunkedArray[Any]", pattern: str, values: frozenset[str]) -> "pa.ChunkedArray[Any]":
    """A column without what a pattern finds, and `values`: out of a list it goes, in a text something stands for it."""
    if pa.types.is_list(column.type):
        lists = column.to_pylist()
        kept = [one and [item for item in one if item not in values and not re.search(pattern, item)] for one in lists]
        return column if kept == lists else pa.chunked_array([pa.array(kept, column.type)])
    if values:
        is_value = pc.is_in(column, pa.array(sorted(values), pa.string()))
        column = pc.if_else(is_value, pa.scalar(ERASED), column) if pc.any(is_value).as_py() else column
    if not pc.any(pc.match_substring_regex(column, pattern)).as_py():
        return column
    replaced = pc.replace_substring_regex(column, pattern, rf"\1{ERASED}\3")
    return pc.replace_substring_regex(replaced, pattern, rf"\1{ERASED}\3")  # two with one sign between them


def _emptied(column: "pa.ChunkedArray[Any]", refs: "pa.ChunkedArray[Any]", trace: Trace) -> "pa.ChunkedArray[Any]":
    """The words of a report that names the person beside others are about both: none of them is kept."""
    is_shared = pc.is_in(refs, pa.array(sorted(trace.shared_reports), pa.string()))
    emptied: pa.ChunkedArray[Any] = pc.if_else(is_shared, pa.scalar(None, pa.string()), column)
    return emptied


# --- the rooms of a home --------------------------------------------------------------------------------------------


def _from_nights(home: Home, trace: Trace, made: Erasure) -> int:
    """Out of every night's folder."""
    return sum(_from_night(home.run(night), trace, made) for night in home.nights())


def _from_night(folder: RunFolder, trace: Trace, made: Erasure) -> int:
    shutil.rmtree(folder.index, ignore_errors=True)  # made again from the mentions that are left
    for name in STAGES:
        shutil.rmtree(folder.unsealed(name), ignore_errors=True)
    files = _files_with(folder, trace)
    changed = 0
    for name in STAGES:
        if folder.is_sealed(name):
            changed += _from_stage(folder, name, trace, made, files)
    return changed


def _files_with(folder: RunFolder, trace: Trace) -> Callable[[str, str], bool]:
    """Which files of a night, by stage and name, were made of tables in which the person stands."""
    came = {
        f"files/{row['file_sha256']}"
        for name in _OF_FEEDS
        for row in _rows_of(folder.stage("land") / f"{name}.parquet", trace)
    }
    reached = {
        row["recipient"]
        for name in ("disclosure", "notice")
        for row in _rows_of(folder.stage("export") / f"{name}.parquet", trace)
    }
    is_known = bool(_rows_of(folder.stage("normalise") / "mention.parquet", trace)) or bool(
        _rows_of(folder.stage("normalise") / "quarantine.parquet", trace)
    )

    def has(stage: str, name: str) -> bool:
        if stage == "pull":
            return name in came
        if stage == "export":
            return name.split("/")[0] in reached or (name.startswith("by_hand/") and is_known)
        return is_known

    return has


def _rows_of(path: Path, trace: Trace) -> list[Row]:
    if not path.is_file():
        return []
    table = _Table(path).read
    return plain_rows(table.filter(pa.array(_is_theirs(path.stem, table, trace), pa.bool_())))


def _from_stage(
    folder: RunFolder, stage: str, trace: Trace, made: Erasure, has_them: Callable[[str, str], bool]
) -> int:
    """Out of a sealed stage, which is sealed again; returns how many tables and files changed or went."""
    place, changed = folder.stage(stage), 0
    for name in sealed.files(folder, stage):
        path = place / name
        if path.suffix == ".parquet":
            table = _Table(path).read
            left = without(path.stem, table, trace)
            if left is not table:
                sealed.put(path, left)
                changed += 1
        elif has_them(stage, name) or trace.names(path.read_text(encoding="utf-8", errors="replace")):
            path.unlink()
            changed += 1
    if changed:
        sealed.seal_again(folder, stage, made.erasure_id)
    return changed


def _from_outbox(home: Home, trace: Trace, _made: Erasure) -> int:
    """Encrypted files that named the person, by what each night disclosed."""
    named = {
        (row["recipient"], night.isoformat(), row["file"])
        for night in home.nights()
        for row in _rows_of(home.run(night).stage("export") / "disclosure.parquet", trace)
    }
    run = Run(home.nights()[-1], home)
    found = [one for one in Outbox(run.register).all() if (one.recipient, one.run, one.file) in named]
    paths = [path for one in found if (path := stored(home, one)).is_file()]
    for path in paths:
        path.unlink()
    return len(paths)


def _from_register(home: Home, trace: Trace, made: Erasure) -> int:
    return erasures.redact(Run(home.nights()[-1], home).register_of_owner, made, trace.names)


def _whole(folder: str) -> Callable[[Home, Trace, Erasure], int]:
    """A folder that is made anew whenever it is needed, and goes as it is."""

    def take_out(home: Home, _trace: Trace, _made: Erasure) -> int:
        there = (home.root / folder).is_dir()
        shutil.rmtree(home.root / folder, ignore_errors=True)
        return int(there)

    return take_out


def _nobody(_home: Home, _trace: Trace, _made: Erasure) -> int:
    return 0


# In this order: the outbox is found by what the nights disclosed, so it comes before them.
ROOMS: dict[str, Callable[[Home, Trace, Erasure], int]] = {
    "outbox": _from_outbox,
    "register.sqlite": _from_register,  # or wherever the register is kept
    "runs": _from_nights,
    "rehearsal": _whole("rehearsal"),
    "tmp": _whole("tmp"),
    **dict.fromkeys(
        (
            *("anchors", "keyring", "recipients", "register.key", "site.yml", "authorities.csv", "FORCE"),
            *(".lock", ".command.lock", ".at_work.json", "erasures.jsonl", "erased", "DEMONSTRATION"),
            "airflow",  # its logs hold keys at most, as the sentences of failures do: see docs/operations.md
            *("standin", "drops"),  # the stand-in partners' own, as a partner's server would be
            *("synthetic", "demonstration", "scenarios"),  # invented, or homes of their own
        ),
        _nobody,
    ),
}


# --- erasing --------------------------------------------------------------------------------------------------------


def erase(run: Run, named: str, reason: str, by: str) -> Counts:
    """Take a person, named by a person or tracker id, out of everything that is kept, and keep that and why.

    MayNotRun where the person is on the tracker, a partner was not told of the end, or the reason names them;
    NobodyOfThatId where no record does. Counts: places changed, by room.
    """
    with at_work.alone(run.home, at_work.PATIENCE_SECONDS):
        ids = ids_of(run, named)
        if not any(row["person_id"] in ids for row in run.rows("link", "person")):
            raise NobodyOfThatId(f"No record names {named}: give a person id or a tracker id, as `clvt find` lists.")
        _expect_let_go(run, ids)
        trace = trace_of(run, ids)
        if trace.names(reason) or names_one_of(run, ids, reason):
            raise MayNotRun("The reason stays in the processing log: write it without the person's name or ids.")
        made = _record_of(run, trace, reason, by)
        for file in erased.ledgers(run.home):
            erasures.keep(file, [made], _key(run.home))
        return _carry_out(run.home, trace, made)


def may_be_the_same(run: Run, named: str) -> list[str]:
    """Others of whom an open question asks whether they are this person: an erasure leaves them."""
    ids, person_of = ids_of(run, named), {row["mention_key"]: row["person_id"] for row in run.rows("link", "person")}
    open_ = [row for row in run.rows("reconcile", "review") if row["is_open"] and row["kind"] in shown_in(PAIRS)]
    asked = {one: {row["review_id"] for row in rows} for one, rows in asked_about(open_, person_of).items()}
    theirs = set().union(*(asked.get(one, set()) for one in ids))
    return sorted(one for one, questions in asked.items() if one not in ids and questions & theirs)


def _expect_let_go(run: Run, ids: list[str]) -> None:
    """Nobody is erased who is on a list, nor before the partners who hold the record know what the contracts tell."""
    if not run.folder.is_sealed("export"):
        raise MayNotRun(f"The files of {run.as_of} are not made yet: let the night end, then erase.")
    states = {row["state"] for row in run.rows("reconcile", "child") if row["person_id"] in ids}
    held = {row["recipient"]: row for row in held_now(run) if row["person_id"] in ids}
    made = {row["recipient"]: row for row in run.rows("export", "holding") if row["person_id"] in ids}
    if states & set(ON_TRACKER):
        raise MayNotRun("The child is on the tracker: take them off (REMOVE), let a night tell partners, then erase.")
    if states - set(LEFT) and held:
        raise MayNotRun(
            f"The child waits for the meeting, and {', '.join(sorted(held))} hold a record: decline them, let a night "
            "tell the partners, then erase."
        )
    behind = sorted(name for name in held.keys() | made.keys() if held.get(name) != made.get(name))
    if behind:
        raise MayNotRun(f"{', '.join(behind)} were not reached with the last word of this person: deliver, then erase.")


def _record_of(run: Run, trace: Trace, reason: str, by: str) -> Erasure:
    key, at = _key(run.home), datetime.now(UTC).isoformat()
    ids = {"mention_key": trace.mentions, "person_id": trace.persons, "report_ref": trace.reports}
    ids["decision_id"] = trace.decisions
    marks = {mark(key, kind, one) for kind, them in ids.items() for one in them}
    marks |= {mark(key, erased.LANDED, *one) for one in _landed(run.home, trace)}
    numbers = [int(row["tracker_id"].rsplit("-", 1)[1]) for row in run.rows("reconcile", "tracker_id")]
    highest = max([*numbers, erased.of(run.home).tracker_number], default=0)
    number = f"E-{mark(key, at, by)[:12].upper()}"
    return Erasure(number, at, by, reason, run.as_of.isoformat(), highest, tuple(sorted(marks)))


def _landed(home: Home, trace: Trace) -> Iterator[tuple[str, str, str]]:
    """Each landed record of the person, as it landed."""
    sources = {"landed_report": INTELLIGENCE.name, "landed_subject": INTELLIGENCE.name, "landed_decision": DECISION}
    sources |= {name: feed.name for name, feed in _OF_FEEDS.items()}
    for name, source in sources.items():
        for row in _theirs(home, trace, name):
            yield erased.landed_as(row, source)
    for one in _tables(home, "landed_report"):
        for row in plain_rows(one.read.select(["report_ref", "version"])):
            if row["report_ref"] in trace.shared_reports:
                yield erased.landed_as(row, INTELLIGENCE.name)


def carry_out_what_is_open(home: Home) -> int:
    """Erase again what a home or register from before an erasure brought back; returns how many erasures that were.

    The files tell which there were, the register and the home's own mark which were carried out here.
    """
    open_ = what_is_open(home)
    key = _key(home) if open_ else b""
    for made in open_:
        marks = frozenset(made.marks)
        _carry_out(home, _trace_of(home, lambda *parts, marks=marks: mark(key, *parts) in marks), made)
    return len(open_)


def erase_again(home: Home) -> None:
    """Before anything else: what a restored home or register brought back of somebody who was erased goes again."""
    if what_is_open(home):
        with at_work.alone(home, at_work.PATIENCE_SECONDS):
            carry_out_what_is_open(home)


def what_is_open(home: Home) -> list[Erasure]:
    """Erasures that the files tell of, and that the home or the register is from before; oldest first."""
    if not any(file.is_file() for file in erased.ledgers(home)) or not home.nights():
        return []
    key = _key(home)
    known = erasures.kept(erased.ledgers(home), key)
    for file in erased.ledgers(home):
        erasures.keep(file, known, key)
    done = _done(home) & {one.erasure_id for one in erasures.registered(Run(home.nights()[-1], home).register)}
    return [one for one in known if one.erasure_id not in done]


def _carry_out(home: Home, trace: Trace, made: Erasure) -> Counts:
    """Every room, then the mark that the home is done: killed between them, it begins again."""
    counts = {room: take_out(home, trace, made) for room, take_out in ROOMS.items()}
    _write_down_seals(home)
    home.erased.write_text("\n".join(sorted({*_done(home), made.erasure_id})) + "\n", encoding="utf-8")
    sealed.forget()
    return {room: count for room, count in counts.items() if count}


def _write_down_seals(home: Home) -> None:
    """The seals that changed with the erasure, of all stages whose seals were written down before."""
    register = Run(home.nights()[-1], home).register
    there = {(run, stage): home.run(date.fromisoformat(run)) for run, stage in seals.latest(register)}
    seals.keep(register, {key: sealed.stamp(run, key[1]) for key, run in there.items() if run.is_sealed(key[1])})


def _done(home: Home) -> set[str]:
    return set(home.erased.read_text(encoding="utf-8").split()) if home.erased.is_file() else set()


def _key(home: Home) -> bytes:
    key = proof.key_of(register_key(home))
    if key is None:
        raise proof.KeyMissing(f"The register's key {register_key(home)} is not there: put it back from the safe.")
    return key
