#!/bin/sh
# Runs once, in an empty volume: a database and a role of their own for Airflow and for the register.
set -eu
for name in airflow register; do
    case $name in airflow) password=$AIRFLOW_PASSWORD ;; register) password=$REGISTER_PASSWORD ;; esac
    PGPASSWORD=$POSTGRES_PASSWORD psql -v ON_ERROR_STOP=1 -v name="$name" -v password="$password" \
        --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
