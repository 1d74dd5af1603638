# Every command of this project. Each one makes what it needs and is quick the second time.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

PY := .venv/bin/python
SAM := .venvs/sam/bin/sam
DEV := .venv/.installed
SAM_CLI := .venvs/sam/.installed
EMULATOR := .venvs/emulator/.installed
CHECKOV := .venvs/checkov/.installed
WORKFLOWS := .venvs/workflows/.installed
SUPPLY_CHAIN := .venvs/supply_chain/.installed
SCRIPTS := .ci/run .ci/github-runner packaging/pack.sh local/setup.sh infra/terraform/prove.sh
ENVIRONMENTS := development production

export DEBIAN_FRONTEND := noninteractive
export SAM_CLI_TELEMETRY := 0

ifneq ($(words $(CURDIR)),1)
$(error The path of this directory has a space in it, which make cannot cope with: $(CURDIR))
endif

.PHONY: help
help:
	@awk -F ":.*## " '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##### Try it

.PHONY: run stop upload sign-in inspect
run: $(DEV) $(SAM_CLI) $(EMULATOR) ## start the local cloud and follow its logs (LOCAL_PORT=4566)
	@test -n "$(LOCAL_DATABASE_URL)" || local/setup.sh system postgresql
	@local/setup.sh system clamav-daemon || echo "Going on without it: files are not scanned for viruses."
	@$(PY) -m local.cloud run

stop: $(DEV) ## stop the local cloud, wherever it was started
	@$(PY) -m local.cloud down

upload: $(DEV) ## upload a file to the local cloud and wait for the verdict (FILE=…)
	@test -n "$(FILE)" || { echo "Say which file: make upload FILE=photo.jpg" >&2; exit 2; }
	@$(PY) -m local.upload "$(FILE)"

sign-in: $(DEV) ## sign the demo user in to the local cloud, show the token's claims and the user's row
	@$(PY) -m local.sign_in

inspect: $(DEV) ## say what the validator would say of a file, without uploading it (FILE=…)
	@test -n "$(FILE)" || { echo "Say which file: make inspect FILE=photo.jpg" >&2; exit 2; }
	@$(PY) -m validator "$(FILE)"

##### Try the functions in Docker, as SAM runs them (INVOKE_IMAGE=…, SKIP_PULL_IMAGE=1: an image of your own)

.PHONY: invoke start-api
invoke: $(DEV) $(SAM_CLI) $(EMULATOR) ## send the events through `sam local invoke` (FUNCTION=presign, CASE='status_*')
	@test -n "$(LOCAL_DATABASE_URL)" || local/setup.sh system postgresql
	@$(PY) -m local.sam_local.invoke $(FUNCTION) $(if $(CASE),--case "$(CASE)")

start-api: $(DEV) $(SAM_CLI) $(EMULATOR) ## serve the API by `sam local start-api` until Ctrl-C (PORT=3000)
	@test -n "$(LOCAL_DATABASE_URL)" || local/setup.sh system postgresql
	@$(PY) -m local.sam_local.start_api $(if $(PORT),--port "$(PORT)")

##### Prove it

# The upload page's own; says what is missing where there is no Node.js.
.PHONY: test-client screenshots
test-client: $(DEV) ## style, types and unit tests of the upload page
	@$(PY) -m phenom.upload_page.build check

screenshots: $(DEV) $(SAM_CLI) $(EMULATOR) system-packages ## take the pictures of the documentation anew
	@$(PY) -m pytest -q -m browser tests/browser/test_appearance.py
	@mkdir -p docs/images && cp artifacts/upload-page-light.png docs/images/upload-page.png

.PHONY: check test test-quick test-long fuzz coverage lint types imports template format
check: lint types imports template test ## all that CI checks: style, types, contracts, template, tests

test: test-quick test-client ## all tests but the long ones
	@$(PY) -m pytest -m "(e2e or package or browser) and not slow"

test-quick: $(DEV) $(SAM_CLI) $(EMULATOR) system-packages ## tests that need neither packages nor the local cloud
	@$(PY) -m pytest -m "not (e2e or package or browser or slow or infra)" -n auto

