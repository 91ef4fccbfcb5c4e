"""What may happen to a child's entry on the tracker, who causes it, and what does it come to?

One table of states and transitions, and one fold over a child's decisions and 18th birthday in order of time. A
decision that its table row does not allow is refused with a sentence and changes nothing.

    HELD      named only by intelligence that does not propose a child, or by feeds
    PROPOSED  identified; waits for the monthly meeting
    DECLINED  the meeting said no; asked again only when new intelligence arrives
    OPEN, VULNERABLE   on the tracker
    REMOVED   was on the tracker
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from expectations.agreed import ON_TRACKER
from expectations.plain import Row
from transforms.refused import Refused

OFF = ("HELD", "PROPOSED", "DECLINED", "REMOVED")
BIRTHDAY = "attains_18"


# Within one meeting the first of two such decisions on one child stands and the second is refused.
CONTRADICTIONS = {
    "RATIFY": ("DECLINE", "REMOVE"),
    "DECLINE": ("RATIFY", "REOPEN"),
    "REMOVE": ("RATIFY", "REOPEN", "SET_STATUS"),
    "REOPEN": ("REMOVE", "DECLINE"),
}


@dataclass
class Spell:
    """One stay on the tracker; `removed_on` None while it lasts."""

    added_on: date
    added_by: str
    removed_on: date | None = None
    removal_reason: str | None = None
    removed_by: str | None = None


@dataclass
class Life:
    """What a child's decisions and birthday come to."""

    state: str = "HELD"
    status: str | None = None
    spells: list[Spell] = field(default_factory=list)
    declined_on: date | None = None
    refused: list[Refused] = field(default_factory=list)
    accepted: list[Row] = field(default_factory=list)
    idle: list[Row] = field(default_factory=list)  # accepted, and left everything as it was

    @property
    def left_off_on(self) -> date | None:
        """The day of the last DECLINE or removal: what came later is new."""
        removed = self.spells[-1].removed_on if self.spells else None
        return max((day for day in (self.declined_on, removed) if day), default=None)


@dataclass(frozen=True)
class Birthday:
    """A settled 18th birthday: the day, and since when the date of birth behind it is known."""

    on: date
    known_at: datetime


def fold(opening: dict[str, Any] | None, decisions: Iterable[Row], birthday: Birthday | None, as_of: date) -> Life:
    """A child's life from the entry taken over, if any, and their decisions in order of `decided_at`.

    `decisions` have `decided_on`, the local date of `decided_at`. A settled birthday up to `as_of` removes the child
    on that day, whichever night notices.
    """
    life = Life()
    if opening is not None:
        life.state = life.status = opening["status"]
        life.spells.append(Spell(opening["added_on"], opening["mention_key"]))
    due = birthday is not None and birthday.on <= as_of
    for decision in decisions:
        if due and birthday is not None and birthday.on <= decision["decided_on"]:
            _age_out(life, birthday)
        refusal = _refusal(life, decision, birthday)
        if refusal:
            life.refused.append(refusal)
        else:
            life.accepted.append(decision)
            if decision["action"] in TRANSITIONS:
                _carry_out(life, decision)
    if due and birthday is not None:
        _age_out(life, birthday)
    return life


def _carry_out(life: Life, decision: dict[str, Any]) -> None:
    before = life.state, life.status, life.declined_on
    TRANSITIONS[decision["action"]].apply(life, decision)
    if before == (life.state, life.status, life.declined_on) and decision["action"] != "REMOVE":
        life.idle.append(decision)  # to remove whom a birthday removed says that a person agrees


def _age_out(life: Life, birthday: Birthday) -> None:
    if life.state in ON_TRACKER:
        spell = life.spells[-1]
        _end(life, max(birthday.on, spell.added_on), "AGED_OUT", BIRTHDAY)


def _end(life: Life, day: date, reason: str, by: str) -> None:
    spell = life.spells[-1]
    spell.removed_on, spell.removal_reason, spell.removed_by = day, reason, by
    life.state = "REMOVED"


