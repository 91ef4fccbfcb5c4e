"""What is said of a failure: a place and what to do for a disk, no value of a record ever, and what is tried again."""

import errno
import io
import traceback
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from connectors.delivery.sftp import Refused
from connectors.delivery.ssh import HostKeyDiffers, LoginRefused, NotConfigured, Silent, Unreachable
from connectors.delivery.transfer import CutShort, NameTaken
from connectors.register import history
from connectors.register.database import open_register
from connectors.sources.database import SourceDown, SourceError
from night import night as nights
from night.failures import NightFailed, sentence_of, worth_another_try
from night.night import attempt
from tests.pull.force import Force

CANARY = "Marigold Canarywharf 2010-07-19"
HOME = Path("/srv/clvt")


def of_the_register(original: Exception) -> sa.exc.OperationalError:
    return sa.exc.OperationalError("INSERT", {"reason": CANARY}, original)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "x", "/srv/clvt/runs/2022-03-02/a"), "The disk is full: make room, then run the stage"),
        (OSError(errno.EROFS, "x"), "The place is read-only"),
        (PermissionError(errno.EACCES, "x", "/srv/clvt/register.sqlite"), "This user has no permission there"),
        (OSError(errno.EDQUOT, "x"), "The disk quota is used up"),
        (OSError(errno.EIO, "x"), "The disk cannot be read or written"),
        (
            NotADirectoryError(errno.ENOTDIR, "x", "/srv/clvt/runs"),
            "A file lies where a folder has to be: take it away",
        ),
        (FileExistsError(errno.EEXIST, "x", "/srv/clvt"), "A file lies where a folder has to be"),
        (OSError(errno.ESTALE, "x"), "The file system went away and came back: mount it again"),
        (of_the_register(Exception("database or disk is full")), "The disk is full"),
        (of_the_register(Exception("attempt to write a readonly database")), "The place is read-only"),
        (RuntimeError(f"IO Error: {CANARY}: No space left on device"), "The disk is full"),
    ],
)
def test_of_a_disk_the_place_and_what_to_do_are_said(error: Exception, sentence: str) -> None:
    said = sentence_of(error, HOME)
    assert said.startswith(sentence)
    assert str(HOME) in said
    assert "Canarywharf" not in said


def test_of_a_file_outside_the_home_only_the_folder_is_named() -> None:
    said = sentence_of(OSError(errno.EACCES, "x", f"/srv/inbox/{CANARY}.csv"), HOME)
    assert "in /srv/inbox)" in said
    assert "Canarywharf" not in said


def test_a_register_that_is_down_is_named_and_no_value_with_it() -> None:
    said = sentence_of(of_the_register(Exception(f"could not connect {CANARY}")))
    assert said.startswith("The register does not answer")
    assert "Canarywharf" not in said


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (SourceDown("x"), True),
        (SourceError("x"), False),
        (Unreachable("x"), True),
        (Silent("x"), True),
        (CutShort("x"), True),
        (Refused("x", 4), True),
        (HostKeyDiffers("x"), False),
        (LoginRefused("x"), False),
        (NotConfigured("x"), False),
        (NameTaken("x"), False),
        (of_the_register(psycopg.OperationalError("server closed the connection")), True),
        (of_the_register(psycopg.errors.InvalidPassword("password authentication failed")), False),
        (of_the_register(Exception("database or disk is full")), False),
        (KeyError("x"), False),
    ],
)
def test_only_what_may_pass_by_itself_is_tried_again(error: Exception, again: bool) -> None:
    assert worth_another_try(error) is again


def test_an_error_in_keeping_an_error_carries_no_value_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    force = Force(tmp_path / "force")
    run = force.night("2022-03-02")
    with run.register.begin() as connection:
        forbid = "CREATE TRIGGER full BEFORE INSERT ON stage_run BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        connection.exec_driver_sql(forbid)

    def broken(*_: object) -> None:
        raise ValueError(f"Could not convert {CANARY!r}")

    monkeypatch.setattr(nights.importlib.import_module("night.pull"), "pull", broken)
    with pytest.raises(NightFailed, match=r"pull failed\. Unexpected ValueError") as caught:
        attempt(run, "pull")
    log = io.StringIO()
    traceback.print_exception(caught.value, file=log, chain=True)
    assert "Canarywharf" not in log.getvalue()
    assert caught.value.__context__ is None


def test_no_error_of_the_register_shows_what_a_statement_was_given(tmp_path: Path) -> None:
    register = open_register(tmp_path / "register.sqlite")
    row = {"run": "2022-03-02", "stage": CANARY, "ended_at": "x", "seconds": 1.0, "counts": "{}", "failure": ""}
    with register.begin() as connection:
        connection.execute(history.stage_run.insert(), {"seq": 1, **row})
    with pytest.raises(sa.exc.IntegrityError) as caught, register.begin() as connection:
        connection.execute(history.stage_run.insert(), {"seq": 1, **row})
    assert "Canarywharf" not in str(caught.value)
