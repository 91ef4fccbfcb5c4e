"""Who typed this command? The operating system says so: no argument, and no variable of the environment."""

import os
import pwd
from pathlib import Path

LOGIN = Path("/proc/self/loginuid")  # who logged in at this machine, whoever they became by sudo or su since
NOBODY_LOGGED_IN = 2**32 - 1


def operator() -> str:
    """The login of the user whose process this is, after that of who became this user where the machine knows it."""
    as_whom, login = os.getuid(), _logged_in()
    return _named(as_whom) if login in (as_whom, NOBODY_LOGGED_IN) else f"{_named(login)} as {_named(as_whom)}"


def _logged_in() -> int:
    try:
        return int(LOGIN.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return NOBODY_LOGGED_IN


def _named(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def acting(on_behalf_of: str | None) -> str:
    """Who is kept in the register: the operator, and for whom they acted where they named somebody."""
    return f"{on_behalf_of} (typed by {operator()})" if on_behalf_of else operator()
