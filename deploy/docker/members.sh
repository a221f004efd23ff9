#!/bin/sh
# Which folders of the workspace an image holds: members.sh SERVICE
set -eu
case "$1" in
local) echo ./shared ./services/intake ./services/router ./services/notifier ./services/console ./deploy/local ;;
*) echo ./shared "./services/$1" ;;
esac
