"""What tests ask of Docker."""

import subprocess


def tried(*words):
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=False)


def docker(*words):
    """The words that a command prints."""
    done = tried(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def the_container():
    """The name of the one that runs for fusion."""
    (name,) = docker("ps", "--filter", "name=fusion-", "--format", "{{.Names}}")
    return name
