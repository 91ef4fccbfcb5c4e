"""Does anybody else who is known bear this name?

A record with half a date of birth can be anybody's of that name. Where all that is known of a name may be one person,
it is far likelier to be theirs; where two people are known to bear it, only a person can say whose it is.
"""

import numpy as np
import numpy.typing as npt

from transforms.link.model.components import UNKNOWN, single_valued

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]


def is_lone(name: Codes, dob: Codes, facts: list[npt.NDArray[np.int32]]) -> Flags:
    """Rows whose name, as far as is known, one person alone bears; `name` is UNKNOWN where a name is not whole.

    All dates of birth seen with the name are one date, but for typing errors: dates that were written once and agree
    with it in two of day, month and year, or have day and month exchanged. Each of `facts` (gender, PNC id) has one
    value. `dob` is year * 10000 + month * 100 + day.
    """
    names, bearer = np.unique(name, return_inverse=True)
    lone = ~_several_births(bearer, dob, len(names))
    for values in facts:
        lone &= single_valued(values, bearer, len(names))
    return np.asarray((name != UNKNOWN) & lone[bearer])


def _several_births(bearer: Codes, dob: Codes, names: int) -> Flags:
    """For each name, True where its dates of birth are more than one person's."""
    dated = dob != UNKNOWN
    seen, times = np.unique(bearer[dated] << 32 | dob[dated], return_counts=True)
    name, date = seen >> 32, seen & 0xFFFFFFFF
    usual = np.full(names, UNKNOWN, np.int64)
    order = np.lexsort((-date, times))  # the last one wins: the commonest, and of several the earliest
    usual[name[order]] = date[order]
    is_error = (times == 1) & is_near(date, usual[name])
    several = np.zeros(names, bool)
    several[name[(date != usual[name]) & ~is_error]] = True
    return several


def is_near(one: Codes, other: Codes) -> Flags:
    """True where two dates, year * 10000 + month * 100 + day, are one or differ as by one error."""
    year, month, day = one // 10000, one // 100 % 100, one % 100
    other_year, other_month, other_day = other // 10000, other // 100 % 100, other % 100
    agree = (year == other_year).astype(int) + (month == other_month) + (day == other_day)
    return np.asarray((agree >= 2) | ((year == other_year) & (month == other_day) & (day == other_month)))
