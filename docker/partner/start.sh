#!/bin/sh
# The host key stays with the drop, so that a pinned key goes on fitting; the one user may write in incoming alone.
set -eu
install -d -m 0700 /srv/drop/.keys
install -d -o partner -g partner -m 0700 /srv/drop/incoming /srv/drop/receipts
[ -f /srv/drop/.keys/host_ed25519 ] || ssh-keygen -q -t ed25519 -N '' -f /srv/drop/.keys/host_ed25519
install -m 0644 /run/secrets/stand_in_key /run/authorized_keys
echo "Pin this host key in the connection:"
cat /srv/drop/.keys/host_ed25519.pub
exec /usr/sbin/sshd -D -e
