"""Recorders and the buffers that they fill."""
