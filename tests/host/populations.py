"""Functions that make populations in a worker; importing them there costs nothing but NEST."""

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


def restless(n):
    """Noisy cells of Brian2, without a compiler."""
    import brian2

    brian2.prefs.codegen.target = "numpy"
    return brian2.NeuronGroup(
        n, "dv/dt = 300*Hz + xi*(10*ms)**-0.5 : 1", threshold="v > 1", reset="v = 0", method="euler"
    )
