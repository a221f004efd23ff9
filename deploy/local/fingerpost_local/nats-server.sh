#!/bin/sh
# nats-server.sh STORE PROGRAM [ARGUMENT...]: runs the NATS server whose streams are in STORE, here and in containers.
set -eu
store=$1
shift

# a server that is started on a full disk deletes streams
free() { df -Pk "$store" | awk 'END { for (i = 2; i <= NF; i++) if ($i ~ /^[0-9]+%$/) print $(i - 1) }'; }
trap 'exit 143' TERM INT
until [ "$(free)" -ge 65536 ]; do
  echo "less than 64 MB are free where $store is: the NATS server waits for room"
  sleep 5 &
  wait $!
done

# a block that was begun on a full disk, empty and without a key, would make the server give up its whole stream
find "$store" -name '*.blk' -size 0 | while IFS= read -r block; do
  [ -e "${block%.blk}.key" ] || rm "$block"
done

# Of a line about a connection, what follows its number may be a client's own words: its name, or what it sent and the server could not
# read, which may be a person's name or address. So only what the server says is kept of it. What the disk does not take is lost.
rm -f "$store/log.pipe"
mkfifo -m 600 "$store/log.pipe"
while IFS= read -r line; do
  case $line in
    *" - cid:"[0-9]*)
      number=${line#*" - cid:"}
      said=
      for known in "parser ERROR" "Parse Error" "Header Size" "authentication error" "Authentication Timeout" "Authorization Violation" \
        "Publish Violation" "Subscription Violation" "Payload Violation" "Maximum Connections" "Slow Consumer" "Stale Client" "Protocol Error"; do
        case $line in *"$known"*) said=$known ;; esac
      done
      line="${line%%" - cid:"*} - cid:${number%%[!0-9]*} - ${said:-not shown}"
      ;;
  esac
  printf '%s\n' "$line" 2>/dev/null || :
done <"$store/log.pipe" &
exec "$@" >"$store/log.pipe" 2>&1
