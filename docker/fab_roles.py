"""Which roles may do what on the screens, under Airflow's FAB auth manager?

Makes the four roles with their permissions: run it once after `airflow db migrate`, and again after an upgrade. People
get one of them beside `Viewer`, which Airflow's own pages ask for; see docs/operations.md.
"""

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from screens.access import AUDIT, CONFIRM, NIGHTS, REVIEW

READ, WRITE = "can_read", "can_create"
ROLES = {
    "County Lines sergeant": [(READ, REVIEW), (WRITE, REVIEW), (READ, NIGHTS)],
    "County Lines inspector": [(READ, REVIEW), (WRITE, REVIEW), (READ, CONFIRM), (WRITE, CONFIRM), (READ, NIGHTS)],
    "County Lines engineer": [(READ, NIGHTS)],
    "County Lines auditor": [(READ, AUDIT)],
}

if __name__ == "__main__":
    with get_application_builder() as builder:
        builder.sm.bulk_sync_roles([{"role": role, "perms": allowed} for role, allowed in ROLES.items()])