def _refusal(life: Life, decision: dict[str, Any], birthday: Birthday | None) -> Refused | None:
    transition = TRANSITIONS.get(decision["action"])
    if transition is None:
        return None
    earlier = _contradicted(life, decision)
    if earlier:
        return Refused(
            decision,
            "CONTRADICTS",
            f"The same meeting decided {earlier['action']} for this child, and that stands. Say which is meant.",
            earlier["decision_id"],
        )
    if decision["action"] == "REMOVE" and _confirms_birthday(life, decision):
        return None
    if life.state not in transition.needs:
        return Refused(decision, transition.refusal, transition.sentence)
    return _age_refusal(decision, birthday)


def _contradicted(life: Life, decision: dict[str, Any]) -> dict[str, Any] | None:
    for earlier in life.accepted:
        if earlier["meeting_ref"] and earlier["meeting_ref"] == decision["meeting_ref"]:
            if decision["action"] in CONTRADICTIONS.get(earlier["action"], ()):
                return earlier
            if earlier["action"] == decision["action"] == "RATIFY" and earlier["value"] != decision["value"]:
                return earlier
    return None


def _confirms_birthday(life: Life, decision: dict[str, Any]) -> bool:
    aged_out = life.state == "REMOVED" and life.spells[-1].removal_reason == "AGED_OUT"
    return aged_out and decision["reason_code"] == "AGED_OUT"


def _age_refusal(decision: dict[str, Any], birthday: Birthday | None) -> Refused | None:
    if birthday is None:
        return None
    adult = birthday.on <= decision["decided_on"]
    if decision["action"] == "REMOVE" and decision["reason_code"] == "AGED_OUT" and not adult:
        return Refused(
            decision,
            "NOT_YET_18",
            "By the verified date of birth the child is not yet 18: correct it with SET_DOB, or give another reason.",
        )
    if decision["action"] in ("RATIFY", "REOPEN") and adult and birthday.known_at <= decision["decided_at"]:
        return Refused(
            decision,
            "ALREADY_18",
            "By the verified date of birth the person was 18 on that day. SET_DOB corrects a wrong date.",
        )
    return None


def _take_on(life: Life, decision: dict[str, Any]) -> None:
    if life.state not in ON_TRACKER:
        life.spells.append(Spell(decision["decided_on"], decision["decision_id"]))
    life.state = life.status = decision["value"] or life.status or "VULNERABLE"


def _decline(life: Life, decision: dict[str, Any]) -> None:
    life.declined_on = decision["decided_on"]
    life.state = "REMOVED" if life.spells else "DECLINED"


def _set_status(life: Life, decision: dict[str, Any]) -> None:
    life.state = life.status = decision["value"]


def _remove(life: Life, decision: dict[str, Any]) -> None:
    if life.state in ON_TRACKER:
        _end(life, decision["decided_on"], decision["reason_code"], decision["decision_id"])


@dataclass(frozen=True)
class Transition:
    """What an action needs, what it does to a life, and the code and sentence of its refusal in any other state."""

    needs: tuple[str, ...]
    apply: Callable[[Life, dict[str, Any]], None]
    refusal: str = ""
    sentence: str = ""


TRANSITIONS = {
    "RATIFY": Transition(OFF + ON_TRACKER, _take_on),
    "DECLINE": Transition(
        OFF, _decline, "ON_TRACKER", "The child is on the tracker: REMOVE takes a child off, DECLINE does not."
    ),
    "SET_STATUS": Transition(
        ON_TRACKER,
        _set_status,
        "NOT_ON_TRACKER",
        "The child is not on the tracker, so there is no status to set: RATIFY or REOPEN first.",
    ),
    "REMOVE": Transition(
        ON_TRACKER, _remove, "NOT_ON_TRACKER", "The child is not on the tracker, so there is nothing to remove."
    ),
    "REOPEN": Transition(
        ("REMOVED",),
        _take_on,
        "NOT_REMOVED",
        "Only a child who was removed can come back: RATIFY takes a new child on.",
    ),
}
