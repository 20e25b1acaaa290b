#!/usr/bin/env bash
# Installs what the tests start for themselves: MariaDB, Redis and a browser, from Debian's packages.
# Does nothing when they are there. Where it may not install it says so and ends well:
# the tests then leave out what needs them, and say so too.
set -euo pipefail

# Debian keeps servers in /usr/sbin, which is not on everybody's PATH.
PATH="$PATH:/usr/sbin:/sbin"

missing=()
command -v mariadbd >/dev/null || missing+=(mariadb-server)
command -v redis-server >/dev/null || missing+=(redis-server)
[ -x "${CHROMIUM:-/usr/bin/chromium-headless-shell}" ] || missing+=(chromium-headless-shell)
# Without Chinese letters the screens are boxes, and boxes have other widths.
compgen -G '/usr/share/fonts/opentype/noto/NotoSansCJK*' >/dev/null || missing+=(fonts-noto-cjk)
if [ "${#missing[@]}" -eq 0 ]; then
	echo "deps: mariadbd, redis-server, chromium and Chinese letters are there"
	exit 0
fi

if ! command -v apt-get >/dev/null; then
	echo "deps: no apt-get here; install by hand: ${missing[*]}" >&2
	exit 0
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
		echo "deps: not allowed to install; run as root: apt-get install ${missing[*]}" >&2
		exit 0
	fi
	as_root=(sudo -n)
fi

# Debian starts a server as it installs it, unless this file says no. One that is already there is left alone.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
	trap '"${as_root[@]}" rm -f "$policy"' EXIT
	printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
	"${as_root[@]}" chmod 755 "$policy"
fi

echo "deps: installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq </dev/null
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
	apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null
echo "deps: done"
