#!/bin/sh
# Makes sure that the programs Kyodo is built with are there, and installs
# those that are missing with the system's package manager:
#
#   scripts/require.sh go         Go, as new as go.work asks for (never installed by this script)
#   scripts/require.sh cc         a C compiler, which the race detector of `go test -race` needs
#   scripts/require.sh chromium   Chromium, in which the portal's stories are played
#   scripts/require.sh postgres   the programs of PostgreSQL 15 or later; no server of the system's is set up or started
#
# KYODO_PG_BIN names a folder with the programs of PostgreSQL, KYODO_CHROMIUM the
# program of a browser. What is there
# already is left alone, and then nothing is printed and no network is used.
set -eu

oldest_postgres=15

say() { printf '%s\n' "$*" >&2; }

fail() {
	say "kyodo: $*"
	exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# The package manager of this system; empty when it is none we know.
manager() {
	for m in apt-get dnf apk pacman zypper brew; do
		if have "$m"; then
			echo "$m"
			return
		fi
	done
}

# Runs a command as root, by sudo where this is another user. sudo may ask for a
# password on a terminal only.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@" </dev/null
		return
	fi
	say "kyodo: sudo $*"
	if [ -t 0 ]; then
		sudo "$@"
	else
		sudo -n "$@" </dev/null
	fi
}

# may_install PACKAGE… refuses early where nobody may install packages.
may_install() {
	[ "$(manager)" = brew ] && return
	[ "$(id -u)" -eq 0 ] && return
	have sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; } && return
	fail "$(id -un) may not install packages (not root, no sudo). Have these installed, then try again: $*"
}

# install_packages PACKAGE… installs with the system's package manager.
install_packages() {
	may_install "$@"
	say "kyodo: installing with $(manager): $*"
	case "$(manager)" in
	apt-get) as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@" ;;
	dnf) as_root dnf install --assumeyes "$@" ;;
	apk) as_root apk add "$@" ;;
	pacman) as_root pacman -Sy --needed --noconfirm "$@" ;;
	zypper) as_root zypper --non-interactive install "$@" ;;
	brew) brew install "$@" </dev/null ;;
	esac
}

# update_lists PACKAGE… prepares the installation of packages: a machine that
# was never used has no list of them yet.
update_lists() {
	if [ "$(manager)" = apt-get ]; then
		may_install "$@"
		as_root apt-get update --quiet || say "kyodo: apt-get update failed; trying with the lists that are there"
	fi
}

require_go() {
	have go || fail "Go is missing. Install Go 1.26 or later from your system's packages or https://go.dev/dl/ and put its bin folder into PATH."
	# With a Go of 1.21 or later this fetches the version that go.work asks for.
	version=$(go env GOVERSION 2>&1) || fail "Go does not start here: $version"
	minor=$(echo "$version" | sed -n 's/^go1\.\([0-9][0-9]*\).*/\1/p')
	case "$version" in
	devel*) return ;;
	esac
	[ "${minor:-0}" -ge 26 ] || fail "found $version ($(command -v go)), needed is Go 1.26 or later: https://go.dev/dl/"
}

# A compiler without the C library's headers does not help.
cc_works() {
	compiler=$(go env CC) && printf '#include <stdlib.h>\n' | $compiler -E - >/dev/null 2>&1
}

require_cc() {
	cc_works && return
	say "kyodo: there is no C compiler, which the race detector of 'go test -race' needs"
	case "$(manager)" in
	brew | "")
		if [ "$(uname -s)" = Darwin ]; then
			fail "install Apple's command line tools:  xcode-select --install"
		fi
		;;
	esac
	update_lists 'a C compiler'
	case "$(manager)" in
	apt-get) install_packages gcc libc6-dev ;;
	dnf | zypper) install_packages gcc glibc-devel ;;
	apk) install_packages gcc musl-dev ;;
	pacman | brew) install_packages gcc ;;
	*) fail "install a C compiler with the C library's headers, or set CC" ;;
	esac
	cc_works || fail "'$(go env CC)' still does not work. Install a C compiler with the C library's headers, or set CC."
}

