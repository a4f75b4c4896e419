"""For authors of adapters: a toy simulator with its adapter, and the conformance suite that every adapter passes."""
