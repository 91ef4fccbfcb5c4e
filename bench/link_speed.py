"""How fast is linkage beside Splink, from nothing and night by night, and how much memory does it take?

Everything runs in a process of its own, one after the other, on the same invented force. Splink finds and weighs pairs
(`predict`, `predict_between`, `predict_within`) and, from nothing, clusters them; it decides nothing. It does so as it
comes, with its own comparisons, and by our model, for which our numbers and blocks are made before its time begins.
The floor of a night is what sorted block keys mapped into memory and a count of equal fields take.
"""

import multiprocessing
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from expectations.contracts import contract
from night.collecting import collect_seldom
from transforms.link import NOTHING, Earlier, Segment, link_alone, link_night
from transforms.link.alone import filled
from transforms.link.incremental.changes import added, compared
from transforms.link.incremental.index import BLOCKED, Index, posted, spans
from transforms.link.incremental.mentions import mentions_of
from transforms.link.linking import decided_again, facts_of, touched
from transforms.link.model.blocking import blocks_of
from transforms.link.model.columns import columns_of, pc
from transforms.link.model.components import UNKNOWN
from transforms.link.model.questions import question_rows
from transforms.link.model.settings import BLOCKING, LARGEST_BLOCK, most_asked

NEW_MENTIONS = (1000, 10_000)
FIRST, SECOND = date(2022, 1, 1), date(2022, 1, 2)
THRESHOLD = 12  # bits: below this nothing of ours unites two mentions either
COUNTED = ("surname", "root", "dob", "postcode", "address", "telephone")
MADE = ("person", "person_id", "same_person_question")
NO_DECISIONS = contract("decision").table_of([])

NO_ROWS = np.empty(0, np.int64)

Seconds = dict[str, float]


@dataclass(frozen=True)
class Force:
    """A folder with the mentions of a force and, of all but the last new ones, the index and tables of a night."""

    folder: Path

    def mentions(self) -> pa.Table:
        """All mentions, in order of their keys."""
        return pq.read_table(self.folder / "mention.parquet")

    def is_new(self, new: int) -> Any:
        """Which of them come tonight; the same few are never known before."""
        order = np.random.default_rng(0).permutation(self.mentions().num_rows)
        chosen = np.zeros(len(order), bool)
        chosen[order[:new]] = True
        return chosen

    def before(self, new: int) -> pa.Table:
        """The mentions that are known when so many come."""
        return self.mentions().filter(pa.array(~self.is_new(max(NEW_MENTIONS))))

    def tonight(self, new: int) -> pa.Table:
        """Those, and the new ones."""
        left_out = self.is_new(max(NEW_MENTIONS)) & ~self.is_new(new)
        return self.mentions().filter(pa.array(~left_out))

    def index(self) -> Index:
        """The index of those known before, mapped into memory."""
        return Index([Segment.of(pa.ipc.open_file(pa.memory_map(str(self.folder / "segment.arrow"))).read_all())])

    def earlier(self) -> Earlier:
        """The tables of those known before."""
        return Earlier(NO_DECISIONS, **{name: pq.read_table(self.folder / f"{name}.parquet") for name in MADE})


def speed(sizes: list[int], make: Callable[[int], pa.Table]) -> None:
    """Print seconds, peak memory and ratios for forces of these sizes; `make` gives so many mentions."""
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="bench-link-") as folder:
            force = Force(Path(folder))
            pq.write_table(filled(make(size)).sort_by("mention_key"), force.folder / "mention.parquet")
            ours = _apart(whole, force)
            print(f"{size} from nothing: {ours['all']:.1f} s, {ours['peak']:.0f} MB", flush=True)
            for name, what in (("as it comes", splink_plain), ("by our model and blocks", splink_whole)):
                theirs = _apart(what, force)
                print(
                    f"  Splink predict and cluster, {name}: {theirs['all']:.1f} s, {theirs['peak']:.0f} MB; "
                    f"ours {ours['all'] / theirs['all']:.2f}x",
                    flush=True,
                )
            built = _apart(build, force)
            print(f"{size - max(NEW_MENTIONS)} with an index for the next night: {built['all']:.1f} s", flush=True)
            for new in NEW_MENTIONS:
                _print_night(force, size, new)


