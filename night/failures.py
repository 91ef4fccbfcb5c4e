"""What is said of a stage that failed?"""

import sys
from pathlib import Path
from traceback import extract_tb

OURS = ("clvt", "connectors", "demo", "expectations", "night", "transforms")


class NightFailed(Exception):
    """A stage failed; the message is a sentence for a person and holds no value of any record."""

    def __init__(self, sentence: str, *, worth_another_try: bool) -> None:
        super().__init__(sentence)
        self.worth_another_try = worth_another_try


def told(error: Exception) -> str:
    """The sentence of an error of ours; of any other only its kind and place, since its message may hold a value."""
    if type(error).__module__.split(".")[0] in OURS:
        return str(error)
    places = [frame for frame in extract_tb(error.__traceback__) if str(Path(frame.filename).parent) in _folders()]
    where = f" in {Path(places[-1].filename).name}, line {places[-1].lineno}" if places else ""
    return f"Unexpected {type(error).__name__}{where}: tell the engineer."


def _folders() -> set[str]:
    ours = (getattr(module, "__file__", None) for name, module in sys.modules.items() if name.split(".")[0] in OURS)
    return {str(Path(file).parent) for file in ours if file}
