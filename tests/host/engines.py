"""What tests ask of Docker and Podman, by the same words."""

import subprocess

from fusion.host import Container

IMAGES = ("fusion-nest:3.10.0", "debian:bookworm-slim")
"""What `Container` runs, and one that is not ours."""


class Engine:
    """``engine("kill", name)`` is the words that a command prints."""

    def __init__(self, command):
        self.command = command

    def __call__(self, *words):
        done = self.tried(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    def tried(self, *words):
        return subprocess.run([self.command, *words], capture_output=True, text=True, check=False)

    def the_container(self):
        """The name of the one that runs for fusion."""
        (name,) = self("ps", "--filter", "name=fusion-", "--format", "{{.Names}}")
        return name

    def host(self, **options):
        return Container(command=self.command, **options)


docker = Engine("docker")
