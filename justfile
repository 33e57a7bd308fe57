# Every recipe compiles with one profile and for the whole workspace, so that wasmtime is compiled once.

set positional-arguments
set quiet

export PATH := env("FUMEHOOD_TOOLS", justfile_directory() / ".tools") / "bin" + ":" + env("PATH")
target := join(justfile_directory(), env("CARGO_TARGET_DIR", "target"))

# List the recipes
default:
    '{{ just_executable() }}' --justfile '{{ justfile() }}' --list --unsorted

# Bring in what compiling needs: the toolchain's wasm target
setup:
    scripts/wasm-target true

# Compile
build:
    scripts/wasm-target scripts/quietly cargo build --release --workspace --bins --locked

# Scan repositories: ./just scan PATH…
[no-exit-message]
scan *ARGS: build
    cd '{{ invocation_directory() }}' && exec '{{ target }}/release/fumehood' scan "$@"

# Run the binary with any arguments
[no-exit-message]
fumehood *ARGS: build
    cd '{{ invocation_directory() }}' && exec '{{ target }}/release/fumehood' "$@"

# Run all tests
test *ARGS: build
    scripts/nextest run --release --workspace --locked "$@"

# Check formatting and lints. rustfmt does not see modules that a macro declares, as those of the extractors are
lint:
    scripts/wasm-target cargo fmt --all --check
    git ls-files -z 'guest-scanner/src/*.rs' | xargs -0 scripts/wasm-target rustfmt --edition 2024 --check
    scripts/wasm-target cargo clippy --release --workspace --all-targets --locked -- -D warnings

# Format
fmt:
    scripts/wasm-target cargo fmt --all
    git ls-files -z 'guest-scanner/src/*.rs' | xargs -0 scripts/wasm-target rustfmt --edition 2024

# Check licences, banned crates and (where the advisory database can be reached) advisories
deny:
    scripts/deny

# Score the scanner against the labelled cases beside this repository, if they are there
conformance: build
    scripts/conformance '{{ target }}/release/fumehood'

# Compare with what cargo, npm and pip say of published packages, which they fetch
polyglot: build
    FUMEHOOD_POLYGLOT=1 scripts/nextest run --release --workspace --locked --no-capture -E 'binary(polyglot)'

# Score the analysis of API calls against labelled files: precision and recall
api-corpus *ARGS:
    scripts/wasm-target scripts/api-corpus "$@"

# Compare the analysis of API calls with a search for URLs: ./just api-throughput FOLDER
api-throughput *ARGS: build
    scripts/wasm-target scripts/api-throughput '{{ target }}/release/fumehood' "$@"

# Write README's table of formats anew
formats: build
    FUMEHOOD_ACCEPT=1 scripts/nextest run --release --workspace --locked -E 'binary(formats)'

# Hold reports against the public validators of their formats: ./just validate [FILE…], of the zoo without files
validate *FILES: build
    cd '{{ invocation_directory() }}' && exec '{{ justfile_directory() }}/scripts/validate-reports' '{{ target }}/release/fumehood' "$@"

# Fuzz the scanner's parsers for a minute each: ./just fuzz [SECONDS [FAMILY…]]
fuzz *ARGS:
    scripts/wasm-target scripts/fuzz "$@"

# Fuzz what the host itself reads of others for a minute each: ./just fuzz-host [SECONDS [TARGET…]]
fuzz-host *ARGS:
    scripts/wasm-target scripts/fuzz-host "$@"

# Attack the release binary: every row of SECURITY.md's table, with what came of it
attack *ARGS: build
    scripts/attack "$@"

# What CI runs
ci:
    .ci/run

# Everything below that measures scans, one after the other; it takes a quarter of an hour on two idle cores
bench: bench-parts bench-peers linear

# Measure parts of the scanner, each for itself
bench-parts *ARGS:
    scripts/wasm-target cargo bench --quiet --package guest-scanner --bench parts --locked -- "$@"

# Hold the instructions that the scanner takes for a fixed tree against the known ones: ./just instructions [accept]
instructions *ARGS:
    scripts/wasm-target scripts/quietly cargo build --release --package guest-scanner --example native --locked
    scripts/instructions '{{ target }}/release/examples/native' "$@"

# Compare with Trivy, Syft and ourselves without walls: ./just bench-peers [peers|tax|spawn|many|growth …]
bench-peers *ARGS: build
    scripts/wasm-target scripts/quietly cargo build --release --package e2e --example peers --package fumehood --example unwalled --locked
    scripts/bench-peers '{{ target }}/release/examples/peers' '{{ target }}/release/examples/unwalled' "$@"

# Compare fetching with a shallow clone: time, memory, disk
bench-fetch: build
    scripts/wasm-target cargo run --quiet --release --package e2e --example fetching --locked

# Print how time and memory grow with the size of a lockfile
linear: build
    scripts/wasm-target cargo run --quiet --release --package e2e --example linear --locked

# Print what the operating system's layers of the sandbox add to a worker's start
bench-walls: build
    scripts/wasm-target cargo run --quiet --release --package e2e --example walls --locked

# Poll the service while every core is busy, give it a job of many repositories, and many jobs
bench-service *ARGS: build
    scripts/wasm-target cargo run --quiet --release --package e2e --example serving --locked -- "$@"

# Try the HTTP API against its own document with schemathesis: ./just api-fuzz [SECONDS]
api-fuzz *ARGS: build
    scripts/api-fuzz '{{ target }}/release/fumehood' "$@"

# Kill the service a hundred times under load
kill-service KILLS="100": build
    FUMEHOOD_KILLS={{ KILLS }} scripts/nextest run --profile long --release --workspace --locked --no-capture -E 'test(f05_killed_again)'
