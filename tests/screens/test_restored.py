"""A home that was restored from before an erasure shows nobody who was erased, whoever asks it first."""

import shutil

import pytest

from night.erasing import erase
from tests.custody.searching import where
from tests.report.a_home import a_home
from tests.screens.test_access import ask

pytestmark = pytest.mark.airflow


def test_a_page_is_made_after_those_who_were_erased_went_again(server, tmp_path):
    run = a_home(tmp_path / "home")
    children = {row["person_id"] for row in run.rows("reconcile", "child")}
    stranger = next(row["person_id"] for row in run.rows("link", "person") if row["person_id"] not in children)
    shutil.copytree(run.home.runs, tmp_path / "backup")
    erase(run, stranger, "asked for", "The records manager")
    shutil.rmtree(run.home.runs)
    shutil.copytree(tmp_path / "backup", run.home.runs)
    run.home.erased.unlink()
    with server.showing(run):
        code, _, _ = ask(server, f"/county-lines/people/{stranger}", "uma")
    assert code == 404
    assert where(run.home.runs, [stranger]) == {}
