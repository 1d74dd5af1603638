#!/usr/bin/env bash
# Installs what the Makefile's targets need: setup.sh dev | TOOL | system PACKAGE…
# TOOL is sam, emulator, checkov, workflows, supply_chain, aws_cli or synapse: a virtual environment in .venvs.
# The Makefile calls it when a lock changes. Every part is safe to repeat.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

uv=.venv/bin/uv
export UV_PYTHON_DOWNLOADS=never # the developer provides Python 3.13

say() { printf '%s\n' "$*" >&2; }

is_python_313() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null; }

find_python() {
    local candidate
    for candidate in python3.13 python3 "${PYENV_ROOT:-${HOME:-/root}/.pyenv}"/versions/3.13*/bin/python3.13; do
        if is_python_313 "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    say "Python 3.13 is missing. Install it (for example: pyenv install 3.13) and repeat."
    return 1
}

# Installs uv by pip, with the hashes of the development lock.
bootstrap_uv() {
    local pin
    pin=$(mktemp)
    awk '/^uv==/ {inside = 1} inside {print} inside && !/\\$/ {exit}' requirements/dev.txt >"$pin"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$pin"
    rm -f "$pin"
}

install() { # usage: install VENV LOCK
    "$uv" pip sync --quiet --require-hashes --compile-bytecode --python "$1/bin/python" "$2"
    touch "$1/.installed"
}

dev() {
    if ! is_python_313 .venv/bin/python; then
        local python
        python=$(find_python)
        say "Making .venv with $("$python" -V)"
        rm -rf .venv
        "$python" -m venv .venv
    fi
    "$uv" --version >/dev/null 2>&1 || bootstrap_uv
    say "Installing requirements/dev.txt"
    install .venv requirements/dev.txt
    # This project itself, so that `phenom` is a command and its packages can be imported. All it needs is in the lock.
    "$uv" pip install --quiet --no-deps --no-build-isolation --python .venv/bin/python --editable .
    touch .venv/.installed
}

tool() { # usage: tool NAME; creates .venvs/NAME
    say "Installing requirements/$1.txt"
    is_python_313 ".venvs/$1/bin/python" || "$uv" venv --quiet --clear --python .venv/bin/python ".venvs/$1"
    install ".venvs/$1" "requirements/$1.txt"
}

# Prints the program that a Debian package provides. Not `convert`: other packages have one, too.
program_of() {
    case $1 in
        awscli) { aws --version 2>/dev/null || true; } | grep -q '^aws-cli/2' && echo aws || echo /usr/bin/aws ;; # not version 1
        clamav-daemon) echo clamd ;;
        clamav-freshclam) echo freshclam ;;
        librsvg2-bin) echo rsvg-convert ;;
        imagemagick) command -v magick >/dev/null && echo magick || echo mogrify ;;
        postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' || echo initdb ;; # not on the PATH
        *) echo "$1" ;;
    esac
}

# Prints the packages whose program is missing.
missing_of() {
    local package
    for package in "$@"; do
        PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "$(program_of "$package" | head -n 1)" >/dev/null ||
            echo "$package"
    done
}

# Keeps Debian's postgresql package from creating and starting a cluster on the default port.
without_a_cluster() {
    local config=/etc/postgresql-common/createcluster.d/zz-no-main-cluster.conf
    [[ " $* " == *" postgresql "* ]] || return 0
    mkdir -p "${config%/*}"
    echo "create_main_cluster = false" >"$config"
    created+=("$config")
}

# Keeps Debian's nginx package from starting a server on port 80.
without_a_server() {
    local policy=/usr/sbin/policy-rc.d
    [[ " $* " == *" nginx "* && ! -e $policy ]] || return 0
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    created+=("$policy")
}

system() {
    local missing log=.cache/apt.log
    mapfile -t missing < <(missing_of "$@")
    ((${#missing[@]})) || return 0
    if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
        say "Missing: ${missing[*]} (names of Debian packages). Install them and repeat."
        return 1
    fi
    say "Installing Debian packages: ${missing[*]}"
    mkdir -p .cache
    created=()
    trap 'rm -f "${created[@]}"' EXIT
    without_a_cluster "${missing[@]}"
    without_a_server "${missing[@]}"
    if ! { apt-get update && apt-get install --yes --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 \
        </dev/null; then
        tail -n 20 "$log" >&2
        say "apt-get failed (all of it: $log)"
        return 1
    fi
}

case ${1:-} in
    dev) dev ;;
    system) system "${@:2}" ;;
    sam | emulator | checkov | workflows | supply_chain | aws_cli | synapse) tool "$1" ;;
    *) say "usage: $0 dev | sam | emulator | checkov | workflows | supply_chain | aws_cli | synapse | system PACKAGE…" && exit 2 ;;
esac
