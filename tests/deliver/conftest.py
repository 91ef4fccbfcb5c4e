"""A data home with keys, and partners to deliver to."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.delivery.openpgp import Keyring
from connectors.store.paths import Home
from night import deliver
from tests.deliver.nights import Partners, recipient

CLEANED = ("*.lock", "S.gpg-agent*", ".#*")


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home in which the stand-ins' keys were made: making them takes longer than a test."""
    home = Home(tmp_path_factory.mktemp("keys"))
    names = ("mash", "panel")
    with Partners(home, {name: recipient(name) for name in names}):
        pass
    yield home.root
    for keyring in home.root.rglob("keyring"):
        Keyring(keyring).rest()


@pytest.fixture
def home(keys: Path, tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path / "home")
    shutil.copytree(keys, made.root, ignore=shutil.ignore_patterns(*CLEANED))
    yield made
    for keyring in made.root.rglob("keyring"):
        Keyring(keyring).rest()


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "WAITS", (0.01, 0.02))
