"""Descriptions: clock, units, tags, parameters, behaviours, neuron groups and synapse groups."""
