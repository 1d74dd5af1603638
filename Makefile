# Commands for developers; those for operators and users are in `phenom --help`. Each one installs what it needs.

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
SYNAPSE := .venvs/synapse/.installed
AWS_CLI := .venvs/aws_cli/.installed
SCRIPTS := .ci/run .ci/github-runner packaging/pack.sh local/setup.sh infra/terraform/prove.sh
ENVIRONMENTS := development production

export DEBIAN_FRONTEND := noninteractive
export SAM_CLI_TELEMETRY := 0

ifneq ($(words $(CURDIR)),1)
$(error make does not work in a directory whose path contains a space: $(CURDIR))
endif

.PHONY: help
help:
	@awk -F ":.*## " '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "Operators and users: .venv/bin/phenom --help"

##### Run

.PHONY: run stop local-tools
run: $(DEV) $(SAM_CLI) $(EMULATOR) ## start the local cloud and follow its logs (LOCAL_PORT=4566)
	@test -n "$(LOCAL_DATABASE_URL)" || local/setup.sh system postgresql
	@local/setup.sh system clamav-daemon || echo "Continuing without clamd: files are not scanned for viruses."
	@$(PY) -m local.cloud run

stop: $(DEV) ## stop the local cloud
	@$(PY) -m local.cloud down

local-tools: $(DEV) $(SAM_CLI) $(EMULATOR) # what `phenom invoke` and `phenom start-api` need
	@test -n "$(LOCAL_DATABASE_URL)" || local/setup.sh system postgresql

##### Check

.PHONY: check test test-quick test-long test-client fuzz coverage lint types workflows template format
check: lint types workflows template audit test ## everything that CI checks

test: test-quick test-client ## all tests except the long ones
	@$(PY) -m pytest tests/e2e tests/browser tests/package -m "not slow" -n 2 --dist loadscope

test-quick: $(DEV) $(SAM_CLI) $(EMULATOR) $(AWS_CLI) system-packages ## tests that need neither packages nor the local cloud
	@$(PY) -m pytest -m "not (e2e or package or browser or slow or infra)" -n auto

test-long: $(DEV) $(SAM_CLI) $(EMULATOR) system-packages ## tests that take long
	@$(PY) -m pytest -m slow

test-client: $(DEV) # style, types and unit tests of the upload page; skipped without Node.js
	@$(PY) -c 'import sys; from phenom.upload_page import build; sys.exit(build.run_checks())'

fuzz: $(DEV) ## search for inputs that break a parser (SECONDS=60 each, TARGET=png; REPLAY=… repeats one input)
	@$(PY) -m tests.fuzz --seconds "$(or $(SECONDS),60)" $(if $(TARGET),--target "$(TARGET)") \
	    $(if $(REPLAY),--replay "$(REPLAY)")

coverage: $(DEV) system-packages ## test coverage of src by the quick tests
	@$(PY) -m pytest -m "not (e2e or package or browser or slow or infra)" -n auto --cov --cov-report=term --cov-report=html

lint: $(DEV) ## style of code, words and scripts
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@$(PY) tools/words.py
	@for script in $(SCRIPTS); do bash -n "$$script"; done
	@! command -v shellcheck >/dev/null || shellcheck $(SCRIPTS)

types: $(DEV) $(SUPPLY_CHAIN) ## static types, and who may import whom
	@.venv/bin/mypy
	@.venv/bin/mypy -p local -p phenom -p tools.cost -p tools.monitoring
	@.venv/bin/mypy --python-executable .venvs/supply_chain/bin/python -p tools.supply_chain
	@.venv/bin/lint-imports

workflows: $(WORKFLOWS) # mistakes and insecure settings in .github/workflows
	@.venvs/workflows/bin/actionlint -shellcheck .venvs/workflows/bin/shellcheck
	@.venvs/workflows/bin/zizmor --offline --quiet --no-progress --config .github/zizmor.yml .github/workflows

template: $(SAM_CLI) ## validate the SAM template
	@$(SAM) validate --lint

format: $(DEV) ## format the code and fix its style
	@.venv/bin/ruff check --fix
	@.venv/bin/ruff format

##### Prove the infrastructure

.PHONY: infra infra-tests infra-plans infra-rules infra-real scan scan-template
infra: infra-tests infra-plans infra-rules ## Terraform: format, module tests, plans of both environments, and rules about the plans

infra-tests: $(DEV) scan scan-template # the part that needs no account
	@infra/terraform/prove.sh format
	@infra/terraform/prove.sh test

infra-plans: # ENV=development or production; both without ENV
	@infra/terraform/prove.sh plan $(or $(ENV),$(ENVIRONMENTS))

infra-rules: $(DEV) $(SAM_CLI) $(EMULATOR) $(AWS_CLI) $(SYNAPSE)
	@local/setup.sh system clamav-daemon clamav-freshclam clamdscan nginx postgresql
	@$(PY) -m pytest tests/infra -m "not slow"

infra-real: $(DEV) # the first deployment with the real AWS provider (TERRAFORM_REAL_CONFIG says where it is) in an account of moto
	@$(PY) -m pytest tests/infra/test_real_provider.py