# postgres_fits FOLDER tells whether postgres and initdb of a fitting version
# stand in the folder.
postgres_fits() {
	[ -x "$1/postgres" ] && [ -x "$1/initdb" ] || return 1
	major=$("$1/postgres" --version 2>/dev/null | sed -n 's/.*(PostgreSQL) \([0-9][0-9]*\).*/\1/p')
	[ "${major:-0}" -ge "$oldest_postgres" ]
}

# These are the places where the program kyodo looks, too.
postgres_found() {
	if have postgres && postgres_fits "$(dirname "$(readlink -f "$(command -v postgres)")")"; then
		return 0
	fi
	for folder in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin \
		/usr/local/opt/postgresql@*/bin /home/linuxbrew/.linuxbrew/opt/postgresql@*/bin; do
		if postgres_fits "$folder"; then
			return 0
		fi
	done
	return 1
}

# Debian's packages make a cluster of their own and start it, unless a setting
# says otherwise. It is taken back after the installation.
install_postgres_debian() {
	update_lists postgresql
	newest=$(apt-cache --names-only search '^postgresql-[0-9]+$' | sed -n 's/^postgresql-\([0-9]*\) .*/\1/p' | sort -n | tail -n 1)
	if [ "${newest:-0}" -lt "$oldest_postgres" ]; then
		fail "this system's packages have no PostgreSQL $oldest_postgres (newest: ${newest:-none}). Install one from postgresql.org's packages, or set KYODO_PG_BIN or KYODO_DATABASE_URL."
	fi
	setting=/etc/postgresql-common/createcluster.d/kyodo.conf
	as_root mkdir -p "$(dirname "$setting")"
	as_root sh -c "echo 'create_main_cluster = false' >$setting"
	if ! install_packages "postgresql-$newest"; then
		as_root rm -f "$setting"
		fail "apt-get could not install postgresql-$newest"
	fi
	as_root rm -f "$setting"
}

require_postgres() {
	if [ -n "${KYODO_PG_BIN:-}" ]; then
		postgres_fits "$KYODO_PG_BIN" || fail "KYODO_PG_BIN=$KYODO_PG_BIN has no postgres and initdb of version $oldest_postgres or later"
		return
	fi
	postgres_found && return
	say "kyodo: there is no PostgreSQL $oldest_postgres or later (its programs are needed, not a running server)"
	case "$(manager)" in
	apt-get) install_postgres_debian ;;
	dnf)
		# Red Hat Enterprise Linux 9 offers an older one unless asked; Fedora knows no modules and needs none.
		as_root dnf --assumeyes module enable postgresql:16 >/dev/null || true
		install_packages postgresql-server
		;;
	apk | pacman) install_packages postgresql ;;
	zypper) install_packages postgresql-server ;;
	brew) install_packages postgresql@17 ;;
	*) fail "install PostgreSQL $oldest_postgres or later, or set KYODO_PG_BIN to the folder of its programs or KYODO_DATABASE_URL to a server" ;;
	esac
	postgres_found || fail "still no PostgreSQL $oldest_postgres or later. Set KYODO_PG_BIN to the folder of its programs, or KYODO_DATABASE_URL to a server."
	say "kyodo: PostgreSQL is installed"
}

# The tests look for the same names.
chromium_found() {
	have chromium || have chromium-browser || have google-chrome || [ -x /Applications/Chromium.app/Contents/MacOS/Chromium ]
}

require_chromium() {
	if [ -n "${KYODO_CHROMIUM:-}" ]; then
		[ -x "$KYODO_CHROMIUM" ] || fail "KYODO_CHROMIUM=$KYODO_CHROMIUM is no program"
		return
	fi
	chromium_found && return
	say "kyodo: there is no Chromium, in which the portal's stories are played"
	case "$(manager)" in
	apt-get)
		update_lists chromium
		install_packages chromium
		;;
	dnf | apk | pacman | zypper) install_packages chromium ;;
	brew) brew install --cask chromium </dev/null ;;
	*) fail "install Chromium, or set KYODO_CHROMIUM to its program" ;;
	esac
	chromium_found || fail "still no Chromium. Set KYODO_CHROMIUM to its program."
	say "kyodo: Chromium is installed"
}

[ $# -gt 0 ] || fail "say what is required: go, cc, postgres, chromium"
for what in "$@"; do
	case "$what" in
	go | cc | postgres | chromium) "require_$what" ;;
	*) fail "nothing known of '$what': go, cc, postgres, chromium" ;;
	esac
done
