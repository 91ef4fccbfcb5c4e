"""Who did what with whose data? The processing log, by ids, for an auditor, who sees no child's name by it."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from connectors.register import answers
from connectors.register.database import OPERATIONS, entries
from screens.access import Auditor
from screens.desk import desk
from screens.pages import shown
from transforms.report.wording import label

router = APIRouter(prefix="/audit")

SHOWN = 500


@router.get("")
def audit(request: Request, user: Auditor, person: str = "", operation: str = "") -> HTMLResponse:
    """The last entries, the latest first; of one person id, of one operation."""
    register, wanted = desk(request).run.register, person.strip()
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
