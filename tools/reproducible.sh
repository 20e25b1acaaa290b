#!/usr/bin/env bash
# Builds the committed program twice, in two folders, and fails unless both binaries are the same to the byte:
#
#   tools/reproducible.sh [--quick]
#
# The second build has a cache of its own, so that nothing is taken over from the first (some minutes); --quick lets it
# use the same one, which tries only what the folder, the time and the linking could change. The screens are built once.
set -euo pipefail
cd "$(dirname "$0")/.."

export CGO_ENABLED=0 GOFLAGS='-trimpath -tags=nomsgpack -buildvcs=false'
version=$(git describe --tags --always --dirty 2>/dev/null || echo dev)
commit=$(git rev-parse --short=12 HEAD)
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT

build() { # folder, then more of the environment
  local folder=$1
  shift
  mkdir -p "$dir/$folder"
  git archive HEAD | tar -x -C "$dir/$folder"
  cp -R web/dist/. "$dir/$folder/web/dist/"
  (cd "$dir/$folder" && env "$@" go build -ldflags "-s -w -X main.version=$version -X main.commit=$commit" -o "$dir/$folder.bin" ./cmd/liuke)
}
build one TZ=UTC
if [ "${1:-}" = --quick ]; then
  build another/folder TZ=Asia/Shanghai
else
  build another/folder TZ=Asia/Shanghai GOCACHE="$dir/cache"
fi
sha256sum "$dir/one.bin" "$dir/another/folder.bin" | sed "s|$dir/||"
cmp "$dir/one.bin" "$dir/another/folder.bin"
echo "reproducible: both builds of $commit are the same"
