"""What kind of evidence is a pair of mentions?

A few facts forbid that evidence alone unites two mentions; what nothing forbids is decisive, worth a question, or
neither. The thresholds are in the settings.
"""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from transforms.link.model.columns import Columns, Flags
from transforms.link.model.components import UNKNOWN
from transforms.link.model.score import Levels, Scored
from transforms.link.model.settings import (
    ASK_WEIGHT,
    CROWDED_BITS,
    DATED_WEIGHT,
    FIELDS,
    LONE_EXCHANGED_WEIGHT,
    LONE_HALF_WEIGHT,
    LONE_OWN_WEIGHT,
    LONE_UNDATED_WEIGHT,
    LONE_WEIGHT,
    OTHER_SURNAME_WEIGHT,
    OWN_WEIGHT,
    SHOWN_WEIGHT,
    SURE_WEIGHT,
    UNDATED_OWN_WEIGHT,
    UNDATED_WEIGHT,
    Agreement,
    Birth,
    Given,
    Place,
    Surname,
    weights,
)

Kinds = npt.NDArray[np.int8]


class Kind(IntEnum):
    """What kind of evidence a pair is; the smaller, the earlier it may unite."""

    IDENTIFIED = 1  # one PNC id or nominal, and nothing against it
    SURE = 2  # names and dates of birth agree, and more besides
    DATED = 3  # names and dates of birth agree, and the name is rare enough
    OWN = 4  # names and dates of birth agree, and a telephone, alias or middle name
    LONE = 5  # names and a date agree nearly, and nobody else who is known bears the name
    OTHER_SURNAME = 6  # first names, dates of birth and homes agree; the surnames differ
    UNDATED = 7  # names and a child's home or something of one's own agree, but a date is missing or a year alone
    OTHERWISE = 8  # identified, with two of surname, birth and home, but under another first name
    LIKELY = 9  # worth a question
    NOT = 10


TWO_NAMES = (Given.DIFFERENT, Given.SECOND_DIFFERENT)
AGREEING_GIVEN = (Given.ALIKE, Given.SWAPPED, Given.VARIANT, Given.SAME)
OTHER_SURNAME = (Surname.DIFFERENT, Surname.TWO_NAMES)
AGREEING_SURNAME = (Surname.ALIKE, Surname.SWAPPED, Surname.SAME)
AGREEING_BIRTH = (Birth.NEAR, Birth.SWAPPED, Birth.SAME_NEW_YEAR, Birth.SAME)
WHOLE_BIRTH = (Birth.SWAPPED, Birth.SAME)
HALF_BIRTH = (Birth.YEAR_SAME, Birth.NEAR, Birth.SAME_NEW_YEAR)  # cousins with one name are often born close together
UNDATED_BIRTH = (Birth.UNKNOWN, Birth.AGE_SAME, Birth.YEAR_SAME)
AGREEING_PLACE = (Place.ADDRESS_ALIKE, Place.POSTCODE_SAME, Place.ADDRESS_SAME)

VETOES = ("ONE_RECORD", "PNC", "VERIFIED_BIRTH", "GENDER", "GIVEN_NAME")


def vetoes(columns: Columns, pairs: Scored) -> Flags:
    """P x 5, in order of VETOES: True where one fact forbids that evidence alone unites two mentions."""
    both_verified = columns.is_verified[pairs.left] & columns.is_verified[pairs.right]
    return np.stack(
        [
            columns.record[pairs.left] == columns.record[pairs.right],
            pairs.level("pnc") == Agreement.DIFFERENT,
            both_verified & (columns.dob[pairs.left] != columns.dob[pairs.right]),
            pairs.level("gender") == Agreement.DIFFERENT,
            _is(pairs, "given", *TWO_NAMES),
        ],
        axis=1,
    )


def kinds(columns: Columns, pairs: Scored) -> Kinds:
    """The strongest Kind of each pair."""
    return strongest(qualifying(columns, pairs))


def strongest(qualifies: Flags) -> Kinds:
    """The first Kind that each pair is, from what `qualifying` gives; NOT where it is none."""
    return np.where(qualifies.any(axis=1), qualifies.argmax(axis=1) + 1, Kind.NOT).astype(np.int8)


