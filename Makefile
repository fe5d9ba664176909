# The course's commands; `make help` lists them.
PYTHON ?= python3
RUN := .venv/bin/python
export OPENBLAS_NUM_THREADS ?= 1
export JUPYTER_PLATFORM_DIRS := 1

.DEFAULT_GOAL := help
.PHONY: help book serve test lab env lock format clean homework grade

help:  ## list these commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 15

book: env  ## build the book, check it and say where it is
	@$(RUN) tools/build_book.py

test: book  ## run the tests: library, pages, notebooks, style
	@$(RUN) tools/run_tests.py

homework: env  ## make the students' versions of all assignments
	@$(RUN) tools/make_homework.py $(if $(MASTERS),"$(MASTERS)")

grade: env  ## grade a folder of submissions: make grade SUBMISSIONS=folder
	@$(RUN) tools/grade_homework.py "$(SUBMISSIONS)" $(if $(MASTERS),"$(MASTERS)")

serve: book  ## show the book at http://localhost:8000
	@$(RUN) -m http.server 8000 --bind 127.0.0.1 --directory _build/html

lab: env  ## open the course in JupyterLab
	@.venv/bin/jupyter lab --notebook-dir=.

env:  ## make the environment .venv, or bring it up to date
	@$(PYTHON) tools/environment.py

lock: env  ## choose new versions: write requirements.txt from pyproject.toml
	@$(RUN) -m uv pip compile --universal --fork-strategy fewest \
	  --python-version 3.11 --all-extras --upgrade --quiet --no-emit-index-url \
	  --no-annotate --custom-compile-command "make lock" \
	  --output-file requirements.txt pyproject.toml

format: env  ## put the code into the common style
	@$(RUN) -m ruff check --quiet --fix . ; $(RUN) -m ruff format .

clean:  ## remove the built book, with all its caches
	@rm -rf _build .pytest_cache .ruff_cache .hypothesis
