"""What would an answer do, and what became of it?

Before an answer is recorded, people see what it would do that cannot be taken back. The consequence is foreseen on the
night that was published last, with every answer that waits for the next one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.register import answers
from expectations.plain import Row
from night.foresight import contradicted, foreseen_of, formed
from night.run import Run
from transforms.reconcile.consequences import CONFIRMED_BY, reference

SEEN = "Seen before it was recorded"


@dataclass(frozen=True)
class Taken:
    """What became of an answer: why it was `refused`, or what it would do and is `held` for; both may be empty."""

    review_id: str
    decision_id: str
    refused: str = ""
    held: str = ""

    @property
    def sentence(self) -> str:
        """What whoever answered has to know; empty where the answer counts from the next night on."""
        if self.refused or not self.held:
            return self.refused
        return f"{self.review_id}: recorded, and held. {self.held} It waits for CONFIRM of decision:{self.decision_id}."


def take(run: Run, decisions: Sequence[Mapping[str, Any]], actor: str, *, confirm: bool = False) -> list[Taken]:
    """Record answers given to the questions of a published night, each for itself.

    One that has not the form that it needs, or contradicts what was decided before it or another of these, is refused
    with the sentence, and so are the other decisions of the same answer.
    `confirm` where the person saw what they would do and wants it: the confirmation is recorded with each, unless the
    site asks for another person's.
    """
    against = _against(decisions, [formed(run, row)[1] for row in decisions])
    sound = [row for row in decisions if row["review_id"] not in against]
    against |= _against(sound, contradicted(run, sound))
    refused = [Taken(review_id, "", f"{review_id}: not recorded. {why}") for review_id, why in against.items()]
    decisions = [row for row in decisions if row["review_id"] not in against]
    what = foreseen_of(run, decisions)
    outcomes = answers.record(run.register, decisions, actor)
    taken = [
        Taken(outcome.review_id, outcome.decision_id, outcome.refused, held)
        for outcome, held in zip(outcomes, what, strict=True)
    ]
    return [*refused, *(_confirmed(run, decisions, taken, actor) if confirm else taken)]


def _against(decisions: Sequence[Mapping[str, Any]], sentences: Sequence[str]) -> dict[str, str]:
    """By question the first sentence that is against its answer."""
    found: dict[str, str] = {}
    for row, sentence in zip(decisions, sentences, strict=True):
        if sentence:
            found.setdefault(str(row["review_id"]), sentence)
    return found


def _confirmed(run: Run, decisions: Sequence[Mapping[str, Any]], taken: list[Taken], actor: str) -> list[Taken]:
    """The same, with the confirmation of those that are held recorded, where the site does not ask for another's."""
    if run.site.confirmed_by_another:
        return taken
    confirmed = [
        {**_confirmation(one.decision_id), "reason": decision["reason"] or SEEN, "origin": decision["origin"]}
        for one, decision in zip(taken, decisions, strict=True)
        if one.held and not one.refused
    ]
    answers.record(run.register, confirmed, actor)
    return [one if one.refused else Taken(one.review_id, one.decision_id) for one in taken]


def _confirmation(decision_id: str) -> Row:
    about = reference({"decision_id": decision_id})
    return {"action": CONFIRMED_BY[0], "value": about, "review_id": about, "mention_key": ""}
