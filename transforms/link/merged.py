"""Under which id does somebody stand whose id was merged into another?"""

from collections.abc import Iterable

from expectations.plain import Row


def merged_ids(person_ids: Iterable[Row]) -> dict[str, str]:
    """The id that stands for each one that was merged away; `person_ids` are rows of the contract `person_id`."""
    into = {row["person_id"]: row["merged_into"] for row in person_ids if row["merged_into"]}
    return {person: _last(person, into) for person in into}


def _last(person: str, into: dict[str, str]) -> str:
    seen = {person}
    while person in into and into[person] not in seen:
        person = into[person]
        seen.add(person)
    return person
