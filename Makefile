# Everything is done in .venv/, made on first use from pinned and hashed requirements.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.stamp

# The event contracts are AsyncAPI, which has a validator of its own.
OPENAPI = $(filter-out openapi/asyncapi%,$(wildcard openapi/*.yaml))

# Only the public index may add hashes, and the files name no index.
LOCK_ENV = unset PIP_EXTRA_INDEX_URL PIP_FIND_LINKS; export PIP_CONFIG_FILE=/dev/null
LOCK = CUSTOM_COMPILE_COMMAND='make lock' build/lock/bin/pip-compile --quiet --generate-hashes \
	--strip-extras --allow-unsafe --no-emit-index-url --no-emit-trusted-host \
	--no-emit-find-links --no-emit-options $(LOCK_FLAGS)

# Tests start many processes, and pytest rewrites what it imports: both keep what they compiled.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' Makefile

.PHONY: setup
setup: $(STAMP) ## make .venv with the pinned requirements and playmoney itself

$(STAMP): requirements-dev.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { \
		echo "playmoney needs Python 3.11 or newer, and there is no '$(PYTHON)';" \
			"name one: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "playmoney needs Python 3.11 or newer, and '$(PYTHON)' is older;" \
			"name another: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "'$(PYTHON)' cannot make virtual environments;" \
			"install its venv module (Debian, Ubuntu: python3-venv)" >&2; exit 1; }
	@echo "setting up .venv (about a minute, only when the requirements have changed)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check \
		--require-hashes --requirement requirements-dev.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check \
		--no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: demo
demo: $(STAMP) ## start a sandbox, play 1000 rounds over HTTP, reconcile
	@$(BIN)/playmoney demo

.PHONY: test
# A third of their time is spent waiting for disks and processes: three workers keep two cores busy.
test: $(STAMP) ## run the tests
	@$(BIN)/pytest -n 3 --dist worksteal

.PHONY: check
check: $(STAMP) ## lint code, types, import rules, contracts and the Dockerfile
	@echo "ruff" && $(BIN)/ruff check --quiet --output-format concise . && $(BIN)/ruff format --check .
	@echo "mypy" && $(BIN)/mypy
	@echo "import-linter" && $(BIN)/lint-imports --no-logo
	@echo "openapi" && $(BIN)/openapi-spec-validator $(OPENAPI) && $(BIN)/python -m tests.lint_openapi
	@echo "hadolint" && $(BIN)/hadolint Dockerfile

.PHONY: docs
docs: $(STAMP) ## write the generated pages of docs/ anew
	@$(BIN)/python -m tests.rules_page
	@$(BIN)/python -m tests.faults_page
	@$(BIN)/python -m tests.builds_file
	@$(BIN)/python -m tests.pact.write
	@$(BIN)/python -m tests.checks_page
	@$(BIN)/python -m tests.watch_page

.PHONY: bench
bench: $(STAMP) ## measure speed, into build/bench.json
	@$(BIN)/python -m tests.bench

.PHONY: nightly
nightly: $(STAMP) ## run all tests, the long ones too
	@HYPOTHESIS_PROFILE=nightly $(BIN)/pytest -n 2 --dist worksteal --timeout 3600 \
		-m "nightly or not nightly"

.PHONY: judge
judge: $(STAMP) ## play every system that is wrong on purpose against the contract suites
	@$(BIN)/python -m tests.broken

.PHONY: mutants
mutants: $(STAMP) ## break ledger and wallet on purpose, ask the tests; SAMPLE=300 tries so many
	@test -d build/mutmut || $(BIN)/python -m pip install -qq --disable-pip-version-check \
		--require-hashes --no-deps --target build/mutmut --requirement requirements-mutants.txt
	@nice -n 19 $(BIN)/python -m tests.mutants $(SAMPLE)

.PHONY: lock
lock: ## pin the requirements anew; LOCK_FLAGS=--upgrade takes newer releases
	@$(PYTHON) -m venv build/lock
	@$(LOCK_ENV); build/lock/bin/pip install -qq --disable-pip-version-check pip-tools==7.6.2
	@$(LOCK_ENV); $(LOCK) --output-file requirements.txt pyproject.toml
	@$(LOCK_ENV); $(LOCK) --output-file requirements-dev.txt --extra dev \
		--constraint requirements.txt pyproject.toml
	@$(LOCK_ENV); $(LOCK) --output-file requirements-image.txt --extra certify --extra maths \
		--extra postgres --constraint requirements-dev.txt pyproject.toml
	@$(LOCK_ENV); $(LOCK) --output-file requirements-mutants.txt \
		--constraint requirements-dev.txt requirements-mutants.in

.PHONY: wheel
wheel: $(STAMP) ## build the sdist and the wheel, into dist/
	@$(BIN)/python -m build --no-isolation --outdir dist

.PHONY: clean
clean: ## remove .venv, build/, dist/ and caches
	@rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find simulator tests -name __pycache__ -type d -prune -exec rm -rf {} +
