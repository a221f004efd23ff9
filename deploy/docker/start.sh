#!/bin/sh
# Takes a service's own secrets (the address of its database holds a password) from a file that only it can read.
set -eu
if [ -r /run/fingerpost/environment ]; then
  set -a
  . /run/fingerpost/environment
  set +a
fi
exec "$@"
