"""What was kept of a run: one folder each, with what was recorded and the certificate of its coupling."""

try:
    import h5py  # noqa: F401 - here, so that it is told once what is missing
except ImportError as error:
    raise ImportError("Keeping runs, and reading them, needs h5py: pip install 'fusion-sim[storage]'.") from error

from fusion.storage.run import Run, Stored

__all__ = ["Run", "Stored"]
