"""Which roles may do what on the screens, under Airflow's FAB auth manager?

Makes the four roles with their permissions, of several forces four each: run it once after `airflow db migrate`, and
again after an upgrade or a change of the list of homes. People of the only force get one of them beside `Viewer`, which
Airflow's own pages ask for; those of one force among several get no `Viewer`, as it shows every force's runs and logs.
"""

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.providers.fab.www.security import permissions as fab
from screens.access import AUDIT, CONFIRM, NIGHTS, REVIEW

from connectors.store.forces import Force, forces

READ, WRITE, EDIT = fab.ACTION_CAN_READ, fab.ACTION_CAN_CREATE, fab.ACTION_CAN_EDIT
ROLES = {
    "County Lines sergeant": [(READ, REVIEW), (WRITE, REVIEW), (READ, NIGHTS)],
    "County Lines inspector": [(READ, REVIEW), (WRITE, REVIEW), (READ, CONFIRM), (WRITE, CONFIRM), (READ, NIGHTS)],
    "County Lines engineer": [(READ, NIGHTS)],
    "County Lines auditor": [(READ, AUDIT)],
}
# Airflow's own pages, as far as they are of a DAG that the role may read; and those of nobody.
OF_A_DAG = (
    *(fab.RESOURCE_DAG_RUN, fab.RESOURCE_DAG_VERSION, fab.RESOURCE_TASK_INSTANCE, fab.RESOURCE_TASK_LOG),
    *(fab.RESOURCE_WEBSITE, fab.RESOURCE_MY_PROFILE, fab.RESOURCE_MY_PASSWORD),
)
MENU = [(fab.ACTION_CAN_ACCESS_MENU, fab.RESOURCE_DAG)]
# Who runs the nights starts and clears those of a DAG that the role may edit.
CLEARS = [(WRITE, fab.RESOURCE_DAG_RUN), (EDIT, fab.RESOURCE_DAG_RUN), (EDIT, fab.RESOURCE_TASK_INSTANCE)]
RUNS_THE_NIGHTS = "County Lines engineer"


def roles_of(force: Force) -> dict[str, list[tuple[str, str]]]:
    """The roles of a force's people, each with its permissions."""
    found = {
        force.permission(role): [(action, force.permission(resource)) for action, resource in allowed]
        for role, allowed in ROLES.items()
    }
    if force.name:
        dag = fab.resource_name(force.dag_id, fab.RESOURCE_DAG)
        for allowed in found.values():
            allowed += [(READ, name) for name in (*OF_A_DAG, dag)] + MENU
        found[force.permission(RUNS_THE_NIGHTS)] += [*CLEARS, (EDIT, dag)]
    return found


if __name__ == "__main__":
    with get_application_builder() as builder:
        for one in forces():
            builder.sm.bulk_sync_roles([{"role": role, "perms": allowed} for role, allowed in roles_of(one).items()])
