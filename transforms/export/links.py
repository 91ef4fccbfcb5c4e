"""Which children of one list share an identified line or a place, without naming either?"""

from collections.abc import Mapping

from expectations.plain import Row
from transforms.export.shareable import Shareable


def links_of(ref: str, drawn: Mapping[str, Shareable]) -> list[Row]:
    """The other records of the list that one is linked with: their refs, and by what."""
    others = (other for other in sorted(drawn) if other != ref)
    return [{"ref": other, "by": by} for other in others if (by := _shared(drawn[ref], drawn[other]))]


def _shared(one: Shareable, other: Shareable) -> list[str]:
    shared = [("LINE", one.line_refs & other.line_refs), ("PLACE", one.places & other.places)]
    return [name for name, common in shared if common]
