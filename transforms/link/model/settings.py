"""By which rules are two mentions held to be one person?

Everything that can be tuned in linkage stands here and nowhere else: what is compared, which pairs are looked at, how
much evidence decides, and when a person is asked. `model.json` holds the trained probabilities; MODEL.md tells how they
came about. Weights are bits: one more bit doubles the odds that two mentions are the same person.
"""

import json
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from math import log2
from pathlib import Path

MODEL = Path(__file__).with_name("model.json")


class Surname(IntEnum):
    """How two surnames compare."""

    UNKNOWN = 0
    DIFFERENT = 1
    TWO_NAMES = 2  # spelt alike, but each is a name in its own right: Cross and Ross, Lee and Leo
    ALIKE = 3  # a typing error, or one part of a double name
    SWAPPED = 4  # each one's surname is the other's first name
    SAME = 5


class Given(IntEnum):
    """How two given names compare."""

    UNKNOWN = 0
    DIFFERENT = 1  # two names in their own right: brothers, sisters, twins
    SECOND_DIFFERENT = 2  # one first word, and two second words that are names: Mohammed Adam and Mohammed Yusuf
    UNLISTED = 3  # far apart, but one of them is on no list of names and nobody else's
    PART = 4  # an initial, be it in both, or the first name of one is the middle name of the other
    ALIKE = 5  # a typing error: close, and one of them is not a name anybody else bears
    SWAPPED = 6
    VARIANT = 7  # a nickname or another spelling of the same name
    SAME = 8


class Birth(IntEnum):
    """How two dates of birth compare. A date that is not known is never agreement."""

    UNKNOWN = 0
    DIFFERENT = 1
    YEAR_DIFFERENT = 2  # one side is a year alone, and it is another year
    AGE_DIFFERENT = 3  # one side is an age alone, and it gives other years
    AGE_SAME = 4  # one side is an age alone; on the day of its report it gives two years, and one of them agrees
    YEAR_SAME = 5  # one side is a year alone
    NEAR = 6  # two of day, month and year agree
    SWAPPED = 7  # day and month exchanged
    SAME_NEW_YEAR = 8  # 1 January and nobody verified it: how an unknown birthday is often written
    SAME = 9


class Agreement(IntEnum):
    """How two values of a field with nothing between same and different compare."""

    UNKNOWN = 0
    DIFFERENT = 1
    SAME = 2


class Place(IntEnum):
    """How two homes compare. A home shared by many, as a children's home is, counts for little: see Frequency."""

    UNKNOWN = 0
    DIFFERENT = 1
    ADDRESS_ALIKE = 2
    POSTCODE_SAME = 3
    ADDRESS_SAME = 4


FIELDS: dict[str, type[IntEnum]] = {
    "surname": Surname,
    "given": Given,
    "middle": Agreement,
    "birth": Birth,
    "gender": Agreement,
    "alias": Agreement,
    "place": Place,
    "telephone": Agreement,
    "pnc": Agreement,
    "nominal": Agreement,
}

# Levels whose weight falls by one bit each time twice as many persons bear the value: field, level -> whose frequency.
FREQUENCY: dict[tuple[str, IntEnum], str] = {
    ("surname", Surname.TWO_NAMES): "surname",
    ("surname", Surname.ALIKE): "surname",
    ("surname", Surname.SWAPPED): "surname",
    ("surname", Surname.SAME): "surname",
    ("given", Given.SECOND_DIFFERENT): "root",
    ("given", Given.ALIKE): "root",
    ("given", Given.SWAPPED): "root",
    ("given", Given.VARIANT): "root",
    ("given", Given.SAME): "root",
    ("alias", Agreement.SAME): "alias",
    ("place", Place.ADDRESS_ALIKE): "address",
    ("place", Place.POSTCODE_SAME): "postcode",
    ("place", Place.ADDRESS_SAME): "address",
    ("telephone", Agreement.SAME): "telephone",
}

# --- Names -----------------------------------------------------------------------------------------------------------
# A first name is a name in its own right where it is on our lists or more than 2**3 persons bear it here. Two of those
# that differ are two people, however close they are spelt: Jayden and Kayden are brothers, Jaydne is a typing error.
KNOWN_NAME_BITS = 4
# A given name is on our lists from so many births on: one in nine typing errors in a common name is a name that
# somebody was registered with, one in twenty at 100 births.
KNOWN_NAME_BIRTHS = 100
ALIKE_JARO_WINKLER = 0.88
ALIKE_ADDRESS = 0.90
ALIKE_EDITS = 1  # Damerau-Levenshtein; for words of at least ALIKE_LENGTH letters
ALIKE_LENGTH = 3
ALIKE_MOST_EDITS = 2  # both may be mistyped; Wilson and Wilkinson are two names
# Of shorter surnames one letter more or less is often another family's: Lee and Leo, Khan and Kahn.
LONG_SURNAME = 5
# A first name on none of our lists may be a common one mistyped, and common ones are mistyped alike more than once: it
# counts as borne by at least so many persons.
UNLISTED_BEARERS = 16

# --- Candidate pairs -------------------------------------------------------------------------------------------------
# A value shared by more mentions than this says nothing by itself; the pairs it alone would bring are not looked at.
LARGEST_BLOCK = 256


@dataclass(frozen=True)
class Rule:
    """Mentions that agree on all these fields are compared with each other."""

    name: str
    fields: tuple[str, ...]


