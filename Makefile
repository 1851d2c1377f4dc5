# swkafka: the commands of README.md and CONTRIBUTING.md.

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
STRICT = --explicit-target-dependency-import-check error
# A few tests at a time: each has brokers and clients of its own, and all of them at once starve each other.
WIDTH = --experimental-maximum-parallelization-width 4
# Busy without a pause: beside them, whoever waits for an answer would starve. They run first.
BUSY = ^(KafkaCompression|KafkaWire|KafkaMessages|GenerateMessages|KafkaStorage|KafkaCoordination)Tests|SimulationTests
# What is installed is stripped: debug information would only make what is built twice as large. Optimised for size, since
# that builds faster, and records pass as fast (Benchmarks/console).
RELEASE = --configuration release --static-swift-stdlib -debug-info-format none -Xswiftc -Osize --product swkafka

.PHONY: help quickstart test test-zookeeper torture simulate build release dist install install-links uninstall generate docs lint format clean

help:
	@echo 'make quickstart        build, start a broker, write and read a topic, stop'
	@echo 'make test              install what the tests need, build, run every test'
	@echo 'make test-zookeeper    test --zookeeper against a real ZooKeeper, which is installed first'
	@echo 'make torture           kill the broker 2,000 times while it is written to; break a cluster for 5 minutes'
	@echo 'make simulate SEEDS=N  so many (100,000) random lives of clusters, groups, logs and disks, optimised'
	@echo 'make install PREFIX=…  binary, man pages and completions (default $(PREFIX))'
	@echo 'make install-links     beside it: kafka-topics.sh and all other names of the scripts'
	@echo 'make dist              one stripped binary with the Swift runtime linked in'
	@echo 'make generate          write the message sources anew from their schemas'
	@echo 'make docs              write man pages and completions anew'
	@echo 'make lint | format     check or fix the formatting'

quickstart:
	@Scripts/install-packages build
	$(SWIFT) build $(RELEASE)
	@Scripts/quickstart "$$($(SWIFT) build $(RELEASE) --show-bin-path)/swkafka"

test:
	@Scripts/install-packages build test
	@Scripts/install-interop-clients
	$(SWIFT) build --build-tests $(STRICT)
	$(SWIFT) run --skip-build GenerateMessages --check
	@Scripts/run-tests $(SWIFT) test --skip-build $(WIDTH) --filter '$(BUSY)'
	@Scripts/run-tests $(SWIFT) test --skip-build $(WIDTH) --skip '$(BUSY)'

# A Java machine is too much for every test run: elsewhere a recorded ZooKeeper stands in.
test-zookeeper:
	@Scripts/install-packages build test zookeeper
	@Scripts/run-tests $(SWIFT) test --filter 'ZooKeeper'

# As in `make test`, ten times as long, at random.
torture:
	SWKAFKA_KILLS=2000 SWKAFKA_VERIFY=5m $(SWIFT) test \
	    --filter 'CrashTests|RollingRestartTests|ClusterVerifyTests.nothingAcknowledged'

# Optimised, in a folder of its own, since tests need what a release leaves out.
SEEDS ?= 100000
simulate:
	SWKAFKA_SEEDS=$(SEEDS) $(SWIFT) test --configuration release -Xswiftc -enable-testing \
	    --scratch-path .build-simulate --filter 'SimulationTests|CleaningModelTests|PowerCutTests'

build:
	$(SWIFT) build $(STRICT)

release:
	$(SWIFT) build $(RELEASE)

dist: release
	@mkdir -p dist
	@cp "$$($(SWIFT) build $(RELEASE) --show-bin-path)/swkafka" dist/swkafka
	@strip dist/swkafka
	@echo "dist/swkafka: $$(du -h dist/swkafka | cut -f1) ($$(stat -c %s dist/swkafka) bytes)"

install: release
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/man/man1" \
	    "$(DESTDIR)$(PREFIX)/share/man/man5" "$(DESTDIR)$(PREFIX)/share/man/man7" \
	    "$(DESTDIR)$(PREFIX)/share/bash-completion/completions" \
	    "$(DESTDIR)$(PREFIX)/share/zsh/site-functions" \
	    "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d"
	install -s -m 755 "$$($(SWIFT) build $(RELEASE) --show-bin-path)/swkafka" "$(DESTDIR)$(PREFIX)/bin/swkafka"
	install -m 644 man/*.1 "$(DESTDIR)$(PREFIX)/share/man/man1/"
	install -m 644 man/*.5 "$(DESTDIR)$(PREFIX)/share/man/man5/"
	install -m 644 man/*.7 "$(DESTDIR)$(PREFIX)/share/man/man7/"
	install -m 644 completions/swkafka.bash "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/swkafka"
	install -m 644 completions/_swkafka "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_swkafka"
	install -m 644 completions/swkafka.fish "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/swkafka.fish"

install-links:
	"$(DESTDIR)$(PREFIX)/bin/swkafka" links "$(DESTDIR)$(PREFIX)/bin"

uninstall:
	find "$(DESTDIR)$(PREFIX)/bin" -name 'kafka-*' -lname swkafka -delete
	rm -f "$(DESTDIR)$(PREFIX)/bin/swkafka" "$(DESTDIR)$(PREFIX)"/share/man/man1/swkafka*.1 \
	    "$(DESTDIR)$(PREFIX)"/share/man/man5/swkafka*.5 "$(DESTDIR)$(PREFIX)"/share/man/man7/swkafka*.7 \
	    "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/swkafka" \
	    "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_swkafka" \
	    "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/swkafka.fish"

generate:
	$(SWIFT) run GenerateMessages

# Their tests write what they else compare with: one definition for help, man pages and completions.
docs:
	SWKAFKA_WRITE_DOCS=1 $(SWIFT) test --filter DocumentationTests

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

clean:
	$(SWIFT) package clean
	rm -rf dist
