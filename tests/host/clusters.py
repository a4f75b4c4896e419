"""A Dask cluster on this machine."""

from contextlib import contextmanager

from distributed import Client, LocalCluster


@contextmanager
def two_workers():
    """A client of two workers, processes of one thread each."""
    with (
        LocalCluster(processes=True, n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        yield client


def serving(client):
    """The addresses of the workers that hold an actor of this client."""
    return [address for address, keys in client.has_what().items() if client.futures.keys() & keys]