test-long: $(DEV) $(SAM_CLI) $(EMULATOR) system-packages ## the tests that take long
	@$(PY) -m pytest -m slow

fuzz: $(DEV) ## look for inputs that show a defect (SECONDS=60 each, TARGET=png; REPLAY=… runs one input again)
	@$(PY) -m tests.fuzz --seconds "$(or $(SECONDS),60)" $(if $(TARGET),--target "$(TARGET)") \
	    $(if $(REPLAY),--replay "$(REPLAY)")

coverage: $(DEV) system-packages ## how much of src the quick tests run
	@$(PY) -m pytest -m "not (e2e or package or browser or slow or infra)" -n auto --cov --cov-report=term --cov-report=html

lint: $(DEV) ## style of code and scripts
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@for script in $(SCRIPTS); do bash -n "$$script"; done
	@! command -v shellcheck >/dev/null || shellcheck $(SCRIPTS)

types: $(DEV) $(SUPPLY_CHAIN) ## static types
	@.venv/bin/mypy
	@.venv/bin/mypy -p local -p phenom -p tools.cost
	@.venv/bin/mypy --python-executable .venvs/supply_chain/bin/python -p tools.supply_chain

imports: $(DEV) ## who may import whom
	@.venv/bin/lint-imports

template: $(SAM_CLI) ## the SAM template
	@$(SAM) validate --lint

format: $(DEV) ## put code into the project's style
	@.venv/bin/ruff check --fix
	@.venv/bin/ruff format

##### What is shipped, where it comes from, and what it costs

check: workflows audit

.PHONY: workflows audit sbom licences cost
workflows: $(WORKFLOWS) ## mistakes and insecure settings in .github/workflows
	@.venvs/workflows/bin/actionlint -shellcheck .venvs/workflows/bin/shellcheck
	@.venvs/workflows/bin/zizmor --offline --quiet --no-progress --config .github/zizmor.yml .github/workflows

audit: $(SUPPLY_CHAIN) ## known vulnerabilities in every lock, as far as the registries answer (REQUIRE=1: fail where they do not)
	@$(PY) -m tools.supply_chain.audit $(if $(REQUIRE),--require)

sbom: $(SUPPLY_CHAIN) build ## bills of materials (CycloneDX) of each function's package and of the page, in artifacts/sbom
	@.venvs/supply_chain/bin/python -m tools.supply_chain.sbom

licences: $(DEV) ## write docs/licences.md anew, unless something has a licence that is not allowed
	@$(PY) -m tools.supply_chain.licences

cost: $(DEV) ## compute the monthly cost on AWS and update docs/cost.md (run `make infra` first when sizes changed)
	@$(PY) -m tools.cost

##### Measure it

# 5 to 10 minutes; what is missing on the machine is named in the report. It fails only where a measurement breaks.
.PHONY: bench
bench: $(DEV) $(SAM_CLI) $(EMULATOR) build ## measure it beside peers: benchmarks/results.json, docs/performance.md (ONLY="cold_start reads", QUICK=1)
	@local/setup.sh system ffmpeg imagemagick clamav-daemon clamdscan postgresql || echo "Going on without: the report says what was not measured."
	@$(PY) -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick)

##### Prove the infrastructure

.PHONY: infra infra-tests infra-plans infra-rules scan scan-template
infra: infra-tests infra-plans infra-rules ## Terraform: format, tests of every module, plans of both environments, and what must be true of them

infra-tests: $(DEV) scan scan-template ## the part of it that needs no account
	@infra/terraform/prove.sh format
	@infra/terraform/prove.sh test

infra-plans: ## the plans (ENV=development or production; both without)
	@infra/terraform/prove.sh plan $(or $(ENV),$(ENVIRONMENTS))

infra-rules: $(DEV) $(SAM_CLI) $(EMULATOR) ## what must be true of the plans
	@local/setup.sh system awscli clamav-daemon postgresql
	@$(PY) -m pytest tests/infra

scan: $(CHECKOV) ## look for insecure settings in the Terraform configuration
	@.venvs/checkov/bin/checkov --directory infra/terraform --framework terraform --quiet --compact --skip-download

