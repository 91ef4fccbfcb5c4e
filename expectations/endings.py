"""What does a recipient hear when its reason to hold a record ends, by why it ends and what the recipient is there for?

A table of `endings.yml` for each purpose, which a contract names and may change row by row. Nobody with a duty to
protect is told to stop protecting, and nothing that a recipient hears tells why a record is under review.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from expectations.settings import settings_of

ACTIONS = ("STANDS", "UPDATE", "HISTORIC", "RESTRICT", "ERASE")
UNDER_REVIEW = ("RESTRICTED", "DISPUTED", "SUSPECT")  # one thing to every recipient: why is nobody's business
KINDS = {  # by why a record ends, what a recipient hears that it is
    **dict.fromkeys(UNDER_REVIEW, "UNDER_REVIEW"),
    "DECEASED": "DECEASED",
    "ADULT": "AGED_OUT",
    "AGE_UNSETTLED": "AGE_UNSETTLED",
    "REMOVED": "REMOVED",
    "DECLINED": "REMOVED",
    "MOVED": "MOVED",
    "NO_ROUTE": "MOVED",
    "INCOMPLETE": "INCOMPLETE",
    "REFERRED": "REFERRED",
    "ENTERED_IN_ERROR": "WITHDRAWN",
    "WITHDRAWN": "WITHDRAWN",
    "UNSHARED": "UNSHARED",
}
AT_ONCE = ("DECEASED", "WITHDRAWN", "UNDER_REVIEW", "UNSHARED")  # kinds that wait for no schedule
PLAIN = {  # of a row that has nothing of its own
    "STANDS": "",
    "UPDATE": "The record is no longer kept up to date for you. Your own case is not affected.",
    "HISTORIC": "The record is history.",
    "RESTRICT": "Keep the record, use it for nothing, pass it to nobody.",
    "ERASE": "Erase the record, and what was taken from it.",
}
OF_VERSION_1 = {"adult": ("ADULT",), "declined": ("DECLINED",), "removed": ("REMOVED",), "moved": ("MOVED", "NO_ROUTE")}


@dataclass(frozen=True)
class Ending:
    """What becomes of a record: the `kind` that the recipient hears, the `action` asked for, and the words."""

    kind: str
    action: str
    says: str

    @property
    def is_at_once(self) -> bool:
        """True where the recipient hears without waiting for its next file."""
        return self.kind in AT_ONCE


@cache
def tables() -> dict[str, dict[str, Ending]]:
    """The table of each purpose: an ending for each reason."""
    raw = settings_of(Path(__file__).with_name("endings.yml"))
    return {purpose: {reason: _ending(reason, row) for reason, row in rows.items()} for purpose, rows in raw.items()}


def endings_of(given: str | Mapping[str, Any], ends: Mapping[str, str]) -> dict[str, Ending]:
    """The table of a contract: a purpose's, with the rows that the contract changes; ValueError where it cannot be.

    `ends` are the four words of contracts of an earlier form.
    """
    own: dict[str, Any] = {"of": given} if isinstance(given, str) else dict(given)
    purpose = own.pop("of", "list")
    if purpose not in tables():
        raise ValueError(f"endings: there is no purpose {purpose}; known are {', '.join(sorted(tables()))}")
    for word, action in ends.items():
        if word not in OF_VERSION_1:
            raise ValueError(f"population.ends: {word}: {action} is not possible")
        own = {**{reason: {"action": action} for reason in OF_VERSION_1[word]}, **own}
    unknown = sorted(own.keys() - KINDS.keys())
    if unknown:
        raise ValueError(f"endings: there is no reason {', '.join(unknown)}")
    found = {**tables()[purpose], **{reason: _ending(reason, row) for reason, row in own.items()}}
    if len({found[reason] for reason in UNDER_REVIEW}) > 1:
        raise ValueError(f"endings: {', '.join(UNDER_REVIEW)} must be alike, or they tell which child is a suspect")
    return found


def _ending(reason: str, row: Mapping[str, str]) -> Ending:
    action = row["action"]
    if action not in ACTIONS or (reason == "ADULT" and action == "STANDS"):
        raise ValueError(f"endings: {reason}: {action} is not possible")
    return Ending(KINDS[reason], action, row.get("says") or PLAIN[action])
