"""How is a failed stage described, and may it pass by itself?"""

import errno
import sys
from pathlib import Path
from traceback import extract_tb

import sqlalchemy as sa

from connectors.endpoints import refuses_login

OURS = ("clvt", "connectors", "demo", "expectations", "night", "transforms")

DISK_FULL = "The disk is full: make room"
NO_FOLDER = "A file lies where a folder has to be: take it away, or name another place"
DISK = {
    errno.ENOSPC: DISK_FULL,
    errno.EDQUOT: "The disk quota is used up: make room, or have it raised",
    errno.EFBIG: "A file may not grow so large there: have the limit raised",
    errno.EROFS: "The place is read-only: mount it for writing",
    errno.EACCES: "This user has no permission there: give it the right to read and write",
    errno.EPERM: "This user has no permission there: give it the right to read and write",
    errno.ENOTDIR: NO_FOLDER,
    errno.EEXIST: NO_FOLDER,
    errno.ESTALE: "The file system went away and came back: mount it again",
    errno.EIO: "The disk cannot be read or written: have it looked at",
}
DISK_SIGNS = {  # in messages of libraries that pass no number on; the messages themselves are never shown
    "no space left": DISK_FULL,
    "database or disk is full": DISK_FULL,
    "readonly database": DISK[errno.EROFS],
    "unable to open database file": DISK[errno.EACCES],
    "permission denied": DISK[errno.EACCES],
    "disk i/o error": DISK[errno.EIO],
}


class Failure(Exception):
    """Something did not end well; the message is a sentence for a person and holds no value of any record."""

    def __init__(self, sentence: str, *, worth_another_try: bool = False) -> None:
        super().__init__(sentence)
        self.worth_another_try = worth_another_try


class NightFailed(Failure):
    """A stage failed."""


class MayNotRun(Failure):
    """A night or a stage may not run now; the sentence says why and what to do. Nothing was changed."""


def sentence_of(error: Exception, home: Path | None = None) -> str:
    """The sentence of an error of ours; of any other only its kind and place, since its message may hold a value."""
    if type(error).__module__.split(".")[0] in OURS:
        return str(error)
    trouble = _disk_trouble(error)
    if trouble:
        return f"{trouble}, then run the stage again ({_place(error, home)})."
    if isinstance(error, sa.exc.OperationalError):
        return (
            "The register does not answer, or refuses the login: bring its database up, and check CLVT_REGISTER. Then "
            "run the stage again."
        )
    places = [frame for frame in extract_tb(error.__traceback__) if str(Path(frame.filename).parent) in _folders()]
    where = f" in {Path(places[-1].filename).name}, line {places[-1].lineno}" if places else ""
    return f"Unexpected {type(error).__name__}{where}: tell the engineer."


def worth_another_try(error: Exception) -> bool:
    """True where the same stage may end well a little later with nobody doing anything."""
    if isinstance(error, sa.exc.OperationalError):
        return not refuses_login(error) and not _disk_trouble(error)
    return bool(getattr(error, "worth_another_try", False))


def _disk_trouble(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in DISK:
        return DISK[error.errno]
    message = str(error).lower()
    return next((trouble for sign, trouble in DISK_SIGNS.items() if sign in message), "")


def _place(error: Exception, home: Path | None) -> str:
    """Where it happened: a path of the home; of any other path only its folder, since others name what lies there."""
    named = getattr(error, "filename", None)
    if not isinstance(named, str):
        return f"in {home}" if home else "the place is in the log of the machine"
    if home is not None and Path(named).is_relative_to(home):
        return f"at {named}"
    return f"in {Path(named).parent}"


def _folders() -> set[str]:
    ours = (module for name, module in sys.modules.items() if name.split(".")[0] in OURS)
    return {str(Path(module.__file__).parent) for module in ours if module.__file__}
