"""What checks need beside the adapter: lists of those that one without it leaves out."""

STAND_INS = (
    "test_a_stand_in_acts_as_a_native_source_does",
    "test_a_stand_in_fires_as_often_as_it_is_told",
    "test_a_stand_in_fires_at_its_tick",
    "test_a_stand_in_that_is_told_too_late_is_an_error",
)
ADOPTED_SYNAPSES = (
    "test_adopted_synapses_deliver_after_their_delay",
    "test_adopted_synapses_show_what_they_are",
    "test_weights_of_adopted_synapses_can_be_written",
)
IN_NETWORKS = (
    "test_a_stand_in_fires_as_long_after_its_source_as_was_asked",
    "test_adopted_synapses_are_a_synapse_group",
)