scan-template: $(CHECKOV) ## look for insecure settings in the SAM template
	@.venvs/checkov/bin/checkov --file template.yaml --framework cloudformation --quiet --compact --skip-download

##### Ship it

.PHONY: build deploy redrive backfill-users redrive-users
build: $(DEV) $(SAM_CLI) ## pack the functions into .aws-sam
	@env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL AWS_DEFAULT_REGION=us-east-1 $(SAM) build

deploy: deployable build ## deploy to AWS (ENV=development or production; CONFIRM=no never asks, ROLE_ARN=… for CloudFormation)
	@$(SAM) deploy --config-env $(ENV) $(if $(filter no,$(CONFIRM)),--no-confirm-changeset) $(if $(ROLE_ARN),--role-arn "$(ROLE_ARN)")

.PHONY: hasura-jwt
hasura-jwt: $(DEV) ## print HASURA_GRAPHQL_JWT_SECRET for a user pool (ENV=local, development, production)
	@test -n "$(ENV)" || { echo "Say whose: make hasura-jwt ENV=local (or development, production)" >&2; exit 2; }
	@$(PY) -m phenom.commands.hasura_jwt --env "$(ENV)"

.PHONY: deployable
deployable:
	@test "$(words $(ENV))" = 1 -a -n "$(filter $(ENV),$(ENVIRONMENTS))" || \
	    { echo "Say where to: make deploy ENV=development (or production). On the local cloud: make stop, make run" >&2; exit 2; }

.PHONY: deploy-client
deploy-client: $(DEV) ## build the upload page and put it where its stack serves it (ENV=local, development, production)
	@test -n "$(ENV)" || { echo "Say where to: make deploy-client ENV=development (or production)" >&2; exit 2; }
	@$(PY) -m phenom.commands.deploy_client --env "$(ENV)"

redrive: $(DEV) ## bring held uploads back through the pipeline (ENV=local, development, production; DRY_RUN=1 only lists)
	@test -n "$(ENV)" || { echo "Say where: make redrive ENV=local (or development, production)" >&2; exit 2; }
	@$(PY) -m phenom.commands.redrive --env "$(ENV)" $(if $(DRY_RUN),--dry-run)

backfill-users: $(DEV) ## write all users of a pool to Hasura (ENV=…, as above; DRY_RUN=1 only counts, RATE=50 a second)
	@test -n "$(ENV)" || { echo "Say where: make backfill-users ENV=local (or development, production)" >&2; exit 2; }
	@$(PY) -m phenom.commands.backfill_users --env "$(ENV)" $(if $(DRY_RUN),--dry-run) \
	    $(if $(RATE),--rate "$(RATE)")

.PHONY: rollback
rollback: $(DEV) ## put functions back to the version before (ENV=…, as above; DRY_RUN=1 only shows, FUNCTION=presign, VERSION=7 or newest)
	@test -n "$(ENV)" || { echo "Say where: make rollback ENV=development (or production, local)" >&2; exit 2; }
	@$(PY) -m phenom.commands.rollback --env "$(ENV)" $(if $(DRY_RUN),--dry-run) $(if $(FUNCTION),--function "$(FUNCTION)") \
	    $(if $(VERSION),--version "$(VERSION)")

.PHONY: prune-versions
prune-versions: $(DEV) ## delete former versions of functions but the newest (ENV=…, as above; KEEP=5, DRY_RUN=1 only lists)
	@test -n "$(ENV)" || { echo "Say where: make prune-versions ENV=development (or production)" >&2; exit 2; }
	@$(PY) -m phenom.commands.prune_versions --env "$(ENV)" $(if $(DRY_RUN),--dry-run) $(if $(KEEP),--keep "$(KEEP)")

.PHONY: adopt
adopt: $(DEV) ## give a stack that was deleted its buckets, table and secret back (ENV=…, as above; DRY_RUN=1 only shows)
	@test -n "$(ENV)" || { echo "Say where: make adopt ENV=development (or production)" >&2; exit 2; }
	@$(PY) -m phenom.commands.adopt --env "$(ENV)" $(if $(DRY_RUN),--dry-run)

