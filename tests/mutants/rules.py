"""Which modules hold rules, which tests hold the rules, and which changes change nothing?"""

from itertools import islice
from pathlib import Path

import yaml

from tests.mutants.changes import Change, places

LISTED = Path(__file__).parent / "survivors.yml"
NOTICED = 0.95  # of the changes that change something

RECONCILE = ("tests/reconcile",)
EXPORT = (
    *("tests/export/test_release.py", "tests/export/test_population.py", "tests/export/test_endings.py"),
    *("tests/export/test_suspects.py", "tests/export/test_corrections.py", "tests/export/test_routed.py"),
    *("tests/export/test_brakes.py", "tests/export/test_forms.py", "tests/export/test_golden.py"),
)
REPORT = ("tests/report/test_answers.py", "tests/report/test_worklist.py")
RULES = {
    "expectations/actions.py": (
        *("tests/expectations/test_actions.py", "tests/normalise/test_decisions.py"),
        *("tests/expectations/test_inputs.py", *RECONCILE),
    ),
    "expectations/questions.py": ("tests/expectations/test_questions.py", *REPORT, *RECONCILE),
    "expectations/fields.py": (
        *("tests/expectations/test_fields.py", "tests/export/test_access.py", "tests/export/test_contracts.py"),
        *("tests/export/test_corrections.py", "tests/report/test_evidence.py", *RECONCILE),
    ),
    "transforms/reconcile/facts.py": ("tests/reconcile/test_survivorship.py", *RECONCILE),
    "transforms/reconcile/children.py": ("tests/reconcile/test_child.py", "tests/reconcile/test_marks.py", *RECONCILE),
    "transforms/reconcile/lifecycle.py": ("tests/reconcile/test_transitions.py", *RECONCILE),
    "transforms/reconcile/reviews.py": (
        *("tests/reconcile/test_answers.py", "tests/expectations/test_questions.py", *RECONCILE),
    ),
    "transforms/reconcile/changes.py": ("tests/reconcile/test_changes.py", *RECONCILE),
    "transforms/export/release.py": ("tests/export/test_release.py", *EXPORT),
    "transforms/export/population.py": ("tests/export/test_population.py", *EXPORT),
    "transforms/export/entitled.py": ("tests/export/test_entitled.py", *EXPORT),
    "transforms/export/endings.py": ("tests/export/test_endings.py", *EXPORT),
    "transforms/export/wrong.py": ("tests/export/test_endings.py", *EXPORT),
    "transforms/export/suspects.py": ("tests/export/test_suspects.py", *EXPORT),
}


def survivors() -> dict[str, str]:
    """Changes that no test can notice, each with the reason why: by their names."""
    listed = yaml.safe_load(LISTED.read_text(encoding="utf-8")) or []
    return {f"{one['in']}: {one['was']}  ->  {one['is']}": one["why"] for one in listed}


def sample(size: int) -> list[Change]:
    """So many changes of all modules, drawn by chance but always the same, without those that change nothing."""
    every = sorted((place for path in RULES for place in places(path)), key=lambda place: place.draw)
    made = (change for place in every if (change := place.change()) is not None)
    nothing = survivors()
    return list(islice((change for change in made if change.name not in nothing), size))
