"""While a night is held people look at it before they let it go: everything that they read can be read."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from clvt.command import main
from connectors.store.paths import Home
from night.erasing import erase
from night.failures import MayNotRun
from night.routes import routes
from night.run import Run
from tests.night.held import a_held_night


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return a_held_night(tmp_path_factory.mktemp("held"))


@pytest.fixture
def copied(held: Run, tmp_path: Path) -> Run:
    home = Home(tmp_path / "home")
    shutil.copytree(held.home.root, home.root)
    return replace(held, home=home)


@pytest.mark.parametrize("listing", ["child", "routes", "clocks", "notices", "retain", "pack", "access", "reviews"])
def test_its_people_and_what_partners_know_of_them_can_be_listed(copied: Run, tmp_path: Path, listing: str) -> None:
    somebody = copied.rows("reconcile", "child")[0]["person_id"]
    typed = {
        "child": [somebody],
        "access": [somebody, "--out", str(tmp_path / "it")],
        "pack": ["--out", str(tmp_path / "it")],
    }
    assert main([listing, *typed.get(listing, []), "--home", str(copied.home.root)]) == 0


def test_who_has_heard_is_as_the_last_files_left_it(held: Run) -> None:
    before = replace(held, as_of=held.as_of - timedelta(days=1))
    heard = {(row["person_id"], row["recipient"]) for row in routes(before) if row["state"] == "SENT"}
    still = {row["person_id"] for row in held.rows("reconcile", "route")}
    assert heard
    assert {one for one in heard if one[0] in still} <= {
        (row["person_id"], row["recipient"]) for row in routes(held) if row["state"] == "SENT"
    }


def test_nobody_is_erased_meanwhile(copied: Run) -> None:
    somebody = copied.rows("reconcile", "child")[0]["person_id"]
    with pytest.raises(MayNotRun, match="are not made yet"):
        erase(copied, somebody, "Asked for", "records.manager")
