"""NEST in a fusion network: node collections as groups, NEST's connections as synapse groups, recipes for both."""

from fusion_nest.adapter import Adapter
from fusion_nest.recipes import Nodes, nodes

__all__ = ["Adapter", "Nodes", "nodes"]
