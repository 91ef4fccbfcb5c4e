"""The screens show nobody of a home that is not as it was left: restored from before an erasure, or changed."""

import shutil

import pytest

from night.erasing import erase
from tests.custody.searching import where
from tests.custody.test_as_sealed import CHANGED, change
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


@pytest.mark.parametrize("page", ["/review", "/people/P-00000000A1", "/meeting", "/nights/2022-11-23"])
def test_no_page_is_made_of_a_table_that_was_changed_with_its_seal(server, tmp_path, page):
    run = a_home(tmp_path / "home")
    run.write_down_seals(("normalise", "link", "reconcile", "validate"))
    change(run, "reconcile", "child", surname="Another")
    with server.showing(run):
        code, shown, _ = ask(server, f"/county-lines{page}", "uma")
    assert code == 503
    assert CHANGED in shown
    assert "Another" not in shown
