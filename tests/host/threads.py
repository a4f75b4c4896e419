"""A worker that is a thread, so that tests start at once and see both ends."""

import threading

from fusion.host import Elsewhere
from fusion.host.server import Server
from fusion.host.shared import SharedChannel
from fusion.host.worker import Worker


class Thread(Elsewhere):
    def launch(self, adapter):
        return ThreadWorker(adapter)


class ThreadWorker(Worker):
    def __init__(self, adapter):
        self.channel, descriptor = SharedChannel.create()
        self.server, self.requests = Server(adapter), []
        handle = self.server.handle
        self.server.handle = lambda request: (self.requests.append(1), handle(request))[1]
        self.thread = threading.Thread(target=self.server.serve, args=(SharedChannel.attach(descriptor),))
        self.thread.start()

    def state(self):
        return None if self.thread.is_alive() else "its thread has ended"

    def log_tail(self):
        return ""

    def close(self):
        self.channel.close()
        self.thread.join()
