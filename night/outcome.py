"""What of a night did not end well, as its page, its alert and its screen say it?

A stage that was killed, or never ran, left no sentence: that its seal is missing is what tells of it. The report is no
exception: it names what stands before it, and who comes after it names the report.
"""

from collections.abc import Iterable

from connectors.register import history
from connectors.store.paths import STAGES
from night.deliver import waiting
from night.export import unusable
from night.run import Run


def unsealed(run: Run, expected: Iterable[str] = STAGES) -> list[str]:
    """The stages of the night that have no seal: each failed, was killed, or could not begin."""
    return [name for name in expected if not run.folder.is_sealed(name)]


def failed_stages(run: Run) -> list[str]:
    """The stages that failed, and the first that has no seal; those after it could not begin for it."""
    named = {label.partition("[")[0] for label in history.failing(run.register, run.as_of.isoformat())}
    named |= {"export"} if unusable(run) else set()
    return [name for name in STAGES if name in {*named, *unsealed(run)[:1]}]


def failures(run: Run, expected: Iterable[str] = STAGES) -> list[str]:
    """A sentence for each stage that failed, the first one that did not end and left none, and each bad contract."""
    failing = history.failing(run.register, run.as_of.isoformat())
    sentences = [*failing.values(), *unmade(run)]
    missing = unsealed(run, expected)
    if missing and missing[0] not in {label.partition("[")[0] for label in failing}:
        sentences.append(
            f"Night {run.as_of}: {missing[0]} has no seal: it was stopped before its end, or did not run. Run the "
            f"night again from {missing[0]} on."
        )
    return sentences


def unmade(run: Run) -> list[str]:
    """Why nothing is made for a recipient, a sentence for each: it stops no night, and nobody else's file."""
    return [f"Nothing is made for {name}. {wrong}" for name, wrong in unusable(run).items()]


def not_reached(run: Run) -> list[str]:
    """Recipients for whom files of the night still wait; none where its files were not made."""
    return waiting(run) if run.folder.is_sealed("export") else []
