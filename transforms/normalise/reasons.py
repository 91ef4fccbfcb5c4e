"""Why does a record stand outside, and what is to be done about it?

A reason stops a record (or one subject of a report, or a decision) until a mended version comes; a warning leaves one
field of a person empty. Sentences are for people and never hold a value of the record.
"""

from dataclasses import dataclass

from expectations.feeds import FEEDS


@dataclass(frozen=True)
class Reason:
    """What is wrong, and what to do."""

    wrong: str
    to_do: str

    @property
    def sentence(self) -> str:
        """Both, for a person to read."""
        return f"{self.wrong} {self.to_do}"


_RECORD_SYSTEM = "Correct it in the record system: the next version is taken in."
_SENDER = "Ask the sender for a corrected record: a later file that repeats it is taken in."
_SPREADSHEET = "Correct the row in the spreadsheet and give it again."

REASONS: dict[str, Reason] = {
    "STATUS_UNKNOWN": Reason("The report's status is none of the five agreed ones.", _RECORD_SYSTEM),
    "MARKING_UNKNOWN": Reason("The report's protective marking is not one this force may hold here.", _RECORD_SYSTEM),
    "FORCE_UNKNOWN": Reason("The source force is not on the list of force codes.", _RECORD_SYSTEM),
    "INTELLIGENCE_DATE_UNREADABLE": Reason("The date of intelligence is not a day of the calendar.", _RECORD_SYSTEM),
    "INTELLIGENCE_DATE_IN_FUTURE": Reason("The date of intelligence lies in the future.", _RECORD_SYSTEM),
    "TIME_UNREADABLE": Reason(
        "created_at, updated_at or withdrawn_at is not a timestamp with an offset.", _RECORD_SYSTEM
    ),
    "GRADE_SCHEME_UNKNOWN": Reason("The grading scheme is neither 3X5X2 nor 5X5X5.", _RECORD_SYSTEM),
    "GRADE_UNREADABLE": Reason("The grade is missing or not one of its scheme. It is never converted.", _RECORD_SYSTEM),
    "CONDITIONS_MISSING": Reason("Handling C, but no handling conditions are recorded.", _RECORD_SYSTEM),
    "CONDITIONS_WITHOUT_C": Reason(
        "An action code, a sanitisation code or handling conditions stand beside a grade that is not handling C.",
        _RECORD_SYSTEM,
    ),
    "ACTION_CODE_UNKNOWN": Reason("The action code is none of A1, A2, A3.", _RECORD_SYSTEM),
    "SANITISATION_CODE_UNKNOWN": Reason("The sanitisation code is neither S1 nor S2.", _RECORD_SYSTEM),
    "VERSION_UNREADABLE": Reason("The version is not a whole number from 1.", _RECORD_SYSTEM),
    "SUBJECT_ROLE_UNKNOWN": Reason(
        "The subject's role is none of CHILD, SUSPECT, ASSOCIATE. The report's other subjects were taken.",
        _RECORD_SYSTEM,
    ),
    "LINE_KIND_UNKNOWN": Reason("The line's kind is neither IDENTIFIED nor GENERIC_CHILDREN.", _RECORD_SYSTEM),
    **{
        column.reason: Reason(column.wrong, _SPREADSHEET if feed.connection else _SENDER)
        for feed in FEEDS.values()
        for column in feed.read_columns
        if column.stops
    },
}

_EMPTY = "It was left empty."

WARNINGS: dict[str, str] = {
    **{
        column.reason: f"{column.wrong} {_EMPTY}"
        for feed in FEEDS.values()
        for column in feed.read_columns
        if column.wrong and not column.stops
    },
    "NAME_PLACEHOLDER": f"A name field holds a placeholder in place of a name. {_EMPTY}",
    "NAME_TOO_LONG": f"A name field holds more than a name. {_EMPTY}",
    "DOB_PLACEHOLDER": f"The date of birth is one that record systems write for 'not known'. {_EMPTY}",
    "DOB_IMPOSSIBLE": f"The date of birth is no day of the calendar. {_EMPTY}",
    "DOB_IN_FUTURE": f"The date of birth does not lie before the night. {_EMPTY}",
    "DOB_TOO_LONG_AGO": f"The date of birth lies more than 120 years back. {_EMPTY}",
    "DOB_UNREADABLE": f"The date of birth is not written as a date or a year. {_EMPTY}",
    "DOB_STATUS_UNKNOWN_CODE": "How sure the date of birth is, is not one of the agreed codes. It counts as unknown.",
    "AGE_UNREADABLE": f"The stated age is not a whole number of years. {_EMPTY}",
    "GENDER_UNKNOWN_CODE": f"The gender is not one of the agreed values. {_EMPTY}",
    "ETHNICITY_UNKNOWN_CODE": f"The ethnicity is not a police self-defined code. {_EMPTY}",
    "AUTHORITY_UNKNOWN_CODE": "The local authority is none of the UK's. It was kept as written, and a person is asked.",
    "INVOLVEMENT_UNKNOWN_CODE": f"The involvement is neither INVOLVED nor LINKED. {_EMPTY}",
    "AREA_UNKNOWN_CODE": f"The policing area is not one of the force's. {_EMPTY}",
    "HOME_AREA_UNKNOWN": "The area where the person lives is not one of the force's. It was kept as written.",
    "NO_FIXED_ABODE": "The address says no fixed abode: it is no address to compare by.",
    "POSTCODE_UNREADABLE": f"The postcode is not one that Royal Mail could have issued. {_EMPTY}",
    "TELEPHONE_UNREADABLE": f"The telephone number is not of a possible length. {_EMPTY}",
    "PNC_UNREADABLE": f"The PNC id has neither of its two forms. {_EMPTY}",
    "PNC_CHECK_LETTER": "The PNC id's check letter does not fit its number. It was kept.",
}
