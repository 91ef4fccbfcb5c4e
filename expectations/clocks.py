"""By when has something to be done for a child, and on whose word?

One clock for each duty, in the order in which people read them: how long it runs, in days or working days, and where
that time comes from. A clock without its rule, or a rule without its clock, fails a test.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Clock:
    """One duty: what has to be done, within how many days of its beginning, and why that long.

    `working` counts Monday to Friday without bank holidays of England and Wales. `days` is None where the due day comes
    with the record itself. `settled_by` is the decision that says it was done; none where only a feed, an answer to a
    question or the day itself ends it.
    """

    label: str
    days: int | None
    basis: str
    working: bool = False
    settled_by: str = ""


CLOCKS: dict[str, Clock] = {
    "MISSING_NOW": Clock(
        "Missing now", 0, "a missing child is looked for at once (College of Policing APP Missing persons)"
    ),
    "RETURN_INTERVIEW": Clock(
        "Return interview",
        3,
        "offered within 72 hours of the return (Statutory guidance on children who run away or go missing, 2014)",
    ),
    "VISIT": Clock(
        "Visit", 14, "the force's own duty to visit every child; the time is the force's choice", settled_by="VISITED"
    ),
    "TOOLKIT": Clock(
        "Risk toolkit",
        28,
        "completed with colleagues after the first visit; the time is the force's choice",
        settled_by="TOOLKIT_COMPLETED",
    ),
    "NRM_REFERRAL": Clock(
        "NRM referral",
        7,
        "duty to notify (Modern Slavery Act 2015 s.52); the time is the force's choice",
        settled_by="NRM_SUBMITTED",
    ),
    "NRM_RG": Clock(
        "Reasonable grounds decision",
        5,
        "aimed at within 5 working days (Modern Slavery statutory guidance)",
        working=True,
        settled_by="NRM_DECISION",
    ),
    "NRM_CG": Clock(
        "Conclusive grounds decision",
        30,
        "a recovery period of at least 30 days (Nationality and Borders Act 2022 s.61)",
        settled_by="NRM_DECISION",
    ),
    "SCA_ACTION": Clock("Referral from the competent authority", None, "the site's sca_action_days"),
    "PANEL_ACTION": Clock("Panel action", None, "the day that the panel agreed"),
    "MASH_ANSWER": Clock(
        "Answer of the front door", 3, "chased after three working days", working=True, settled_by="PLACE_ANSWERED"
    ),
    "FORCE_ANSWER": Clock(
        "Answer of another force", 3, "chased as a front door is", working=True, settled_by="PLACE_ANSWERED"
    ),
    "CONCERN": Clock(
        "Words for a referral that went without them",
        1,
        "a referral says that the officer's words follow",
        settled_by="CONCERN",
    ),
    "TURNS_18": Clock(
        "18th birthday", None, "the birthday itself; from half a year before, adult services are prepared"
    ),
    "RETENTION_REVIEW": Clock(
        "Retention review",
        None,
        "the site's review_years, or the day of the last review decision",
        settled_by="REVIEWED",
    ),
}
"""In the order of urgency."""