def qualifying(columns: Columns, pairs: Scored) -> Flags:
    """P x 9, in order of Kind up to LIKELY: True where a pair is that kind of evidence. A pair may be several."""
    veto = vetoes(columns, pairs)
    free, only_one = ~veto.any(axis=1), veto.sum(axis=1) == 1
    only_name, only_verified, only_gender = (
        only_one & veto[:, VETOES.index(code)] for code in ("GIVEN_NAME", "VERIFIED_BIRTH", "GENDER")
    )
    given, birth = _is(pairs, "given", *AGREEING_GIVEN), _is(pairs, "birth", *AGREEING_BIRTH)
    same_day = _is(pairs, "birth", Birth.SAME)
    surname, differ = (_is(pairs, "surname", *levels) for levels in (AGREEING_SURNAME, OTHER_SURNAME))
    in_spite = (only_name & may_be_siblings(pairs)) | (only_gender & may_have_two_genders(pairs))
    telephone, alias, middle = (_is(pairs, field, Agreement.SAME) for field in ("telephone", "alias", "middle"))
    home, own = _is(pairs, "place", *AGREEING_PLACE) | telephone, telephone | alias | middle
    identified, other_surname = _identified(pairs), _of_other_surname(columns, pairs)
    lone, names = _lone(columns, pairs), given & surname
    one_of_home = given & home & _is(pairs, "surname", Surname.UNKNOWN)
    no_surname = given & own & same_day & _is(pairs, "surname", Surname.UNKNOWN)
    one_of_alias = surname & alias & _is(pairs, "given", Given.UNKNOWN) & _is_rare_alias(columns, pairs)
    half = _is(pairs, "birth", *HALF_BIRTH) & (home | _is_one_by_alias(columns, pairs))
    dated = _whole(columns, pairs, home | own, lone) | half
    is_a = {
        Kind.IDENTIFIED: free & identified & (_contrary(pairs) <= 1 + home),
        Kind.SURE: free & given & birth & ((home & ~differ) | (surname & own)) & (pairs.weight >= SURE_WEIGHT),
        Kind.DATED: free & (((names | one_of_home) & dated & birth) | no_surname) & (pairs.weight >= DATED_WEIGHT),
        Kind.OWN: free & ((names & own) | one_of_alias) & same_day & (pairs.weight >= OWN_WEIGHT),
        Kind.LONE: free & names & dated & lone & (pairs.weight >= lone_weight(pairs)),
        Kind.OTHER_SURNAME: free & other_surname & (pairs.weight >= OTHER_SURNAME_WEIGHT),
        Kind.UNDATED: free & names & (pairs.weight >= _undated_weight(columns, pairs, lone, home, own)),
        Kind.OTHERWISE: identified & only_name & (surname.astype(int) + birth + home >= 2),
        Kind.LIKELY: ((pairs.weight >= ASK_WEIGHT) & (free | (names & birth & only_verified) | in_spite))
        | (identified & (free | only_one)),
    }
    return np.stack([is_a[kind] for kind in Kind if kind != Kind.NOT], axis=1)


def may_be_siblings(pairs: Scored) -> Flags:
    """Pairs of one surname, birthday and home, or of homes of which one is not known: twins, or a wrong first name."""
    surname = _is(pairs, "surname", *AGREEING_SURNAME)
    return np.asarray(surname & _is(pairs, "birth", *WHOLE_BIRTH) & ~_is(pairs, "place", Place.DIFFERENT))


def may_be_misdated(pairs: Scored) -> Flags:
    """Pairs of one name and one home: father and son, cousins, or a wrong date of birth."""
    names = _is(pairs, "given", *AGREEING_GIVEN) & _is(pairs, "surname", *AGREEING_SURNAME)
    return np.asarray(names & _is(pairs, "place", *AGREEING_PLACE))


def may_have_two_genders(pairs: Scored) -> Flags:
    """Pairs of one name and birthday, or home where a date is missing: a wrong gender, or one that has changed."""
    names = _is(pairs, "given", *AGREEING_GIVEN) & _is(pairs, "surname", *AGREEING_SURNAME)
    at_home = _is(pairs, "birth", *UNDATED_BIRTH) & _is(pairs, "place", *AGREEING_PLACE)
    return np.asarray(names & (_is(pairs, "birth", *AGREEING_BIRTH) | at_home))


def _is(pairs: Scored, field: str, *levels: IntEnum) -> Flags:
    """Pairs that compare in a field on one of these levels."""
    is_one = np.zeros(len(FIELDS[field]), bool)
    is_one[list(levels)] = True
    return np.asarray(is_one[pairs.level(field)])


def _is_rare_alias(columns: Columns, pairs: Scored) -> Flags:
    """Pairs whose alias, where it agrees, speaks for one person: so few bear it that its weight is above nothing."""
    return np.asarray(columns.bits["alias"][pairs.left] < weights("alias")[Agreement.SAME])


