#!/bin/sh
# Lets go of Airflow's logs, in a folder, once they are older than so many days: they name people by ids alone, and are
# read when a night has failed.
set -eu
while find "$1" -type f -mtime "+$2" -delete && find "$1" -mindepth 1 -type d -empty -mtime +1 -delete; do
  sleep 86400
done
