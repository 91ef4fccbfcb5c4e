"""The notification to another authority or force that has to hear of a child: why it hears, and what is asked of it.

A child found out of area, a child placed out of area and a child who moved are told alike: the home authority is
responsible, the one that placed the child keeps its duties, the one where the child was found acts until the home
authority answers.
"""

from typing import Any, ClassVar

from expectations.recipients import Recipient
from transforms.export.exporter import Drop, Exporter, Groups
from transforms.export.holdings import Operation
from transforms.export.if_you_meet import if_you_meet
from transforms.export.referral import referral

ASKED = {
    "HOME": "The child lives in your area: decide on safeguarding as for any referral, and tell us what you decided.",
    "HOME_BEFORE": "The child has moved to another area: go on until its authority has answered; hand over to it.",
    "PLACING": "You placed the child where the child lives now: review the placement with the authority of that area.",
    "FOUND": "A child of another area was seen in yours: act with the home authority, which is told as well.",
    "POLICE_HOME": "The child lives in your area: record the risk, visit, and agree with us who leads.",
    "POLICE_FOUND": "You found the child: treat the child as a victim, and tell us where and with whom it was.",
}


class Notification(Exporter):
    """JSON for a system and a readable sheet."""

    schema = "place_notification"
    kind = "DROP"
    part = "notifications"
    asks = "Tell us by its reference that you have the child: after three working days we ask you."
    formats = ("json", "html")
    needs_fields = ("hears_as",)
    lead = ("asked", "if_you_meet", "referral", "concern", "missing")
    stays = ("asked", "if_you_meet", "referral")
    unseen = ("on_record",)
    groups: ClassVar[Groups] = {
        "places": ("hears_as", "local_authority", "placing_authority", "policing_area", "seen_areas", "found_by"),
        "child": (
            *("category", "given_names", "surname", "aliases", "date_of_birth", "dob_status", "birth_year", "age"),
            *("age_presumed", "gender", "ethnicity", "address", "postcode", "telephone", "pnc_id", "school"),
            *("education_status", "education_on"),
        ),
        "reported": ("report_count", "first_reported_on", "last_reported_on", "involvement", "status"),
        "concern": ("concern", "concern_on", "chronology"),
        "missing": ("missing_now", "return_interviews", "missing_count", "missing", "is_missing"),
        "police_action": ("lead_officer", "visited_on", "toolkit_on"),
        "referrals": ("nrm_status", "nrm_submitted_on", "nrm_outcome"),
        "on_record": ("is_taken_over", "concern_urgency", "consent", "consent_on", "parents"),
        "accuracy": ("accuracy",),
    }

    def lacking(self, recipient: Recipient) -> list[str]:
        """Whoever may meet the child is not to read that nobody is missing where that is merely not told."""
        is_blind = recipient.route == "police" and "is_missing" not in recipient.fields
        return ["it needs the field is_missing, since it is a police route"] if is_blind else []

    def added(self, drop: Drop, one: Operation) -> dict[str, dict[str, Any]]:
        """What is asked of the recipient in each role in which it hears, and what the referral itself is."""
        roles = one.record.content.get("hears_as") or []
        police = {"if_you_meet": if_you_meet(drop.site, one.record.content)} if drop.recipient.route == "police" else {}
        return {"asked": {role.lower(): ASKED[role] for role in roles}, **police, "referral": referral(drop, one)}
