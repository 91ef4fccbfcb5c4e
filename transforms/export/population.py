"""Is this child one of those of whom a contract lets its recipient know?"""

from expectations.agreed import CASE_STATES
from expectations.plain import Row
from expectations.recipients import Recipient
from transforms.export.routed import is_routed, not_routed
from transforms.tables import Tables

OF_ANOTHER_POPULATION = ("NOT_IDENTIFIED", "NOT_RATIFIED", "DECLINED", "REMOVED", "MOVED", "OTHER_STATUS")


def outside(tables: Tables, recipient: Recipient, child: Row) -> str:
    """Why a child is not of the contract's population; empty where it is."""
    code = _unrouted(tables, recipient, child) if is_routed(recipient) else _unlisted(recipient, child)
    if not code and _is_too_young(tables, recipient, child):
        code = "OTHER_STATUS"
    if code == "REMOVED" and child["removal_reason"] == "MOVED_AREA":
        return "MOVED"
    return code or _referred(tables, recipient, child)


def _unrouted(tables: Tables, recipient: Recipient, child: Row) -> str:
    """Why an authority or force does not have to hear of a child."""
    code = not_routed(tables.site, recipient, child, tables.routes[child["person_id"]])
    is_waited_for = recipient.population.of == "ratified" and child["state"] == "PROPOSED"
    return code or ("NOT_RATIFIED" if is_waited_for else "")


def _is_too_young(tables: Tables, recipient: Recipient, child: Row) -> bool:
    """True where a contract is about an 18th birthday that is near, and the child's is not, or not known."""
    days, birthday = recipient.population.days_to_18, child["attains_18_on"]
    return days is not None and (birthday is None or (birthday - tables.as_of).days > days)


def _unlisted(recipient: Recipient, child: Row) -> str:
    population = recipient.population
    if child["state"] in ("DECLINED", "REMOVED"):
        return str(child["state"])
    if child["state"] not in CASE_STATES:
        return "NOT_IDENTIFIED"
    if population.of == "ratified" and child["state"] == "PROPOSED":
        return "NOT_RATIFIED"
    if population.of == "identified" and child["identified_on"] is None:
        return "NOT_IDENTIFIED"
    if population.statuses and child["status"] not in population.statuses:
        return "OTHER_STATUS"
    if population.themes_any and not set(population.themes_any) & set(child["themes"] or ()):
        return "OTHER_STATUS"
    for name, wanted in population.where.items():
        home = child[name]  # never where the child was seen
        if home not in ((wanted,) if isinstance(wanted, str) else wanted):
            return "MOVED" if home else "NO_ROUTE"
    return ""


def _referred(tables: Tables, recipient: Recipient, child: Row) -> str:
    if recipient.population.once_referred == "STAYS":
        return ""
    is_referred = (
        child["nrm_submitted_on"] or child["nrm_reference"] or tables.sca_referrals.keys() & set(child["mention_keys"])
    )
    return "ALREADY_REFERRED" if is_referred else ""