redrive-users: $(DEV) ## say which users could not be written to Hasura and why, and try again (ENV=…; DRY_RUN=1 only lists)
	@test -n "$(ENV)" || { echo "Say where: make redrive-users ENV=local (or development, production)" >&2; exit 2; }
	@$(PY) -m phenom.commands.redrive_users --env "$(ENV)" $(if $(DRY_RUN),--dry-run)

# UPLOAD is often pasted from what a stranger wrote: neither make nor the shell may take any of it for a command.
ifneq (,$(findstring $$,$(value UPLOAD)))
$(error UPLOAD has a dollar sign in it: give the id, a key, or the URL of the status)
endif

.PHONY: logs
logs: $(DEV) ## tell the whole story of one upload (UPLOAD=its id, key or status URL, ENV=…; JSON=1 as logged, DAYS=40 back)
	@test -n "$(ENV)" -a -n "$${UPLOAD:-}" || { echo "Say which upload, and where: make logs UPLOAD=… ENV=local (or development," \
	    "production). All lines of a function as they come: aws logs tail --follow /aws/lambda/phenom-dev-file-validator" >&2; exit 2; }
	@$(PY) -m phenom.commands.logs --env "$(ENV)" $(if $(JSON),--json) $(if $(DAYS),--days "$(DAYS)") -- "$$UPLOAD"

.PHONY: announce
announce: $(DEV) ## tell others again what became of uploads (ENV=…, as above; SINCE=2026-11-28T01:30Z, DRY_RUN=1 only counts)
	@test -n "$(ENV)" -a -n "$(SINCE)" || { echo "Say where and since when: make announce ENV=local SINCE=2026-11-28T01:30Z" >&2; exit 2; }
	@$(PY) -m phenom.commands.announce --env "$(ENV)" --since "$(SINCE)" $(if $(DRY_RUN),--dry-run)

##### Look after it

.PHONY: lock clean distclean system-packages
lock: $(DEV) ## resolve requirements/*.in into the locked, hashed sets (UPGRADE=--upgrade for newer ones)
	@for set in dev sam emulator checkov; do $(call compile,$$set,--universal); done
	@for set in $$($(PY) -m phenom.functions names); do $(call compile,$$set,--python-platform x86_64-manylinux_2_28); done
	@for set in workflows supply_chain; do $(call compile,$$set,--universal); done

compile = echo "Locking requirements/$(1).txt" && .venv/bin/uv pip compile --quiet --generate-hashes --no-annotate \
	--custom-compile-command "make lock" --python-version 3.13 $(2) $(UPGRADE) \
	requirements/$(1).in --output-file requirements/$(1).txt

clean: ## stop the local cloud and remove what was built or kept, but not the tools
	@for own in .local/invoke .local/start-api; do test ! -e $$own/run/emulator.json || $(PY) -m local.cloud down --dir $$own; done
	@test ! -x $(PY) || $(PY) -m local.cloud down
	@rm -rf .local .aws-sam .cache .coverage* htmlcov artifacts client/dist .pytest_cache .hypothesis .mypy_cache .ruff_cache \
	    .import_linter_cache
	@find $(wildcard src local phenom tools testkit packaging tests benchmarks) -name __pycache__ -prune -exec rm -rf {} +

distclean: clean ## remove the tools as well
	@rm -rf .venv .venvs client/node_modules

system-packages:
	@local/setup.sh system ffmpeg imagemagick clamav-daemon postgresql chromium

##### The tools, each made anew when its lock changes

$(DEV): requirements/dev.txt pyproject.toml
	@local/setup.sh dev

$(SAM_CLI): requirements/sam.txt | $(DEV)
	@local/setup.sh sam

$(EMULATOR): requirements/emulator.txt | $(DEV)
	@local/setup.sh emulator

$(CHECKOV): requirements/checkov.txt | $(DEV)
	@local/setup.sh checkov

$(WORKFLOWS): requirements/workflows.txt | $(DEV)
	@local/setup.sh workflows

$(SUPPLY_CHAIN): requirements/supply_chain.txt | $(DEV)
	@local/setup.sh supply_chain
