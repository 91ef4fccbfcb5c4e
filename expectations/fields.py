"""What is recorded of a person, how is it read, which value stands, and who sees it?

The one list of the fields of a person. A field is a column of `mention` where records say it, a column of `child` where
it stands for a child, or both. How its text becomes comparable, which of several values survives, whether its change
is news to those who hold the record, whether the answer to a request for access gives it, what an outgoing record says
of it and how that turns out wrong: all read here. Adding one is an entry, and a line in each contract that carries it.
"""

from dataclasses import dataclass

# How a value that a recipient holds is found to be wrong, so that they must hear without waiting for the next drop
# (DPA 2018 s.38(5)(c)); what merely moves on is in the next drop.
FACT = "fact"  # nobody says it any more, or a person decided another value
PLACE = "place"  # nobody says it any more: where somebody lives or goes to school moves on
BIRTH = "birth"  # another value stands: nobody is born twice
ITEMS = "items"  # one of the items is no longer there in the same form
REFS = "refs"  # the ref of one of the items is no longer there; an item may still grow
COUNT = "count"  # there are fewer than was sent
WEAKER = "weaker"  # it is not so much as was sent
GRADES = "grades"  # one of the grades no longer stands
STATE = "state"  # never: it is true of its day


@dataclass(frozen=True)
class Sent:
    """One field of an outgoing record: what it means, how it turns out wrong, and the fact that it rests on."""

    meaning: str
    wrong: str = STATE
    base: str = ""
    police: bool = False


@dataclass(frozen=True)
class Field:
    """One field of a person.

    `read` is the word of its reader in transforms.normalise.people; `survivors` are the rules, by their word in
    transforms.reconcile.facts.RULES, the first of which that finds a value decides. `access`: what records say of it is
    in the answer to a request for access, and shown beside a question; `compared`: it stands in the evidence of a
    same-person question; `shared`: its change is news to those who hold the record. `sent` is None where it never
    leaves.
    """

    label: str
    read: str = ""
    survivors: tuple[str, ...] = ()
    access: bool = True
    compared: bool = True
    shared: bool = True
    sent: Sent | None = None


FIELDS: dict[str, Field] = {
    "given_names": Field("Given names", "names", ("decided", "opening", "fullest"), sent=Sent("given names", FACT)),
    "surname": Field("Surname", "names", ("decided", "opening", "most_supported"), sent=Sent("surname", FACT)),
    "alias": Field("Alias", "names", shared=False),
    "aliases": Field("Aliases", access=False, compared=False, sent=Sent("other names and nicknames", ITEMS)),
    "date_of_birth": Field(
        "Date of birth",
        "births",
        ("decided", "verified", "stated", "estimated", "unknown"),
        sent=Sent("date of birth", BIRTH),
    ),
    "dob_status": Field(
        "How the date of birth is known",
        "births",
        compared=False,
        sent=Sent("how the date of birth is known", base="date_of_birth"),
    ),
    "birth_year": Field(
        "Year of birth",
        "births",
        ("most_supported",),
        compared=False,
        shared=False,
        sent=Sent("year of birth, where no more is known", FACT),
    ),
    "age_stated": Field("Age as stated", "age", compared=False, shared=False),
    "gender": Field(
        "Gender", "gender", ("decided", "opening", "most_supported"), sent=Sent("gender, POLE DS_037", FACT)
    ),
    "ethnicity": Field(
        "Ethnicity",
        "ethnicity",
        ("opening", "most_supported"),
        sent=Sent("self-defined ethnicity, police code", FACT),
    ),
    "address": Field("Address", "address", ("decided", "latest"), sent=Sent("home address", PLACE)),
    "postcode": Field("Postcode", "postcode", ("decided", "latest"), sent=Sent("home postcode", PLACE)),
    "local_authority": Field(
        "Local authority",
        "authority",
        ("decided", "latest"),
        compared=False,
        sent=Sent("home children's services authority: the force's own name for it, else its ONS code", PLACE),
    ),
    "telephone": Field("Telephone", "telephone", ("latest",), sent=Sent("telephone, E.164", PLACE)),
    "pnc_id": Field("PNC ID", "pnc_id", ("opening", "most_supported"), sent=Sent("Police National Computer ID", FACT)),
    "school": Field("School", "text", ("latest",), sent=Sent("school", PLACE)),
    "source_person_ids": Field("Record system nominals", "nominals", shared=False),
    "placing_authority": Field(
        "Placing authority",
        "authority",
        ("decided", "latest"),
        compared=False,
        sent=Sent("the authority that placed the child in care where the child lives, as local_authority", PLACE),
    ),
    "home_area": Field("Home area", compared=False, shared=False),  # of a record; of a child it is the policing area
    "policing_area": Field(
        "Policing area",
        survivors=("decided", "home"),
        sent=Sent("neighbourhood policing area where the child lives"),
    ),
    "line_ref": Field("Line", access=False, shared=False),
    "line_refs": Field("Lines", access=False, compared=False),
    "role": Field("Role in the record", compared=False, shared=False),
    "involvement": Field("Involvement", compared=False, sent=Sent("INVOLVED or LINKED, as reported", WEAKER)),
    "data_subject_category": Field("Category of person", access=False, compared=False),
    "visited_on": Field("Visited", access=False, compared=False, sent=Sent("day of the last visit")),
    "toolkit_on": Field(
        "Toolkit completed",
        access=False,
        compared=False,
        sent=Sent("day on which the risk toolkit was completed"),
    ),
    "nrm_reference": Field("NRM reference", access=False, compared=False),
    "nrm_outcome": Field(
        "NRM outcome",
        access=False,
        compared=False,
        sent=Sent("decision of the competent authority, by its code; never its words"),
    ),
}

FACTS = tuple(name for name, field in FIELDS.items() if field.survivors)
"""The fields of which one value stands for a child, by the rules of survivorship."""
