"""The referral to the Independent Child Trafficking Guardianship service, run by Barnardo's.

Its online form's fields are not public: this is what a person needs to fill it in, in addition to the NRM referral and
the one to the local authority, which it never replaces.
"""

from typing import Any, ClassVar

from transforms.export.exporter import Drop, Exporter, Groups
from transforms.export.holdings import Operation
from transforms.export.mash import CHILD
from transforms.export.referral import referral

DECISIVE = {
    "question": "Is there a parent, guardian or other figure of parental responsibility for the child in this country?",
    "answer": "Not held by the police: ask the social worker of the child's authority before you allocate.",
    "why": "Without one the child has a direct worker; with one the service works through the professionals.",
}


class Barnardos(Exporter):
    """JSON and a readable sheet."""

    schema = "guardian_referral"
    everywhere = True
    kind = "DROP"
    part = "guardian_referrals"
    asks = "Tell us for each child whether a guardian was allocated, by the reference: this file replaces no referral."
    lead = ("decisive_question", "referral", "concern")
    stays = ("referral",)
    unseen = ("on_record",)
    groups: ClassVar[Groups] = {
        "child": ("category", *CHILD),
        "concern": (
            "concern",
            "concern_on",
            "involvement",
            "report_count",
            "first_reported_on",
            "last_reported_on",
            "missing_count",
            "is_missing",
            "missing_now",
        ),
        "witnessed": ("rail_count", "rail_dates"),
        "referrals": ("nrm_status", "nrm_submitted_on", "nrm_outcome"),
        "on_record": ("is_taken_over", "concern_urgency", "consent", "consent_on", "parents"),
        "accuracy": ("accuracy",),
    }

    def added(self, drop: Drop, one: Operation) -> dict[str, dict[str, Any]]:
        """What the service asks first, and about the referral itself."""
        return {"decisive_question": DECISIVE, "referral": referral(drop, one)}
