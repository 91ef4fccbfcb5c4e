"""A field, a feed, an action and a kind of question that the product does not have, and all that adding each takes."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
CODE = ("expectations", "transforms", "connectors", "night", "plugins", "demo", "clvt", "tests")


@dataclass(frozen=True)
class Edit:
    """Text that goes into a file before the first match of a pattern; a file that is not there is made of it."""

    file: str
    before: str
    text: str


FIELD = (
    Edit(
        "expectations/fields.py",
        r'    "school": Field',
        '    "language": Field("Language", "text", ("decided", "latest"), sent=Sent("language spoken", FACT)),\n',
    ),
    Edit("expectations/contracts/landed_subject.yml", r"\Z", "  language:\n"),
    Edit("expectations/contracts/mention.yml", r"  school:", "  language:\n"),
    Edit("expectations/contracts/child.yml", r"  school:", "  language:\n"),
)
FEED = (
    Edit(
        "expectations/feeds/exclusions.yml",
        r"\Z",
        """
label: School exclusion
origin: a school
prefix: exclusion
table: exclusion
question: Who was excluded from school?
key: exclusion_ref
day: excluded_on
columns:
  exclusion_ref: key
  given_names: person
  surname: person
  date_of_birth: person
  dob_status: person
  excluded_on: {read: day, required: true}
  term: {read: code, values: [AUTUMN, SPRING, SUMMER]}
  seen_at: {place: true, free_text: true}
rules:
  - {rule: term.given, filled: [term], severity: warning, sentence: An exclusion names its term.}
""",
    ),
)
ACTION = (
    Edit(
        "expectations/actions.py",
        r'    "RESTRICT": Action',
        '    "SET_LANGUAGE": Action("Language set", FACT, "It stands above every record.", ("value",)),\n',
    ),
    Edit(
        "transforms/reconcile/facts.py",
        r'    "SET_GENDER": \(',
        '    "SET_LANGUAGE": ("language",),\n',
    ),
)
QUESTION = (
    Edit(
        "expectations/questions.py",
        r'    "sca_action": Kind',
        '    "language": Kind(\n'
        '        "Language to find out",\n'
        '        (Choice("Speaks", "SET_LANGUAGE", asks="text"),),\n'
        '        {"NOT_KNOWN": "Nobody has said which language the child speaks."},\n'
        "    ),\n",
    ),
    Edit(
        "transforms/reconcile/reviews.py",
        r'    "unsupported": _unsupported,',
        '    "language": lambda known, child: None\n'
        '    if child.value("language")\n'
        '    else Question("language", child.mentions[0]["mention_key"], "", _why("language", "NOT_KNOWN"),\n'
        "    child.person_id),\n",
    ),
)
ADDITIONS = {"field": FIELD, "feed": FEED, "action": ACTION, "question": QUESTION}


def copy_with(folder: Path, *edits: Edit) -> Path:
    """The project's code in another folder, with these edits."""
    for name in CODE:
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for edit in edits:
        path = folder / edit.file
        text = path.read_text() if path.is_file() else ""
        place = re.search(edit.before, text)
        assert place, edit
        path.write_text(text[: place.start()] + edit.text + text[place.start() :])
    return folder
