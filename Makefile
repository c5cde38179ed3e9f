# `make run` and `make test` set themselves up; `make help` lists the rest.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: help run test test-slow exhaustive check guards mutants bench e2e debian

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PACKAGES := prometheus prometheus-alertmanager prometheus-blackbox-exporter openssh-server busybox \
  systemd dbus iproute2 nftables sudo curl jq
COVERAGE := $(BIN)/coverage

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(READY) ## the demo: three simulated hosts and the daemon watching them
	@exec $(BIN)/facefusion-monitor demo

# In three processes: the rooms with real servers mostly wait for them, those
# of the rules compute. Coverage is of the rooms' own tests; stories, commands
# and real servers, which go through all of them, are not measured.
WAITING := tests/hosts tests/stories tests/e2e tests/cli
RULES := tests/domain tests/engine tests/actions tests/gate
# Stories in simulated time only compute; the others mostly wait, for machines
# of their own or for daemons, and so go beside each other.
IN_NO_TIME := tests/stories/simulated
RESTARTS := $(wildcard tests/stories/test_restart_*.py) tests/engine/recovery/model
# Alone at last: one daemon with a server a cause, and people at its command line.
RUNBOOKS := tests/stories/test_runbooks.py
RECOVERIES := tests/stories/test_machines_recover.py tests/stories/test_machines_reboot_fails.py

test: $(READY) debian ## every test but the slow ones, with coverage
	$(COVERAGE) erase
	@$(MAKE) -s -j3 --output-sync=target test-servers test-rules test-others
	$(COVERAGE) combine -q
	$(COVERAGE) report --skip-covered --skip-empty --fail-under=90
	$(COVERAGE) report --skip-covered --skip-empty --fail-under=100 \
	  --include='monitor/domain/*,monitor/engine/*,monitor/actions/*,monitor/gate/*'

.PHONY: test-servers test-rules test-others test-slow-machines test-slow-incidents test-slow-recoveries test-slow-restarts test-slow-others test-slow-days
test-servers:
	$(BIN)/pytest -m "not slow" $(WAITING) --ignore=$(IN_NO_TIME)
test-rules:
	$(COVERAGE) run -p -m pytest -m "not slow" $(RULES)
test-others:
	$(COVERAGE) run -p -m pytest -m "not slow" $(WAITING:%=--ignore=%) $(RULES:%=--ignore=%)

test-slow: $(READY) debian ## the tests marked slow, and stories in simulated time
	@$(MAKE) -s -j6 --output-sync=target test-slow-machines test-slow-incidents test-slow-recoveries test-slow-restarts test-slow-others test-slow-days
	$(BIN)/pytest -m slow $(RUNBOOKS)
test-slow-machines:
	$(BIN)/pytest -m "slow and machines" tests/machines
test-slow-incidents:
	$(BIN)/pytest -m "slow and machines" tests/stories $(RECOVERIES:%=--ignore=%)
test-slow-recoveries:
	$(BIN)/pytest -m "slow and machines" $(RECOVERIES)
test-slow-restarts:
	$(BIN)/pytest -m "slow and not machines and not exhaustive" $(RESTARTS)
test-slow-others:
	$(BIN)/pytest -m "slow and not machines" tests/e2e tests/stories tests/web tests/deploy --ignore=$(IN_NO_TIME) --ignore=$(RUNBOOKS) $(RESTARTS:%=--ignore=%)
test-slow-days:
	nice $(BIN)/pytest -m "not exhaustive" $(IN_NO_TIME)

exhaustive: $(READY) ## the model's short scripts, whole odd days: after a change to recovery or diagnosis
	$(BIN)/pytest -m exhaustive tests/engine/recovery/model $(IN_NO_TIME)

check: $(READY) ## lint, types, import contracts
	$(BIN)/ruff check monitor tests dashboards/source
	$(BIN)/ruff format --check monitor tests dashboards/source
	$(BIN)/mypy monitor tests dashboards/source
	$(BIN)/lint-imports

guards: $(READY) ## remove each safety guard in turn and see its tests fail
	$(BIN)/python -m tests.guards

mutants: $(READY) ## mutate judgement and health; a survivor fails
	$(BIN)/mutmut run "monitor.domain.judgement*" "monitor.domain.health*"
	@! $(BIN)/mutmut results | grep -E "survived|suspicious"

bench: $(READY) debian $(VENV)/monit ## measure against real peers in the same run
	@for bench in tests/bench/bench_*.py; do $(BIN)/python $$bench || exit 1; done

# Unpacked, not installed: Debian's package would start a daemon of its own.
$(VENV)/monit: $(READY)
	@rm -rf $@.new && mkdir -p $@.new && cd $@.new && \
	if apt-get download -qq monit >/dev/null 2>&1 && dpkg -x monit_*.deb . ; \
	then mv usr/bin/monit ../monit; \
	else echo "note: no monit to be had; what is measured beside it is not run"; fi
	@rm -rf $@.new

e2e: $(READY) debian ## through a real Prometheus and Alertmanager; then each fault's way, timed beside blackbox_exporter
	$(BIN)/pytest tests/e2e
	$(BIN)/python tests/e2e/timeline.py

# A venv without pip is what Debian makes when python3-venv is missing.
$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "cannot set up: $$($(PYTHON) --version) is too old; install Python 3.11 or newer, or say PYTHON=/path/to/it" >&2; exit 1; }
	@if command -v uv >/dev/null; then \
	  UV_PYTHON_DOWNLOADS=never uv venv -q --allow-existing -p $(PYTHON) $(VENV) && \
	  uv pip install -q --compile-bytecode -p $(BIN)/python -r requirements.lock -e .; \
	else \
	  { $(PYTHON) -m venv $(VENV) || { $(MAKE) -s venv-package && $(PYTHON) -m venv $(VENV); }; } && \
	  $(BIN)/pip install -q --disable-pip-version-check -r requirements.lock -e .; \
	fi
	@touch $@

.PHONY: venv-package
venv-package:
	@if [ "$$(id -u)" = 0 ]; then SUDO=; elif sudo -n true 2>/dev/null; then SUDO=sudo; \
	else echo "cannot make a virtual environment: apt-get install python3-venv, then try again" >&2; exit 1; fi; \
	$$SUDO apt-get -o DPkg::Lock::Timeout=500 -qq update && \
	$$SUDO apt-get -o DPkg::Lock::Timeout=500 -qq install -y --no-install-recommends python3-venv >/dev/null

# The real components that tests run against. Where they cannot be installed
# the tests that need them skip with their reason, or fail when CI=true.
debian:
	@missing=; for p in $(PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	[ -z "$$missing" ] && exit 0; \
	if ! command -v apt-get >/dev/null; then echo "note: not Debian; tests that need$$missing are skipped"; exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then SUDO=; elif sudo -n true 2>/dev/null; then SUDO=sudo; \
	else echo "note: not root and no sudo; tests that need$$missing are skipped"; exit 0; fi; \
	echo "installing$$missing"; \
	$$SUDO apt-get -o DPkg::Lock::Timeout=500 -qq update && \
	DEBIAN_FRONTEND=noninteractive $$SUDO apt-get -o DPkg::Lock::Timeout=500 -qq install -y --no-install-recommends $$missing >/dev/null
