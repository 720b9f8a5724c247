#!/bin/sh
# Runs one app for Skipper, and starts it again when it dies. Skipper sees this process: an app that crashes is
# back within seconds, and the stream stays deployed. If this process is killed, the app goes with it.
name=$(basename "$PWD")
state="@RUN@/${name%-v[0-9]*}.app"
child=
stopping=
trap 'stopping=yes; [ -n "$child" ] && kill -TERM "$child" 2>/dev/null' TERM INT
restarts=0
delay=0
while [ -z "$stopping" ]; do
  begin=$(date +%s)
  setpriv --pdeathsig KILL '@JAVA@' "$@" &
  child=$!
  echo "$child $restarts $$" > "$state.$$" && mv "$state.$$" "$state"
  wait "$child"
  code=$?
  while [ -n "$stopping" ] && kill -0 "$child" 2>/dev/null; do
    wait "$child"
    code=$?
  done
  if [ -n "$stopping" ]; then
    # A successor may have noted itself in the same place by now.
    read -r _ _ runner < "$state" && [ "$runner" = "$$" ] && rm -f "$state"
    exit "$code"
  fi
  if [ $(($(date +%s) - begin)) -gt 60 ]; then delay=0; fi
  restarts=$((restarts + 1))
  echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) the app ended with code $code and is started again (restart $restarts)"
  sleep "$delay" &
  wait $! # unlike a sleep, a wait ends with the signal
  delay=$((delay * 2 + 1))
  if [ "$delay" -gt 15 ]; then delay=15; fi
done
