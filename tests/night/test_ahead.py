"""What the scheduler imports ahead, its copies work with."""

import json
import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SCHEDULER = """
import json, os, sys, threading
import ahead
said = {"stages": "night.deliver" in sys.modules, "expectations": "great_expectations" in sys.modules}
said["threads"] = threading.active_count()
if "CLVT_IMPORT_AHEAD" in os.environ:
    task = os.fork()
    if not task:
        from tests.validate import test_gate
        test_gate.test_a_sound_night_breaks_no_rule()
        os._exit(7)
    said["task"] = os.waitstatus_to_exitcode(os.waitpid(task, 0)[1])
print(json.dumps(said))
"""


def scheduler(folder: Path, **environment: str) -> dict[str, object]:
    """What a process that loads the plugin has imported, and how a copy of it ended that asked the rules of a night."""
    script = folder / "scheduler.py"
    script.write_text(SCHEDULER)
    given = {**os.environ, "PYTHONPATH": f"{PROJECT}:{PROJECT / 'plugins'}", **environment}
    done = subprocess.run([sys.executable, script], env=given, capture_output=True, text=True, check=True, timeout=300)
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_process_that_is_told_to_imports_what_tasks_need_and_its_copies_work_with_it(tmp_path: Path) -> None:
    said = scheduler(tmp_path, CLVT_IMPORT_AHEAD="1")
    assert said == {"stages": True, "expectations": True, "threads": 1, "task": 7}


def test_any_other_process_imports_nothing_ahead(tmp_path: Path) -> None:
    assert scheduler(tmp_path) == {"stages": False, "expectations": False, "threads": 1}
