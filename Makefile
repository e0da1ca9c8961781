# Two commands are all a newcomer needs: make run, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# More than there are cores: many tests wait. A file of tests stays in one of them.
TEST_PROCESSES ?= 3

LONG_FILES := tests/contract tests/faults/test_killed_worker.py \
	tests/api/patient/test_recovery_day_of_reports.py tests/recovery/domain/messaging/test_every_zone.py \
	tests/recovery/domain/clinical/test_assessment_properties.py \
	tests/recovery/services/inbound/test_conversations.py tests/evaluation/own_course/test_estimate_check.py

.PHONY: run test check long contract faults hours lock companion reader reader-figures listing screenshots clean

run: $(VENV)/run-time
	@$(BIN)/python manage.py up

test: $(VENV)/development
	@$(BIN)/python -m tests.tools.browser_ready
	@$(BIN)/python -m tests.tools.node_ready
	@$(BIN)/python -m tests.tools.clock_ready
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

check: $(VENV)/development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Every long form of what make test runs in a short one: LONG_RUNS=1, and then make faults.
long: $(VENV)/development
	LONG_RUNS=1 $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile $(LONG_FILES)
	@$(MAKE) --no-print-directory faults

# The long storms, an hour or two; what they found stands in storms.ndjson.
faults: $(VENV)/development
	$(BIN)/python -m tests.faults.storms --out storms.ndjson

# The tests at each hour of two days, in the nights of a clock change, on a leap day and at a year's end: a day
# of work. HOURS chooses: make hours HOURS="--at workday 2028-02-29T12:00 -- tests/api". Finished moments stand
# in hours.ndjson and are not run again.
hours: $(VENV)/development
	TEST_PROCESSES=$(TEST_PROCESSES) $(BIN)/python -m tests.tools.hours $(HOURS)

# The long run over the whole API document; make test runs 500 cases of it. CONTRACT_SEED starts elsewhere.
contract: $(VENV)/development
	CONTRACT_CASES=20000 $(BIN)/python -m pytest -s tests/contract

# Builds the patient's page; run it after a change below api/companion/source or of its words.
companion: $(VENV)/development
	$(BIN)/python -m tests.tools.companion_build

# Learns the weights of the reader of texts anew; run it after a change of the seen texts, of the lexicons
# or of what is taken away from a text.
reader: $(VENV)/development
	$(BIN)/python -m tests.tools.reader_training
	@$(MAKE) --no-print-directory reader-figures

# Measures the reader of texts: the table that is signed with its weights and bounds.
reader-figures: $(VENV)/development
	$(BIN)/python -m tests.tools.reader_figures

# Writes the list of every file into docs/architecture.md.
listing: $(VENV)/development
	$(BIN)/python -m tests.tools.file_listing

screenshots: $(VENV)/development
	$(BIN)/python -m tests.tools.screenshots docs/images/console
	$(BIN)/python -m tests.tools.companion_pictures docs/images

# Writes the locks, hashes and all; run it after a change of requirements*.in.
lock: $(VENV)/development
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
		requirements.in -o requirements.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
		requirements-estimate.in -o requirements-estimate.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
		requirements-dev.in -o requirements-dev.txt

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/run-time: requirements.txt | $(VENV)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/development: requirements-dev.txt $(VENV)/run-time
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV)
