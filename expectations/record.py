"""What can a recipient's contract name, and what makes a value that was sent wrong later?

The catalogue of everything that a record which leaves the force may hold. A contract picks from it, and can hold no
field that is not here. Line names, deal numbers and rail places are for police routes only.
"""

from dataclasses import dataclass

# How a value that a recipient holds is found to be wrong, so that they must be told without waiting for the next drop
# (DPA 2018 s.38(5)(c)); what merely moves on is told in the next drop.
FACT = "fact"  # any other value, or none any more
ITEMS = "items"  # one of the items is no longer there in the same form
REFS = "refs"  # the ref of one of the items is no longer there; an item may still grow
COUNT = "count"  # there are fewer than was said
WEAKER = "weaker"  # it is not so much as was said
GRADES = "grades"  # one of the grades no longer stands
STATE = "state"  # never: it is true of its day


@dataclass(frozen=True)
class RecordField:
    """One field of an outgoing record: what it means, how it turns out wrong, and the fact that it rests on."""

    meaning: str
    wrong: str = STATE
    base: str = ""
    police: bool = False


FIELDS: dict[str, RecordField] = {
    "given_names": RecordField("given names", FACT),
    "surname": RecordField("surname", FACT),
    "aliases": RecordField("other names and nicknames", ITEMS),
    "date_of_birth": RecordField("date of birth", FACT),
    "birth_year": RecordField("year of birth, where no more is known", FACT),
    "dob_status": RecordField("how the date of birth is known", FACT, base="date_of_birth"),
    "age": RecordField("age in whole years on the day of the file", STATE, base="date_of_birth"),
    "attains_18_on": RecordField("18th birthday", FACT, base="date_of_birth"),
    "age_presumed": RecordField("presumed a child until the age is settled (Modern Slavery Act 2015 s.51)"),
    "gender": RecordField("gender, POLE DS_037", FACT),
    "ethnicity": RecordField("self-defined ethnicity, police code", FACT),
    "address": RecordField("home address", FACT),
    "postcode": RecordField("home postcode", FACT),
    "local_authority": RecordField(
        "home children's services authority: the force's own name for it, else its ONS code", FACT
    ),
    "panel": RecordField("panel that hears the child", FACT, base="local_authority"),
    "policing_area": RecordField("neighbourhood policing area", FACT),
    "telephone": RecordField("telephone, E.164", FACT),
    "pnc_id": RecordField("Police National Computer ID", FACT),
    "school": RecordField("school", FACT),
    "status": RecordField("PROPOSED, OPEN or VULNERABLE; the last one, where the record only stands", STATE),
    "added_on": RecordField("day of the meeting that ratified the entry"),
    "involvement": RecordField("INVOLVED or LINKED, as reported", WEAKER),
    "visited_on": RecordField("day of the last visit"),
    "toolkit_on": RecordField("day on which the risk toolkit was completed"),
    "nrm_status": RecordField("READY_FOR_FIRST_RESPONDER, SUBMITTED or DECIDED; a person submits, never the machine"),
    "nrm_submitted_on": RecordField("day of the NRM referral"),
    "nrm_outcome": RecordField("decision of the competent authority, by its code; never its words"),
    "report_count": RecordField("number of shareable intelligence reports", COUNT),
    "first_reported_on": RecordField("day of the first of them", FACT),
    "last_reported_on": RecordField("day of the last of them"),
    "reports": RecordField("date, grade and handling of each of them; never its text", ITEMS),
    "missing_count": RecordField("number of missing episodes", COUNT),
    "missing": RecordField("missing episodes: from, until, risk, finding force", REFS),
    "is_missing": RecordField("true while an episode has no return"),
    "rail_count": RecordField("number of reports by British Transport Police", COUNT),
    "rail_dates": RecordField("days of these reports", ITEMS),
    "rail": RecordField("day, station, journey and grade of these reports", ITEMS, police=True),
    "lines": RecordField("county lines: reference, name, kind, deal number, owning force", ITEMS, police=True),
    "repeats": RecordField("shareable reports in the three months up to the last of them"),
    "rag": RecordField("RED, AMBER or GREEN by the rule of the contract"),
    "links": RecordField("other children of the same list, linked by line or place", ITEMS),
    "panel_actions": RecordField("what this panel agreed: action, owner, due, power, support, outcome", REFS),
    "accuracy": RecordField("how each fact is known, and the grades of the intelligence (DPA 2018 s.38(5))", GRADES),
}

DEGRADATIONS = ("exact", "month", "year", "outward", "initial")
"""exact; of a date its month (2009-03) or year; of a postcode its outward code; of a name its initial."""
