# `make run` and `make test` are all it takes. Both set up by themselves, and only what is missing or has changed.
PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
VENV := .venv
BIN := $(VENV)/bin

# With REQUIRE_HASHES=1 every file that is installed is held against its hash.
LOCKED = $(if $(REQUIRE_HASHES),--only-binary :all: --require-hashes -r $(1),-r $(2))

# What is compiled is kept, whatever the shell says: the tests start hundreds of processes.
export PYTHONDONTWRITEBYTECODE =

.PHONY: run page test nightly drill bench lint format lock words picture looks image-check clean

run: $(VENV)/.run-stamp
	@exec $(BIN)/python -m vip_manager.server

# All that a start would prepare, for a place where it may not write.
page: $(VENV)/.run-stamp
	@$(BIN)/python -m vip_manager.page

# A file's tests stay in one process, and in their order: the browser's come last (tests/conftest.py). Three processes, for
# much of their time they wait.
test: $(VENV)/.test-stamp
	@$(BIN)/python -m pytest $(or $(ARGS),--numprocesses=3 --dist=loadfile --no-loadscope-reorder)

# Two thousand random lives of program and Twitch, every death there is, two hundred lives with a loss in them, and hours of an overlay; SEED=n repeats a run.
nightly: $(VENV)/.test-stamp
	@$(BIN)/python -m tests.ledger --examples 2000 $(if $(SEED),--seed $(SEED))
	@$(BIN)/python -m tests.ledger --examples 200 --firestore $(if $(SEED),--seed $(SEED))
	@$(BIN)/python -m tests.crash.matrix
	@$(BIN)/python -m tests.recovery.lives 200 $(SEED)
	@EVERY_GUARD=1 $(BIN)/python -m pytest -q tests/ledger/test_guards.py
	@OVERLAY_CHANGES=1000 $(BIN)/python -m pytest -q tests/journeys/test_overlay.py -k leave_nothing_behind

# The operators': a backup in the middle of life, a disaster, a restore. docs/backup.md
drill: $(VENV)/.test-stamp
	@$(BIN)/python -m tests.recovery.drill

# All that is claimed of speed, size and cost, one after the other, on a machine that does nothing else meanwhile.
bench: $(VENV)/.test-stamp
	@$(BIN)/python -m benchmarks $(NAMES)

lint: $(VENV)/.test-stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.test-stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# After a pin has changed: the hashes of all files of all versions, for every platform; and under which licence each is.
lock: $(VENV)/.test-stamp
	@$(BIN)/uv pip compile $(COMPILE) requirements.txt -o deploy/requirements.lock
	@$(BIN)/uv pip compile $(COMPILE) tests/requirements.txt -o tests/requirements.lock
	@$(BIN)/python -m tests.licences

COMPILE := --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-annotate

picture: $(VENV)/.test-stamp
	$(BIN)/python -m docs.picture
	$(BIN)/python -m docs.rule_pictures

# Every page in every state, at both sizes, dark and light, to be looked at; WANTED=part of a name takes these alone.
looks: $(VENV)/.test-stamp
	@$(BIN)/python -m docs.looks $(WANTED)

# After what people read has changed: what is new stands in the other languages' catalogues, empty, to be said there.
words: $(VENV)/.test-stamp
	@$(BIN)/python -m tests.words

# The Dockerfile's steps, and what comes of them, without a Docker engine: on Debian or Ubuntu, with debootstrap, as root.
# PREFIX=/where/python-3.13/is has that Python in place of the image's, where Debian's own would be older.
image-check:
	@$(if $(filter 0,$(shell id -u)),,sudo) $(PYTHON) deploy/image_check.py --cache $(or $(CACHE),.image-check) \
		$(if $(PREFIX),--python $(PREFIX))

clean:
	rm -rf $(VENV) .web .states

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "VIP Manager needs Python 3.11 or newer (python3)." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-stamp: requirements.txt deploy/requirements.lock | $(BIN)/python
	@echo "Installing what VIP Manager needs (once) ..."
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check $(call LOCKED,deploy/requirements.lock,requirements.txt)
	@touch $@

$(VENV)/.test-stamp: tests/requirements.txt requirements.txt deploy/requirements.lock tests/requirements.lock | $(BIN)/python
	@echo "Installing what the tests need (once) ..."
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check $(call LOCKED,tests/requirements.lock,tests/requirements.txt)
	@touch $@ $(VENV)/.run-stamp
