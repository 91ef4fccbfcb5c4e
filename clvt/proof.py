"""Is the register what the pipeline wrote, and could anybody tell if it were not?

A check that has nothing to compare with does not pass: without a home, anchors or a key it says so.
"""

from datetime import date

import sqlalchemy as sa

from connectors.register import anchors, erasures, proof, seals
from connectors.register.database import ChainBroken, verify_chain
from connectors.register.proof import KeyMissing, ProofError
from connectors.store import sealed
from connectors.store.paths import Home
from night.as_sealed import expect_seals
from night.erased import ledgers
from night.run import Run, anchor_folders, register_key


class Unproved(Exception):
    """It is not proved that the register is whole; the text says why, and what to do."""


def proved(home: Home) -> str:
    """A sentence that the register is whole, with the numbers to write down; raises Unproved."""
    if not home.runs.is_dir():
        raise Unproved(f"{home.root} is no data home, so nothing was checked: name it with --home or CLVT_HOME.")
    folders = anchor_folders(home)
    for folder in folders:
        if not anchors.kept(folder):
            raise Unproved(
                f"There are no anchors in {folder}, so an end that was cut off would not be seen: bring them back."
            )
    if not register_key(home).is_file():
        raise Unproved(f"The register's key {register_key(home)} is not there: put it back from the force's safe.")
    try:
        register = Run(date.min, home).register
        count = verify_chain(register, [anchor for folder in folders for anchor in anchors.kept(folder)])
        _expect_as_sealed(home, register)
    except (ChainBroken, KeyMissing, ProofError, sealed.SealBroken) as problem:
        raise Unproved(str(problem)) from None
    last = max((anchor for anchor in anchors.kept(folders[-1])), key=lambda anchor: anchor.seq)
    return f"The processing log is whole: {count} entries, anchored up to {last.seq} ({last.hash[:16]})."


def _expect_as_sealed(home: Home, register: sa.Engine) -> None:
    """Every stage lies there with the seal that the register knows, and every erasure stands where it should."""
    as_sealed = seals.latest(register)
    expect_seals(home, as_sealed)
    for night, stage in (key for key, sha256 in as_sealed.items() if sha256 != seals.LET_GO):
        sealed.verify(home.run(date.fromisoformat(night)), stage)
    known = {one.erasure_id for one in erasures.registered(register)}
    for file in ledgers(home):
        reported = {one.erasure_id for one in erasures.kept([file], proof.key_of(register_key(home)) or b"")}
        if known - reported:
            raise Unproved(f"{file} has lost an erasure that the register knows: bring the file back.")
