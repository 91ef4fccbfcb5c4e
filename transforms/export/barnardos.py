"""The referral to the Independent Child Trafficking Guardianship service, run by Barnardo's.

Its online form's fields are not public: this is what a person needs to fill it in, in addition to the NRM referral and
the one to the local authority, which it never replaces.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from transforms.export.exporter import Drop, Exporter, Groups
from transforms.export.mash import CHILD


class Barnardos(Exporter):
    """JSON and a readable sheet."""

    schema = "guardian_referral"
    everywhere = True
    kind = "DROP"
    part = "guardian_referrals"
    heading = "child"
    needs_settings = ("referral",)
    groups: ClassVar[Groups] = {
        "child": ("category", *CHILD),
        "concern": (
            "involvement",
            "report_count",
            "first_reported_on",
            "last_reported_on",
            "missing_count",
            "is_missing",
        ),
        "witnessed": ("rail_count", "rail_dates"),
        "referrals": ("nrm_status", "nrm_submitted_on", "nrm_outcome"),
        "accuracy": ("accuracy",),
    }

    def added(self, drop: Drop, content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """What the service asks about the referral itself."""
        return {"referral": dict(drop.recipient.settings["referral"])}
