"""When does a child turn 18, and does that date settle anything by itself?

The age is attained at 00:00 local time on the birthday (Family Law Reform Act 1969 s.9). The statute is silent on
29 February: the site chooses 1 March or 28 February for common years. Whoever's age is uncertain is presumed a child
until it is settled (Modern Slavery Act 2015 s.51).
"""

from datetime import date

from expectations.plain import Row

ADULT = 18
YOUNGEST, OLDEST = 5, 25  # years; a child of county lines is not recorded younger or older than that


def birthday_in(born: date, year: int, leap_day_birthday: str) -> date:
    """The birthday in a year; `leap_day_birthday` is the month-day that stands for 29 February in common years."""
    try:
        return born.replace(year=year)
    except ValueError:
        month, day = map(int, leap_day_birthday.split("-"))
        return date(year, month, day)


def attains_18_on(born: date, leap_day_birthday: str) -> date:
    """The day on which the age of 18 is attained, at 00:00 Europe/London."""
    return birthday_in(born, born.year + ADULT, leap_day_birthday)


def age_at(born: date, day: date, leap_day_birthday: str) -> int:
    """Full years on a day; 0 before the first birthday."""
    had = day >= birthday_in(born, day.year, leap_day_birthday)
    return max(0, day.year - born.year - (not had))


def is_believable(born: date, recorded_on: date, leap_day_birthday: str) -> bool:
    """True where somebody born then was of an age, on the day of the first record, at which a child is recorded here.

    A date that forms write for "not known", as 11/11/1911, makes somebody older or younger than that.
    """
    return YOUNGEST <= age_at(born, recorded_on, leap_day_birthday) <= OLDEST


def may_be_under_18(mention: Row, day: date, leap_day_birthday: str) -> bool:
    """True where a record says, by a date or year of birth or a stated age, that somebody may be a child on a day."""
    if mention["date_of_birth"] is not None:
        return attains_18_on(mention["date_of_birth"], leap_day_birthday) > day
    if mention["birth_year"] is not None:
        return bool(mention["birth_year"] + ADULT >= day.year)
    if mention["age_stated"] is not None:
        return bool(mention["age_stated"] + _years(mention["recorded_on"], day) < ADULT)
    return False


def _years(since: date, until: date) -> int:
    return until.year - since.year - ((until.month, until.day) < (since.month, since.day))


def earliest_18(born: date | None, birth_year: int | None, leap_day_birthday: str) -> date | None:
    """The first day on which someone of this date or year of birth can be 18; None where neither is known."""
    if born is not None:
        return attains_18_on(born, leap_day_birthday)
    return date(birth_year + ADULT, 1, 1) if birth_year is not None else None


def forecast_meaning(threshold: int, settled: bool) -> str:
    """What a birthday so many days ahead asks of people."""
    doubt = (
        "" if settled else " The date of birth is not verified: settle it before this day, the child stays until then."
    )
    return FORECAST[threshold] + doubt if threshold in FORECAST else f"{threshold} days to the 18th birthday.{doubt}"


FORECAST = {
    100: "From here on devolved panels of the National Referral Mechanism no longer take the case.",
    90: "Plan the move to adult safeguarding with children's services.",
    30: "Tell the partners; settle what stays open with the panel.",
    7: "Last week as a child: explain that consent will be needed to stay in the National Referral Mechanism.",
    0: "18 today: leaves the tracker; the National Referral Mechanism needs consent; consider adult safeguarding.",
}
