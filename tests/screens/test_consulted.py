"""Whoever is shown people on a screen leaves a row of the log for each of them, whichever page or file it is.

The addresses come from the screens' own routes: one that is not tried here fails.
"""

import ast
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.register.database import processing_log
from tests.custody.searching import texts
from tests.report.a_night import OKAFOR, PRESUMED, PROPOSED, SCRIPTED
from tests.screens.test_access import ask
from tests.screens.test_nothing_in_the_log import QUESTION, token_of

pytestmark = pytest.mark.airflow

SCREENS = Path(__file__).parents[2] / "plugins" / "screens"
SHOWING = {  # each route that may show somebody, and what is asked of it
    "GET /today": ["/today"],
    "GET /today/duties/{clock}": ["/today/duties/VISIT", "/today/duties/TURNS_18"],
    "GET /review": ["/review", "/review?kind=pairs"],
    "GET /review/question": [f"/review/question?review_id={QUESTION}"],
    "GET /review/file/{name}": [f"/review/file/{one}" for one in ("report.html", "meeting_pack.html", "worklist.xlsx")],
    "GET /review/meeting_pack.pdf": ["/review/meeting_pack.pdf"],
    "GET /meeting": ["/meeting"],
    "GET /people": ["/people"],
    "GET /people/{person_id}": [f"/people/{SCRIPTED}"],
    "GET /people/{person_id}/decide/{action}": [f"/people/{PRESUMED}/decide/RESTRICT"],
    "GET /network": ["/network"],
    "GET /audit": [f"/audit?person={OKAFOR}"],
}
ANSWERING = {  # forms, with what is typed: none of them is recorded
    "POST /review/answer": {"review_id": QUESTION, "choice": "", "reason": ""},
    "POST /review/handle": {"review_id": QUESTION, "kind": "HANDED", "holder": ""},
    "POST /review/undo": {"decision_id": "A-000000000000"},
    "POST /review/worklist": {"file": "no file"},
    "POST /meeting": {"meeting_ref": "", "held_on": "23/11/2022"},
    "POST /people": {"find": "31/2022/000800"},
    "POST /people/{person_id}/decide/{action}": {"reason": ""},
}
NAMING_NOBODY = ("GET /static/{name}", "GET /nights", "GET /nights/{as_of}", "GET /run")


def routes() -> set[str]:
    """Every route that the screens' modules declare."""
    found = set()
    for path in SCREENS.glob("*.py"):
        text = path.read_text()
        prefix = re.search(r'APIRouter\(prefix="([^"]+)"', text)
        for function in ast.walk(ast.parse(text)):
            for one in getattr(function, "decorator_list", ()):
                if isinstance(one, ast.Call) and ast.unparse(one.func).startswith("router."):
                    method = ast.unparse(one.func).partition(".")[2].upper()
                    found.add(f"{method} {prefix[1] if prefix else ''}{one.args[0].value}")
    return found


def test_each_route_of_the_screens_is_tried() -> None:
    assert routes() == {*SHOWING, *ANSWERING, *NAMING_NOBODY}


class Watched:
    """A server, whom its night knows by which words, and who was looked at since the last look at the log."""

    def __init__(self, server) -> None:
        self.server, self.run = server, server.run
        self.seen = self._count()
        self.words = {}
        for row in self.run.rows("reconcile", "child"):
            named = " ".join(filter(None, (row["given_names"], row["surname"])))
            self.words[row["person_id"]] = {row["person_id"], row["tracker_id"], named if " " in named else None} - {
                None
            }

    def _count(self) -> int:
        with self.run.register.connect() as connection:
            return connection.scalar(sa.select(sa.func.coalesce(sa.func.max(processing_log.c.seq), 0)))

    def looked_at(self, user: str) -> set[str]:
        """Of whom the log says since the last time that a user looked at them."""
        rows = sa.select(processing_log.c.person_id).where(
            processing_log.c.seq > self.seen,
            processing_log.c.operation == "CONSULTATION",
            processing_log.c.actor == user,
        )
        with self.run.register.connect() as connection:
            found = set(connection.execute(rows).scalars())
        self.seen = self._count()
        return found - {""}

    def shown_in(self, body: bytes) -> set[str]:
        """The people whom a page or file names, by id, number or whole name."""
        text = " ".join(" ".join(texts("", body)).split())
        return {person for person, words in self.words.items() if any(word in text for word in words)}


@pytest.fixture
def watched(server) -> Watched:
    return Watched(server)


@pytest.mark.parametrize("path", [path for paths in SHOWING.values() for path in paths])
def test_a_page_or_a_file_logs_whom_it_shows(watched: Watched, path: str) -> None:
    user = "ada" if path.startswith("/audit") else "uma"
    status, body, _ = ask(watched.server, f"/county-lines{path}", user, raw=True)
    assert status == 200
    assert watched.shown_in(body) - watched.looked_at(user) == set()


@pytest.mark.parametrize("route", ANSWERING)
def test_a_page_that_answers_a_form_logs_whom_it_shows(watched: Watched, route: str) -> None:
    path = route.split(" ")[1].format(person_id=PROPOSED, action="RESTRICT")
    form = ANSWERING[route] | {"token": token_of(watched.server)}
    watched.looked_at("uma")
    _, body, _ = ask(watched.server, f"/county-lines{path}", "uma", form, raw=True)
    assert watched.shown_in(body) - watched.looked_at("uma") == set()


def test_a_report_names_many_and_each_of_them_is_in_the_log(watched: Watched) -> None:
    _, body, _ = ask(watched.server, "/county-lines/review/file/report.html", "uma", raw=True)
    assert len(watched.shown_in(body)) > 5
    assert OKAFOR in watched.looked_at("uma")
