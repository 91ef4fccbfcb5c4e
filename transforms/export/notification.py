"""The notification to another authority or force that has to hear of a child: why it hears, and what is asked of it.

A child found out of area, a child placed out of area and a child who moved are told alike: the home authority is
responsible, the one that placed the child keeps its duties, the one where the child was found acts until the home
authority answers.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from transforms.export.exporter import Drop, Exporter, Groups

ASKED = {
    "HOME": "The child lives in your area: decide on safeguarding as for any referral, and tell us what you decided.",
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
    heading = "child"
    formats = ("json", "html")
    needs_fields = ("hears_as",)
    groups: ClassVar[Groups] = {
        "places": ("hears_as", "local_authority", "placing_authority", "policing_area", "seen_areas", "found_by"),
        "child": (
            *("category", "given_names", "surname", "aliases", "date_of_birth", "dob_status", "birth_year", "age"),
            *("age_presumed", "gender", "ethnicity", "address", "postcode", "telephone", "pnc_id", "school"),
        ),
        "reported": ("report_count", "first_reported_on", "last_reported_on", "involvement", "status"),
        "missing": ("missing_count", "missing", "is_missing"),
        "referrals": ("nrm_status", "nrm_submitted_on", "nrm_outcome"),
        "accuracy": ("accuracy",),
    }

    def added(self, drop: Drop, content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """What is asked of the recipient, in each role in which it hears."""
        return {"asked": {role.lower(): ASKED[role] for role in content.get("hears_as") or []}}
