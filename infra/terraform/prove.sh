#!/usr/bin/env bash
# usage: prove.sh [format | test [DIRECTORY…] | plan ENVIRONMENT… | all] (JOBS=2)
#
# Checks the Terraform configuration without changing anything. Works on a copy under .cache/infra with an empty local state:
# it does not touch the real backends or the files that `terraform init` left in the working tree, and it uses
# .terraform.lock.hcl where that is committed. Tests need no AWS account, because they mock the provider. Plans ask AWS for the
# caller's identity, the availability zones, the certificate and the databases that RDS offers, so they need credentials that
# may read these.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

root=$PWD
copy=$root/.cache/infra
plans=$root/.cache/infra-plans
export TF_IN_AUTOMATION=1 TF_INPUT=0
export TF_PLUGIN_CACHE_DIR=${TF_PLUGIN_CACHE_DIR:-$root/.cache/terraform-plugins}
# The modules have no lock file; without this setting, every directory would download the provider again.
export TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE=1
if [[ ! -e ${TF_CLI_CONFIG_FILE:-/} ]]; then
    unset TF_CLI_CONFIG_FILE # Terraform warns when the file is missing
fi

say() { printf '%s\n' "$*" >&2; }

if ! command -v terraform >/dev/null; then
    say "terraform is missing: install version 1.11 or later and repeat."
    exit 1
fi

refresh_copy() {
    mkdir -p "$copy/infra/terraform" "$copy/local" "$plans" "$TF_PLUGIN_CACHE_DIR"
    # Deletes files that no longer exist in the working tree, but keeps what `terraform init` created.
    find "$copy/infra/terraform" -type f -not -path '*/.terraform/*' -delete
    tar -C infra/terraform --exclude=.terraform --exclude='*.tfstate*' -cf - . | tar -C "$copy/infra/terraform" -xf -
    rm -rf "$copy/local/clamav" "$copy/images"
    cp -R local/clamav "$copy/local/"
    cp -R images "$copy/"
    local environment
    for environment in "$copy"/infra/terraform/environments/*/; do
        printf 'terraform {\n  backend "local" {}\n}\n' >"${environment}backend_override.tf"
        # Settings that the owner has not made yet.
        if grep -qE '^  ci_subject +=[ ]null$' "${environment}locals.tf"; then
            cp infra/terraform/testing/repository_override.tf "$environment"
        fi
        if grep -q '[.]phenom[.]example' "${environment}locals.tf"; then
            cp infra/terraform/testing/names_override.tf "$environment"
        fi
    done
}

format() {
    terraform fmt -check -diff -recursive infra/terraform || {
        say "The files above are not formatted. Run: terraform fmt -recursive infra/terraform"
        return 1
    }
}

init() { # usage: init DIRECTORY (of the copy)
    cd "$copy/infra/terraform/$1"
    if ! terraform init -no-color >"$plans/init.log" 2>&1; then
        cat "$plans/init.log" >&2
        say "terraform init failed in infra/terraform/$1. It needs a registry with hashicorp/aws 6.19 and cloudflare/cloudflare 5.20 or later."
        return 1
    fi
}

test_one() { # usage: test_one DIRECTORY; validates and tests it; prints its output in one piece because others run in parallel
    local log=$plans/${1//\//-}.test.log
    cd "$copy/infra/terraform/$1"
    if ! { terraform validate -no-color && terraform test -no-color; } >"$log" 2>&1; then
        printf '== %s\n%s\n' "$1" "$(cat "$log")" >&2
        return 1
    fi
    printf '%-28s %s\n' "$1" "$(tail -n 1 "$log")" >&2
}

test_all() { # usage: test_all DIRECTORY…; runs `init` sequentially because of the shared provider cache, the tests in parallel
    local directory
    for directory in "$@"; do (init "$directory"); done
    export -f test_one
    export copy plans
    printf '%s\n' "$@" | xargs -P "${JOBS:-$(nproc)}" -I{} bash -euo pipefail -c 'test_one {}'
}

# Gives every image of images/images.json a digest made from its tag. The registry does not have the images of a change yet:
# they are pushed after its checks.
invent_digests() {
    cat >"$copy/infra/terraform/modules/images/digests_override.tf" <<'OVERRIDE'
data "aws_ecr_image" "pushed" {
  for_each = {}
}
locals {
  digests = { for use, name in local.wanted : use => "sha256:${sha256(local.tags[name])}" }
}
OVERRIDE
}

# usage: plan_one ENVIRONMENT; plans and tests it, and writes plan, state after the test and locals as JSON, and the graph, for tests/infra
plan_one() (
    invent_digests
    init "environments/$1"
    terraform validate -no-color >/dev/null
    if ! terraform plan -no-color -out=plan >"$plans/$1.plan.txt" 2>&1; then
        cat "$plans/$1.plan.txt" >&2
        say "terraform plan failed in infra/terraform/environments/$1. It needs AWS credentials; reading is enough."
        return 1
    fi
    terraform show -json plan >"$plans/$1.plan.json"
    terraform graph >"$plans/$1.graph.dot"
    if ! terraform test -json -verbose >"$plans/$1.test.json"; then
        terraform test -no-color >&2 # again, with readable output
        return 1
    fi
    grep '"type":"test_state"' "$plans/$1.test.json" >"$plans/$1.state.json"
    rm "$plans/$1.test.json"
    # The console prints the JSON document as a quoted string.
    sed -nE 's/^  ([a-z_]+) += .*/\1 = local.\1/p' locals.tf | paste -sd, | sed 's/.*/jsonencode({&})/' |
        terraform console >"$plans/$1.locals.json"
    printf '%-28s %s\n' "environments/$1" "Tested. $(grep '^Plan:' "$plans/$1.plan.txt")" >&2
)

directories() { # prints all directories with tests, except environments, whose tests run with their plans
    cd infra/terraform
    find bootstrap modules -name '*.tftest.hcl' -printf '%h\n' | sed 's|/tests$||' | sort -u
}

main() {
    local environment found
    refresh_copy
    case ${1:-all} in
        format) format ;;
        test)
            found=("${@:2}")
            ((${#found[@]})) ||
                mapfile -t found < <({ directories && printf 'environments/%s\n' development production; } | sort -u)
            test_all "${found[@]}"
            ;;
        plan) for environment in "${@:2}"; do plan_one "$environment"; done ;;
        all)
            format
            mapfile -t found < <(directories)
            test_all "${found[@]}"
            for environment in development production; do plan_one "$environment"; done
            ;;
        *) sed -n '2p' "${BASH_SOURCE[0]}" >&2 && exit 2 ;;
    esac
}

main "$@"
