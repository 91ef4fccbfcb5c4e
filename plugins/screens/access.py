"""Who may see a screen, and did they mean what they sent?

A plugin's app is open to anyone unless it asks. Every route here depends on Airflow's own log-in and on a permission:
`County Lines Review` for pages that name children (the sergeant), `County Lines Confirm` besides it to let through what
is held (the inspector), `County Lines Nights` for counts and times (the engineer), `County Lines Audit` for the
processing log, which has ids and no names (the auditor). Each of several forces has permissions of its own.
"""

from typing import Annotated, Literal

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.configuration import conf
from fastapi import Depends, Form, HTTPException, Request, status
from itsdangerous import BadSignature, URLSafeTimedSerializer

from connectors.store.forces import Force, force_named

REVIEW = "County Lines Review"
CONFIRM = "County Lines Confirm"
NIGHTS = "County Lines Nights"
AUDIT = "County Lines Audit"
FORM_HOURS = 8

# Airflow's simple auth manager grants every custom view to everyone who is logged in: under it the role decides.
# Children are for the user alone: whoever runs the machine (op) or gives others their roles (admin) need not see one.
# It has no role left for an inspector: who confirms what is held is another user where the site asks for another.
SIMPLE_ROLES = {REVIEW: ("USER",), CONFIRM: ("USER",), NIGHTS: ("VIEWER", "USER", "OP", "ADMIN"), AUDIT: ("ADMIN",)}
# The Flask AppBuilder auth manager gives this role every permission there is, ours too, each time Airflow starts.
ALL_PERMISSIONS = "Admin"
NAMING_CHILDREN = (REVIEW, CONFIRM)


def force_of(request: Request) -> Force:
    """The force whose pages were asked for, as the list of homes has it now; the only one has no name."""
    return force_named(request.app.state.force)


def may(force: Force, resource: str, user: BaseUser, method: Literal["GET", "POST"] = "GET") -> bool:
    """True where a user has a permission of ours; whoever gives others their roles has none to see children.

    The simple auth manager cannot tell one force's people from another's: under it nobody sees any of several.
    """
    manager = get_auth_manager()
    allowed = manager.is_authorized_custom_view(method=method, resource_name=force.permission(resource), user=user)
    if isinstance(manager, SimpleAuthManager) and force.name:
        return False
    if isinstance(manager, SimpleAuthManager):
        open_to_all = conf.getboolean("core", "simple_auth_manager_all_admins")
        return allowed and not open_to_all and str(getattr(user, "role", "")).upper() in SIMPLE_ROLES[resource]
    roles = {role.name for role in getattr(user, "roles", ())}
    return allowed and not (resource in NAMING_CHILDREN and ALL_PERMISSIONS in roles)


def _permitted(resource: str, user: BaseUser, request: Request) -> BaseUser:
    force = force_of(request)
    if not may(force, resource, user, "GET" if request.method == "GET" else "POST"):
        needed = force.permission(resource)
        raise HTTPException(status.HTTP_403_FORBIDDEN, f"You need the permission “{needed}” to see this page.")
    request.state.user = user
    return user


def _reviewer(request: Request, user: GetUserDep) -> BaseUser:
    return _permitted(REVIEW, user, request)


def _engineer(request: Request, user: GetUserDep) -> BaseUser:
    return _permitted(NIGHTS, user, request)


def _auditor(request: Request, user: GetUserDep) -> BaseUser:
    return _permitted(AUDIT, user, request)


Auditor = Annotated[BaseUser, Depends(_auditor)]
Reviewer = Annotated[BaseUser, Depends(_reviewer)]
Engineer = Annotated[BaseUser, Depends(_engineer)]


def form_token(user: BaseUser) -> str:
    """A token that a form must bring back: only a page served to this user can hold it."""
    return _serializer().dumps(str(user.get_id()))


def _sent_by(user: Reviewer, token: Annotated[str, Form()] = "") -> BaseUser:
    try:
        holder = _serializer().loads(token, max_age=FORM_HOURS * 3600)
    except BadSignature:
        holder = None
    if holder != str(user.get_id()):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "The form is too old or not yours: open the page again.")
    return user


Sender = Annotated[BaseUser, Depends(_sent_by)]


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(conf.get_mandatory_value("api", "secret_key"), salt="county-lines-form")
