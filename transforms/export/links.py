"""Which children of one list share an identified line or a place, and how rare is what they share; which share a home?

What few children share ties them closer than what many do: each shared line or place counts 1 / ln(children who have
it) (Adamic and Adar 2003, Friends and neighbors on the Web). Neither is named, but a place where a contract has venues.
"""

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from math import log
from typing import Any

from expectations.plain import Row
from transforms.export.shareable import Shareable


class Ties:
    """What ties the records of one list, by their refs."""

    def __init__(self, drawn: Mapping[str, Shareable], with_venues: bool = False) -> None:
        self._drawn = drawn
        self._with_venues = with_venues

    def links(self, ref: str) -> list[Row]:
        """The other records that one is linked with, the closest first: by what, how closely, and where."""
        found = (self._link(ref, other) for other in sorted(self._drawn) if other != ref)
        return sorted((one for one in found if one["by"]), key=lambda one: (-one["closeness"], one["ref"]))

    def household(self, ref: str) -> list[Row]:
        """The other records at the same address, and whether they bear the same surname."""
        mine = self._drawn[ref].values
        others = ((other, self._drawn[other].values) for other in sorted(self._drawn) if other != ref and _home(mine))
        return [
            {"ref": other, "same_surname": bool(mine["surname"]) and mine["surname"] == theirs["surname"]}
            for other, theirs in others
            if _home(theirs) == _home(mine)
        ]

    def _link(self, ref: str, other: str) -> Row:
        mine, theirs = self._drawn[ref], self._drawn[other]
        lines, places = mine.line_refs & theirs.line_refs, mine.places & theirs.places
        by = [name for name, common in (("LINE", lines), ("PLACE", places)) if common]
        weights = [self._on_line[line] for line in lines] + [self._at_place[place] for place in places]
        venues = {"venues": sorted(places & mine.venues)} if self._with_venues else {}
        return {"ref": other, "by": by, "closeness": round(sum(1 / log(count) for count in weights), 2), **venues}

    @cached_property
    def _on_line(self) -> Counter[str]:
        return Counter(line for one in self._drawn.values() for line in one.line_refs)

    @cached_property
    def _at_place(self) -> Counter[str]:
        return Counter(place for one in self._drawn.values() for place in one.places)


def _home(values: Mapping[str, Any]) -> tuple[str, str] | None:
    address, postcode = values["address"], values["postcode"]
    return (" ".join(address.casefold().split()), postcode) if address and postcode else None
