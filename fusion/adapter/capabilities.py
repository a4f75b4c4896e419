"""What an adapter can do, declared before anything is built."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Capabilities:
    """What one tier of an adapter can do; a missing one is an error where the user asks for it.

    notice : int, ticks
        A row of arrivals that takes effect at tick t is pushed before ``advance`` goes to tick t - notice.
    read_lag : int, ticks
        Age of what ``read`` returns after ``advance``.
    instances_per_process : int or None
        How many adapters may be open at once in a process; None is no limit.
    groups_per_instance : int or None
        1 if each group is a participant of its own; None if all groups of a network share one.
    carries_links : bool
        The simulator can hold the weights of a link, which stand still during a run, so that spikes of the source cross
        and not a sum for each target.
    own_dt : bool
        The simulator has a time step of its own that must equal the network's.
    slower_clock : bool
        Whether ``every=`` may be given: the participant advances each n ticks.
    background : bool
        ``start`` begins to compute in another thread or process, while others go on.
    precision : str
        The numbers that it computes with.
    """

    spikes_out: bool
    spikes_in: bool
    samples_out: bool
    samples_in: bool
    notice: int = 0
    read_lag: int = 0
    chunk_invariant: bool = True
    writable_while_running: bool = True
    carries_links: bool = False
    adopts_synapses: bool = False
    stand_ins: bool = False
    snapshot: bool = False
    gradients: bool = False
    own_dt: bool = True
    slower_clock: bool = False
    background: bool = False
    instances_per_process: int | None = None
    groups_per_instance: int | None = None
    precision: str = "float64"
