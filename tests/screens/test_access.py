"""Nobody sees a screen who is not logged in, and nobody a child who has no permission to review."""

import json
import urllib.error
import urllib.parse
import urllib.request

import pytest

pytestmark = pytest.mark.airflow

NAMING_CHILDREN = (
    "/county-lines/review",
    "/county-lines/review/question?review_id=Q-SAME00000001",
    "/county-lines/review/file/report.html",
    "/county-lines/review/file/worklist.xlsx",
    "/county-lines/review/meeting_pack.pdf",
    "/county-lines/today",
    "/county-lines/today/duties/VISIT",
    "/county-lines/network",
    "/county-lines/people",
    "/county-lines/meeting",
    "/county-lines/people/P-0000000001",
)
COUNTING = ("/county-lines/nights", "/county-lines/nights/2022-11-23")
AUDITING = ("/county-lines/audit", "/county-lines/audit?person=P-0000000001&operation=CONSULTATION")
CHANGING = (
    "/county-lines/review/answer",
    "/county-lines/review/undo",
    "/county-lines/review/worklist",
    "/county-lines/review/handle",
    "/county-lines/people",
)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def ask(server, path, user=None, form=None):
    """Status and body of one request, redirects not followed."""
    headers = {"Cookie": f"_token={server.token(user)}"} if user else {}
    body = urllib.parse.urlencode(form).encode() if form is not None else None
    request = urllib.request.Request(server.address + path, body, headers)
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=60) as answer:
            return answer.status, answer.read().decode(errors="replace"), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace"), error.headers


def test_the_plugin_is_loaded_without_an_error(server):
    token = server.token("ada")
    asked = urllib.request.Request(f"{server.address}/api/v2/plugins", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        plugins = {plugin["name"]: plugin for plugin in json.load(answer)["plugins"]}
    views = {view["destination"] for view in plugins["county_lines"]["external_views"]}
    assert views == {"nav", "dag_run"}


@pytest.mark.parametrize("path", NAMING_CHILDREN + COUNTING + AUDITING)
def test_anonymous_gets_401_and_the_way_to_log_in(server, path):
    status, body, _ = ask(server, path)
    assert status == 401
    assert "/auth/login" in body
    assert "Okafor" not in body


@pytest.mark.parametrize("path", CHANGING)
def test_anonymous_changes_nothing(server, path):
    assert ask(server, path, form={"review_id": "Q-SAME00000001", "decision_id": "A-1"})[0] == 401


@pytest.mark.parametrize("user", ["vera", "otto", "ada"])
@pytest.mark.parametrize("path", NAMING_CHILDREN)
def test_a_viewer_an_operator_and_an_admin_get_403_and_no_name(server, path, user):
    status, body, _ = ask(server, path, user)
    assert status == 403
    assert "County Lines Review" in body
    assert "Okafor" not in body


@pytest.mark.parametrize("path", CHANGING)
def test_who_may_only_look_at_airflow_changes_nothing(server, path):
    assert ask(server, path, "vera", {"review_id": "Q-SAME00000001", "decision_id": "A-1"})[0] == 403


@pytest.mark.parametrize("path", NAMING_CHILDREN)
def test_who_has_the_permission_sees_it(server, path):
    assert ask(server, path, "uma")[0] == 200


@pytest.mark.parametrize("path", AUDITING)
def test_the_log_is_for_the_auditor_alone_and_names_nobody(server, path):
    assert {ask(server, path, user)[0] for user in ("vera", "otto", "uma")} == {403}
    status, body, _ = ask(server, path, "ada")
    assert status == 200
    assert "Okafor" not in body


@pytest.mark.parametrize("path", COUNTING)
def test_the_nights_are_open_to_who_may_look_at_airflow_and_name_nobody(server, path):
    status, body, _ = ask(server, path, "vera")
    assert status == 200
    assert "Okafor" not in body
    assert "Whitlock" not in body


@pytest.mark.parametrize("token", ["", "made-up"])
def test_a_form_that_this_page_did_not_give_changes_nothing(server, token):
    form = {"review_id": "Q-SAME00000001", "choice": "Same person", "reason": "x", "token": token}
    status, body, _ = ask(server, "/county-lines/review/answer", "uma", form)
    assert status == 403
    assert "open the page again" in body


def test_pages_are_not_kept_by_a_browser_and_load_nothing(server):
    _, _, headers = ask(server, "/county-lines/review", "uma")
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["/county-lines/docs", "/county-lines/openapi.json", "/county-lines/review/file/../SEAL.json"]
)
def test_there_is_nothing_else(server, path):
    assert ask(server, path, "uma")[0] == 404


def test_a_question_that_does_not_stand_is_one_sentence(server):
    status, body, _ = ask(server, "/county-lines/review/question?review_id=Q-NONE", "uma")
    assert status == 404
    assert "does not stand" in body


def test_a_night_shows_its_stages_its_failure_and_its_quarantine(server):
    _, body, _ = ask(server, "/county-lines/nights/2022-11-23", "vera")
    assert "deliver[barnardos]" in body
    assert "The partner did not answer." in body
    assert "GRADE_UNREADABLE" in body