def _is_one_by_alias(columns: Columns, pairs: Scored) -> Flags:
    """Pairs of one alias without a whole date of birth; where many bear it, names have to be written alike."""
    unlike = errors(columns, pairs) > 1  # the date is one
    return np.asarray(_is(pairs, "alias", Agreement.SAME) & (_is_rare_alias(columns, pairs) | ~unlike))


def _identified(pairs: Scored) -> Flags:
    return _is(pairs, "nominal", Agreement.SAME) | _is(pairs, "pnc", Agreement.SAME)


def _whole(columns: Columns, pairs: Scored, besides: Flags, lone: Flags) -> Flags:
    """Pairs whose whole dates of birth agree; two errors need something `besides`.

    So do surnames that may be two families', and one part of a double surname where somebody else bears either name.
    """
    part = _one_double(columns, pairs)
    one_family = np.where(part, lone, _mistyped_surname(columns, pairs)) | ~_is(pairs, "surname", Surname.ALIKE)
    return _is(pairs, "birth", *WHOLE_BIRTH) & (besides | (one_family & (errors(columns, pairs) <= 1)))


def _mistyped_surname(columns: Columns, pairs: Scored) -> Flags:
    """Pairs of which one surname is more of a name than the other, in words too long for two names to be so alike.

    A name in its own right is more of one than a word that two persons bear here, and that than a word of one alone.
    """
    short = columns.is_short_surname
    name = np.where(columns.is_known_surname, 2, columns.bits["surname"] > 0)
    return np.asarray((name[pairs.left] != name[pairs.right]) & ~short[pairs.left] & ~short[pairs.right])


def _contrary(pairs: Scored) -> npt.NDArray[np.int64]:
    """How many of surname, date of birth and given name speak against one person."""
    unlike = _is(pairs, "surname", Surname.DIFFERENT).astype(int) + _is(pairs, "birth", Birth.DIFFERENT)
    return unlike + _is(pairs, "given", *TWO_NAMES, Given.UNLISTED)


def _lone(columns: Columns, pairs: Scored) -> Flags:
    """Pairs whose names, as far as is known, one person alone bears; nobody else's name is mistyped like this."""
    known = columns.is_known_name[pairs.left] | columns.is_known_name[pairs.right]
    return np.asarray(columns.is_lone_name[pairs.left] & columns.is_lone_name[pairs.right] & known)


def _of_other_surname(columns: Columns, pairs: Scored) -> Flags:
    """Pairs of one first name, birthday and home whose surnames differ, and that no ids or second names tell apart."""
    first = _is(pairs, "given", Given.VARIANT, Given.SAME) & columns.is_known_name[pairs.left]
    differ = _is(pairs, "surname", *OTHER_SURNAME)
    otherwise = _is(pairs, "nominal", Agreement.DIFFERENT) | _is(pairs, "middle", Agreement.DIFFERENT)
    at_home = _is(pairs, "place", *AGREEING_PLACE) & ~otherwise
    return np.asarray(first & differ & at_home & _is(pairs, "birth", Birth.SAME))


def _undated_weight(columns: Columns, pairs: Scored, lone: Flags, home: Flags, own: Flags) -> npt.NDArray[np.float64]:
    """The weight that pairs with agreeing names need where a whole date of birth is missing; inf: they never unite.

    A father of the same name, who is not recorded as a child, may share all but an alias with his son.
    """
    initial, alias = columns.is_middle_initial[pairs.left], _is(pairs, "alias", Agreement.SAME)
    telephone, by_alias = _is(pairs, "telephone", Agreement.SAME), _is_one_by_alias(columns, pairs)
    own = own & (telephone | alias | ~initial)
    undated, year = (_is(pairs, "birth", *levels) for levels in (UNDATED_BIRTH, (Birth.YEAR_SAME,)))
    children, at_home = _of_children(columns, pairs), _of_a_child_at_home(columns, pairs)
    at_address = (at_home | _of_a_child_at_a_home_alike(columns, pairs)) & ~_is(pairs, "place", Place.POSTCODE_SAME)
    own = own & (children | alias)
    by_year = lone | ~(_is(pairs, "place", Place.POSTCODE_SAME) | _is_crowded(columns, pairs))
    names_alike = errors(columns, pairs) <= 1  # the date that is missing is one
    needed = [
        (own & lone & names_alike, LONE_OWN_WEIGHT),
        ((telephone | by_alias) & children, UNDATED_OWN_WEIGHT),
        (at_address & lone & ~_of_cousins(columns, pairs), LONE_UNDATED_WEIGHT),
        ((own & home) | (at_home & year & by_year), UNDATED_WEIGHT),
    ]
    return np.select([undated & case for case, _ in needed], [weight for _, weight in needed], np.inf)


