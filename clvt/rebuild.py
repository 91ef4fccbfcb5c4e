"""Does the tracker of a night come out the same when it is made again from landed data and decisions alone?"""

import shutil
import tempfile
from datetime import date
from pathlib import Path

from connectors.register import erasures
from connectors.store import sealed
from connectors.store.paths import PUBLISHING_STAGE, Home
from connectors.store.private import keep_private
from expectations.site import AUTHORITIES
from night import erased
from night.night import stage
from night.run import Run, register_key

REBUILT = ("normalise", "link", "reconcile")


def rebuild(home: Home, as_of: date) -> list[str]:
    """Make every night up to `as_of` again in a folder of its own; the files that differ, as night/stage/file.

    Nights of before somebody was erased, or up to the first after one that was thinned out, are taken as they are kept:
    what is left of their data may make others of them.
    """
    try:
        return _rebuilt(home, as_of)
    finally:
        keep_private(home)  # the folder of the moment was the scratch home's


def as_kept(home: Home) -> date:
    """The last night that cannot be made again, since data of it or of one before it went; the first date: none."""
    thinned = [night for night in home.nights() if home.run(night).thinned.is_file()]
    whole = [night for night in home.published() if thinned and night > thinned[-1]]
    return max([erased.of(home).last_night or date.min, *thinned, *whole[:1]])


def _rebuilt(home: Home, as_of: date) -> list[str]:
    differences = []
    with tempfile.TemporaryDirectory(prefix="rebuild-") as scratch:
        again = Home(Path(scratch))
        _copy_settings(home, again)
        kept_until = as_kept(home)
        for night in [night for night in home.nights() if night <= as_of and home.run(night).is_sealed("land")]:
            run = _run(night, again)
            if night <= kept_until:
                shutil.copytree(home.run(night).root, run.folder.root)
                continue
            shutil.copytree(home.run(night).stage("land"), run.folder.stage("land"))
            for name in [name for name in REBUILT if home.run(night).is_sealed(name)]:
                stage(name)(run)
                differences += _differences(home, run, name)
            if home.run(night).is_sealed(PUBLISHING_STAGE):
                shutil.copytree(home.run(night).stage(PUBLISHING_STAGE), run.folder.stage(PUBLISHING_STAGE))
    return differences


def _copy_settings(home: Home, again: Home) -> None:
    for path in (home.root / "site.yml", home.root / AUTHORITIES, home.erasures, home.erased):
        if path.is_file():
            shutil.copy(path, again.root / path.name)
    if home.recipients.is_dir():
        shutil.copytree(home.recipients, again.recipients)
    if register_key(home).is_file():
        shutil.copy(register_key(home), again.register_key)
    erasures.take_over(_run(date.min, again).register, erased.of(home).erasures)


def _run(night: date, again: Home) -> Run:
    """A night of the scratch home, on a register of its own, whichever is named for the home itself."""
    return Run(night, again, register_url=f"sqlite:///{again.register}")


def _differences(home: Home, run: Run, name: str) -> list[str]:
    differ = sealed.differences(run.folder.stage(name), home.run(run.as_of).stage(name))
    return [f"{run.as_of}/{name}/{file}" for file in differ]
