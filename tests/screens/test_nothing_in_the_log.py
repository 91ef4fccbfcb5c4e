"""What is typed into a form, shown on a page or held by a page that fails stands in no line of the server's log."""

import re
import urllib.parse

import pytest

from clvt.views import night_of
from connectors.register.handling import TAKEN, handle
from connectors.store.paths import Home
from tests.custody.canaries import BEGIN
from tests.custody.test_canaries import full
from tests.report.a_home import a_home
from tests.report.a_night import OKAFOR
from tests.screens.test_access import ask

pytestmark = pytest.mark.airflow

QUESTION = "Q-SAME00000001"
FORMS = {
    "/people": {"find": "{word} Okafor"},
    "/review/answer": {"review_id": QUESTION, "choice": "{word}", "value": "{word}", "reason": "{word}"},
    "/review/handle": {"review_id": QUESTION, "kind": "NOTED", "note": "{word}"},
    "/review/undo": {"decision_id": "{word}"},
    "/review/worklist": {"file": "{word}"},
    "/meeting": {"meeting_ref": "{word}", "held_on": "{word}"},
    f"/people/{OKAFOR}/decide/RESTRICT": {"reason": "{word}"},
}


def token_of(server) -> str:
    """What a page gives to its forms."""
    _, body, _ = ask(server, f"/county-lines/review/question?review_id={QUESTION}", "uma")
    return re.search(r'name="token" value="([^"]+)"', body)[1]


def test_nothing_that_is_typed_into_a_form_is_logged(server):
    token = token_of(server)
    for path, form in FORMS.items():
        typed = {name: value.format(word=f"{BEGIN}form") for name, value in form.items()} | {"token": token}
        assert ask(server, f"/county-lines{path}", "uma", typed)[0] < 500, path
    ask(server, "/county-lines/today", "uma")  # a request is logged after it was answered: by now those before it are
    log = server.log.read_text(errors="replace")
    assert all(f"path=/county-lines{path}" in re.sub(r"\x1b\[[0-9;]*m", "", log) for path in FORMS)
    assert BEGIN not in log


def test_a_name_is_no_person_id_so_that_no_address_holds_it(server):
    status, body, _ = ask(server, f"/county-lines/audit?person={urllib.parse.quote('Jayden Okafor')}", "ada")
    assert status == 422
    assert "A name is looked for on the page People" in body


@pytest.fixture
def failing(server, tmp_path):
    """A home whose page of questions cannot be made: the time of a row is none, and what it is is in the error."""
    run = a_home(tmp_path / "failing")
    handle(run.register, TAKEN, (QUESTION, OKAFOR), "ursula", "ursula", at=f"{BEGIN}when")
    with server.showing(run):
        yield run


def test_a_page_that_fails_says_where_and_not_over_what(server, failing):
    status, body, _ = ask(server, "/county-lines/review", "uma")
    assert status == 500
    assert "Unexpected ValueError in handling.py" in body
    log = server.log.read_text(errors="replace")
    assert "Unexpected ValueError in handling.py" in log
    assert BEGIN not in body + log


def test_a_register_that_takes_no_row_is_not_quoted(server, tmp_path):
    run = a_home(tmp_path / "full")
    with server.showing(run), full(Home(run.home.root), "processing_log"):
        status, body, _ = ask(server, f"/county-lines/people/{OKAFOR}", "uma")
    assert status == 503
    assert "Okafor" not in body
    assert "INSERT" not in server.log.read_text(errors="replace")


def test_no_child_is_named_in_all_that_was_logged(server):
    children = [row for row in night_of(server.run.home, None).rows("reconcile", "child") if row["surname"]]
    log = server.log.read_text(errors="replace")
    assert len(children) > 5
    # "Okafor" was typed into an address by the test of that alone
    assert [row["surname"] for row in children if row["surname"] != "Okafor" and row["surname"] in log] == []