def _of_children(columns: Columns, pairs: Scored) -> Flags:
    return np.asarray(columns.is_child[pairs.left] & columns.is_child[pairs.right])


def _of_a_child_at_home(columns: Columns, pairs: Scored) -> Flags:
    """Pairs of one home, both of a child and one with a date of birth, that no nominals or two errors speak against."""
    home = _is(pairs, "place", Place.POSTCODE_SAME, Place.ADDRESS_SAME)
    return np.asarray(home & _dated(columns, pairs) & _nothing_against(columns, pairs))


def _of_a_child_at_a_home_alike(columns: Columns, pairs: Scored) -> Flags:
    """The same where neither has a date of birth, or the home is written alike."""
    undated = ~_dated(columns, pairs) & _is(pairs, "place", *AGREEING_PLACE)
    return np.asarray((undated | _is(pairs, "place", Place.ADDRESS_ALIKE)) & _nothing_against(columns, pairs))


def _of_cousins(columns: Columns, pairs: Scored) -> Flags:
    """Pairs of which one has a nickname, or one part of a double surname: a cousin of one home may have either.

    Where several are known at the address, so may a typing error and a second record without a date of birth.
    """
    part = _is(pairs, "surname", Surname.ALIKE) & _one_double(columns, pairs)
    unsure = ~_dated(columns, pairs) | (errors(columns, pairs) > 1)
    return np.asarray(part | _is(pairs, "given", Given.VARIANT) | (unsure & _is_crowded(columns, pairs)))


def _is_crowded(columns: Columns, pairs: Scored) -> Flags:
    """Pairs of an address at which several people are known: a cousin of one name may be among them."""
    bits = columns.bits["address"]
    return np.asarray(np.maximum(bits[pairs.left], bits[pairs.right]) >= CROWDED_BITS)


def _dated(columns: Columns, pairs: Scored) -> Flags:
    return np.asarray((columns.dob[pairs.left] != UNKNOWN) | (columns.dob[pairs.right] != UNKNOWN))


def _nothing_against(columns: Columns, pairs: Scored) -> Flags:
    """Pairs of two children that no nominals or two errors speak against."""
    against = _is(pairs, "nominal", Agreement.DIFFERENT) | (errors(columns, pairs) > 2)
    return np.asarray(_of_children(columns, pairs) & ~against)


def errors(columns: Columns, pairs: Scored) -> Levels:
    """How many of names and date of birth are not written alike; names exchanged with each other are one error.

    Two first names that are alike are two errors where neither is a name anybody bears.
    """
    unlike = (pairs.level("given") != Given.SAME).astype(np.int8) + (pairs.level("birth") != Birth.SAME)
    strange = ~columns.is_known_name[pairs.left] & ~columns.is_known_name[pairs.right]
    unlike += (pairs.level("given") == Given.ALIKE) & strange
    return np.asarray(unlike + (pairs.level("surname") == Surname.ALIKE))


def lone_weight(pairs: Scored) -> npt.NDArray[np.float64]:
    """The weight that each pair needs where nobody else bears the name: the more, the more a namesake would fit."""
    exact = (pairs.level("given") == Given.SAME) & (pairs.level("birth") == Birth.SAME)
    weight = np.where(exact, LONE_WEIGHT, LONE_HALF_WEIGHT)
    return np.where(pairs.level("birth") == Birth.SWAPPED, LONE_EXCHANGED_WEIGHT, weight)


def _one_double(columns: Columns, pairs: Scored) -> Flags:
    double = columns.is_double_surname
    return np.asarray(double[pairs.left] != double[pairs.right])


# Below so many bits a pair is kept only where an identifier agrees.
LEAST_KEPT = min(ASK_WEIGHT, SHOWN_WEIGHT, OWN_WEIGHT, LONE_WEIGHT, LONE_OWN_WEIGHT, UNDATED_OWN_WEIGHT)


def worth_keeping(columns: Columns, pairs: Scored) -> Scored:
    """The pairs that may unite, be asked, or look so alike that somebody will want to know why they did not."""
    heavy = pairs.take((pairs.weight >= LEAST_KEPT) | _identified(pairs))
    return heavy.take((kinds(columns, heavy) < Kind.NOT) | (heavy.weight >= SHOWN_WEIGHT))
