#!/usr/bin/env bash
# Holds the OpenAPI document that a program prints against every version of it that was committed, and fails if one
# of those breaks a client. The committed versions are those of the golden file, which a test keeps equal to what the
# service serves: whoever updates that file can't hide a break, since its history is what is compared.
# Usage: api-breaking.sh OASDIFF SERVICE
set -euo pipefail
cd "$(dirname "$0")/../.."
oasdiff=$1 service=$2
golden=bootstrap/app/testdata/openapi.golden.yaml
formerly=adapters/httpapi/testdata/openapi.golden.yaml # where it stood at first
accepted=bootstrap/app/testdata/openapi.accepted_breaks.txt
most=50

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
"$service" openapi >"$tree/now.json"

compare() { # NAME FILE
  if ! "$oasdiff" breaking "$2" "$tree/now.json" --fail-on ERR --format singleline --color never \
    --severity-levels internal/testkit/api-breaking.levels --err-ignore "$accepted" >"$tree/said" 2>&1; then
    printf 'this breaks clients of %s:\n' "$1"
    grep -E '^(error|Error)' "$tree/said" | sed "s|^error at $tree/now.json, |  |" || cat "$tree/said"
    printf 'Take it back, or, if it is meant, put its line into %s.\n' "$accepted"
    return 1
  fi
}

versions=$(git rev-list --max-count=$most HEAD -- "$golden" "$formerly" 2>/dev/null || true)
if [ -z "$versions" ]; then
  echo "there is no history here: compared with the golden file alone"
  compare "$golden" "$golden"
  exit
fi
if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
  echo "this clone is shallow: earlier versions than it holds are not compared"
fi
count=0 failed=0
for commit in $versions; do
  git show "$commit:$golden" >"$tree/then.yaml" 2>/dev/null || git show "$commit:$formerly" >"$tree/then.yaml" 2>/dev/null ||
    continue # the commit that took it away, once
  compare "the document of $(git log -1 --format='%h (%ad)' --date=short "$commit")" "$tree/then.yaml" || { failed=1; break; }
  count=$((count + 1))
done
[ "$failed" = 0 ] || exit 1
echo "the document breaks no client of its $count committed versions"
