"""How common is a name in the country?

A small force cannot tell from its own few hundred people that Smith is common. `names.csv` holds the commonest surnames
and given names of England and Wales with bearers per 100,000; see MODEL.md for its source and how rough it may be.
"""

import csv
from functools import cache
from pathlib import Path

from transforms.normalise.names import nicknames

TABLE = Path(__file__).with_name("names.csv")
NATIONAL_POOL = 1000


@cache
def national_share(kind: str) -> dict[str, float]:
    """Share of the population that bears each name, by comparable name; `kind` is surname or given."""
    with TABLE.open(encoding="utf-8", newline="") as rows:
        return {row["name"]: float(row["per_100k"]) / 100_000 for row in csv.DictReader(rows) if row["kind"] == kind}


@cache
def known_given_names() -> frozenset[str]:
    """Given names, nicknames and spelling variants that are names in their own right, in comparable form."""
    variants = nicknames()
    return frozenset(national_share("given")) | frozenset(variants) | frozenset(variants.values())
