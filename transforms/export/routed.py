"""Which recipient hears of a child because the child lives in its area, was placed by it, or was found there?

The night's routes say which authorities and forces have to hear; a contract says whom it is for. Here the two meet, and
each route gets its recipient and how far it has come.
"""

from collections.abc import Collection, Mapping

from expectations.agreed import CASE_STATES
from expectations.plain import Row
from expectations.recipients import ROUTED, Recipient
from expectations.site import Site

POLICE = ("POLICE_HOME", "POLICE_FOUND")
SENT, WAITING, NO_RECIPIENT, HELD_BACK = "SENT", "WAITING", "NO_RECIPIENT", "HELD_BACK"
WHY = {
    SENT: "It holds the record.",
    WAITING: "A file is made for it, or due with its next drop.",
    NO_RECIPIENT: "No contract is for it: tell it by hand, and record that it was told.",
}


def is_routed(recipient: Recipient) -> bool:
    """True where the contract is for an authority or a force that has to hear."""
    return any(key in recipient.population.where for key in ROUTED)


def hears(recipient: Recipient, route: Row) -> bool:
    """True where the recipient is the authority, or the force, that a route leads to."""
    key = "force" if route["role"] in POLICE else "authority"
    wanted = recipient.population.where.get(key, ())
    return bool(route[key]) and route[key] in ((wanted,) if isinstance(wanted, str) else wanted)


def roles(recipient: Recipient, routes: Collection[Row]) -> list[str]:
    """In which roles the recipient hears of a child with these routes."""
    return sorted({route["role"] for route in routes if hears(recipient, route)})


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
    holding: Collection[tuple[str, str]],
    held_back: Mapping[tuple[str, str], str],
    informed: Mapping[tuple[str, str], str],
) -> list[Row]:
    """Each route with its recipient, its state and why: rows of the listing `routes`, by person and role.

    `holding` are the (recipient, person) that hold a record, `held_back` why a recipient gets none, `informed` why a
    place counts as informed by hand, by (person, place).
    """
    rows = []
    for route in sorted(routes, key=lambda row: (row["person_id"], row["role"], row["authority"], row["force"])):
        person = route["person_id"]
        name = next((name for name, one in sorted(recipients.items()) if hears(one, route)), "")
        place = route["force"] if route["role"] in POLICE else route["authority"]
        if (person, place) in informed:
            state, why = SENT, informed[person, place]
        elif not name:
            state, why = NO_RECIPIENT, f"{route['why']} {WHY[NO_RECIPIENT]}" if place else route["why"]
        elif (name, person) in holding:
            state, why = SENT, WHY[SENT]
        elif (name, person) in held_back:
            state, why = HELD_BACK, held_back[name, person]
        else:
            state, why = WAITING, WHY[WAITING]
        rows.append({**route, "recipient": name, "state": state, "why": why})
    return rows
