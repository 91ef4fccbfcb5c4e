"""Was what a recipient was sent wrong, or has it only moved on?

A value is wrong where it was never right, as is known now: no record that may be disclosed says it any more, since its
source was corrected, withdrawn or was another child's; or a decision corrected it. A new address, a later report or an
age are news for the next file (DPA 2018 s.38(5)(c) is about what is inaccurate).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from expectations import fields
from expectations.recipients import Recipient
from expectations.record import FIELDS
from transforms.export.release import caveats, withheld
from transforms.export.shareable import COARSE, plain
from transforms.tables import Tables

GENERIC = "GENERIC_CHILDREN"
RESTING_ON_BIRTH = ("age", "attains_18_on", "dob_status", "birth_year")


@dataclass(frozen=True)
class Judge:
    """Judges what one recipient holds of one person by what records say of the person now."""

    tables: Tables
    recipient: Recipient
    person_id: str

    def wrong(self, held: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
        """Names of the fields that were wrong; with the date of birth goes what rests on it."""
        names = [name for name, value in held.items() if self.is_wrong(name, value, now.get(name))]
        resting = RESTING_ON_BIRTH if "date_of_birth" in names else ()
        return [*names, *(name for name in resting if name in held and name not in names)]

    def is_wrong(self, name: str, held: Any, now: Any) -> bool:
        """True where what was sent of a field was wrong."""
        if held is None or held == now:
            return False
        field = FIELDS.get(name, fields.Sent("", fields.STATE))
        if field.wrong == fields.BIRTH:
            return now is not None or not self._is_supported(name, held)
        if field.wrong == fields.PLACE:
            return not self._is_supported(name, held)
        if field.wrong == fields.FACT:
            return self._is_decided(name, now) or not self._is_supported(name, held)
        return _WRONG[field.wrong](held, now)

    def _is_decided(self, name: str, now: Any) -> bool:
        """True where a person decided the value that is sent now."""
        fact = self.tables.facts.get(self.person_id, {}).get(name)
        return bool(now is not None and fact and fact["decision_id"])

    def _is_supported(self, name: str, held: Any) -> bool:
        """True where a record, or a decision, still says a value, in the form that the contract gives it."""
        coarse = COARSE[self.recipient.fields.get(name, "exact")]

        def says(value: Any) -> bool:
            return bool(value) and held == (coarse(value) if isinstance(value, str) else value)

        fact = self.tables.facts.get(self.person_id, {}).get(name)
        if fact and fact["decision_id"] and says(fact["value"]):
            return True
        mentions = self.tables.child_mentions.get(self.person_id, ())
        return any(says(plain(mention[name])) and self._may(mention) for mention in mentions)

    def _may(self, mention: Mapping[str, Any]) -> bool:
        report = self.tables.reports.get(mention["record_ref"])
        given = caveats(dict(mention), report)
        return not withheld(given, self.recipient, self.tables.site, self.tables.as_of)


def _lost(held: Any, now: Any) -> bool:
    return any(item not in (now or []) for item in held)


def _lost_refs(held: Any, now: Any) -> bool:
    """The line that stands for those who are on none that is identified says nothing that could be wrong."""
    refs = [item["ref"] for item in held if item.get("kind") != GENERIC]
    return _lost(refs, [item["ref"] for item in now or []])


def _lost_grades(held: Any, now: Any) -> bool:
    return _lost(held["grades"], (now or {"grades": []})["grades"])


_WRONG: dict[str, Callable[[Any, Any], bool]] = {
    fields.ITEMS: _lost,
    fields.REFS: _lost_refs,
    fields.WEAKER: lambda held, now: now is None or held == "INVOLVED",
    fields.COUNT: lambda held, now: bool((now or 0) < held),
    fields.GRADES: _lost_grades,
    fields.STATE: lambda held, now: False,
}
