#!/bin/sh
# nats-server.sh STORE PROGRAM [ARGUMENT...]: runs the NATS server whose streams are in STORE, here and in containers.
set -eu
store=$1
shift

# a server that is started on a full disk deletes streams
until [ "$(df -Pk "$store" | awk 'END {print $4}')" -ge 65536 ]; do
  echo "less than 64 MB are free where $store is: the NATS server waits for room"
  sleep 5
done

# a block that was begun on a full disk, empty and without a key, would make the server give up its whole stream
find "$store" -name '*.blk' -size 0 | while IFS= read -r block; do
  [ -e "${block%.blk}.key" ] || rm "$block"
done

# the server quotes what a client sent and it could not read, which may be a name or an address: that is not logged
rm -f "$store/log.pipe"
mkfifo -m 600 "$store/log.pipe"
while IFS= read -r line; do
  case $line in
    *"parser ERROR"*) line="${line%%parser ERROR*}parser ERROR: the client sent what is not of the protocol" ;;
    *"Parse Error"*) line="${line%%Parse Error*}Parse Error: the client sent what is not of the protocol" ;;
    *"authentication error"*) line="${line%%authentication error*}authentication error" ;;
    *Violation*Subject*) line="${line%%Subject*}Subject not shown" ;;
  esac
  printf '%s\n' "$line"
done <"$store/log.pipe" &
exec "$@" >"$store/log.pipe" 2>&1
