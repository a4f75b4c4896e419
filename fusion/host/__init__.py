"""Where simulators run: in the process of the script, in a child process, in a container, on a cluster."""

from fusion.host.attach import Attach
from fusion.host.cluster import Cluster
from fusion.host.container import Container
from fusion.host.host import Elsewhere, Host, InProcess
from fusion.host.process import Process

__all__ = ["Attach", "Cluster", "Container", "Elsewhere", "Host", "InProcess", "Process"]
