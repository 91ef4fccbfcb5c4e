"""Which recipient hears of a child because the child lives in its area, was placed by it, or was found there?

The night's routes say which authorities and forces have to hear; a contract says whom it is for. Here the two meet, and
each route gets its recipient and how far it has come.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from expectations.agreed import CASE_STATES
from expectations.plain import Row
from expectations.recipients import ROUTED, Recipient
from expectations.site import Site

POLICE = ("POLICE_HOME", "POLICE_FOUND")
EVERYBODY = "*"
SENT, WAITING, NO_RECIPIENT, HELD_BACK = "SENT", "WAITING", "NO_RECIPIENT", "HELD_BACK"
OPEN, ANSWERED = "OPEN", "ANSWERED"  # of a place that was told
ANSWERING = ("HOME", "PLACING", "FOUND", *POLICE)  # roles in which a place says that it has the child
WHY = {
    SENT: "It holds the record.",
    OPEN: "Its receipt is open since {day}.",
    ANSWERED: "It answered on {day}.",
    WAITING: "A file is made for it, or due with its next drop.",
    NO_RECIPIENT: "No contract is for it: tell it by hand, and record that it was told.",
}


@dataclass(frozen=True)
class ByHand:
    """A place that a person told: by which decision, and when."""

    decision_id: str
    on: date


def is_routed(recipient: Recipient) -> bool:
    """True where the contract is for an authority or a force that has to hear."""
    return not recipient.population.where.keys().isdisjoint(ROUTED)


def hears(recipient: Recipient, route: Row) -> bool:
    """True where the recipient is the authority, or the force, that a route leads to."""
    key = "force" if route["role"] in POLICE else "authority"
    wanted = recipient.population.where.get(key, ())
    return bool(route[key]) and route[key] in ((wanted,) if isinstance(wanted, str) else wanted)


def roles(recipient: Recipient, routes: Collection[Row]) -> list[str]:
    """In which roles the recipient hears of a child with these routes."""
    return sorted({route["role"] for route in routes if hears(recipient, route)})


def keeps_only(recipient: Recipient, routes: Collection[Row]) -> bool:
    """True where the recipient has a child only until the authority of the new home has answered."""
    return is_routed(recipient) and roles(recipient, routes) == ["HOME_BEFORE"]


def not_routed(site: Site, recipient: Recipient, child: Row, routes: Collection[Row]) -> str:
    """The reason code why the recipient has no role for a child; empty where it has one.

    Where the home is not known, only our own authorities are named as those who may have to hear.
    """
    if roles(recipient, routes):
        return ""
    if child["state"] in ("DECLINED", "REMOVED"):
        return str(child["state"])
    if child["state"] not in CASE_STATES or child["identified_on"] is None:
        return "NOT_IDENTIFIED"
    is_home_known = any(route["role"] == "HOME" and route["authority"] for route in routes)
    return (
        "MOVED"
        if is_home_known or recipient.population.where.get("authority") not in site.local_authorities
        else "NO_ROUTE"
    )


def routed(
    routes: Collection[Row],
    recipients: Mapping[str, Recipient],
    holding: Mapping[tuple[str, str], date],
    held_back: Mapping[tuple[str, str], str],
    informed: Mapping[tuple[str, str], ByHand],
) -> list[Row]:
    """Each route with its recipient, its state, why, and since when it is told: rows of the listing `routes`.

    `holding` is the day on which a record came to each (recipient, person) that holds one, `held_back` why a recipient
    gets none, with EVERYBODY as the person where it gets nobody's; `informed` how a place was informed by hand, by
    (person, place).
    """
    rows: list[Row] = []
    whose: dict[tuple[bool, str], str] = {}  # the recipient of each place, asked once
    for route in sorted(routes, key=lambda row: (row["person_id"], row["role"], row["authority"], row["force"])):
        person = route["person_id"]
        is_police = route["role"] in POLICE
        place = route["force"] if is_police else route["authority"]
        if (is_police, place) not in whose:
            heard_by = (name for name, one in sorted(recipients.items()) if hears(one, route))
            whose[is_police, place] = next(heard_by, "")
        name = whose[is_police, place]
        informed_on = None
        if (person, place) in informed:
            by_hand = informed[person, place]
            state, informed_on = SENT, by_hand.on
            why = f"Told by hand: decision {by_hand.decision_id}. {_receipt(route, informed_on)}".rstrip()
        elif not name:
            state, why = NO_RECIPIENT, f"{route['why']} {WHY[NO_RECIPIENT]}" if place else route["why"]
        elif (name, person) in holding:
            state, informed_on = SENT, holding[name, person]
            why = f"{WHY[SENT]} {_receipt(route, informed_on)}".rstrip()
        elif reason := held_back.get((name, person)) or held_back.get((name, EVERYBODY)):
            state, why = HELD_BACK, reason
        else:
            state, why = WAITING, WHY[WAITING]
        rows.append({**route, "recipient": name, "state": state, "why": why, "informed_on": informed_on})
    return rows


def _receipt(route: Row, informed_on: date) -> str:
    """Whether a place that was told has said that it has the child; of one that keeps a child who moved, why."""
    if route["role"] == "HOME_BEFORE":
        return str(route["why"])
    if route["role"] not in ANSWERING:
        return ""
    if route["answered_on"]:
        return WHY[ANSWERED].format(day=route["answered_on"])
    return WHY[OPEN].format(day=max(informed_on, route["began_on"] or informed_on))
