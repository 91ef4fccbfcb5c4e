"""Who typed this command? The operating system says so: no argument, and no variable of the environment."""

import os
import pwd


def operator() -> str:
    """The login of the user whose process this is; its number where the machine knows no name for it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def acting(on_behalf_of: str | None) -> str:
    """Who is kept in the register: the operator, and for whom they acted where they named somebody."""
    return f"{on_behalf_of} (typed by {operator()})" if on_behalf_of else operator()
