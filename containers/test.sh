#!/usr/bin/env bash
# Builds the images, tests them, and tests in them, with the Docker daemon there is. Nothing may be skipped for want of one.
# IMAGES=nest leaves out the image with everything, the suite in it, and slow tests, which take a quarter of an hour.
set -euo pipefail
cd "$(dirname "$0")/.."
shopt -s nullglob

# step TITLE COMMAND...: say how long it took.
step() {
    local title=$1 begun=$SECONDS
    shift
    "$@"
    printf -- '--- %s: %d s\n' "$title" $((SECONDS - begun))
}

# The suite sees the source as it is here, and cannot write to it. Tests of containers have been run outside.
suite() {
    local outside="--ignore=tests/containers --ignore-glob=*/test_container*"
    docker run --rm --init --network=none --read-only --tmpfs=/tmp:exec --cap-drop=ALL \
        --security-opt=no-new-privileges --volume "$PWD:/src:ro" \
        --env PYTEST_ADDOPTS="-p no:cacheprovider $outside" fusion-full:latest test
}

export REQUIRE_DOCKER=1
step "base" containers/base.sh
step "image nest" containers/build.sh nest
tests=test
if [ "${IMAGES:-nest full}" != nest ]; then
    step "image full" containers/build.sh full
    tests=test-full
fi
step "images, and NEST from a Python without it" make $tests NEST=container
hosts=(tests/host/test_container*.py)
[ ${#hosts[@]} -eq 0 ] || step "networks" "${PYTHON:-python3}" -m pytest "${hosts[@]}"
[ $tests = test ] || step "the suite in the image" suite
