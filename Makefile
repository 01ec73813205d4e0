# Everything that is done with this repository; `make help` lists it.
# Setting up is part of what needs it and costs a second where it is done.

PYTHON ?= python3
SUITES := $(addprefix testdata/protocol-suites/,engine.io-v4 engine.io-v3 socket.io-v5)
NPM_PACKAGES := $(foreach d,js testdata/js libraries/node $(SUITES),$(d)/node_modules/.package-lock.json)
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
PLATFORMS := linux darwin windows
MODULES := . bench libraries
FUZZ_INPUTS := 20000

.PHONY: help setup system build lint test test-go test-js fuzz bench

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## make bin/znsocket
	go build -o bin/ ./cmd/znsocket

test: lint test-go test-js fuzz ## set up and run everything that has to pass

# One package at a time: the official suites look at the clock.
test-go: setup ## run all Go tests with the race detector
	@echo "==> go test -race"
	@go build -race ./...
	go test -race -count 1 -p 1 -timeout 20m ./...
	cd libraries && go test -race -count 1 -timeout 10m ./...

test-js: setup build ## check the npm package's types and size, and run its tests in Node, Chromium and Bun
	@echo "==> npm test in js"
	@cd js && npm test --silent

lint: ## check format, go.mod, vet and staticcheck; build for every platform
	@echo "==> gofmt"
	@unformatted=$$(find . \( -name node_modules -o -name '.?*' \) -prune -o -name '*.go' -exec gofmt -l {} +) && \
		if [ -n "$$unformatted" ]; then echo "not as gofmt has it:"; echo "$$unformatted"; exit 1; fi
	@for module in $(MODULES); do \
		cd $(CURDIR)/$$module && \
		echo "==> go mod tidy in $$module" && go mod tidy -diff && \
		for os in $(PLATFORMS); do \
			echo "==> build and vet for $$os in $$module" && GOOS=$$os go build ./... && GOOS=$$os go vet ./... || exit 1; \
		done && \
		echo "==> staticcheck in $$module" && go run $(STATICCHECK) ./... || exit 1; \
	done

fuzz: ## give every fuzz target some inputs; FUZZ_INPUTS=1000000 gives more
	@scripts/fuzz $(FUZZ_INPUTS)

bench: setup ## run the Go benchmarks, then measure the server beside its peers
	go test -run '^$$' -bench . -benchmem ./...
	cd bench && go run .

setup: system .venv/complete $(NPM_PACKAGES) js/dist/index.js ## install what the tests need: Redis, Chromium, a Python venv, npm packages

system:
	@PYTHON=$(PYTHON) scripts/system-packages

.venv/complete: testdata/requirements.txt | system
	@echo "==> Python packages into .venv"
	@$(PYTHON) -m venv --clear .venv
	@.venv/bin/pip install --quiet --disable-pip-version-check --no-deps -r $<
	@.venv/bin/pip check
	@touch $@

js/dist/index.js: $(wildcard js/src/*.ts js/src/*/*.ts) js/tsconfig.json js/tsconfig.build.json js/node_modules/.package-lock.json
	@echo "==> npm package into js/dist"
	@cd js && npm run build --silent
	@touch $@

# npm ci writes the file named here last.
%/node_modules/.package-lock.json: %/package-lock.json | system
	@echo "==> npm packages into $*"
	@cd $* && npm ci --no-audit --no-fund --ignore-scripts
	@touch $@