def _print_night(force: Force, size: int, new: int) -> None:
    nights = (night, splink_plain_night, splink_night, floor)
    ours, plain, modelled, least = (_apart(what, force, new) for what in nights)
    peers = {
        "Splink as it comes": plain["between and within"],
        "Splink by our model": modelled["between and within"],
        "the floor": least["floor"],
    }
    print(f"{new} new among {size}: " + ", ".join(f"{peer} {taken:.2f} s" for peer, taken in peers.items()), flush=True)
    for name in ("pairs found and weighed", "all decided", "with all tables"):
        ratios = ", ".join(f"{ours[name] / taken:.2f}x of {peer}" for peer, taken in peers.items())
        print(f"  {name}: {ours[name]:.2f} s; {ratios}", flush=True)


def _apart(what: Callable[..., Seconds], *given: Any) -> Seconds:
    """The seconds that something takes in a new process, and the peak of its memory in MB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_with_peak, (what, given))


def _with_peak(what: Callable[..., Seconds], given: tuple[Any, ...]) -> Seconds:
    seconds = what(*given)
    # getrusage would count the process that this one was forked from.
    lines = (line.split() for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines())
    return seconds | {"peak": next(int(words[1]) for words in lines if words[0] == "VmHWM:") / 1000}


def whole(force: Force) -> Seconds:
    """All mentions from nothing, as `clvt link` does it."""
    collect_seldom()
    mentions = [force.mentions()]
    start = time.perf_counter()
    _, pairs = link_alone(mentions.pop())  # nobody else keeps them
    for _ in pairs:
        pass
    return {"all": time.perf_counter() - start}


def splink_whole(force: Force) -> Seconds:
    """The same by Splink."""
    from splink import DuckDBAPI

    from transforms.link.model.splink_model import comparison_table, frequency_tables, linker_of

    columns = columns_of(force.mentions())
    frame, frequencies = comparison_table(columns, blocks_of(columns)), list(frequency_tables(columns))
    del columns
    start = time.perf_counter()
    linker = linker_of(frame, frequencies, DuckDBAPI())
    edges = linker.inference.predict(threshold_match_weight=THRESHOLD)
    linker.clustering.cluster_pairwise_predictions_at_threshold(edges, threshold_match_weight=THRESHOLD)
    return {"all": time.perf_counter() - start}


PLAIN = {  # our fields as the columns of a table of mentions
    **{"surname": "surname_key", "root": "root_key", "dob": "date_of_birth", "address": "address_key"},
    **{"alias": "alias_key", "postcode": "postcode", "telephone": "telephone", "pnc": "pnc_id"},
}


def _plain_model() -> Any:
    """Splink as it comes: its own comparisons, and our rules but for names exchanged."""
    from splink import SettingsCreator, block_on
    from splink import comparison_library as cl

    rules = [rule.fields for rule in BLOCKING if PLAIN.keys() >= set(rule.fields)]
    exact = ("gender", "alias_key", "address_key", "telephone", "pnc_id")
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="mention_key",
        comparisons=[
            cl.NameComparison("surname_key"),
            cl.NameComparison("first_key"),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=False),
            cl.PostcodeComparison("postcode"),
            *(cl.ExactMatch(column) for column in exact),
        ],
        blocking_rules_to_generate_predictions=[block_on(*(PLAIN[field] for field in fields)) for fields in rules],
    )


def splink_plain(force: Force) -> Seconds:
    """All mentions by Splink as it comes."""
    mentions = force.mentions()
    start = time.perf_counter()
    clusters_by_splink(mentions, THRESHOLD)
    return {"all": time.perf_counter() - start}


def clusters_by_splink(mentions: pa.Table, bits: float) -> pa.Table:
    """The mention_key and cluster_id of all mentions by Splink as it comes, from so many bits of match weight on."""
    from splink import DuckDBAPI, Linker

    linker = Linker(DuckDBAPI().register(mentions), _plain_model(), log_level="ERROR")
    edges = linker.inference.predict(threshold_match_weight=bits, warning_mode="never")
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(edges, threshold_match_weight=bits)
    return clusters.as_pyarrow_table()


def splink_plain_night(force: Force, new: int) -> Seconds:
    """The pairs of a night's mentions by Splink as it comes."""
    from splink import DuckDBAPI, Linker

    api = DuckDBAPI()
    before, tonight = (api.register(table) for table in _before_and_tonight(force, force.tonight(new), new))
    linker = Linker(before, _plain_model(), log_level="ERROR")
    for column in ("surname_key", "first_key"):
        linker.table_management.compute_tf_table(column)
    start = time.perf_counter()
    linker.inference.predict_between(before, tonight, threshold_match_weight=THRESHOLD)
    linker.inference.predict_within(tonight, threshold_match_weight=THRESHOLD)
    return {"between and within": time.perf_counter() - start}


