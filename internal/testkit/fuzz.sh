#!/usr/bin/env bash
# Runs every fuzz target of the module for the given time, one after the other; fails on the first that finds something.
# What it found is kept beside the target, in testdata/fuzz: mend it and commit that file, so that it stays mended.
set -euo pipefail
cd "$(dirname "$0")/../.."
lasts=$1 count=0 began=$SECONDS
said=$(mktemp)
trap 'rm -f "$said"' EXIT

# Two workers, as CI has processors. What is interesting and not wrong is not made smaller for a minute each.
fuzz() {
  GOMAXPROCS=2 go test "$1" -timeout 5m -run '^$' -fuzz "^$2\$" -fuzztime "$lasts" -parallel 2 -fuzzminimizetime 1s 2>&1 | tee "$said"
}

# At times Go's fuzzer takes its own end for a failure: it names no input then, and goes again.
endedTooLate() { grep -q 'context deadline exceeded' "$said" && ! grep -q 'Failing input written' "$said"; }

while IFS=: read -r file _ declaration; do
  target=${declaration#func } target=${target%%(*}
  printf '==> %s %s\n' "$(dirname "$file")" "$target"
  fuzz "./$(dirname "$file")" "$target" || { endedTooLate && fuzz "./$(dirname "$file")" "$target"; } || exit 1
  count=$((count + 1))
done < <(git grep --untracked -nE '^func Fuzz[A-Za-z0-9_]*\(' -- '*_test.go' ':!deploy/check')

[ "$count" -gt 0 ] || { echo "there is no fuzz target" >&2; exit 1; }
printf '%d fuzz targets held for %s each, %d s in all\n' "$count" "$lasts" "$((SECONDS - began))"
