#!/usr/bin/env bash
# build.sh IMAGE...: builds the images `nest` and `full`, with the Docker daemon there is, or with Podman if CONTAINERS is
# podman or there is no Docker. Wheels are fetched before, with this machine's settings of pip, so that nothing about its
# network gets into an image; WHEELS=0 leaves that to the build.
set -euo pipefail
cd "$(dirname "$0")/.."

pip=("${PYTHON:-python3}" -m pip --disable-pip-version-check --quiet --quiet)

# pin PACKAGE: its version in the lock.
pin() { sed -n "s/^$1==//p" requirements/py311.txt; }

# fetch FOLDER ARGUMENT...: what the images need is wheels for Debian's Python 3.11, whatever runs here.
fetch() {
    local folder=$1 platform
    local wanted=(--only-binary=:all: --no-deps --implementation cp --python-version 3.11 --abi cp311 --abi abi3 --abi none)
    shift
    for platform in manylinux_2_{28,27,26,24,17,12,5}_x86_64 manylinux{2014,2010,1}_x86_64 any; do
        wanted+=(--platform "$platform")
    done
    mkdir -p "$folder"
    "${pip[@]}" download "${wanted[@]}" --dest "$folder" "$@"
    echo "wheels: $folder, $(du -sh "$folder" | cut -f1) (after $SECONDS s)"
}

# has_buildkit CLIENT: as a plugin, or built in, as before version 23.
has_buildkit() {
    "$1" buildx version >/dev/null 2>&1 || [ "$("$1" --version | sed -E 's/[^0-9]*([0-9]+).*/\1/')" -lt 23 ]
}

# choose: the first client in the path that has BuildKit, which is faster; else any, and the legacy builder.
choose() {
    local each
    for each in $(type -ap docker); do
        if has_buildkit "$each"; then
            client=$each
            export DOCKER_BUILDKIT=1
            return
        fi
    done
    client=docker
    export DOCKER_BUILDKIT=0
}

# build NAME TAG ARGUMENT...
build() {
    local name=$1 tag=$2
    shift 2
    # A daemon without a bridge knows no network but this machine's.
    "$client" build --quiet --network=host "${options[@]}" --file "containers/$name/Dockerfile" \
        --tag "fusion-$name:$tag" --tag "fusion-$name:latest" "$@" . >/dev/null
    "$client" image inspect --format "fusion-$name:$tag: {{.Size}} bytes (after $SECONDS s)" "fusion-$name:$tag"
}

[ -n "${CONTAINERS:-}" ] || CONTAINERS=$(basename "$(command -v docker || command -v podman || echo docker)")
export CONTAINERS
client=$CONTAINERS options=()
if [ "$CONTAINERS" = podman ]; then
    options=(--format=docker) # the other format of Podman knows no health checks
elif [ -z "${DOCKER_BUILDKIT:-}" ]; then
    choose
fi
containers/base.sh
for image in "$@"; do
    case $image in
        nest)
            [ "${WHEELS:-1}" = 0 ] ||
                fetch containers/nest/wheels --require-hashes --requirement containers/nest/requirements.txt
            build nest "$(pin nest-simulator)" --build-arg "NEST=$(pin nest-simulator)"
            ;;
        full)
            if [ "${WHEELS:-1}" != 0 ]; then
                fetch containers/full/wheels --requirement requirements/py311.txt
                # What the tests of fusion_pymonnto compare with.
                while read -r version; do
                    fetch containers/full/wheels "pymonnto==$version"
                done <tests/adapters/pymonnto/versions.txt
            fi
            build full latest
            ;;
        *)
            echo "There is no image $image; there are: nest, full." >&2
            exit 2
            ;;
    esac
done
