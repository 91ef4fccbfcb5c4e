"""Which authority and which force has to hear of each identified child?

The authority where the child lives (HOME), the one that placed the child there (PLACING), our own authority in whose
area a child of another force's area was seen or found (FOUND), the police of the home (POLICE_HOME), and the force that
found the child (POLICE_FOUND), where these are not we. The child's own authority is responsible, and the one where the
child was found hears too (NSPCC, county lines: the child's home authority and the authority where they were found).
A place that is not known has a row as well: somebody has to settle it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from expectations.agreed import CASE_STATES
from expectations.places import Authority
from expectations.plain import Row
from expectations.site import Site

POLICE = ("POLICE_HOME", "POLICE_FOUND")
INFORMED_BY = ("PLACE_TOLD",)

WHY = {
    "HOME": "The child lives in its area.",
    "HOME_UNKNOWN": "Where the child lives is not known: settle the home authority.",
    "HOME_BEFORE": "The child lived in its area: it keeps the child until {to} has answered.",
    "PLACING": "It placed the child where the child lives now.",
    "PLACING_UNKNOWN": "The authority that placed the child is written as none that is known: settle it.",
    "FOUND": "A child of another force's area was seen or found in its area.",
    "FOUND_UNKNOWN": "A child of another force's area was found by us, but it is not recorded where: settle it.",
    "POLICE_HOME": "The child lives in the area of {force}.",
    "POLICE_FOUND": "{force} found the child.",
    "POLICE_FOUND_UNKNOWN": "The child was found by a force that is written as none that is known: settle it.",
}


@dataclass(frozen=True)
class Places:
    """The values of one child's rows of `place`, by kind."""

    site: Site
    of: dict[str, list[str]]

    def authority(self, kind: str) -> Authority | None:
        """The one authority of a kind; None where none is known."""
        return self.site.places.authority(next(iter(self.of.get(kind, ())), None))


def route_rows(site: Site, children: list[Row], places: list[Row]) -> list[Row]:
    """Rows of `route` for rows of `child` and `place`."""
    of: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in places:
        of[row["person_id"]][row["kind"]].append(row["value"])
    rows = []
    for child in children:
        if _is_routed(child):
            found = _routes(Places(site, of[child["person_id"]]))
            rows += [{"person_id": child["person_id"], "since": child["identified_on"], **row} for row in found]
    return rows


def _is_routed(child: Row) -> bool:
    """Identified children; and those who left because they moved to a place that is known, which has to hear."""
    has_moved = child["removal_reason"] == "MOVED_AREA" and child.get("moved_to_authority")
    return bool(child["identified_on"]) and bool(child["state"] in CASE_STATES or has_moved)


def place_of(route: Row) -> str:
    """The authority or the force that a route leads to; empty where it is not known."""
    return route["force"] if route["role"] in POLICE else route["authority"]  # type: ignore[no-any-return]


def place_name(site: Site, route: Row) -> str:
    """The place that a known route leads to, as a task names it."""
    place, names = place_of(route), site.places
    name = names.force_name(place) if route["role"] in POLICE else f"children's services of {names.name(place)}"
    return f"{name} ({place})"


def task_of(route: Row) -> str:
    """The id of the task to tell a place by hand."""
    return f"A:route:{route['person_id']}:{route['role']}:{place_of(route)}"


def without_recipient(routes: list[Row], heard: Collection[str]) -> list[Row]:
    """Routes to a known place for which no recipient has a contract; `heard` are the places that have one."""
    return [row for row in routes if place_of(row) and place_of(row) not in heard]


def _routes(places: Places) -> list[Row]:
    home = places.authority("HOME_AUTHORITY")
    rows = [_of_authority("HOME", home)]
    if places.of.get("PLACING_AUTHORITY"):
        rows.append(_of_authority("PLACING", places.authority("PLACING_AUTHORITY")))
    force = next(iter(places.of.get("HOME_FORCE", ())), "")
    if home and force != places.site.force_code:
        rows += [_of_authority("FOUND", one) for one in _found_in(places)]
        rows.append(_of_force("POLICE_HOME", force, places.site.places.force_name(force) or home.force_name))
    for written in places.of.get("FOUND_BY", ()):
        force = places.site.places.force(written)
        if force != places.site.force_code:
            rows.append(_of_force("POLICE_FOUND", force, places.site.places.force_name(force)))
    return list({(row["role"], row["authority"], row["force"]): row for row in rows}.values())


def _found_in(places: Places) -> Iterator[Authority | None]:
    """Our authorities in whose areas the child was seen; None where we found the child and nothing says where."""
    seen = [places.site.authority_of_area(area) for area in places.of.get("SEEN_AREA", ())]
    known = [places.site.places.authority(code) for code in dict.fromkeys(seen) if code]
    by_us = places.site.force_code in map(places.site.places.force, places.of.get("FOUND_BY", ()))
    yield from known or ([None] if seen or by_us else [])


def _of_authority(role: str, authority: Authority | None) -> Row:
    why = WHY[role if authority else f"{role}_UNKNOWN"]
    return {
        "role": role,
        "authority": authority.code if authority else "",
        "force": authority.force if authority else "",
        "why": why,
    }


def _of_force(role: str, force: str, name: str) -> Row:
    why = WHY[role].format(force=name) if name else WHY[f"{role}_UNKNOWN"]
    return {"role": role, "authority": "", "force": force, "why": why}
