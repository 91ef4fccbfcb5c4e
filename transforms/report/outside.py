"""Which records stand outside, why, and what is to be done about them?"""

from collections.abc import Iterable
from dataclasses import dataclass

from expectations.plain import Row, grouped


@dataclass(frozen=True)
class Reason:
    """A reason code, its sentence, and the records that stand outside for it, the oldest first."""

    code: str
    sentence: str
    rows: list[Row]

    @property
    def count(self) -> int:
        """How many records stand outside for this reason."""
        return len(self.rows)


def not_released(quarantine: Iterable[Row]) -> list[Reason]:
    """Rows of `quarantine` that were not released, by reason, the most frequent first."""
    open_ones = (row for row in quarantine if row["released_on"] is None)
    by_code = grouped(open_ones, lambda row: row["reason_code"])
    reasons = [
        Reason(code, rows[0]["reason"], sorted(rows, key=lambda row: (row["first_seen_on"], row["record_key"])))
        for code, rows in by_code.items()
    ]
    return sorted(reasons, key=lambda reason: (-reason.count, reason.code))
