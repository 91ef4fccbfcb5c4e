"""A fixed sample of the faults that `make faults` plans, and some kills at random moments."""

from pathlib import Path

import pytest

from tests.faults.campaign import campaign, random_kills, sampled
from tests.faults.planned import HITS, PLANNED

PLANNED_OF_40, AT_RANDOM = 32, 8


def test_at_least_240_faults_are_planned_and_each_kind_can_be_carried_out() -> None:
    assert len(PLANNED) == len(set(PLANNED)) >= 240
    assert {fault.kind for fault in PLANNED} == set(HITS) - {"random kill"}


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_forty_faults_lose_nothing_double_nothing_and_send_nothing_that_should_not_leave(tmp_path: Path) -> None:
    tally = campaign(sampled(PLANNED, PLANNED_OF_40) + random_kills(AT_RANDOM, seed=1), tmp_path / "ground")
    assert tally.planned == PLANNED_OF_40 + AT_RANDOM
    assert tally.wrong == []
