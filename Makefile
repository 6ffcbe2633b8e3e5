# A fresh machine needs make and Python 3.11 or later (PYTHON=... chooses one); all else is made here.

VENV ?= .venv
BIN := $(VENV)/bin
UV_LOCK = $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: help run peers test check format prove bench nightly lock clean

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run ## start Tallystick with its engines and the live page; Ctrl-C stops all of it
	$(BIN)/python -m tallystick up

peers: ## servers that some tests talk to: NATS, Prometheus, Java and Maven for Kafka (root, apt)
	@requirements/peers.sh

test: $(VENV)/.dev ## the whole suite on up to 4 cores; ARGS="-k tier" narrows it
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(VENV)/.dev ## ruff, mypy and the layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.dev ## set the source in order
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

prove: $(VENV)/.dev ## break each guarantee once and see its test fail
	$(BIN)/python -m tests.prove $(ARGS)

bench: $(VENV)/.dev ## figures beside their rivals, on this machine
	$(BIN)/python -m bench $(ARGS)

nightly: $(VENV)/.dev ## the suite with 2,000 examples a property, kills, soaks, and what takes hours
	TALLYSTICK_TEST_PROFILE=nightly $(BIN)/python -m pytest -m "" -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder -o faulthandler_timeout=0 $(ARGS)

lock: $(VENV)/.dev ## new pins within the bounds of pyproject.toml
	$(UV_LOCK) --upgrade --group build --constraints requirements/bounds.txt \
		pyproject.toml --output-file requirements/run.txt
	$(UV_LOCK) --upgrade --group build --group dev --constraints requirements/run.txt \
		pyproject.toml --output-file requirements/dev.txt

clean: ## drop the environment and what tools left behind
	rm -rf $(VENV) .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist

$(VENV)/.run: requirements/run.txt requirements/install.sh pyproject.toml
	@requirements/install.sh $(VENV) run
	@touch $@

$(VENV)/.dev: requirements/dev.txt requirements/install.sh pyproject.toml
	@requirements/install.sh $(VENV) dev
	@touch $@ $(VENV)/.run