def _before_and_tonight(force: Force, frame: pa.Table, new: int) -> tuple[pa.Table, pa.Table]:
    """The rows of a table of a night's mentions that were known before, and those that are new."""
    keys: Any = force.tonight(new)["mention_key"]
    fresh = pc.is_in(keys, force.mentions().filter(pa.array(force.is_new(new)))["mention_key"].combine_chunks())
    return frame.filter(pc.invert(fresh)), frame.filter(fresh)


def build(force: Force) -> Seconds:
    """The night before: its index and its tables."""
    mentions = force.before(0)
    start = time.perf_counter()
    made, (segment,) = link_night(mentions, NO_DECISIONS, FIRST, NOTHING, [])
    seconds = time.perf_counter() - start
    table = segment.table()
    with pa.ipc.new_file(str(force.folder / "segment.arrow"), table.schema) as file:
        file.write_table(table)
    for name in MADE:
        pq.write_table(contract(name).conform(getattr(made, name)), force.folder / f"{name}.parquet")
    return {"all": seconds}


def night(force: Force, new: int) -> Seconds:
    """A night: to find and weigh the pairs of its mentions, to decide all that they touch, and to make all tables."""
    mentions, earlier = force.tonight(new), force.earlier()
    fresh = force.mentions().filter(pa.array(force.is_new(new)))
    link_alone(fresh.slice(0, 100))  # DuckDB and its threads stand before Splink's time begins, too
    start = time.perf_counter()
    before = force.index()
    segment, _ = added(before, mentions_of(columns_of(fresh), facts_of(fresh)), NO_ROWS)
    after = Index([*before.segments, segment])
    compared(after, np.arange(*after.edges[-2:]))
    found = time.perf_counter() - start

    start = time.perf_counter()
    work, _ = touched(force.index(), fresh, facts_of(fresh), NO_ROWS, NO_ROWS, ([], []))
    most = most_asked(mentions.num_rows) - earlier.same_person_question.num_rows
    found_again = decided_again(work, {}, earlier.same_person_question, most)
    question_rows(work.columns, work.pairs, found_again.decided, found_again.asked)
    decided = time.perf_counter() - start

    start = time.perf_counter()
    link_night(mentions, NO_DECISIONS, SECOND, earlier, force.index().segments)
    tables = time.perf_counter() - start
    return {"pairs found and weighed": found, "all decided": decided, "with all tables": tables}


def splink_night(force: Force, new: int) -> Seconds:
    """The pairs of a night's mentions by Splink; all blocks and frequencies are given."""
    from splink import DuckDBAPI, Linker

    from transforms.link.model.splink_model import comparison_table, frequency_tables, splink_settings

    columns = columns_of(force.tonight(new))
    frame, frequencies = comparison_table(columns, blocks_of(columns)), list(frequency_tables(columns))
    api = DuckDBAPI()
    before, tonight = (api.register(table) for table in _before_and_tonight(force, frame, new))
    linker = Linker(before, splink_settings(), log_level="ERROR")
    for name, table in frequencies:
        linker.table_management.register_term_frequency_lookup(api.register(table), name)
    start = time.perf_counter()
    linker.inference.predict_between(before, tonight, threshold_match_weight=THRESHOLD)
    linker.inference.predict_within(tonight, threshold_match_weight=THRESHOLD)
    return {"between and within": time.perf_counter() - start}


def floor(force: Force, new: int) -> Seconds:
    """What no way through sorted block keys can do without: to find the pairs, and to count the fields that agree."""
    fresh = force.mentions().filter(pa.array(force.is_new(new)))
    start = time.perf_counter()
    tonight = mentions_of(columns_of(fresh), facts_of(fresh))
    before, keys = force.index().segments[0], posted(tonight)
    codes = [NO_ROWS]
    for name in ("+".join(fields) for fields in BLOCKED):
        place, at = spans(before[f"keys:{name}"], keys[f"keys:{name}"])
        few = np.bincount(place, minlength=len(keys[f"keys:{name}"])) <= LARGEST_BLOCK
        place, at = place[few[place]], at[few[place]]
        codes.append(keys[f"rows:{name}"][place].astype(np.int64) << 32 | before[f"rows:{name}"][at])
    pairs = np.unique(np.concatenate(codes))
    ours, theirs = pairs >> 32, pairs & 0xFFFFFFFF
    agreeing = np.zeros(len(pairs), np.int8)
    for field in COUNTED:
        values = tonight.hashed(field)[ours]
        agreeing += (before.mentions.hashed(field)[theirs] == values) & (values != UNKNOWN)
    return {"floor": time.perf_counter() - start}
