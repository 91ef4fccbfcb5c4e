"""Does the tracker of a night come out the same when it is made again from landed data and decisions alone?"""

import shutil
import tempfile
from datetime import date
from pathlib import Path

from connectors.store import sealed
from connectors.store.paths import PUBLISHING_STAGE, Home
from night.night import stage
from night.run import Run

REBUILT = ("normalise", "link", "reconcile")


def rebuild(home: Home, as_of: date) -> list[str]:
    """Make every night up to `as_of` again in a folder of its own; the files that differ, as night/stage/file."""
    differences = []
    with tempfile.TemporaryDirectory(prefix="rebuild-") as scratch:
        again = Home(Path(scratch))
        _copy_settings(home, again)
        for night in [night for night in home.nights() if night <= as_of and home.run(night).is_sealed("land")]:
            run = Run(night, again)
            shutil.copytree(home.run(night).stage("land"), run.folder.stage("land"))
            for name in [name for name in REBUILT if home.run(night).is_sealed(name)]:
                stage(name)(run)
                differences += _differences(home, run, name)
            if home.run(night).is_sealed(PUBLISHING_STAGE):
                shutil.copytree(home.run(night).stage(PUBLISHING_STAGE), run.folder.stage(PUBLISHING_STAGE))
    return differences


def _copy_settings(home: Home, again: Home) -> None:
    settings = home.root / "site.yml"
    if settings.is_file():
        shutil.copy(settings, again.root / "site.yml")


def _differences(home: Home, run: Run, name: str) -> list[str]:
    differ = sealed.differences(run.folder.stage(name), home.run(run.as_of).stage(name))
    return [f"{run.as_of}/{name}/{file}" for file in differ]