BLOCKING = (
    Rule("one PNC id", ("pnc",)),
    Rule("surname, first name and date of birth", ("surname", "root", "dob")),
    Rule("surname and date of birth: typing errors and nicknames in the first name", ("surname", "dob")),
    Rule("first name and date of birth: typing errors in the surname", ("root", "dob")),
    Rule("surname and first name: dates of birth missing or mistyped", ("surname", "root")),
    Rule("names exchanged", ("name_pair",)),
    Rule("names exchanged, same year of birth", ("name_pair", "year")),
    Rule("first name and postcode", ("root", "postcode")),
    Rule("first name and address", ("root", "address")),
    Rule("surname and postcode", ("surname", "postcode")),
    Rule("date of birth and postcode", ("dob", "postcode")),
    Rule("date of birth and address", ("dob", "address")),
    Rule("first name and telephone", ("root", "telephone")),
    Rule("surname and telephone", ("surname", "telephone")),
    Rule("alias and first name", ("alias", "root")),
    Rule("alias and surname", ("alias", "surname")),
    Rule("address", ("address",)),
)

# --- Decisions -------------------------------------------------------------------------------------------------------
# How much evidence decides by itself. Weights count persons (see Columns.bits), so that one number of bits holds for a
# village and for a nation; MODEL.md derives the bound on false merges and shows what was measured.
# Names and dates of birth agree, and so does something else: no doubt about the rest of the two groups matters.
SURE_WEIGHT = 24.0
# Names and dates of birth agree, but others who are known bear these names. Where a surname is missing, a home stands
# for it: nobody else of that first name and birthday lives there.
DATED_WEIGHT = 16.0
# Names and dates of birth agree, and so does something of one's own: a telephone, alias or middle name. Where a first
# name is missing, an alias stands for it: twins share all else.
OWN_WEIGHT = 10.0
# Names and dates of birth agree, and nobody else who is known bears the name.
LONE_WEIGHT = 10.0
# The same for a nickname; or where a home, telephone or alias agrees and the dates do but for an error, or one is a
# year alone: a namesake who is not known yet fits as well, and cousins with one name are often born close together.
LONE_HALF_WEIGHT = 12.0
# The same where day and month are exchanged: people are born on 3 May and on 5 March.
LONE_EXCHANGED_WEIGHT = 14.0
# First names, dates of birth and homes agree, and the surnames differ: a child was given another one, or misheard.
OTHER_SURNAME_WEIGHT = 12.0
# From here on a date of birth is missing or a year alone, and a person is asked where any of the DOUBTS below holds
# between the two groups. What may be a father's too counts only where both records are of a child, as the report says.
# Names are written alike, something of one's own agrees, and nobody else who is known bears the name.
LONE_OWN_WEIGHT = 10.0
# Names and a telephone or alias agree, whoever else bears the name; a second name such as James is borne by too many.
UNDATED_OWN_WEIGHT = 12.0
# Names and the home of a child agree, one side has a date of birth, and nobody else who is known bears the name.
LONE_UNDATED_WEIGHT = 14.0
# The same where others bear it but the years of birth agree, at an address that is not crowded; or a home and something
# of one's own.
UNDATED_WEIGHT = 18.0
# An address is crowded from three dates of birth on: one of two cousins of one name may live there. Set by hand; at the
# home of one child a mistyped date makes two.
CROWDED_BITS = 2
# At this weight every other answer would be "same"; a question is worth what it settles times how likely that is.
EVEN_WEIGHT = 4.0
# A pair held apart is shown from this weight on, so that everybody sees why.
SHOWN_WEIGHT = 13.0
# Below this nobody is asked.
ASK_WEIGHT = 5.0
# A person has so much time: the most questions that stand at once, for every hundred mentions known. Those that settle
# most are asked first; the others wait until these are answered.
QUESTIONS_PER_HUNDRED = 10
FEWEST_QUESTIONS = 20
# While some wait, a night decides about everybody again, so that they get their turn. Where more mentions than this are
# known that takes too long, and they wait until something about their people changes, or the index is made anew.
MOST_DECIDED_AGAIN = 50_000
# A stated age that is so many years off is still no other person's.
AGE_TOLERANCE = 1
# Two groups that have such a fact each and none in common are less likely one person, by so many bits for every mention
# that has it, on the side that has fewer, up to DOUBTED_MENTIONS of them: of two people who are well known, something
# would have turned up that both have.
DOUBTS = {"year": 1.0, "postcode": 2.0, "alias": 3.0, "middle": 3.0, "telephone": 1.0, "nominal": 1.0}
DOUBTED_MENTIONS = 3
# Two groups that each repeat a spelling which the other never has: other names, not typing errors or nicknames.
SPELLING_DOUBTS = {"surname": 6.0, "first": 4.0}


@dataclass(frozen=True)
class Level:
    """One level of a comparison with its trained probabilities: m among the same person, u among different ones."""

    field: str
    level: IntEnum
    m: float
    u: float

    @property
    def weight(self) -> float:
        """log2 of m over u; nothing known weighs nothing."""
        return 0.0 if self.level == 0 else log2(self.m / self.u)


@cache
def levels() -> tuple[Level, ...]:
    """Every level of every field, in the order of FIELDS and of their levels."""
    trained = json.loads(MODEL.read_text(encoding="utf-8"))["fields"]
    found = []
    for field, kind in FIELDS.items():
        for level in kind:
            probabilities = trained[field].get(level.name, {"m": 1.0, "u": 1.0})
            found.append(Level(field, level, probabilities["m"], probabilities["u"]))
    return tuple(found)


@cache
def weights(field: str) -> tuple[float, ...]:
    """Weights of a field by level, before frequency."""
    return tuple(level.weight for level in levels() if level.field == field)


def most_asked(mentions: int) -> int:
    """How many questions so many mentions may raise at once; some, however few the mentions."""
    return max(FEWEST_QUESTIONS, mentions * QUESTIONS_PER_HUNDRED // 100)
