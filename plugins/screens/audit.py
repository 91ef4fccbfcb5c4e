"""Who did what with whose data? The processing log, by ids, for an auditor, who sees no child's name by it."""

import re

from fastapi import APIRouter, HTTPException, Request, status
from fastapi.responses import HTMLResponse

from connectors.register import answers
from connectors.register.database import OPERATIONS, entries
from screens.access import Auditor
from screens.desk import desk
from screens.pages import shown
from transforms.report.wording import label

router = APIRouter(prefix="/audit")

SHOWN = 500
PERSON_ID = re.compile(r"P-[0-9A-Z]{10}")
NO_ID = "This is no person id. A name is looked for on the page People: here it would stand in the server's log."


@router.get("")
def audit(request: Request, user: Auditor, person: str = "", operation: str = "") -> HTMLResponse:
    """The last entries, the latest first; of one person id, of one operation."""
    register, wanted = desk(request).run.register, person.strip()
    if wanted and not PERSON_ID.fullmatch(wanted):
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, NO_ID)
    found = entries(register, [wanted] if wanted else None, operation if operation in OPERATIONS else "")
    if wanted:
        answers.consulted(register, str(user.get_name()), [("audit", wanted)])
    return shown(
        request,
        "audit.html",
        rows=found[: -SHOWN - 1 : -1],
        total=len(found),
        person=wanted,
        operation=operation,
        operations=[(name, label(name)) for name in OPERATIONS],
    )
