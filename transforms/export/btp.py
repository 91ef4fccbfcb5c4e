"""The referral to British Transport Police: which children, and where and when on the railway.

A police route: the stations and journeys are what that force reported itself.
"""

from typing import ClassVar

from transforms.export.exporter import Exporter, Groups


class Btp(Exporter):
    """JSON for that force's system."""

    schema = "rail_referral"
    everywhere = True
    kind = "DROP"
    part = "rail_referrals"
    heading = "child"
    groups: ClassVar[Groups] = {
        "child": (
            *("category", "given_names", "surname", "aliases", "date_of_birth", "dob_status", "age", "age_presumed"),
            *("gender", "ethnicity", "local_authority", "policing_area"),
        ),
        "concern": ("involvement", "status", "report_count", "last_reported_on", "is_missing"),
        "rail": ("rail",),
        "lines": ("lines",),
        "accuracy": ("accuracy",),
    }
