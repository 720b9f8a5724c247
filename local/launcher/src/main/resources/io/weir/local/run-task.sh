#!/bin/sh
# Runs one task for Data Flow. The first run of a jar leaves an archive of its classes as it ends; later ones start with it.
jar=
before=
for word; do
  if [ "$before" = -jar ]; then jar=$word; fi
  before=$word
done
archive=${jar%.jar}.jsa
making=
if [ -n "$jar" ] && [ -w "$(dirname "$jar")" ]; then
  if [ -f "$archive" ]; then
    set -- "-XX:SharedArchiveFile=$archive" -Xlog:cds=off -Xlog:cds+dynamic=off "$@"
  elif mkdir "$archive.lock" 2>/dev/null; then
    making=$archive.$$
    set -- "-XX:ArchiveClassesAtExit=$making" -Xlog:cds=off -Xlog:cds+dynamic=off "$@"
  fi
fi
child=
trap '[ -n "$child" ] && kill -TERM "$child" 2>/dev/null' TERM INT
setpriv --pdeathsig KILL '@JAVA@' "$@" &
child=$!
wait "$child"
code=$?
while kill -0 "$child" 2>/dev/null; do
  wait "$child"
  code=$?
done
if [ -n "$making" ]; then
  if [ "$code" = 0 ] && [ -f "$making" ]; then mv "$making" "$archive"; else rm -f "$making"; fi
  rmdir "$archive.lock"
fi
exit "$code"
