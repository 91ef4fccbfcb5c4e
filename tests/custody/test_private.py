"""What a process writes is its owner's alone, lies in the home, and is gone when the process is."""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from clvt.command import main
from connectors.store.paths import Home
from connectors.store.private import keep_private, readable_by_others
from tests.report.a_home import a_home

LEAVES_A_FILE = """
import os, signal, sys, tempfile
from pathlib import Path
from connectors.store.paths import Home
from connectors.store.private import keep_private
keep_private(Home(Path(sys.argv[1])))
Path(tempfile.mkdtemp(), "sheet.xml").write_text("Qzvxsurname")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_whatever_is_written_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    keep_private(Home(tmp_path))
    (tmp_path / "a file").write_text("x")
    (tmp_path / "a folder").mkdir()
    assert [path.stat().st_mode & 0o077 for path in sorted(tmp_path.iterdir())] == [0, 0, 0]


def test_no_crash_leaves_memory_in_a_file(tmp_path: Path) -> None:
    keep_private(Home(tmp_path))
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)


def test_what_a_killed_process_left_is_cleared_by_the_next_one_and_lay_in_the_home(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LEAVES_A_FILE, str(tmp_path)], check=False)
    assert done.returncode == -9
    assert [path.name for path in tmp_path.rglob("sheet.xml")] == ["sheet.xml"]
    keep_private(Home(tmp_path))
    assert list(tmp_path.rglob("sheet.xml")) == []
    assert Path(tempfile.gettempdir()).is_relative_to(tmp_path)


def test_what_a_running_process_keeps_for_the_moment_stays(tmp_path: Path) -> None:
    keep_private(Home(tmp_path))
    mine = Path(tempfile.mkdtemp())
    keep_private(Home(tmp_path))
    assert mine.is_dir()


def test_a_whole_home_with_its_register_is_readable_by_nobody_else(tmp_path: Path) -> None:
    os.umask(0o022)
    run = a_home(tmp_path / "home")
    assert main(["tracker", "--home", str(run.home.root)]) == 0
    open_ = {path.name for path in run.home.root.rglob("*") if path.stat().st_mode & 0o077}
    open_ -= _made_by_the_test(run.home)
    assert open_ == set()


def _made_by_the_test(home: Home) -> set[str]:
    """What the test's own builder wrote, before any command ran."""
    return {path.name for path in home.runs.rglob("*")} | {"runs"}


def test_a_home_that_others_can_read_is_told_by_check(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "register.sqlite").write_text("")
    (tmp_path / "register.sqlite").chmod(0o644)
    assert readable_by_others(Home(tmp_path)) == [tmp_path / "register.sqlite"]
    tmp_path.chmod(0o700)
    assert readable_by_others(Home(tmp_path)) == []
