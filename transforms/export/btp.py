"""The referral to British Transport Police: which children, and where and when on the railway.

A police route: the stations and journeys are what that force reported itself.
"""

from typing import Any, ClassVar

from transforms.export.exporter import Drop, Exporter, Groups
from transforms.export.holdings import Operation
from transforms.export.if_you_meet import if_you_meet


class Btp(Exporter):
    """JSON for that force's system, and a page for whoever briefs the officers on trains and at stations."""

    schema = "rail_referral"
    everywhere = True
    kind = "DROP"
    part = "rail_referrals"
    formats = ("json", "html")
    asks = "Brief whoever works the stations and journeys named below; who meets a child does first what stands there."
    lead = ("if_you_meet", "rail", "whereabouts")
    stays = ("if_you_meet", "rail")
    needs_fields = ("is_missing",)
    groups: ClassVar[Groups] = {
        "child": (
            *("category", "given_names", "surname", "aliases", "date_of_birth", "dob_status", "age", "age_presumed"),
            *("gender", "ethnicity", "local_authority", "policing_area"),
        ),
        "whereabouts": ("missing_now", "is_missing"),
        "rail": ("rail",),
        "reported": ("involvement", "status", "report_count", "last_reported_on", "report_refs"),
        "referrals": ("nrm_status", "nrm_submitted_on", "nrm_outcome"),
        "lines": ("lines",),
        "accuracy": ("accuracy",),
    }

    def added(self, drop: Drop, one: Operation) -> dict[str, dict[str, Any]]:
        """What an officer does who meets the child."""
        return {"if_you_meet": if_you_meet(drop.site, one.record.content)}
