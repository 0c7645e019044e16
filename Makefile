# Flint's targets; `make help` lists them.
GO ?= go
BIN := bin/flint
SF ?= 1
CACHE ?= $(HOME)/.cache/flint
DATA ?= $(CACHE)/tpch-sf$(SF)
HITS ?= $(CACHE)/hits
MICRO ?= $(CACHE)/micro
SUITE ?= tpch
BENCH ?=
BENCHDATA = $(if $(filter clickbench,$(SUITE)),--data $(HITS),$(if $(filter micro,$(SUITE)),--data $(MICRO)) --data $(DATA))

.PHONY: help build run test lint race slt golden bench fuzz chaos docker data

help: ## List the targets.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort

build: ## Build bin/flint.
	CGO_ENABLED=0 $(GO) build -trimpath -o $(BIN) ./cmd/flint

run: build ## Build and serve on 127.0.0.1:5433.
	$(BIN) serve

test: ## Run the tests that need Go alone.
	$(GO) test ./...

lint: ## Format check, go vet and golangci-lint (built from .ci/go.mod).
	@test -z "$$(gofmt -l . | tee /dev/stderr)"
	$(GO) vet ./...
	.ci/lint

race: ## Run the concurrent packages' tests under the race detector.
	$(GO) test -race -short -timeout 20m ./exec/memory ./exec/exectest ./catalog/... ./cluster/driver ./cluster/local ./cluster/rpc ./cluster/shuffle ./server/...

slt: ## Run the SQL logic tests over the wire.
	$(GO) test ./server/slt -count=1

golden: ## Rewrite golden files; review the diff.
	$(GO) test ./sql/lower ./sql/analyzer ./optimizer ./physical ./cluster/scheduler ./server/slt ./server/pgcatalog -args -update

bench: build data ## Flint against DuckDB, side by side (SUITE=tpch, clickbench, micro or start; SF=1; BENCH=further flags).
	$(GO) run ./cmd/bench --suite $(SUITE) $(BENCHDATA) $(BENCH)

data: build ## Generate the tables that bench needs (SUITE=tpch, clickbench or micro; SF=1).
	@test -d $(DATA) || $(BIN) gen tpch --sf $(SF) --out $(DATA)
ifeq ($(SUITE),clickbench)
	@test -d $(HITS) || $(GO) run ./cmd/bench gen hits --out $(HITS)
endif
ifeq ($(SUITE),micro)
	@test -d $(MICRO) || $(GO) run ./cmd/bench gen micro --out $(MICRO)
endif

fuzz: ## Fuzz the front, values and the Parquet reader for a minute each.
	$(GO) test ./sql/lower -run '^$$' -fuzz FuzzLower -fuzztime 60s
	$(GO) test ./sql/value -run '^$$' -fuzz FuzzParse -fuzztime 60s -fuzzminimizetime 1x
	$(GO) test ./catalog/parquet -run '^$$' -fuzz Fuzz -fuzztime 60s

chaos: ## Kill executors and workers under the 22 TPC-H queries.
	FLINT_CHAOS=full $(GO) test ./cluster/clustertest -run TestChaos -count=1 -timeout 60m -v

docker: ## Build the container image.
	docker build -t flint .
