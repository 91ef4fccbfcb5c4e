"""The hand-over before an 18th birthday: what adult services and leaving care have to prepare, and what stays open.

Half a year before the birthday, and again at each day of the site's forecast. It closes nothing: until the birthday the
child's own services stay responsible.
"""

from typing import Any, ClassVar

from transforms.export.exporter import Drop, Exporter, Groups
from transforms.export.holdings import Operation
from transforms.export.mash import CHILD

PREPARE = {
    "assessment": "Assess the child's needs for care and support as an adult before the birthday (Care Act 2014 s.58).",
    "safeguarding": "From the birthday on an adult at risk is protected by Care Act 2014 s.42: name who leads.",
    "leaving_care": "Where the child is looked after, the authority that placed the child plans for leaving care.",
}
CONSENT = "At 18 the person has to consent to stay in the National Referral Mechanism: prepare that talk now."


class Turning18(Exporter):
    """JSON for a system and a readable sheet."""

    schema = "turning_18"
    kind = "DROP"
    part = "turning_18"
    formats = ("json", "html")
    stays = ("birthday", "open")
    lead = ("prepare", "birthday", "open")
    needs_fields = ("attains_18_on", "days_to_18", "nrm_asks_consent")
    groups: ClassVar[Groups] = {
        "birthday": ("attains_18_on", "days_to_18", "dob_status"),
        "child": ("category", *(name for name in CHILD if name not in ("hears_as", "dob_status"))),
        "open": ("nrm_status", "nrm_submitted_on", "nrm_outcome", "nrm_asks_consent", "missing_now", "missing_count"),
        "concern": ("concern", "concern_on", "involvement", "status", "report_count", "last_reported_on"),
        "police_action": ("lead_officer", "visited_on", "toolkit_on"),
        "accuracy": ("accuracy",),
    }

    def added(self, drop: Drop, one: Operation) -> dict[str, dict[str, Any]]:
        """What has to be prepared; consent only where a case is open that asks for it."""
        asks = {"national_referral": CONSENT} if one.record.content["nrm_asks_consent"] else {}
        return {"prepare": PREPARE | asks}