scan: $(CHECKOV) # insecure settings in the Terraform configuration
	@.venvs/checkov/bin/checkov --directory infra/terraform --framework terraform --quiet --compact --skip-download

scan-template: $(CHECKOV) # insecure settings in the SAM template
	@.venvs/checkov/bin/checkov --file template.yaml --framework cloudformation --quiet --compact --skip-download

##### Build and deploy

.PHONY: build client bundle deploy deployable
build: $(DEV) $(SAM_CLI) ## build the functions' packages into .aws-sam
	@env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL AWS_DEFAULT_REGION=us-east-1 $(SAM) build

client: $(DEV) # build the upload page into client/dist
	@$(PY) -c 'from phenom.upload_page import build; print(build.build())'

bundle: build client # what GitHub deploys, in artifacts/deployment.tar
	@$(PY) -m phenom.deployment.bundle artifacts/deployment.tar

deploy: deployable build ## deploy to AWS (ENV=development or production; CONFIRM=no never asks, ROLE_ARN=… for CloudFormation)
	@$(SAM) deploy --config-env $(ENV) $(if $(filter no,$(CONFIRM)),--no-confirm-changeset) $(if $(ROLE_ARN),--role-arn "$(ROLE_ARN)")

deployable:
	@test "$(words $(ENV))" = 1 -a -n "$(filter $(ENV),$(ENVIRONMENTS))" || \
	    { echo "Name the environment: make deploy ENV=development (or production). The local cloud: make stop, make run" >&2; exit 2; }

##### Measure and document

# 5 to 10 minutes. The report names what this machine lacks; only a broken measurement fails.
.PHONY: bench cost licences audit sbom screenshots
bench: $(DEV) $(SAM_CLI) $(EMULATOR) build ## measure against peers: benchmarks/results.json, docs/performance.md (ONLY="cold_start reads", QUICK=1)
	@local/setup.sh system ffmpeg imagemagick clamav-daemon clamdscan postgresql || echo "Continuing: the report says what was not measured."
	@$(PY) -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick)

cost: $(DEV) ## compute the monthly cost on AWS and update docs/cost.md (run `make infra` first when sizes changed)
	@$(PY) -m tools.cost

licences: $(DEV) ## update docs/licences.md; fails on a licence that is not allowed
	@$(PY) -m tools.supply_chain.licences

audit: $(SUPPLY_CHAIN) ## known vulnerabilities of all locked packages (REQUIRE=1: fail when a registry does not answer)
	@$(PY) -m tools.supply_chain.audit $(if $(REQUIRE),--require)

sbom: $(SUPPLY_CHAIN) build ## bills of materials (CycloneDX) of the packages and the page, in artifacts/sbom
	@.venvs/supply_chain/bin/python -m tools.supply_chain.sbom

screenshots: $(DEV) $(SAM_CLI) $(EMULATOR) system-packages # take the pictures of the documentation again
	@$(PY) -m pytest -q -m browser tests/browser/test_appearance.py
	@mkdir -p docs/images && cp artifacts/upload-page-light.png docs/images/upload-page.png

##### Maintain

.PHONY: generate lock clean distclean system-packages
generate: $(DEV) ## update the generated parts of files, such as the dashboard in template.yaml
	@$(PY) -m tools.generate

lock: $(DEV) ## resolve requirements/*.in into the locked, hashed sets (UPGRADE=--upgrade for newer ones)
	@$(call compile,dev,--universal $$($(PY) -m phenom.functions names | sed -E 's|[^ ]+|requirements/&.in|g'))
	@for set in sam emulator checkov; do $(call compile,$$set,--universal); done
	@for set in $$($(PY) -m phenom.functions names); do $(call compile,$$set,--python-platform x86_64-manylinux_2_28); done
	@for set in workflows supply_chain aws_cli synapse; do $(call compile,$$set,--universal); done

compile = echo "Locking requirements/$(1).txt" && .venv/bin/uv pip compile --quiet --generate-hashes --no-annotate \
	--custom-compile-command "make lock" --python-version 3.13 $(2) $(UPGRADE) \
	requirements/$(1).in --output-file requirements/$(1).txt

clean: ## stop the local cloud; remove its state and everything that was built
	@for own in .local/invoke .local/start-api; do test ! -e $$own/run/emulator.json || $(PY) -m local.cloud down --dir $$own; done
	@test ! -x $(PY) || $(PY) -m local.cloud down
	@rm -rf .local .aws-sam .cache .coverage* htmlcov artifacts client/dist .pytest_cache .hypothesis .mypy_cache .ruff_cache \
	    .import_linter_cache
	@find $(wildcard src local phenom tools testkit packaging tests benchmarks) -name __pycache__ -prune -exec rm -rf {} +

distclean: clean # remove the installed tools as well
	@rm -rf .venv .venvs client/node_modules

system-packages:
	@local/setup.sh system ffmpeg imagemagick clamav-daemon postgresql chromium librsvg2-bin

##### Tools, installed again when their lock changes

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

$(AWS_CLI): requirements/aws_cli.txt | $(DEV)
	@local/setup.sh aws_cli

$(SYNAPSE): requirements/synapse.txt | $(DEV)
	@local/setup.sh synapse
