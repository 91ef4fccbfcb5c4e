"""The notice to a Multi-Agency Safeguarding Hub: what its front door needs to decide about a child.

Public Protection Notice data with what was reported, what was witnessed and what is opinion kept apart. The force's own
template is not public; groups and codes follow the practice of other forces and the Children in Need census.
"""

from typing import Any, ClassVar

from expectations.reference import crosswalk
from transforms.export.exporter import Drop, Exporter, Groups
from transforms.export.holdings import Operation
from transforms.export.referral import referral

CHILD = (
    "hears_as",
    *("given_names", "surname", "aliases", "date_of_birth", "dob_status", "birth_year", "age", "age_presumed"),
    *("gender", "ethnicity", "address", "postcode", "local_authority", "placing_authority", "policing_area"),
    *("seen_areas", "telephone", "school", "education_status", "education_on"),
)


class Mash(Exporter):
    """JSON for the hub's system and a readable sheet, in the order of Nottingham City's public referral form."""

    schema = "protection_notice"
    kind = "DROP"
    part = "notices_of_concern"
    asks = "Decide on each new referral, and tell us the outcome by its reference: after three working days we ask you."
    lead = ("referral", "concern", "whereabouts")
    stays = ("referral",)
    unseen = ("on_record",)
    groups: ClassVar[Groups] = {
        "child": ("category", *CHILD),
        "concern": ("concern", "concern_on", "chronology"),
        "whereabouts": ("missing_now", "return_interviews"),
        "household": ("household",),
        "reported": ("report_count", "first_reported_on", "last_reported_on", "repeats", "missing_count", "is_missing"),
        "witnessed": ("rail_count", "rail_dates"),
        "opinion": ("involvement", "status", "rag"),
        "police_action": ("lead_officer", "visited_on", "toolkit_on"),
        "referrals": ("nrm_status", "nrm_submitted_on", "nrm_outcome"),
        "on_record": ("is_taken_over", "concern_urgency", "consent", "consent_on", "parents"),
        "accuracy": ("accuracy",),
    }

    def added(self, drop: Drop, one: Operation) -> dict[str, dict[str, Any]]:
        """Social-care codes, and what a front door asks about the referral itself."""
        content = one.record.content
        factors = ["24A", *(["10A"] if content.get("missing_count") else [])]
        codes = {
            "referral_source": "6",
            "primary_need": "N1",
            "assessment_factors": factors,
            "sex": crosswalk("gender", "pole", "dfe_cin").get(content.get("gender") or ""),
            "ethnicity": crosswalk("ethnicity", "sde", "dfe_cin").get(content.get("ethnicity") or ""),
        }
        return {"social_care_codes": codes, "referral": referral(drop, one)}
