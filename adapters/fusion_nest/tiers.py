"""Which way into NEST there is: the compiled port, or else PyNEST alone."""

from __future__ import annotations

from fusion.adapter.tiers import PUBLIC, Tier, kept_public, tell
from fusion_nest.exchange import Exchange
from fusion_nest.kernel import Kernel
from fusion_nest.port import PortUnavailable, load
from fusion_nest.ported import PortedExchange
from fusion_nest.public import PublicExchange

PORT = "port"


def open_exchange(kernel: Kernel) -> Exchange:
    """The fastest exchange that can be had, and the reason if it is not the port."""
    wanted = kept_public("nest")
    if wanted is not None:
        return PublicExchange(kernel, wanted)
    threads = kernel.nest.local_num_threads
    if threads > 1:
        reason = f"nest.local_num_threads is {threads}, and the port works with one thread"
        return PublicExchange(kernel, tell("nest", Tier(PUBLIC, reason)))
    try:
        return PortedExchange(kernel, Tier(PORT), load(kernel.nest))
    except PortUnavailable as error:
        return PublicExchange(kernel, tell("nest", Tier(PUBLIC, str(error))))
