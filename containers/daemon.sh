#!/usr/bin/env bash
# daemon.sh COMMAND...: run a command with a Docker daemon: the one that runs here, or else a private one, which ends
# with the command and leaves nothing behind, whether that succeeds, fails or is interrupted.
set -euo pipefail

patience=60 # s, for the daemon to begin and to end

if timeout 20 docker info >/dev/null 2>&1; then
    exec "$@"
fi
if ! command -v dockerd >/dev/null; then
    echo "No Docker daemon runs, and there is none to start; on Debian: apt-get install docker.io" >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "No Docker daemon runs, and only root can start one. Start yours (a rootless one will do), or use sudo." >&2
    exit 1
fi

state=$(mktemp -d -t fusion-docker.XXXXXX)
daemon="" command="" # process ids; each leads a group of its own, so that Ctrl-C reaches this script alone

ended() { ! kill -0 -- "-$1" 2>/dev/null; }

# within CONDITION...: whether it holds in time.
within() {
    local until=$((SECONDS + patience))
    until "$@"; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.2
    done
}

# stop SIGNAL PROCESS: by force if it must be.
stop() {
    if [ -n "$2" ] && ! ended "$2"; then
        kill "-$1" -- "-$2"
        within ended "$2" || kill -KILL -- "-$2" || true
    fi
}

# Remove all containers.
clear() { docker ps --quiet --all 2>/dev/null | xargs --no-run-if-empty docker rm --force >/dev/null 2>&1 || true; }

end() {
    local status=$?
    trap '' INT TERM # once begun, this is finished
    clear # the command may wait for one of them
    stop "${1:-TERM}" "$command"
    clear
    stop TERM "$daemon"
    # A daemon that was killed leaves containers, what stood between it and each of them, and mounts.
    for shim in $(pgrep -f -- "-address $state/"); do
        pkill -KILL -P "$shim" || true
        kill -KILL "$shim" || true
    done
    awk -v state="$state/" 'index($2, state) == 1 { print $2 }' /proc/mounts | sort -r |
        xargs --no-run-if-empty umount --lazy
    rm -rf --one-file-system "$state"
    trap - EXIT
    exit "$status"
}
trap end EXIT
trap '(exit 130) || end INT' INT
trap '(exit 143) || end TERM' TERM

export DOCKER_HOST=unix://$state/docker.sock
unset DOCKER_CONTEXT
set -m
# No bridge: a container has no network, or this machine's.
dockerd --host "$DOCKER_HOST" --data-root "$state/data" --exec-root "$state/exec" --pidfile "$state/pid" \
    --bridge=none --iptables=false --ip6tables=false >"$state/log" 2>&1 </dev/null &
daemon=$!
answers() { docker info >/dev/null 2>&1 || ended "$daemon"; }
if ! within answers || ended "$daemon"; then
    echo "dockerd did not start:" >&2
    tail -n 20 "$state/log" >&2
    exit 1
fi
"$@" </dev/null &
command=$!
set +m
wait "$command"
