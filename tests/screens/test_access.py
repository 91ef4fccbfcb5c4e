"""Nobody sees a screen who is not logged in, or a child who has no permission to review; and who looked is logged."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request

import pytest

from connectors.register import database as register

pytestmark = pytest.mark.airflow

REVIEW, NIGHTS, AUDIT = (f"County Lines {word}" for word in ("Review", "Nights", "Audit"))
MAY = {"vera": {NIGHTS}, "otto": {NIGHTS}, "ada": {NIGHTS, AUDIT}, "uma": {REVIEW, NIGHTS}}
FOR_EVERYBODY = {"/", "/static/{name}"}  # where to begin, and style sheets: nobody's data
PAPERS = ("/review/file/{name}", "/review/meeting_pack.pdf")  # of a whole night: looked at as a paper


@pytest.fixture(scope="module")
def names(server):
    """What nobody may see who may not see children: their names, and reports' words."""
    children = server.run.rows("reconcile", "child")
    found = {str(child[part]) for child in children for part in ("surname", "given_names") if child[part]}
    assert "Okafor" in found
    return found


@pytest.fixture(scope="module")
def cookies(server):
    return {user: {"Cookie": f"_token={server.token(user)}"} for user in MAY} | {"": {}}


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def ask(server, path, user=None, form=None, *, raw=False):
    """Status and body of one request, redirects not followed; the body as text, or `raw` as it came."""
    return got(server, path, {"Cookie": f"_token={server.token(user)}"} if user else {}, form, raw=raw)


def got(server, path, headers, form=None, *, raw=False):
    body = urllib.parse.urlencode(form).encode() if form is not None else None
    request = urllib.request.Request(server.address + path, body, headers)
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=60) as answer:
            status, body, headers = answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        status, body, headers = error.code, error.read(), error.headers
    return status, body if raw else body.decode(errors="replace"), headers


def test_the_plugin_is_loaded_without_an_error(server):
    token = server.token("ada")
    asked = urllib.request.Request(f"{server.address}/api/v2/plugins", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        plugins = {plugin["name"]: plugin for plugin in json.load(answer)["plugins"]}
    views = {view["destination"] for view in plugins["county_lines"]["external_views"]}
    assert views == {"nav", "dag_run"}


def test_every_route_asks_for_a_permission_and_every_change_for_the_forms_own_token(routes):
    assert len(routes) > 20
    assert {route.path for route in routes if not route.permission} == FOR_EVERYBODY
    assert [route.path for route in routes if route.method == "POST" and not route.has_token] == ["/people"]


def test_anonymous_gets_401_and_the_way_to_log_in_and_changes_nothing(server, routes, names):
    for route in (one for one in routes if one.permission):
        status, body, _ = got(server, route.address, {}, route.form)
        assert status == 401, route
        assert "/auth/login" in body, route
        assert not {name for name in names if name in body}, route


@pytest.mark.parametrize("user", MAY)
def test_each_role_gets_what_its_permission_is_for_and_403_else_and_only_the_sergeant_sees_a_name(
    server, routes, names, cookies, user
):
    for route in (one for one in routes if one.permission):
        if user == "uma" and route.method == "POST":
            continue
        status, body, _ = got(server, route.address, cookies[user], route.form)
        if route.permission in MAY[user]:
            assert status in (200, 307, 404 if route.path == "/run" else 200), route
        else:
            assert status == 403, route
            assert route.permission in body, route
        assert user == "uma" or not {name for name in names if name in body}, route


def test_whoever_stands_on_a_page_was_consulted_by_whoever_opened_it(server, routes, cookies):
    person = {
        row[of]: row["person_id"] for row in server.run.rows("reconcile", "child") for of in ("person_id", "tracker_id")
    }
    questions = [
        f"/county-lines/review/question?review_id={row['review_id']}" for row in server.run.rows("reconcile", "review")
    ]
    pages = [
        one.address for one in routes if one.method == "GET" and one.permission == REVIEW and one.path not in PAPERS
    ]
    missed = {}
    for page in (*pages, *questions):
        before = _last_entry(server)
        status, body, _ = got(server, page, cookies["uma"])
        if status != 200:
            continue
        seen = {person[one] for one in re.findall(r"P-[0-9A-Z]{10}|CLVT-\d+", body) if one in person}
        missed[page] = seen - _consulted_since(server, before)
    assert len(missed) > 10
    assert {page: people for page, people in missed.items() if people} == {}


def _last_entry(server):
    with server.run.register.connect() as connection:
        return max(row.seq for row in connection.execute(register.processing_log.select()))


def _consulted_since(server, seq):
    log = register.processing_log
    with server.run.register.connect() as connection:
        rows = connection.execute(log.select().where(log.c.seq > seq, log.c.operation == "CONSULTATION")).all()
    assert {row.actor for row in rows} <= {"uma"}
    return {row.person_id for row in rows}


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
