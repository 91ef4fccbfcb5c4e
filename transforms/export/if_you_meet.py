"""What does an officer of any force do who meets this child tonight?

Whom to ring by day and by night, whether the child is missing, and that a child who was made to commit an offence is
treated as a victim first: the defence of the Modern Slavery Act 2015 s.45 is open to somebody who was compelled.
"""

from collections.abc import Mapping
from typing import Any

from expectations.site import Site

DECIDED_FOR = ("RG_POSITIVE", "CG_PENDING", "CG_POSITIVE")
DECIDED_AGAINST = ("RG_NEGATIVE", "CG_NEGATIVE")
ASKED_FIRST = "ask for the decision before any charge (Modern Slavery Act 2015 s.45)."
PROTECTED = "tell custody and the prosecutor before any charge (Modern Slavery Act 2015 s.45)."


def if_you_meet(site: Site, content: Mapping[str, Any]) -> dict[str, Any]:
    """Telephone numbers, and what to do in order: sentences."""
    return {
        "by_day": f"{site.contact['role']}, {site.contact['phone']}",
        "by_night": f"{site.out_of_hours['role']}, {site.out_of_hours['phone']}",
        "is_missing": content["is_missing"],
        "do": [sentence for sentence in _sentences(content) if sentence],
    }


def _sentences(content: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        _missing(content),
        "Treat as a victim first.",
        "Treat as a child until the age is settled (Modern Slavery Act 2015 s.51)."
        if content.get("age_presumed")
        else "",
        _referral(content),
        "Tell us where, when and with whom, and your own reference; tell the children's services of that place, too.",
    )


def _missing(content: Mapping[str, Any]) -> str:
    """Since when the child is missing, and the risk as graded, where they may be told."""
    if not content.get("is_missing"):
        return ""
    absence = next((one for one in content.get("missing") or () if one["until"] is None), None)
    now = content.get("missing_now") or (absence and {"since": absence["from"], "risk": absence["risk"]})
    since = f" since {now['since'][:16].replace('T', ' ')}" if now else ""
    risk = f", {now['risk'].lower()} risk" if now and now["risk"] else ""
    return f"MISSING{since}{risk}: keep the child safe and ring us."


def _referral(content: Mapping[str, Any]) -> str:
    """How far the National Referral Mechanism has come, and what that means for an arrest."""
    status, outcome = content.get("nrm_status"), content.get("nrm_outcome")
    if outcome in DECIDED_FOR:
        return f"There is a positive decision of the competent authority: {PROTECTED}"
    if status == "READY_FOR_FIRST_RESPONDER":
        return "No referral to the National Referral Mechanism is known: a first responder makes one."
    return f"A referral was made: {ASKED_FIRST}" if status and outcome not in DECIDED_AGAINST else ""
