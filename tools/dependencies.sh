#!/usr/bin/env bash
# What the program is made of, and whether it may be:
#
#   tools/dependencies.sh [--vulnerabilities]
#
# Writes bills of materials (CycloneDX, JSON) of the binary's Go modules and of the screens' npm packages to bin/sbom/,
# and fails on a licence that is not permissive or not known (tools/licences). With --vulnerabilities it also asks the Go
# vulnerability database and npm's registry, which need the internet; without, it says that they were not asked.
set -euo pipefail
cd "$(dirname "$0")/.."

CYCLONEDX_VERSION=v1.10.0
GOVULNCHECK_VERSION=v1.9.0
tool=bin/tools/cyclonedx-gomod-$CYCLONEDX_VERSION
mkdir -p bin/sbom bin/tools/build

# The version is part of the file name, so another version is another file.
if [ ! -x "$tool" ]; then
  GOFLAGS=-trimpath GOBIN="$PWD/bin/tools/build" go install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$CYCLONEDX_VERSION
  mv bin/tools/build/cyclonedx-gomod "$tool"
fi

"$tool" app -json -licenses -assert-licenses -noserial -main ./cmd/liuke -output bin/sbom/go.cdx.json .
bills=(bin/sbom/go.cdx.json)
if command -v npm >/dev/null; then
  # From the lock file alone: what is installed here is of no account.
  (cd web && npm sbom --package-lock-only --sbom-format cyclonedx) > bin/sbom/npm.cdx.json
  bills+=(bin/sbom/npm.cdx.json)
else
  echo "dependencies: LEFT OUT, there is no npm here: the screens' packages were not looked at" >&2
fi
go run ./tools/licences "${bills[@]}"

if [ "${1:-}" = --vulnerabilities ]; then
  go run golang.org/x/vuln/cmd/govulncheck@$GOVULNCHECK_VERSION ./...
  (cd web && npm audit --omit dev)
else
  echo "dependencies: known vulnerabilities were NOT ASKED FOR (--vulnerabilities does, over the internet)" >&2
fi
