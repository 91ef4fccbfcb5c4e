#!/bin/sh
# Runs once, in an empty volume: a database and a role of their own for Airflow and for the register. The register's tables
# belong to a second role, `register_owner`: the one that the pipeline logs in as may read and add, and change nothing.
# Each role's password is the one in the address that it will be used with, a file of setup/secrets.
set -eu
password_in() { sed 's|^[^:]*://[^:]*:\([^@]*\)@.*|\1|' "$1"; }
for name in airflow register; do
    case $name in
        airflow) owner=airflow address=$AIRFLOW_FILE ;;
        register) owner=register_owner address=$REGISTER_OWNER_FILE ;;
    esac
    PGPASSWORD=$POSTGRES_PASSWORD psql -v ON_ERROR_STOP=1 -v name="$name" -v owner="$owner" \
        -v password="$(password_in "$address")" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE :"owner" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"owner";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
PGPASSWORD=$POSTGRES_PASSWORD psql -v ON_ERROR_STOP=1 -v password="$(password_in "$REGISTER_FILE")" \
    --username "$POSTGRES_USER" --dbname register <<'SQL'
CREATE ROLE register LOGIN PASSWORD :'password';
GRANT CONNECT ON DATABASE register TO register;
SQL
