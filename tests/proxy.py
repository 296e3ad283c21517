"""A TCP proxy that can fail as networks do: cut connections, or go silent without a word."""

import socket
import threading
from contextlib import suppress


class Proxy:
    """Listens on a free port of 127.0.0.1 as soon as it is made. All methods may be called from any thread."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._open: set[socket.socket] = set()
        self._silent: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._flowing = threading.Event()
        self._flowing.set()
        self._threads: list[threading.Thread] = []
        self.connections = 0
        """That were ever made."""
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._accepting = self._run(self._accept, self._server)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Breaks every connection; new ones are taken."""
        with self._lock:
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def freeze(self) -> None:
        """Nothing goes through any more, also on new connections, until `thaw`; nobody is told."""
        self._flowing.clear()

    def thaw(self) -> None:
        """What was held back goes on."""
        self._flowing.set()

    def swallow(self) -> None:
        """The connections that are open now stay so, and nothing goes through for ever; new ones work."""
        with self._lock:
            self._silent |= self._open

    def stop(self) -> None:
        """Breaks every connection and refuses new ones until `start`."""
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._accepting.join()
        self.cut()

    def start(self) -> None:
        self._server = socket.create_server(("127.0.0.1", self.port))
        self._accepting = self._run(self._accept, self._server)

    def close(self) -> None:
        self.thaw()
        self.stop()
        for thread in self._threads:
            thread.join()

    def _run(self, work: object, *what: object) -> threading.Thread:
        thread = threading.Thread(target=work, args=what, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                near, _ = server.accept()
            except OSError:
                return
            far = socket.create_connection(self._target)
            with self._lock:
                self.connections += 1
                self._open |= {near, far}
            ends = threading.Semaphore(1)
            self._run(self._pump, near, far, ends)
            self._run(self._pump, far, near, ends)

    def _pump(self, source: socket.socket, sink: socket.socket, other_goes_on: threading.Semaphore) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._flowing.wait()
                if source not in self._silent:
                    sink.sendall(data)
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        if not other_goes_on.acquire(blocking=False):  # the second of the two to end
            with self._lock:
                for one in (source, sink):
                    self._open.discard(one)
                    self._silent.discard(one)
                    one.close()
