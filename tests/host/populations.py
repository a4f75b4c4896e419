"""Functions that make populations of NEST in a worker; importing them there costs nothing else."""

from __future__ import annotations

import nest


def column(n, rate):
    """NEST nodes with noise of their own."""
    cells = nest.Create("iaf_psc_exp", n, {"I_e": 380.0})
    noise = nest.Create("poisson_generator", params={"rate": rate})
    nest.Connect(noise, cells, syn_spec={"weight": 60.0})
    cells.V_m = nest.random.uniform(-70.0, -56.0)
    return cells


def impossible(n):
    return column(n, -1.0)
