"""May a panel have the name of somebody whom a decision shares with it as a suspect?

The person has the same protections as a child. Asked on the night the decision comes, which is refused where the answer
is no, and again on each night that the name would leave.
"""

from dataclasses import dataclass
from datetime import date

from expectations.plain import Row
from expectations.site import Site
from transforms.export.records import VICTIM
from transforms.reconcile.birthday import attains_18_on, may_be_under_18

REASONS = {
    "RESTRICTED": "The record is restricted: it leaves the force for nobody until a decision lifts that.",
    "DISPUTED": "The record is disputed and its accuracy is not established (DPA 2018 s.47).",
    "MAY_BE_UNDER_18": "By a date of birth or an age on record this suspect may be under 18: settle the age first.",
    "IS_A_CHILD": "This suspect is recorded as a child and victim: settle that first.",
}
PERSON_MARKS = (("RESTRICT", "UNRESTRICT", "RESTRICTED"), ("DISPUTE", "UNDISPUTE", "DISPUTED"))


@dataclass(frozen=True)
class Shared:
    """Somebody whom a decision shares as a suspect: every mention, the decisions in order, and a child's category."""

    mentions: list[Row]
    decisions: list[Row]
    category: str | None

    def last(self, *actions: str) -> str:
        """The last of these decisions; empty where there is none."""
        return next((str(row["action"]) for row in reversed(self.decisions) if row["action"] in actions), "")


def closed_to_panels(shared: Shared, site: Site, as_of: date, *, confirmed: bool) -> str:
    """The same of somebody whom a decision shares as a suspect: a record of a child as one keeps the name here too.

    `confirmed`: a person has seen that this may be somebody under 18, and let it go.
    """
    for mark, lift, code in PERSON_MARKS:
        if shared.last(mark, lift) == mark:
            return code
    is_child = shared.category is not None or any(row["role"] == "CHILD" for row in shared.mentions)
    if is_child and shared.category in (None, VICTIM):
        return "IS_A_CHILD"
    if not confirmed and _may_be_under_18(shared, site, as_of):
        return "MAY_BE_UNDER_18"
    return ""


def _may_be_under_18(shared: Shared, site: Site, as_of: date) -> bool:
    """By any recorded date or stated age, unless a person decided the date of birth since."""
    leap = site.leap_day_birthday
    decided = [row["value"] for row in shared.decisions if row["action"] == "SET_DOB"]
    if decided:
        return attains_18_on(date.fromisoformat(decided[-1]), leap) > as_of
    return any(may_be_under_18(mention, as_of, leap) for mention in shared.mentions)
