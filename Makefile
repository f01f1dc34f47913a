# One way in: `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | sort | awk 'BEGIN {FS = ":.*?## "} {printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/.base: requirements.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: $(VENV)/.base requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

frontend/node_modules/.done: frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund --loglevel=error
	touch $@

app/static/dist/.done: frontend/node_modules/.done $(wildcard frontend/src/*) frontend/build.mjs
	cd frontend && node build.mjs
	touch $@

.PHONY: setup
setup: $(VENV)/.base app/static/dist/.done ## Create .venv from the locked requirements and bundle the front end

.PHONY: setup-dev
setup-dev: setup $(VENV)/.dev

.PHONY: run
run: setup ## Start everything on this machine: make run [PORT=8000]
	@exec $(BIN)/python -m bridge.local --port $(PORT)

.PHONY: check
check: setup-dev ## Format, lint, types and the import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Programs for the chart, built from their sources where Go is: a new version builds anew.
TOOLS := .cache/bin
HELM := v3.19.0
HELM4 := v4.3.1
KUBECONFORM := v0.8.0
ACTIONLINT := v1.7.12
GO_INSTALL = GOBIN=$(abspath $(TOOLS)) go install

$(TOOLS)/.helm-$(HELM):
	$(GO_INSTALL) helm.sh/helm/v3/cmd/helm@$(HELM)
	touch $@

$(TOOLS)/.helm4-$(HELM4):
	GOBIN=$(abspath $(TOOLS)/helm4.d) go install helm.sh/helm/v4/cmd/helm@$(HELM4)
	mv $(TOOLS)/helm4.d/helm $(TOOLS)/helm4
	touch $@

$(TOOLS)/.kubeconform-$(KUBECONFORM):
	$(GO_INSTALL) github.com/yannh/kubeconform/cmd/kubeconform@$(KUBECONFORM)
	touch $@

$(TOOLS)/.actionlint-$(ACTIONLINT):
	$(GO_INSTALL) github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT)
	touch $@

# Out of Debian's package, which nobody has to install; elsewhere put it into the path.
$(TOOLS)/.promtool:
	mkdir -p $(TOOLS)/promtool.d
	command -v promtool > /dev/null || { cd $(TOOLS)/promtool.d \
	    && { apt-get download --quiet prometheus || { apt-get update --quiet && apt-get download --quiet prometheus; }; } \
	    && dpkg-deb --fsys-tarfile prometheus_*.deb | tar --extract --strip-components=3 ./usr/bin/promtool \
	    && mv promtool .. && rm prometheus_*.deb; }
	touch $@

# Apart from .venv: checkov pins what others need newer.
.cache/deploy/.done: requirements-deploy.txt
	$(PYTHON) -m venv .cache/deploy
	$(BIN)/uv pip install --quiet --python .cache/deploy/bin/python --require-hashes -r requirements-deploy.txt
	touch $@

.PHONY: setup-deploy
setup-deploy: setup-dev .cache/deploy/.done $(TOOLS)/.promtool $(TOOLS)/.helm-$(HELM) $(TOOLS)/.helm4-$(HELM4) $(TOOLS)/.kubeconform-$(KUBECONFORM) $(TOOLS)/.actionlint-$(ACTIONLINT)

.PHONY: check-deploy
check-deploy: setup-deploy ## The chart and all that deploys, by the tools of those who run it; without network
	$(BIN)/python -m tests.deploy

.PHONY: test
test: setup-dev ## Run every test; fails below 100 % line and branch coverage
	$(BIN)/python -m tests

.PHONY: format
format: setup-dev ## Format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: lock
lock: setup-dev ## Compile the requirements again, with hashes
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements-dev.in -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements-deploy.in -o requirements-deploy.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header bench/generation/requirements.in -o bench/generation/requirements.txt

.PHONY: bench-transport
bench-transport: setup-dev ## Our Celery transport against others: make bench-transport [ARGS="--rounds 1"]
	$(BIN)/python -m bench.transport $(ARGS)

.PHONY: docs
docs: setup-dev ## Write the pages of docs/ that are made from the code
	$(BIN)/python -m docs

.PHONY: bench-runner
bench-runner: setup-dev ## The engine against pytest, pytest-xdist and a process per module
	$(BIN)/python -m bench.runner

.PHONY: bench-progress
bench-progress: setup-dev ## How soon a run's page shows what happened: make bench-progress [ARGS="--rounds 1"]
	$(BIN)/python -m bench.progress $(ARGS)

.PHONY: bench-generation
bench-generation: setup-dev ## What tests written offline find, and what they wrongly report: [ARGS="--alone"]
	$(BIN)/python -m bench.generation $(ARGS)

.PHONY: bench-results
bench-results: setup-dev ## What runners report into the database, against a plain COPY
	$(BIN)/python -m bench.results $(ARGS)

.PHONY: soak-runner
soak-runner: setup-dev ## 5,000 cases while processes of the runner are killed at random
	$(BIN)/python -m bench.runner.soak
