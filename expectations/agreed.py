"""Which values may a coded column hold?

The lists that contracts, checks of form and the screens' choices share; a contract names one and does not repeat it.
"""

import re

ON_TRACKER = ("OPEN", "VULNERABLE")  # states of a child
CASE_STATES = ("PROPOSED", *ON_TRACKER)  # of whom the meeting hears, or has heard and taken on
STATUSES = ON_TRACKER
REPORT_STATUSES = ("DRAFT", "PENDING_AUTH", "AUTHORISED", "REJECTED", "SUPPRESSED")
GRADES = {"3X5X2": re.compile(r"^[123][A-E][PC]$"), "5X5X5": re.compile(r"^[A-E][1-5][1-5]$")}  # by their scheme
REMOVAL_REASONS = ("NO_LONGER_AT_RISK", "MOVED_AREA", "AGED_OUT", "DECEASED", "ENTERED_IN_ERROR", "OTHER")
BIRTH_STATUSES = ("VERIFIED", "STATED", "ESTIMATED", "UNKNOWN")
GENDERS = (  # POLE DS_037
    *("Male", "Female", "Trans Male", "Trans Female", "Non-Binary", "Intersex"),
    *("Not Specified", "Not Known"),
)
URGENCIES = ("IMMEDIATE", "SOON", "ROUTINE")
CONSENTS = ("GIVEN", "REFUSED", "NOT_SOUGHT")
PARENTS = ("INFORMED", "NOT_INFORMED", "NOT_KNOWN")
THEMES = ("WEAPON", "ROBBERY", "SERIOUS_VIOLENCE", "URBAN_STREET_GANG", "ORGANISED_CRIME_GROUP")
REVIEW_OUTCOMES = ("RETAIN", "ERASE")
