"""Which children of one list share an identified line or a place, and how rare is what they share; which share a home?

What few children share ties them closer than what many do: each shared line or place counts 1 / ln(children who have
it) (Adamic and Adar 2003, Friends and neighbors on the Web). Neither is named, but a place where a contract has venues.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import chain
from math import log
from typing import Any, TypeVar

from expectations.plain import Row
from transforms.export.shareable import Shareable

BY = {  # the same lists for all pairs, of which a large force has millions
    (True, False): ["LINE"],
    (False, True): ["PLACE"],
    (True, True): ["LINE", "PLACE"],
}
Home = tuple[str, str]  # address and postcode
T = TypeVar("T")


class Ties:
    """What ties the records of one list, by their refs."""

    def __init__(self, drawn: Mapping[str, Shareable], with_venues: bool = False) -> None:
        self._drawn = drawn
        self._with_venues = with_venues

    def links(self, ref: str) -> list[Row]:
        """The other records that one is linked with, the closest first: by what, how closely, and where."""
        mine = self._drawn[ref]
        on_line = [self._on_line[line] for line in sorted(mine.line_refs)]
        at_place = [self._at_place[place] for place in sorted(mine.places)]
        closeness: dict[str, float] = defaultdict(float)
        for refs in (*on_line, *at_place):
            weight = 1 / log(len(refs)) if len(refs) > 1 else 0
            for other in refs:
                closeness[other] += weight
        closeness.pop(ref, None)
        by_line, by_place = set(chain(*on_line)), set(chain(*at_place))
        found: list[Row] = [
            {"ref": other, "by": BY[other in by_line, other in by_place], "closeness": round(close, 2)}
            for other, close in closeness.items()
        ]
        found.sort(key=lambda one: (-one["closeness"], one["ref"]))
        return [one | self._venues(mine, one["ref"]) for one in found] if self._with_venues else found

    def household(self, ref: str) -> list[Row]:
        """The other records at the same address, and whether they bear the same surname."""
        mine = self._drawn[ref].values
        home = _home(mine)
        others = [other for other in self._at_home[home] if other != ref] if home else []
        return [
            {
                "ref": other,
                "same_surname": bool(mine["surname"]) and mine["surname"] == self._drawn[other].values["surname"],
            }
            for other in others
        ]

    def _venues(self, mine: Shareable, other: str) -> Row:
        return {"venues": sorted(mine.places & self._drawn[other].places & mine.venues)}

    @cached_property
    def _on_line(self) -> dict[str, list[str]]:
        return _by((line, ref) for ref, one in self._drawn.items() for line in one.line_refs)

    @cached_property
    def _at_place(self) -> dict[str, list[str]]:
        return _by((place, ref) for ref, one in self._drawn.items() for place in one.places)

    @cached_property
    def _at_home(self) -> dict[Home, list[str]]:
        homes = ((_home(one.values), ref) for ref, one in sorted(self._drawn.items()))
        return _by((home, ref) for home, ref in homes if home)


def _by(pairs: Iterable[tuple[T, str]]) -> dict[T, list[str]]:
    """Records by what they have, in the order given."""
    found: dict[T, list[str]] = defaultdict(list)
    for what, ref in pairs:
        found[what].append(ref)
    return dict(found)


def _home(values: Mapping[str, Any]) -> Home | None:
    address, postcode = values["address"], values["postcode"]
    return (" ".join(address.casefold().split()), postcode) if address and postcode else None
