"""What NEST's models mean by their names: units of inputs and variables, and which variables may be written."""

from __future__ import annotations

CURRENT = frozenset({
    "aeif_psc_alpha", "aeif_psc_exp", "amat2_psc_exp", "gif_psc_exp", "gif_psc_exp_multisynapse", "glif_psc",
    "glif_psc_double_alpha", "hh_psc_alpha", "hh_psc_alpha_clopath", "hh_psc_alpha_gap", "iaf_psc_alpha",
    "iaf_psc_alpha_multisynapse", "iaf_psc_alpha_ps", "iaf_psc_exp", "iaf_psc_exp_htum", "iaf_psc_exp_multisynapse",
    "iaf_psc_exp_ps", "iaf_psc_exp_ps_lossless", "iaf_tum_2000", "mat2_psc_exp",
})  # fmt: skip
"""Models in which a spike adds to a current."""

CONDUCTANCE = frozenset({
    "aeif_cond_alpha", "aeif_cond_alpha_astro", "aeif_cond_alpha_multisynapse", "aeif_cond_beta_multisynapse",
    "aeif_cond_exp", "gif_cond_exp", "gif_cond_exp_multisynapse", "glif_cond", "hh_cond_beta_gap_traub",
    "hh_cond_exp_traub", "iaf_chxk_2008", "iaf_cond_alpha", "iaf_cond_alpha_mc", "iaf_cond_beta", "iaf_cond_exp",
    "iaf_cond_exp_sfa_rr",
})  # fmt: skip
"""Models in which a spike adds to a conductance."""

JUMP = frozenset({
    "aeif_psc_delta", "aeif_psc_delta_clopath", "iaf_psc_delta", "iaf_psc_delta_ps", "izhikevich", "pp_psc_delta",
})  # fmt: skip
"""Models in which a spike moves the membrane potential itself; they have a single channel for both signs."""

RELAYS = frozenset({"parrot_neuron", "parrot_neuron_ps"})
"""Models that repeat each spike they get, whatever its weight."""

INDIFFERENT = frozenset({
    "aeif_cond_alpha", "aeif_cond_exp", "aeif_psc_alpha", "aeif_psc_exp", "dc_generator", "fusion_port",
    "hh_cond_exp_traub", "hh_psc_alpha", "iaf_cond_alpha", "iaf_cond_exp", "iaf_psc_alpha",
    "iaf_psc_alpha_multisynapse", "iaf_psc_delta", "iaf_psc_exp", "iaf_psc_exp_multisynapse", "izhikevich",
    "parrot_neuron", "spike_generator", "spike_recorder", "step_current_generator",
})  # fmt: skip
"""Models that give the same, in all bits, however their steps are cut into slices; none draws random numbers."""

INDIFFERENT_ALONE = frozenset({"poisson_generator"})
"""Models that draw random numbers step after step: a single node of them draws the same, however steps are cut."""

# Units by name, for the models above.
_UNITS = {
    "mV": (
        "Delta_T", "Delta_V", "E_K", "E_L", "E_Na", "E_ahp", "E_ex", "E_in", "E_rev", "E_rr", "E_sfa", "V_T_star",
        "V_m", "V_min", "V_peak", "V_reset", "V_th", "V_th_max", "V_th_rest", "V_th_v", "alpha_1", "alpha_2", "omega",
        "theta_minus", "theta_plus", "u_bar_bar", "u_bar_minus", "u_bar_plus",
    ),
    "mV**2": ("u_ref_squared",),
    "pA": ("I_e", "I_stc", "I_syn", "I_syn_ex", "I_syn_in", "b", "w"),
    "pA/ms": ("dI_syn_ex", "dI_syn_in"),
    "nS": (
        "a", "g", "g_K", "g_Kv1", "g_Kv3", "g_L", "g_Na", "g_ahp", "g_ex", "g_in", "g_m", "g_pd", "g_rr", "g_sfa",
        "g_sp", "q_rr", "q_sfa",
    ),
    "nS/ms": ("dg_ex", "dg_in"),
    "pF": ("C_m",),
    "ms": (
        "t_clamp", "t_ref", "t_ref_abs", "t_ref_remaining", "t_ref_tot", "t_spike", "tau_1", "tau_2", "tau_Ca",
        "tau_V_th", "tau_ahp", "tau_decay_ex", "tau_decay_in", "tau_fac", "tau_m", "tau_minus", "tau_minus_triplet",
        "tau_psc", "tau_rec", "tau_rise_ex", "tau_rise_in", "tau_rr", "tau_sfa", "tau_syn_ex", "tau_syn_in",
        "tau_u_bar_bar", "tau_u_bar_minus", "tau_u_bar_plus", "tau_v", "tau_w", "tau_z",
    ),
    "": ("Act_m", "Act_n", "Inact_h", "Inact_p", "u", "x", "y"),
}  # fmt: skip
_UNIT_OF = {name: unit for unit, names in _UNITS.items() for name in names}

# Models that give a name of the table another meaning; None where NEST states none.
_EXCEPTIONS: dict[str, dict[str, str | None]] = {
    "izhikevich": {"U_m": "mV", "a": None, "b": None, "c": "mV", "d": "mV"},
}

