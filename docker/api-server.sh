#!/bin/sh
# Starts the API server with the users' passwords from a file. Airflow would make up a password for a user who
# has none, and print it into its log: here that is an error.
set -eu
umask 077
python - <<'PYTHON'
import json
import os
import sys

given = os.environ["CLVT_PASSWORDS_FILE"]
try:
    with open(given) as file:
        passwords = json.load(file)
except ValueError:
    sys.exit(f'{given} is not JSON: write {{"name": "password"}}.')
names = [user.split(":")[0].strip() for user in os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"].split(",")]
weak = sorted(name for name in names if len(passwords.get(name, "")) < 12)
if weak:
    sys.exit(f"{given} has no password of 12 characters or more for: {', '.join(weak)}.")
with open(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"], "w") as file:
    json.dump({name: passwords[name] for name in names}, file)
PYTHON
exec airflow api-server
