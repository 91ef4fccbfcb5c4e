"""What does a front door need to know of the referral itself: is it new, what changed, how urgent, who was asked?

A record of a child whom the force kept before this tracker, in the first file to a recipient, is a baseline and no new
referral. Consent is what an officer recorded for this child, and nothing where nobody did.
"""

from typing import Any

from transforms.export.exporter import Drop
from transforms.export.holdings import Operation
from transforms.export.news import changed

FOLLOW = "The officer's own words follow; until then ask the team at the head of this file."
NOT_ASKED = "Not recorded: ask the team before you speak to the family."


def referral(drop: Drop, one: Operation) -> dict[str, Any]:
    """The group `referral` of a record that is told."""
    content = one.record.content
    consent = {"consent": content.get("consent"), "parents": content.get("parents")}
    return {
        "kind": kind_of(drop, one),
        "what_changed": changed(one.before, content) if one.before is not None else None,
        **({"former_ref": one.former_ref} if one.former_ref else {}),
        "urgency": content.get("concern_urgency"),
        "words": None if content.get("concern") else FOLLOW,
        **({name: value or NOT_ASKED for name, value in consent.items()} if "consent" in content else {}),
    }


def kind_of(drop: Drop, one: Operation) -> str:
    """BASELINE, REFERRAL or UPDATE."""
    if one.before is not None:
        return "UPDATE"
    is_first = not drop.previous_file
    return "BASELINE" if is_first and one.record.content.get("is_taken_over") else "REFERRAL"