# Scalars of a node's status that are no variables: most say how NEST keeps it, not how it behaves. Ca is brought up to
# date whenever a Run ends, so its last bits depend on how time is cut; f_target is shown per ms and taken per s.
HIDDEN = frozenset({
    "Ca", "archiver_length", "f_target", "global_id", "model_id", "n_events", "n_receptors", "n_synapses", "thread",
    "thread_local_id", "vp",
})  # fmt: skip

_COMPUTED = frozenset({
    "I_AMPA", "I_GABA", "I_NMDA", "I_stc", "I_syn", "V_th_adapt", "error_signal", "h", "learning_signal", "noise",
    "noisy_rate", "offset", "post_trace", "readout_signal", "readout_signal_unnorm", "surrogate_gradient",
    "t_spike", "target_signal", "y_0", "y_1",
})  # fmt: skip
_COMPUTED_IN = {
    "E_sfa": frozenset({"gif_cond_exp", "gif_cond_exp_multisynapse", "gif_pop_psc_exp", "gif_psc_exp",
                        "gif_psc_exp_multisynapse"}),
    "I_syn_ex": frozenset({"iaf_psc_alpha_ps"}),
    "I_syn_in": frozenset({"iaf_psc_alpha_ps"}),
    "V_th": frozenset({"amat2_psc_exp", "mat2_psc_exp"}),
    "dI_syn_ex": frozenset({"iaf_psc_alpha_ps"}),
    "dI_syn_in": frozenset({"iaf_psc_alpha_ps"}),
    "mean": frozenset({"gif_pop_psc_exp"}),
    "threshold_spike": frozenset({"glif_psc", "glif_psc_double_alpha"}),
    "threshold_voltage": frozenset({"glif_psc", "glif_psc_double_alpha"}),
}  # fmt: skip

_BINARY = frozenset({"erfc_neuron", "ginzburg_neuron", "mcculloch_pitts_neuron"})
"""Models whose events are no spikes: two at once mean "on", one means "off"."""

_SILENT = _BINARY | {
    "astrocyte_lr_1994", "eprop_readout", "eprop_readout_bsshslm_2020", "siegert_neuron", "volume_transmitter",
}  # fmt: skip

_SENDING_DEVICES = frozenset({"spike_generator", "spike_train_injector"})
"""Devices whose spikes are the same for every target; the random ones draw others for each."""


def is_known(model: str) -> bool:
    """Whether the units of `model` are in the tables."""
    return model in CURRENT or model in CONDUCTANCE or model in JUMP


def variable_unit(model: str, name: str) -> str | None:
    """The unit of a variable; None if the tables do not say."""
    if not is_known(model):
        return None
    exceptions = _EXCEPTIONS.get(model, {})
    return exceptions[name] if name in exceptions else _UNIT_OF.get(name)


def input_unit(model: str) -> str | None:
    """The unit of the weight of a spike; None if the tables do not say."""
    if model in RELAYS:
        return ""
    return next((unit for unit, family in _INPUT_UNITS if model in family), None)


_INPUT_UNITS = (("pA", CURRENT), ("nS", CONDUCTANCE), ("mV", JUMP))


def is_computed(model: str, name: str) -> bool:
    """Whether NEST shows the variable but refuses to have it set."""
    return name in _COMPUTED or model in _COMPUTED_IN.get(name, ())


def sends_spikes(model: str, element_type: str) -> bool:
    """Whether a group of `model` has spikes that others can be told of."""
    if element_type == "stimulator":
        return model in _SENDING_DEVICES
    return model not in _SILENT and "rate" not in model.split("_")


def takes_spikes(model: str, element_type: str) -> bool:
    """Whether spikes with weights mean something to a group of `model`."""
    deaf = model in _BINARY or model in ("siegert_neuron", "cm_default") or "rate" in model.split("_")
    return element_type == "neuron" and not deaf and model not in _SENDING_DEVICES


def has_two_channels(model: str) -> bool:
    """Whether positive and negative weights go different ways; supposed of models that the tables do not know."""
    return model not in JUMP and model not in RELAYS


def receptors_of(model: str, status: dict[str, object]) -> dict[str, int]:
    """The receptors that take spikes, by the names of `into=`; empty if the model has one input for all.

    Left out are receptors that take no spikes, and those that NEST reserves for neurons of the same model.
    """
    types = status.get("receptor_types")
    if isinstance(types, dict):
        closed = ("_curr", "_signal", "_window", *(["NMDA"] if model.startswith("iaf_bw_2001") else []))
        return {name: port for name, port in types.items() if not name.endswith(closed)}
    for key in ("n_receptors", "n_synapses"):
        count = status.get(key)
        if isinstance(count, int):
            return {f"receptor {k}": k for k in range(1, count + 1)}
    if model.startswith("glif_"):
        times = status.get("tau_syn", status.get("tau_syn_fast"))
        return {f"receptor {k}": k for k in range(1, len(times) + 1)} if hasattr(times, "__len__") else {}
    return {}
