"""Does a night lie in its folder as the register knows that it was sealed?

A table is checked against its seal when it is read. Whoever changed a table and its seal with it could not change the
register, whose rows are proved: asked of the night that the next one goes on from, and of each that people look at.
"""

from collections.abc import Mapping
from datetime import date

from connectors.register import seals
from connectors.store import sealed
from connectors.store.paths import PUBLISHING_STAGE, STAGES, Home
from night.run import Run

OF_THE_TRACKER = STAGES[: STAGES.index(PUBLISHING_STAGE) + 1]  # never sealed again while the night can be looked at


def expect_as_sealed(run: Run) -> None:
    """SealBroken where a stage of a published night's tracker has another seal than the register knows."""
    known = seals.of_night(run.register, run.as_of.isoformat())
    expect_seals(run.home, {key: sha256 for key, sha256 in known.items() if key[1] in OF_THE_TRACKER})


def expect_seals(home: Home, known: Mapping[tuple[str, str], str]) -> None:
    """SealBroken where a stage, by (night, stage), has another seal than this one."""
    for (night, stage), sha256 in known.items():
        folder = home.run(date.fromisoformat(night))
        there = sealed.stamp(folder, stage) if folder.is_sealed(stage) else seals.LET_GO
        if there != sha256:
            raise sealed.SealBroken(
                f"Stage {stage} of {night} is not what was sealed: bring its folder back from the backup, and tell the "
                "information security officer."
            )
