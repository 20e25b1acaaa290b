SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# One set of flags for every build, test and lint, so that the build cache serves them all.
export CGO_ENABLED := 0
export GOFLAGS := -trimpath -tags=nomsgpack -buildvcs=false

VERSION ?= $(shell git describe --tags --dirty 2>/dev/null || echo dev)
COMMIT ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)

TOOLS := bin/tools
LINT_VERSION := v2.15.0
LINT := $(TOOLS)/golangci-lint-$(LINT_VERSION)
TESTSERVERS := $(TOOLS)/testservers

# What follows the program's name: make run ARGS=--keep
ARGS ?=
# Packages under test: make go-test PKG=./service/...
PKG ?= ./...
# Two packages at a time, each with more parallel tests than cores: they mostly wait for the database.
TEST_FLAGS ?= -p 2 -parallel 6 -timeout 15m
FUZZ_TIME ?= 10s

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build what is missing and start the demo (ARGS=--keep keeps its data)
	@exec ./bin/liuke demo $(ARGS)

.PHONY: dev
dev: build ## the demo with kept data and debug logs
	@LIUKE_LOG_LEVEL=debug exec ./bin/liuke demo --keep $(ARGS)

# The screens. Without Node the program is built all the same and says in their place that they are missing.
WEB_BUILT := web/dist/app.html
WEB_SOURCES := $(shell find web/src web/public web/tools web/*.html web/*.ts web/*.json -type f 2>/dev/null)

# The npm that comes with Node 20 may be too old for some of them; then a newer one does it.
web/node_modules/.package-lock.json: web/package-lock.json
	@echo "installing what the screens are built with"
	@cd web && { npm ci --no-audit --no-fund --loglevel=error || npx --yes npm@11.19.1 ci --no-audit --no-fund --loglevel=error; }
	@touch $@

$(WEB_BUILT): web/node_modules/.package-lock.json $(WEB_SOURCES)
	@echo "building the screens"
	@cd web && npm run --silent build

.PHONY: web
web: ## build the screens (needs Node 20)
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(WEB_BUILT); \
	elif [ "$${CI:-}" = true ]; then echo "web: CI needs Node 20" >&2; exit 1; \
	else echo "web: LEFT OUT, there is no Node here: the program will say so in place of its screens" >&2; fi

.PHONY: build
build: web ## build ./bin/liuke
	@go build -ldflags '$(LDFLAGS)' -o bin/liuke ./cmd/liuke

.PHONY: test
test: deps web-test go-test e2e ## every test: of the program on SQLite and on private MariaDB and Redis servers, and of the screens in Chromium

.PHONY: go-test
go-test: $(TESTSERVERS) ## the program's own tests, without the screens (PKG=./service/...)
	go vet $(PKG)
	$(TESTSERVERS) -- go test -count=1 $(TEST_FLAGS) $(PKG)

.PHONY: web-test
web-test: web ## types, generated client and tests of the screens
	@if command -v npm >/dev/null; then cd web && npm run --silent check && npm run --silent test; fi

# Which files: make e2e E2E=e2e/clerk.test.mjs
E2E ?= e2e/*.test.mjs
# Debian's headless shell is the same engine without a browser's window around it, and takes a good third less of the processor.
CHROMIUM ?= $(firstword $(wildcard /usr/bin/chromium-headless-shell /usr/bin/chromium) /usr/bin/chromium-headless-shell)
export CHROMIUM

.PHONY: e2e
e2e: build ## the screens in Chromium against the program and the simulator (E2E=e2e/clerk.test.mjs: one file)
	@if command -v npm >/dev/null && [ -x "$(CHROMIUM)" ]; then \
	  cd web && LIUKE_BIN=$(CURDIR)/bin/liuke npm run --silent e2e -- $(E2E); \
	elif [ "$${CI:-}" = true ]; then echo "e2e: CI needs Node 20 and Chromium" >&2; exit 1; \
	else echo "e2e: LEFT OUT, there is no Node or no Chromium here: the screens were not tried" >&2; fi

.PHONY: screens
screens: build ## take the pictures of the screens afresh
	@cd web && LIUKE_BIN=$(CURDIR)/bin/liuke npm run --silent screens

.PHONY: bench
bench: $(TESTSERVERS) web ## the figures we quote, as ratios beside the naive peer, on durable private servers
	$(TESTSERVERS) --durable -- go run ./bench $(ARGS)

.PHONY: kills
kills: $(TESTSERVERS) ## kill the process that runs a handover 25 times on each database, and try 200 sequences of acts (about 10 minutes)
	LIUKE_TEST_KILLS=25 LIUKE_TEST_SEQUENCES=200 RAPID_CHECKS=200 $(TESTSERVERS) -- go test -count=1 -timeout 30m -v \
	  -run 'TestHandover_(survivesKills|anySequence)' ./cmd/liuke ./service/handover

# How long: make chaos CHAOS=30m (all faults of at least one seed; LIUKE_TEST_SEED=1 says which is first)
CHAOS ?= 10m

.PHONY: chaos
chaos: ## kill, cut off, fill and confuse everything under traffic, by seed, on servers of its own (CHAOS=10m)
	LIUKE_TEST_CHAOS='$(CHAOS)' go test -count=1 -timeout 120m -v -run '^TestChaos' ./cmd/liuke

.PHONY: drill
drill: $(TESTSERVERS) ## restore drill: back up under traffic, restore elsewhere, compare every table and file by checksum
	LIUKE_TEST_DRILL=400 $(TESTSERVERS) -- go test -count=1 -v -timeout 20m -run 'TestDrill' ./cmd/liuke

.PHONY: storage
storage: $(TESTSERVERS) ## bytes on disk that a member and a message take
	LIUKE_TEST_STORAGE=3000 $(TESTSERVERS) --durable -- go test -count=1 -v -run TestStorage ./cmd/liuke

TIDB := $(TOOLS)/tidb-server
$(TIDB): tools/tidb/go.mod tools/tidb/go.sum
	@echo "building TiDB (about 8 minutes the first time)"
	@mkdir -p $(TOOLS) && nice -n 15 go -C tools/tidb build -o $(CURDIR)/$@ github.com/pingcap/tidb/cmd/tidb-server

# Not two packages at once: on TiDB each change of a schema waits for all others. The tests left out read EXPLAIN of MariaDB.
.PHONY: test-tidb
test-tidb: $(TESTSERVERS) $(TIDB) ## the tests of the rooms and of the whole program on a real TiDB server (7 to 11 minutes, without its build)
	$(TESTSERVERS) --tidb=$(TIDB) -- go test -count=1 -p 1 -parallel 4 -timeout 60m \
	  -skip 'TestList_readsAClerksConversationsByIndex|TestBrowsing_isCountedFromAnIndexAlone' ./model/... ./service/... ./cmd/liuke

.PHONY: dependencies
dependencies: ## bills of materials to bin/sbom/, and licences held to a list
	@tools/dependencies.sh

.PHONY: reproducible
reproducible: ## build twice, in two folders and with two caches, and compare the bytes
	@tools/reproducible.sh

.PHONY: fuzz
fuzz: ## every fuzz test for a short while (FUZZ_TIME=10s)
	@grep -rlE '^func Fuzz' --include='*_test.go' . | sort | while read -r file; do \
	  for name in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]+)\(.*/\1/p' "$$file"); do \
	    echo "== $$name in $$(dirname "$$file")"; \
	    go test -run '^$$' -fuzz "^$$name\$$" -fuzztime '$(FUZZ_TIME)' "./$$(dirname "$$file")" </dev/null; \
	  done; \
	done

.PHONY: lint
lint: $(LINT) ## golangci-lint, pinned; findings must be zero
	$(LINT) run

.PHONY: fmt
fmt: $(LINT) ## format the Go files as lint wants them
	$(LINT) fmt

.PHONY: openapi
openapi: ## write api/openapi.yaml from the routes
	@go run ./cmd/liuke openapi > api/openapi.yaml.new && mv api/openapi.yaml.new api/openapi.yaml

.PHONY: deps
deps: ## install the servers and the browser that the tests use from Debian's packages, where allowed
	@tools/deps.sh

# Built afresh each time; go's cache makes that a moment.
.PHONY: $(TESTSERVERS)
$(TESTSERVERS):
	@go build -o $@ ./tools/testservers

# The version is part of the file name, so another version is another file.
$(LINT):
	@echo "building golangci-lint $(LINT_VERSION) (1 to 2 minutes the first time)"
	@mkdir -p $(TOOLS)/build
	@GOBIN='$(CURDIR)/$(TOOLS)/build' go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	@mv $(TOOLS)/build/golangci-lint $@ && rmdir $(TOOLS)/build
