"""Which nights does a home have, asked often where there are years of them?"""

import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from connectors.store.paths import Home

FIRST = date(2022, 3, 1)


def test_a_night_is_listed_as_soon_as_it_has_a_folder(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.nights() == []
    for number in range(40):
        home.run(FIRST + timedelta(days=number)).root.mkdir(parents=True)
        assert len(home.nights()) == number + 1


def test_nights_are_listed_once_until_one_comes_or_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, listed = Home(tmp_path), []
    for number in range(3):
        home.run(FIRST + timedelta(days=number)).root.mkdir(parents=True)
    long_ago = home.runs.stat().st_mtime - 60
    os.utime(home.runs, (long_ago, long_ago))
    real = os.listdir
    monkeypatch.setattr(os, "listdir", lambda path: listed.append(path) or real(path))
    assert home.nights() == home.nights() == [FIRST + timedelta(days=number) for number in range(3)]
    assert home.last_published() is None
    assert len(listed) == 1
    home.run(FIRST).root.rmdir()
    assert home.nights()[0] == FIRST + timedelta(days=1)
