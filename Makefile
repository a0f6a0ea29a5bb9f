# Kyodo. `make` lists the targets.
#
# What a target needs and does not find (PostgreSQL, a C compiler, linters, the
# tools of the contract) it installs and says so; once it is there, no target
# uses the network.

.DEFAULT_GOAL := help
SHELL := /bin/sh

BIN := bin/kyodo
MODULES := proto pkg gateway services
# The acceptance stories take longest, so they start first.
PACKAGES := ./services/acceptance/... $(MODULES:%=./%/...)
LINTED := pkg gateway services
BENCH ?= .
REQUIRE := sh scripts/require.sh

# Without a readable git folder (an archive of the sources, another user's
# clone) the program is built without the commit's name.
STAMP := $(shell git rev-parse HEAD >/dev/null 2>&1 && echo auto || echo false)

include Makefile.proto
include Makefile.portal

.PHONY: help run apart build clean test acceptance bench lint fmt deploy-check

help: ## List the targets
	@echo 'Kyodo: make TARGET'
	@echo
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo 'The first steps are in README.md, the rules for changes in CONTRIBUTING.md.'

run: build ## Build and start everything in one process: http://127.0.0.1:8080
	@test -n "$$KYODO_DATABASE_URL" || $(REQUIRE) postgres
	@exec ./$(BIN) all $(ARGS)

apart: build .tools/bin/nats-server ## The same as separate processes, with an outside NATS (ARGS=--nodes=3 for a cluster)
	@$(REQUIRE) postgres
	@CGO_ENABLED=0 go build -trimpath -buildvcs=false -o bin/apart ./services/cmd/apart
	@exec ./bin/apart $(ARGS)

.tools/bin/nats-server: pkg/go.mod | $(PROTO_TOOLS)/.gitignore
	@$(REQUIRE) go
	@echo 'Building nats-server …'
	@CGO_ENABLED=0 go build -trimpath -buildvcs=false -o $@ github.com/nats-io/nats-server/v2
	@touch $@

build: ## Build ./bin/kyodo
	@$(REQUIRE) go
	CGO_ENABLED=0 go build -trimpath -buildvcs=$(STAMP) -o $(BIN) ./services/cmd/kyodo

clean: ## Remove what was built (./.data, the data of a run, stays)
	rm -rf bin .tools proto/.deps gateway/portal/assets-src/node_modules

test: ## Test all modules with the race detector on a real PostgreSQL
	@$(REQUIRE) go cc postgres chromium
	CGO_ENABLED=1 go test -race -shuffle=on -timeout 50m -p 2 $(PACKAGES)

acceptance: ## Play the user stories through REST and gRPC, in one process and apart
	@$(REQUIRE) go postgres
	go test -count=1 -timeout 20m ./services/acceptance/...

bench: ## Measure the hot paths beside a plain handler that runs the same SQL (BENCH=name)
	@$(REQUIRE) go postgres
	go test -run '^$$' -bench '$(BENCH)' -benchtime 1x -count 1 -p 1 -timeout 60m ./services/...

# golangci-lint is built from tools/lint (its own go.mod, outside go.work) and
# only when that changes.
GOLANGCI := $(CURDIR)/.tools/bin/golangci-lint

.tools/lint.stamp: tools/lint/go.mod tools/lint/go.sum | $(PROTO_TOOLS)/.gitignore
	@$(REQUIRE) go
	@echo 'Building golangci-lint (a few minutes, once) …'
	@cd tools/lint && GOWORK=off CGO_ENABLED=0 GOBIN=$(CURDIR)/.tools/bin go install -trimpath -buildvcs=false tool
	@touch $@

lint: .tools/lint.stamp buf-lint ## Lint the code and the contract
	go vet $(PACKAGES)
	@for module in $(LINTED); do \
		echo "golangci-lint: $$module"; \
		(cd $$module && $(GOLANGCI) run ./...) || failed=1; \
	done; test -z "$$failed"

fmt: .tools/lint.stamp buf-format ## Format the Go code and the contract
	@for module in $(LINTED); do (cd $$module && $(GOLANGCI) fmt ./...) || exit 1; done

deploy-check: ## Hold the files of deploy/ against the program and Kubernetes' types
	@$(REQUIRE) go
	cd deploy/check && GOWORK=off go test -count=1 ./...
