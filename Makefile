# `make check` is what CI runs. Everything else is a part of it or a tool.
GO   ?= go
TOOL := $(GO) tool -modfile=tools.mod

.PHONY: check fmt lint test race demo bench fuzz vuln tidy

check: lint test race demo      ## all that CI requires

fmt:                            ## format the code
	$(TOOL) golangci-lint fmt

lint:                           ## format, vet and static checks, without changing files
	$(GO) vet ./...
	$(TOOL) golangci-lint run

test:                           ## the tests
	$(GO) test ./...

race:                           ## the tests of concurrent packages under the race detector
	$(GO) test -race ./optimizers/... ./bench ./bench/store ./plugins
	$(GO) test -race -skip 'TestScripts/(plugin|experiments)|TestEveryModelDescribesItsGradient' ./cmd/...
	$(GO) test -race -skip FaultsInACall ./plugins/host
	$(GO) test -race -run AtOnce ./network

demo:                           ## the main job, as a newcomer runs it, into a folder that is thrown away
	dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
		$(GO) run ./cmd/joust run --results "$$dir/results.db" --report "$$dir/report.html" && \
		test -s "$$dir/report.html"

bench:                          ## benchmarks, ten runs each, into bench.new; compared with bench.old
	$(GO) test -run='^$$' -bench=. -count=10 ./... | tee bench.new
	@test ! -f bench.old || $(TOOL) benchstat bench.old bench.new

fuzz:                           ## each fuzz target for half a minute
	@set -e; for p in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
			echo "$$p $$f"; $(GO) test -run='^$$' -fuzz="^$$f\$$" -fuzztime=30s -fuzzminimizetime=1x $$p; \
		done; done

vuln:                           ## known vulnerabilities that the code reaches
	$(TOOL) govulncheck ./...

tidy:                           ## go.mod; tools.mod is changed by `go get -modfile=tools.mod -tool`
	$(GO) mod tidy
