# The jobs of this repository. `make` alone lists them; continuous integration calls `make test`.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo run test compiled page-tested check fmt sim week bars bench figures lab fuzz screenshots release api page

export PATH := $(CURDIR)/.tools/bin:$(PATH)
# Extra words for the program: make demo ARGS=--check
ARGS ?=

help: ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## a local swarm with films made on the spot; opens the page (ARGS=--check: headless, reports)
	@scripts/setup demo
	@$(MAKE) --no-print-directory page
	cargo build -p app
	@target/debug/kinora demo $(ARGS)

run: ## Kinora itself, with its starter channel
	@scripts/setup build
	@$(MAKE) --no-print-directory page
	cargo build --release -p app
	@target/release/kinora $(ARGS)

test: ## everything: Rust, the page, Chromium, real BitTorrent programs
	@scripts/setup compiler
	@$(MAKE) --no-print-directory -j2 compiled page-tested
	npm --prefix web run --silent journeys
	cargo nextest run --workspace --no-fail-fast
	npm --prefix web run --silent real

# Compiling, what is to be installed and the page's own tests need nothing of each other: a debug build reads the page when it
# runs. Browsers come after it: beside a compiler on two cores they take twice as long, and lose patience.
compiled:
	nice cargo test --workspace --no-run

page-tested:
	@scripts/setup test
	@$(MAKE) --no-print-directory page
	npm --prefix web run --silent test

check: ## format, lints, the shape of the workspace, licences, types, drift of the API client
	@scripts/setup check
	@$(MAKE) --no-print-directory page
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	cargo nextest run -p tidy
	cargo deny --offline check --hide-inclusion-graph licenses bans sources
	npm --prefix web run --silent check

fmt: ## formats everything
	cargo fmt --all
	cd web && npx prettier --write .

sim: ## the simulator's tables (ARGS=lying: those with that word in their name; seeds=20; full)
	cargo run --release -p sim -- $(ARGS)

week: ## a channel's week without its publisher, in virtual time (ARGS='NODES=1000 FOLLOWERS=20 HOURS=48')
	env $(ARGS) cargo test --release -p channels --test week -- --ignored --nocapture a_week_of

bars: ## the longer tests of what is promised of channels, with their figures: a thousand nodes, races and kills, a month away
	cargo test --release -p dht --test network -- --ignored --nocapture
	cargo test --release -p channels --lib --test face --test week -- --ignored --nocapture \
		--skip a_week_of --skip with_one_visitor_left

bench: ## the microbenches
	cargo bench --workspace $(ARGS)

figures: ## what the documents claim, measured anew, a line of JSON each (ARGS='P1 library --seeds 2')
	@scripts/figures $(ARGS)

lab: ## Kinora beside other programs (ARGS='--jobs S1,download --runs 5'); about an hour for all
	@scripts/setup lab
	@$(MAKE) --no-print-directory page
	cargo build --release -p app
	lab/lab.py $(ARGS)

fuzz: ## each door for strangers' bytes, a minute each (ARGS=600: ten)
	scripts/fuzz $(ARGS)

screenshots: ## the pictures of README.md
	scripts/screenshots $(ARGS)

api: ## the page's API client, made again from the server's description
	npm --prefix web run --silent api

release: ## the program for others: target/release/kinora
	@scripts/setup build
	@$(MAKE) --no-print-directory page
	cargo build --release --locked -p app

# The page goes into the program, so it is built before it.
page:
	@npm --prefix web run --silent build
