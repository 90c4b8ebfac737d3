#!/usr/bin/env bash
# Prints the packages whose tests `make check` runs, one a line: those with a file that differs from main, and those of the
# same top folder that import them, all users of internal/testkit; and always core, the import law, and bootstrap/app, which
# holds every route's document and access to golden files. All of them if nothing differs, or main or the modules do.
set -euo pipefail

everything=(. ./core/... ./ports/... ./adapters/... ./bootstrap/...)
main=$(git rev-parse --verify --quiet origin/main || git rev-parse --verify --quiet main) || { printf '%s\n' "${everything[@]}"; exit; }
files=$(git diff --name-only "$(git merge-base HEAD "$main")"; git ls-files --others --exclude-standard)
case $'\n'$files$'\n' in
$'\n\n' | *$'\n'go.mod$'\n'* | *$'\n'go.sum$'\n'*) printf '%s\n' "${everything[@]}"; exit ;;
esac

# The package of a file is the nearest folder above it that has Go files: testdata, sql and pages belong to theirs.
changed=$(while read -r file; do
  folder=$(dirname "$file")
  until [ "$folder" = . ] || compgen -G "$folder/*.go" >/dev/null; do folder=$(dirname "$folder"); done
  echo "$folder"
done <<<"$files" | sort -u)

printf '%s\n' . ./core/... ./bootstrap/app
go list -f '{{.ImportPath}} {{join .Imports " "}} {{join .TestImports " "}} {{join .XTestImports " "}}' \
  ./ports/... ./adapters/... ./bootstrap/... ./internal/... |
  awk -v module="$(go list -m)/" -v changed="$changed" '
    function top(package) { sub(module, "", package); sub("/.*", "", package); return package }
    BEGIN { split(changed, folders, "\n"); for (i in folders) differs[module folders[i]] = 1 }
    {
      for (i = 1; i <= NF; i++)
        if ($i in differs && (top($i) == top($1) || top($i) == "internal")) { print $1; break }
    }'
