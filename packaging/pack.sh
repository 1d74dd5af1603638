#!/usr/bin/env bash
# Packs one function of src/functions.toml; src/Makefile calls it.
# usage: pack.sh ROOT UV PYTHON ARTIFACTS_DIR RESOURCE
set -euo pipefail

root=$1 uv=$2 python=$3 artifacts=$4 resource=$5
cache="$root/.cache/packages"
cd "$root" # python3.13 may be a shim that looks for .python-version
table=$("$python" -m phenom.functions pack "$resource")
mapfile -t entry <<<"$table"
function=${entry[0]} services=${entry[2]:-}
read -r -a own <<<"${entry[1]}"
requirements="$root/requirements/$function.txt"
trim="$root/packaging/trim.py"
defer="$root/packaging/defer_imports.py"

# Dependencies are installed once per content of the lock and of these scripts.
digest=$(cat "$requirements" "${BASH_SOURCE[0]}" "$trim" "$defer" "$root/src/functions.toml" <("$python" -V) | sha256sum | cut -c1-16)
layer="$cache/$function-$digest"

# Removes files that Python never reads at run time.
prune() {
    rm -rf "${1:?}/bin"
    find "$1" -type d \( -name tests -o -name __pycache__ \) -prune -exec rm -rf {} +
    find "$1" -type f \( -name '*.pyi' -o -name py.typed \) -delete
    find "$1" -type d -empty -delete
}

# unchecked-hash: time stamps of the archive cannot make Python compile everything again at each cold start.
compile() {
    "$python" -m compileall -q -f --invalidation-mode unchecked-hash -s "$1" -p /var/task "$1"
}

install_dependencies() {
    local staging
    mkdir -p "$cache"
    rm -rf "$cache/$function"-*
    staging=$(mktemp -d "$cache/.$function.XXXXXX")
    # Only pyclamd has no wheel; its source is pure Python.
    "$uv" pip install --quiet --require-hashes --only-binary :all: --no-binary pyclamd --link-mode copy \
        --python "$python" --python-version 3.13 --python-platform x86_64-manylinux_2_28 \
        --target "$staging" -r "$requirements"
    # shellcheck disable=SC2086 # one word per service
    "$python" "$trim" "$staging" $services
    "$python" "$defer" "$staging"
    prune "$staging"
    compile "$staging"
    rm -f "$staging/.lock"
    mv -T "$staging" "$layer"
}

copy_own_code() {
    local package
    for package in "${own[@]}"; do
        cp -R "$root/src/$package" "$artifacts/$package"
        find "$artifacts/$package" -name __pycache__ -prune -exec rm -rf {} +
        compile "$artifacts/$package"
    done
}

[[ -d $layer ]] || install_dependencies
mkdir -p "$artifacts"
cp -R "$layer/." "$artifacts"
copy_own_code
chmod -R u=rwX,go=rX "$artifacts"
find "$artifacts" -exec touch --no-dereference --date=1980-01-01T00:00:00Z {} +
