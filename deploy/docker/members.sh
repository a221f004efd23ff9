#!/bin/sh
# Which parts of the workspace an image holds: members.sh SERVICE packages|folders
set -eu
case "$1" in
local) folders="./shared ./services/intake ./services/router ./services/notifier ./services/console ./deploy/local" ;;
*) folders="./shared ./services/$1" ;;
esac
case "$2" in
folders) echo "$folders" ;;
packages) for folder in $folders; do echo "fingerpost-${folder##*/}"; done ;;
esac
