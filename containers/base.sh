#!/usr/bin/env bash
# Gives Docker, or Podman where CONTAINERS is that, debian:bookworm-slim: the one it has, the registry's, or one made
# here from Debian's packages. BASE_CACHE names a tar that keeps what was made. Making one needs root and debootstrap.
set -euo pipefail

suite=bookworm
image=debian:$suite-slim
cache=${BASE_CACHE:-}
engine=${CONTAINERS:-docker}
pull_limit=120 # s

import() {
    "$engine" import --message "debootstrap $suite" --change 'CMD ["bash"]' --change 'ENV LANG=C.UTF-8' \
        --change 'LABEL org.opencontainers.image.title=debian org.opencontainers.image.source=debootstrap' \
        - "$image" >/dev/null
}

# mirror: where this machine has the suite from, or nothing; then debootstrap uses Debian's own.
mirror() {
    # shellcheck disable=SC2016  # the format is apt's
    apt-get indextargets --format '$(REPO_URI)' "Release: $suite" 'Created-By: Packages' 2>/dev/null | sed -n 1p
}

# slim ROOT: what the image of the registry leaves out, and its settings, so that layers stay small.
slim() {
    local root=$1
    printf 'path-exclude /usr/share/%s/*\n' doc man info locale >"$root/etc/dpkg/dpkg.cfg.d/docker"
    echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/docker-apt-speedup"
    cat >"$root/etc/apt/apt.conf.d/docker-clean" <<'END'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
END
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/cache/apt/*.bin "$root"/var/lib/apt/lists/* \
        "$root"/var/log/*.log "$root"/usr/share/{doc,man,info,locale}/*
    : >"$root/etc/machine-id"
}

# make TAR: a minimal Debian, packed.
make() {
    local tar=$1 root=$scratch/root from
    command -v debootstrap >/dev/null ||
        { echo "base: debootstrap is missing; on Debian: apt-get install debootstrap" >&2; exit 1; }
    [ "$(id -u)" -eq 0 ] || { echo "base: only root can make $image; sudo $0" >&2; exit 1; }
    from=$(mirror)
    debootstrap --variant=minbase "$suite" "$root" ${from:+"$from"} >"$scratch/log" 2>&1 ||
        { tail -n 20 "$scratch/log" >&2; exit 1; }
    # Updates and security fixes come from where this machine has them.
    if cp /etc/apt/sources.list.d/debian.sources "$root/etc/apt/sources.list.d/" 2>/dev/null; then
        : >"$root/etc/apt/sources.list"
    fi
    slim "$root"
    tar -C "$root" --numeric-owner --exclude=./dev --exclude=./proc --exclude=./sys -cf "$tar" .
}

if "$engine" image inspect "$image" >/dev/null 2>&1; then
    echo "base: $image is there"
    exit
fi
if timeout "$pull_limit" "$engine" pull --quiet "$image" >/dev/null 2>&1; then
    echo "base: $image is the registry's"
    exit
fi
# In memory, where nothing waits for the disk.
scratch=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")" fusion-base.XXXXXX)
trap 'rm -rf --one-file-system "$scratch"' EXIT
trap 'exit 130' INT TERM
tar=$scratch/base.tar
if [ -n "$cache" ] && [ -s "$cache" ]; then
    tar=$cache
else
    make "$tar"
    # Nobody finds half a file.
    if [ -n "$cache" ]; then cp "$tar" "$cache.$$" && mv "$cache.$$" "$cache"; fi
fi
import <"$tar"
echo "base: $image was made here"
