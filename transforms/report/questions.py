"""Which questions can be answered, in the worklist or on the screen?"""

from expectations.plain import Row
from expectations.questions import candidates, of_task
from transforms.report.contents import Contents
from transforms.report.evidence import date_of_birth
from transforms.report.wording import visible


def answerable(contents: Contents) -> list[Row]:
    """Open questions, then actions not done, both in the form of rows of `review`, the oldest first."""
    actions = [_of_action(row) for row in contents.tasks]
    return [
        *contents.open_questions,
        *sorted(actions, key=lambda row: (row["kind"] != "sca_action", row["asked_on"], row["review_id"])),
    ]


def _of_action(action: Row) -> Row:
    return {
        "review_id": action["action_id"],
        "kind": of_task(action["kind"]),
        "asked_on": action["raised_on"],
        "person_id": action["person_id"],
        "mention_key": action["mention_key"],
        "other_mention_key": None,
        "match_weight": None,
        "why": action["what"] or "",
        "weights": None,
        "rivals": None,
        "rival_weights": None,
        "settles": None,
        "due_on": action["due_on"],
        "owner": action["owner"],
    }


def unit_of(contents: Contents, question: Row) -> str:
    """Where the child lives: the neighbourhood area, else the authority; empty where neither is known."""
    child = contents.child.get(question["person_id"] or "", {})
    return str(child.get("policing_area") or contents.site.places.name(child.get("local_authority")))


def described(contents: Contents, mention_key: str | None) -> str:
    """One record in a line: name, birth, where, and its reference; empty without a key."""
    if not mention_key:
        return ""
    found = contents.mentions([mention_key])
    if not found:
        return mention_key
    row = found[0]
    parts = [named(row), date_of_birth(row), row["postcode"], row["policing_area"], row["record_ref"]]
    return visible(", ".join(part for part in parts if part))


def records(contents: Contents, review: Row) -> str:
    """The references of the records that a same-person question is about, as words."""
    keys = (review["mention_key"], *candidates(review))
    known = {row["mention_key"]: row["record_ref"] for row in contents.mentions(keys)}
    first, *others = (known.get(key, key) for key in keys)
    return f"{first} and {' or '.join(others)}"


def named(row: Row) -> str:
    """A name as Surname, Given names; empty where neither is known."""
    return visible(", ".join(part for part in (row.get("surname"), row.get("given_names")) if part))
