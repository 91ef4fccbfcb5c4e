"""Which force's data home do the screens show, and what does its last published night ask?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from fastapi import HTTPException, Request, status

from connectors.register import answers
from connectors.store.paths import Home
from connectors.store.sealed import SealBroken
from expectations.plain import Row
from night.as_sealed import expect_as_sealed
from night.erasing import erase_again
from night.report import asked_by, needing_people
from night.run import Run
from screens.access import force_of
from transforms.report.contents import Contents
from transforms.report.questions import answerable, described, named


@dataclass(frozen=True)
class Desk:
    """The last published night of a data home, with the questions that it asks."""

    run: Run

    @cached_property
    def contents(self) -> Contents:
        """What the night asks, of whom."""
        return asked_by(self.run)

    @cached_property
    def questions(self) -> dict[str, Row]:
        """Every question that can be answered, by review_id."""
        return {row["review_id"]: row for row in answerable(self.contents)}

    def question(self, review_id: str) -> Row:
        """One question; 404 where it does not stand."""
        if review_id not in self.questions:
            raise HTTPException(status.HTTP_404_NOT_FOUND, "This question does not stand: it was answered or settled.")
        return self.questions[review_id]

    def described(self, mention_key: str) -> str:
        """Whom a mention names, in a line: name and id, or the record."""
        child = self.contents.child.get(self.contents.person_of.get(mention_key, ""), {})
        if child:
            return f"{named(child) or 'Name not known'} {child['tracker_id'] or child['person_id']}"
        return described(self.contents, mention_key)

    def shown_to(self, user: BaseUser, page: str, people: Iterable[str | None]) -> None:
        """Log that a user was shown these people on a page (Data Protection Act 2018 s.62)."""
        looked_at = [(page, one) for one in people if one]
        if looked_at:
            answers.consulted(self.run.register, str(user.get_name()), looked_at, self.run.as_of)

    def people_on(self, page: str) -> set[str]:
        """The people of the night's lists whom a page names: by id, by number or by name."""
        return {
            child["person_id"]
            for child in self.contents.children
            if any(word and word in page for word in (child["person_id"], child["tracker_id"], named(child)))
        }


class WideDesk(Desk):
    """The same with what waits for a person and is no question: partners, acknowledgements, duties."""

    @cached_property
    def contents(self) -> Contents:
        """What the night asks, and what else of it waits for a person."""
        return needing_people(self.run)


def home_of(request: Request) -> Home:
    """The data home of the force, without whoever was erased from it before it was restored.

    503 with a sentence where the force is refused, as the home may be another's.
    """
    force = force_of(request)
    if force.refusal:
        raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, force.refusal)
    erase_again(force.home)
    return force.home


def run_of(request: Request, as_of: date) -> Run:
    """A night of the force's data home, on the register that is named for it; 503 where it is not as it was sealed."""
    run = Run(as_of, home_of(request))
    try:
        expect_as_sealed(run)
    except SealBroken as broken:
        raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, str(broken)) from None
    return run


def desk(request: Request, kind: type[Desk] = Desk) -> Desk:
    """The desk of the last published night; 404 where there is none yet."""
    published = home_of(request).published()
    if not published:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "No night has been published yet.")
    return kind(run_of(request, published[-1]))
