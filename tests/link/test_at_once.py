"""Records unite at once only where no fact of any of them forbids it, whichever groups they come in."""

from datetime import date, timedelta
from itertools import product

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.link.rows import mentions
from transforms.link.model.columns import columns_of
from transforms.link.model.decide import _at_odds
from transforms.link.model.groups import births_agree, contradiction, made
from transforms.link.model.namesakes import is_near
from transforms.link.model.score import Scored
from transforms.link.model.settings import FIELDS

KAI = {"surname": "Ashby", "given_names": "Kai", "dob_status": "STATED"}
NOBODY = np.empty((0, 2), np.int64)
DAYS = st.dates(date(2005, 1, 1), date(2011, 12, 31))
RECORD = st.fixed_dictionaries(
    {
        "surname": st.just("Ashby"),
        "given_names": st.sampled_from(["Kai", "Kai Leon", "Leon Kai", "Leon", "Jude", ""]),
        "date_of_birth": st.sampled_from(["", "2008-03-05", "2008-05-03", "2008-03-15", "2007-03-05", "2007-03-15"]),
        "dob_status": st.sampled_from(["VERIFIED", "STATED"]),
        "gender": st.sampled_from(["Male", "Female", ""]),
        "age_stated": st.sampled_from(["", "13", "16"]),
    }
)


@given(DAYS, st.one_of(DAYS, st.integers(-40, 40)))
def test_two_births_are_near_as_columns_where_they_agree_as_dates(one: date, other: date | int) -> None:
    other = one + timedelta(days=other) if isinstance(other, int) else other
    as_numbers = [np.array([day.year * 10000 + day.month * 100 + day.day]) for day in (one, other)]
    agree = births_agree((one.year, one.month, one.day), (other.year, other.month, other.day))
    assert bool(is_near(*as_numbers)[0]) == agree


@settings(max_examples=200, deadline=None)
@example([KAI | {"date_of_birth": day} for day in ("2007-03-05", "2007-03-15", "2008-03-05")])
@given(st.lists(RECORD, min_size=2, max_size=4))
def test_of_records_that_unite_at_once_no_two_groups_contradict_each_other(records: list[dict[str, str]]) -> None:
    columns = columns_of(mentions(*({"key": f"m:{number}", **one} for number, one in enumerate(records))))
    rows = np.arange(len(columns))
    ties = Scored(rows[:-1], rows[1:], np.zeros((len(rows) - 1, len(FIELDS)), np.int8), np.ones(len(rows) - 1))
    if _at_odds(columns, np.zeros(len(rows), np.int64), ties, NOBODY)[0]:
        return
    for sides in product(("ours", "theirs", "elsewhere"), repeat=len(rows)):
        ours, theirs = ([row for row, side in enumerate(sides) if side == name] for name in ("ours", "theirs"))
        if ours and theirs:
            assert contradiction(*made(columns, [ours, theirs])) == ""
