# `make help` lists the targets. Each installs what it needs first (scripts/setup), which costs nothing once done.
JOBS ?= $(shell nproc)
PYTHON := /usr/bin/python3
# ThreadSanitizer of this compiler wants its address space unrandomised, where that is allowed.
NO_ASLR := $(shell setarch -R true 2>/dev/null && echo setarch -R)
SOURCES = $(shell git ls-files --cached --others --exclude-standard 'src/*.h' 'src/*.cpp' 'bench/*.cpp')

.DEFAULT_GOAL := build
.PHONY: help build demo test chaos storm pii-eval rare large large-payload load bench format format-check lint tidy layers asan tsan fuzz clean setup setup-test tests-built

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

build: setup build/build.ninja ## build/freshet
	cmake --build build -j $(JOBS) --target freshet

demo: build ## the tour on a private MariaDB with made-up users; ARGS="..." go to `freshet demo`
	build/freshet demo $(ARGS)

test: tests-built build ## all tests: C++ unit tests, then integration and end to end
	ctest --test-dir build --output-on-failure -j 2
	$(PYTHON) -m pytest -n 2 --dist loadfile tests

chaos: tests-built build ## the chaos test at full length: 200,000 changes, 20 kills, on both servers
	FRESHET_CHAOS_CHANGES=200000 FRESHET_CHAOS_KILLS=20 $(PYTHON) -m pytest tests/integration/test_chaos.py

storm: tests-built build ## random DDL beside random changes, under names that the log does not tell: 20 more seeds a server
	FRESHET_STORM_MORE=20 FRESHET_STORM_STEPS=150 $(PYTHON) -m pytest tests/integration/test_ddl_storm.py

pii-eval: build ## precision, recall and F1 of the detectors on made-up data; ARGS="--errors 20", "--json"
	cd tests && $(PYTHON) -m pii_eval $(ARGS)

rare: tests-built build ## 1,000,000 rows with rare personal values; none of them may reach the lake
	FRESHET_RARE_ROWS=1000000 $(PYTHON) -m pytest tests/integration/test_rare_values.py

large: tests-built build ## transactions of 10,000,000 rows, inserted and updated, and of 2 GB, in bounded memory
	FRESHET_LARGE_ROWS=10000000 FRESHET_LARGE_MEGABYTES=2000 $(PYTHON) -m pytest -s tests/integration/test_large_transaction.py

load: tests-built build ## a table of 20,000,000 rows, loaded beside 2,000 changes/s and killed 10 times, on both servers
	FRESHET_LOAD_ROWS=20000000 FRESHET_LOAD_CHANGES=2000 FRESHET_LOAD_KILLS=10 FRESHET_LOAD_SECONDS=0 \
	    $(PYTHON) -m pytest -s tests/integration/test_snapshot_load.py

large-payload: tests-built build ## a compressed transaction of MySQL, 1 GB in the log and 2 GB in rows, in bounded memory
	FRESHET_PAYLOAD_MB=1000 $(PYTHON) -m pytest -s tests/integration/test_large_payload.py

FUZZERS ?= $(patsubst tests/fuzz/corpus/%/,%,$(sort $(wildcard tests/fuzz/corpus/*/)))
FUZZ_SECONDS ?= 60

fuzz: setup ## fuzzers of the decoders under the sanitizers, FUZZ_SECONDS each; FUZZERS="json ..." for some
	cmake --preset asan -DFRESHET_FUZZ=ON
	cmake --build build-asan -j $(JOBS) --target $(FUZZERS:%=fuzz_%)
	set -e; for target in $(FUZZERS); do build-asan/fuzz_$$target $(FUZZ_SECONDS) tests/fuzz/corpus/$$target; done

bench: setup ## the benchmarks, one after another
	cmake --preset release -DFRESHET_BENCH=ON
	cmake --build build -j $(JOBS)
	@set -e; for bench in build/*_bench; do echo "== $$bench"; $$bench $(ARGS); done

format: setup-test ## formats src/ and bench/ in place
	clang-format-19 -i $(SOURCES)

format-check: setup-test
	clang-format-19 --dry-run -Werror $(SOURCES)

layers: setup-test
	tests/layers_test.py

lint: format-check layers tidy ## format check, layers, clang-tidy (only over what changed since it passed)

tidy: setup-test build/build.ninja
	@scripts/setup lint
	scripts/tidy

# The stages that decode what others sent, or that hold locks; ASAN_STAGES="..." for more.
ASAN_STAGES ?= base model source transform
TSAN_STAGES ?= base stream

asan: setup ## unit tests of the decoding stages under AddressSanitizer and UndefinedBehaviorSanitizer, in build-asan
	cmake --preset asan
	cmake --build build-asan -j $(JOBS) --target $(ASAN_STAGES:%=%_test)
	set -e; for stage in $(ASAN_STAGES); do build-asan/$${stage}_test --gtest_brief=1; done

tsan: setup ## unit tests under ThreadSanitizer, in build-tsan
	cmake --preset tsan
	cmake --build build-tsan -j $(JOBS) --target $(TSAN_STAGES:%=%_test)
	set -e; for stage in $(TSAN_STAGES); do $(NO_ASLR) build-tsan/$${stage}_test --gtest_brief=1; done

clean: ## removes build folders; fetched dependencies stay
	rm -rf build build-asan build-tsan

setup:
	@scripts/setup

setup-test:
	@scripts/setup test

# CMake runs again by itself when its files change.
build/build.ninja: CMakePresets.json | setup
	cmake --preset release

tests-built: setup-test build/build.ninja
	cmake --build build -j $(JOBS)
