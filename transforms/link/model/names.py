"""Which words are names, and how common is each in the country?

A small force cannot tell from its own few hundred people that Smith is common, or that Hayden is a name and Haydne a
typing error. `given_names.csv` and `surnames.csv` are counts of the Office for National Statistics; NAMES.md says from
which years, and what is left out. A word that is on no list can still be a name.
"""

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path

from transforms.link.model.settings import KNOWN_NAME_BIRTHS
from transforms.normalise.names import nicknames, root

GIVEN_NAMES = Path(__file__).with_name("given_names.csv")
SURNAMES = Path(__file__).with_name("surnames.csv")
NATIONAL_POOL = 1000


@cache
def births() -> dict[str, tuple[int, int]]:
    """Girls and boys registered with each word among their first names, by comparable word."""
    with GIVEN_NAMES.open(encoding="utf-8", newline="") as rows:
        return {row["name"]: (int(row["girls"]), int(row["boys"])) for row in csv.DictReader(rows)}


@cache
def national_share(kind: str) -> dict[str, float]:
    """Share of the people that bears each name, by comparable name; `kind` is surname, given, or root of given names.

    A given name below KNOWN_NAME_BIRTHS is not in it: it may as well be a typing error that somebody registered.
    """
    if kind == "root":
        shares: dict[str, float] = defaultdict(float)
        for name, share in national_share("given").items():
            shares[root(name)] += share
        return dict(shares)
    if kind == "given":
        total = sum(map(sum, births().values()))
        return {name: sum(born) / total for name, born in births().items() if sum(born) >= KNOWN_NAME_BIRTHS}
    with SURNAMES.open(encoding="utf-8", newline="") as rows:
        return {row["name"]: float(row["share"]) for row in csv.DictReader(rows)}


@cache
def known_given_names() -> frozenset[str]:
    """Given names, nicknames and spelling variants that are names in their own right, in comparable form."""
    variants = nicknames()
    return frozenset(national_share("given")) | frozenset(variants) | frozenset(variants.values())
