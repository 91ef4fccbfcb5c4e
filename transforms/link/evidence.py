"""What kind of evidence is a pair of mentions?

A few facts forbid that evidence alone unites two mentions; what nothing forbids is decisive, worth a question, or
neither. The thresholds are in the settings.
"""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from transforms.link.columns import Columns, Flags
from transforms.link.score import Scored
from transforms.link.settings import (
    ASK_WEIGHT,
    DATED_WEIGHT,
    LONE_HALF_WEIGHT,
    LONE_UNDATED_WEIGHT,
    LONE_WEIGHT,
    SHOWN_WEIGHT,
    SURE_WEIGHT,
    UNDATED_WEIGHT,
    Agreement,
    Birth,
    Given,
    Place,
    Surname,
)

Kinds = npt.NDArray[np.int8]


class Kind(IntEnum):
    """What kind of evidence a pair is; the smaller, the earlier it may unite."""

    IDENTIFIED = 1  # one PNC id or nominal, and nothing against it
    SURE = 2  # names and dates of birth agree, and more besides
    DATED = 3  # names and dates of birth agree, and the name is rare enough
    LONE = 4  # names and a date agree nearly, or a year alone, and nobody else who is known bears the name
    UNDATED = 5  # names, home and something of one's own agree, but a date of birth is missing or a year alone
    OTHERWISE = 6  # identified, with two of surname, birth and home, but under another first name
    LIKELY = 7  # worth a question
    NOT = 8


AGREEING_GIVEN = (Given.ALIKE, Given.SWAPPED, Given.VARIANT, Given.SAME)
AGREEING_SURNAME = (Surname.ALIKE, Surname.SWAPPED, Surname.SAME)
AGREEING_BIRTH = (Birth.NEAR, Birth.SWAPPED, Birth.SAME_NEW_YEAR, Birth.SAME)
WHOLE_BIRTH = (Birth.SWAPPED, Birth.SAME)
HALF_BIRTH = (Birth.YEAR_SAME, Birth.NEAR, Birth.SAME_NEW_YEAR)  # cousins with one name are often born close together
UNDATED_BIRTH = (Birth.UNKNOWN, Birth.YEAR_SAME)
AGREEING_PLACE = (Place.ADDRESS_ALIKE, Place.POSTCODE_SAME, Place.ADDRESS_SAME)

VETOES = ("PNC", "VERIFIED_BIRTH", "GENDER", "GIVEN_NAME")


def vetoes(columns: Columns, pairs: Scored) -> Flags:
    """P x 4, in order of VETOES: True where one fact forbids that evidence alone unites two mentions."""
    both_verified = columns.is_verified[pairs.left] & columns.is_verified[pairs.right]
    return np.stack(
        [
            pairs.level("pnc") == Agreement.DIFFERENT,
            both_verified & (columns.dob[pairs.left] != columns.dob[pairs.right]),
            pairs.level("gender") == Agreement.DIFFERENT,
            pairs.level("given") == Given.DIFFERENT,
        ],
        axis=1,
    )


def kinds(columns: Columns, pairs: Scored) -> Kinds:
    """The Kind of each pair."""
    veto = vetoes(columns, pairs)
    free = ~veto.any(axis=1)
    only_name = veto[:, VETOES.index("GIVEN_NAME")] & (veto.sum(axis=1) == 1)
    given = np.isin(pairs.level("given"), AGREEING_GIVEN)
    surname = np.isin(pairs.level("surname"), AGREEING_SURNAME)
    birth = np.isin(pairs.level("birth"), AGREEING_BIRTH)
    undated = np.isin(pairs.level("birth"), UNDATED_BIRTH)
    telephone = pairs.level("telephone") == Agreement.SAME
    home = np.isin(pairs.level("place"), AGREEING_PLACE) | telephone
    own = telephone | (pairs.level("alias") == Agreement.SAME) | (pairs.level("middle") == Agreement.SAME)
    identified = (pairs.level("nominal") == Agreement.SAME) | (pairs.level("pnc") == Agreement.SAME)
    contrary = (pairs.level("surname") == Surname.DIFFERENT).astype(int) + (pairs.level("birth") == Birth.DIFFERENT)
    contrary += np.isin(pairs.level("given"), (Given.DIFFERENT, Given.UNREADABLE))

    lone = columns.is_lone_name[pairs.left] & columns.is_lone_name[pairs.right]
    lone &= columns.is_known_name[pairs.left] | columns.is_known_name[pairs.right]  # nobody else is mistyped like this

    kind = np.full(len(pairs), Kind.NOT, np.int8)
    kind[(pairs.weight >= ASK_WEIGHT) & free] = Kind.LIKELY
    kind[identified & (veto.sum(axis=1) <= 1)] = Kind.LIKELY
    kind[identified & only_name & (surname.astype(int) + birth + home >= 2)] = Kind.OTHERWISE
    undated_weight = np.where(lone, LONE_UNDATED_WEIGHT, np.where(home, UNDATED_WEIGHT, np.inf))
    kind[free & given & surname & undated & own & (pairs.weight >= undated_weight)] = Kind.UNDATED
    double = columns.is_double_surname
    part = (pairs.level("surname") == Surname.ALIKE) & (double[pairs.left] != double[pairs.right])
    whole = np.isin(pairs.level("birth"), WHOLE_BIRTH) & (~part | home | own)
    half = np.isin(pairs.level("birth"), HALF_BIRTH) & (home | own)
    exact = (pairs.level("birth") == Birth.SAME) & (pairs.level("given") == Given.SAME)
    lone_weight = np.where(exact, LONE_WEIGHT, LONE_HALF_WEIGHT)
    kind[free & given & surname & (whole | half) & lone & (pairs.weight >= lone_weight)] = Kind.LONE
    kind[free & given & surname & (whole | (half & birth)) & (pairs.weight >= DATED_WEIGHT)] = Kind.DATED
    kind[free & given & birth & (home | (surname & own)) & (pairs.weight >= SURE_WEIGHT)] = Kind.SURE
    kind[free & identified & (contrary <= 1 + home)] = Kind.IDENTIFIED
    return kind


# Below so many bits a pair is kept only where an identifier agrees.
LEAST_KEPT = min(ASK_WEIGHT, SHOWN_WEIGHT, LONE_WEIGHT, LONE_UNDATED_WEIGHT, DATED_WEIGHT, UNDATED_WEIGHT, SURE_WEIGHT)


def worth_keeping(columns: Columns, pairs: Scored) -> Scored:
    """The pairs that may unite, be asked, or look so alike that somebody will want to know why they did not."""
    return pairs.take((kinds(columns, pairs) < Kind.NOT) | (pairs.weight >= SHOWN_WEIGHT))
