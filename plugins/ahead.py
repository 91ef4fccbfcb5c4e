"""What does Airflow import once for all tasks of a night?

Where tasks run in copies of one process, as LocalExecutor's do of the scheduler, they have what it had imported, and
most of what a task costs is the import of what its stage needs. CLVT_IMPORT_AHEAD is set for that process alone, and
for that of `clvt nightly`, which runs all tasks itself; a task of any other imports for itself. No import opens a file
or a connection or starts a thread of Python's, so that copies share nothing but code.
"""

import gc
import os

if os.environ.get("CLVT_IMPORT_AHEAD"):
    from connectors.store.paths import STAGES
    from night.night import import_ahead

    import_ahead(STAGES)
    gc.freeze()  # all of it stays, and is never looked through for garbage
