"""Which decision has no effect, and why?

Found wherever decisions are read and carried out: in their form, in who is who, in what becomes of a child.
"""

from dataclasses import dataclass
from datetime import date

from expectations.plain import Row

NAMED = ("decision_id", "decided_at", "decided_by", "action", "mention_key", "other_mention_key")


@dataclass(frozen=True)
class Refused:
    """A decision that has no effect, why, and which decision it contradicts, if one."""

    decision: Row
    code: str
    sentence: str
    contradicts: str = ""

    def row(self, refused_on: date) -> Row:
        """The row of the table `refusal` that says so, and since which night."""
        return {
            **{name: self.decision[name] for name in NAMED},
            "reason_code": self.code,
            "reason": self.sentence,
            "contradicts": self.contradicts or None,
            "refused_on": refused_on,
        }
