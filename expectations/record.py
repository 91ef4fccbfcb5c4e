"""What can a recipient's contract name, and what makes a value that was sent wrong later?

Everything that a record which leaves the force may hold: fields of the person, from their catalogue, and what the night
works out for it. A contract picks from it, and can hold no field that is not here. Line names, deal numbers and rail
places are for police routes only.
"""

from expectations import fields
from expectations.fields import COUNT, GRADES, ITEMS, REFS, STATE, Sent

FIELDS: dict[str, Sent] = {
    **{name: field.sent for name, field in fields.FIELDS.items() if field.sent is not None},
    "age": Sent("age in whole years on the day of the file", STATE, base="date_of_birth"),
    "attains_18_on": Sent("18th birthday", base="date_of_birth"),
    "days_to_18": Sent("the last of the site's days before the 18th birthday that was reached"),
    "nrm_asks_consent": Sent("true where a referral is open in which a person has to consent at 18"),
    "age_presumed": Sent("presumed a child until the age is settled (Modern Slavery Act 2015 s.51)"),
    "hears_as": Sent("why the recipient hears: HOME, HOME_BEFORE, PLACING, FOUND, POLICE_HOME, POLICE_FOUND"),
    "seen_areas": Sent("neighbourhood areas where the child was seen, with the first and the last day"),
    "found_by": Sent("forces that found the child after a missing episode, by code", ITEMS),
    "panel": Sent("panel that hears the child", base="local_authority"),
    "status": Sent("PROPOSED, OPEN or VULNERABLE; the last one, where the record only stands", STATE),
    "added_on": Sent("day of the meeting that ratified the entry"),
    "nrm_status": Sent("READY_FOR_FIRST_RESPONDER, SUBMITTED or DECIDED; a person submits, never the machine"),
    "nrm_submitted_on": Sent("day of the NRM referral"),
    "report_count": Sent("number of shareable intelligence reports", COUNT),
    "first_reported_on": Sent("day of the first of them"),
    "last_reported_on": Sent("day of the last of them"),
    "reports": Sent("date, grade and handling of each of them; never its text", ITEMS),
    "report_refs": Sent(
        "references by which other forces can quote reports and episodes; whose each is", REFS, police=True
    ),
    "themes": Sent("what flags of standing reports say: theme, of how many reports, since when", REFS),
    "missing_count": Sent("number of missing episodes", COUNT),
    "missing": Sent("missing episodes: from, until, risk, finding force", REFS),
    "is_missing": Sent("true while an episode has no return"),
    "rail_count": Sent("number of reports by British Transport Police", COUNT),
    "rail_dates": Sent("days of these reports", ITEMS),
    "rail": Sent("day, station, journey and grade of these reports", ITEMS, police=True),
    "lines": Sent("county lines: reference, name, kind, deal number, force; the child's role, days", REFS, police=True),
    "repeats": Sent("shareable reports in the three months up to the last of them"),
    "is_taken_over": Sent("true of a child on the tracker that the force kept before this one"),
    "missing_now": Sent("the missing episode without a return: since when, risk as graded, where last recorded"),
    "concern": Sent("the officer's own words, cleared for release; nothing else that is written freely ever leaves"),
    "concern_urgency": Sent("IMMEDIATE, SOON or ROUTINE, as the officer says"),
    "concern_on": Sent("day of these words"),
    "consent": Sent("whether consent was sought, as an officer recorded it for this child: GIVEN, REFUSED, NOT_SOUGHT"),
    "consent_on": Sent("day on which that was recorded"),
    "parents": Sent("whether parents know: INFORMED, NOT_INFORMED, NOT_KNOWN"),
    "chronology": Sent("what happened, by day: kind, area and grade; never its text"),
    "household": Sent("other children of the same list at the same address"),
    "lead_officer": Sent("who last wrote the words or visited the child, by collar number or role"),
    "rag": Sent("RED, AMBER or GREEN by the rule of the contract"),
    "links": Sent("other children of the same list, linked by line or place"),
    "panel_actions": Sent("what this panel agreed: action, owner, due, power, support, outcome", REFS),
    "education_status": Sent("education or employment as a panel recorded it last, by its code; never its words"),
    "education_on": Sent("day of the panel that recorded it"),
    "family_support": Sent("what the family is offered, as this panel recorded it", REFS),
    "return_interviews": Sent("returns without a recorded interview: the day, and by when it is to be offered"),
    "accuracy": Sent("how each fact is known, and the grades of the intelligence (DPA 2018 s.38(5))", GRADES),
}

DEGRADATIONS = ("exact", "month", "year", "outward", "initial")
"""exact; of a date its month (2009-03) or year; of a postcode its outward code; of a name its initial."""
