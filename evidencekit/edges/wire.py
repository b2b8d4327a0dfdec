"""Connections that end by a deadline and go only to addresses that we mean to reach."""

import socket
from collections.abc import Callable, Iterable
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from ssl import SSLContext
from typing import Any

import httpcore

from evidencekit.errors import UndecidedError

Address = IPv4Address | IPv6Address


class Reach(IntEnum):
    """How near an address is. A redirect may not lead nearer than the server that sent it."""

    PUBLIC = 0
    PRIVATE = 1  # 10.0.0.0/8 and the like: a network that only insiders see
    LOOPBACK = 2  # this machine

    @classmethod
    def of(cls, address: Address) -> "Reach | None":
        """Return how near ``address`` is; None where no export is ever served from.

        None is for link-local addresses, where clouds keep their credentials, and for multicast,
        unspecified and reserved ones. An IPv4 address wrapped in IPv6 is judged as what it wraps.
        """
        plain = getattr(address, "ipv4_mapped", None) or address
        if plain.is_loopback:
            return cls.LOOPBACK
        if plain.is_link_local or plain.is_multicast or plain.is_unspecified or plain.is_reserved:
            return None
        return cls.PUBLIC if plain.is_global else cls.PRIVATE


class Wire(httpcore.NetworkBackend):
    """Opens the connection of one exchange.

    ``nearest`` and ``farthest`` bound the addresses. They are checked before connecting, and it is
    the checked address that is connected to, so a name that changes its mind in between gains
    nothing. ``until`` may be moved while the exchange goes on; no read or write waits past it.
    """

    def __init__(
        self, *, nearest: Reach, farthest: Reach, until: float, monotonic: Callable[[], float]
    ) -> None:
        self.nearest = nearest
        self.farthest = farthest
        self.until = until
        self.monotonic = monotonic
        self.reached = Reach.PUBLIC
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first permitted address of ``host`` that answers."""
        failure: httpcore.ConnectError | httpcore.ConnectTimeout
        for reach, address in self._permitted(host, port):
            wait = self.remaining(timeout, httpcore.ConnectTimeout)
            try:
                stream = self._sockets.connect_tcp(
                    address, port, wait, local_address, socket_options or ()
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            self.reached = reach
            return _Stream(stream, self)
        raise failure

    def remaining(self, timeout: float | None, overdue: type[Exception]) -> float:
        """Return how long one read or write may wait. Raises ``overdue`` past the deadline."""
        left = self.until - self.monotonic()
        if left <= 0:
            raise overdue("past the deadline")
        return left if timeout is None else min(left, timeout)

    def _permitted(self, host: str, port: int) -> list[tuple[Reach, str]]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the name cannot be resolved") from error
        permitted = []
        for *_, sockaddr in found:
            address = str(sockaddr[0])
            reach = Reach.of(ip_address(address.partition("%")[0]))
            if reach is not None and self.farthest <= reach <= self.nearest:
                permitted.append((reach, address))
        if not permitted:
            raise UndecidedError(
                "api.address", f"{host}: resolves to no address that may be asked here"
            )
        return permitted


class _Stream(httpcore.NetworkStream):
    """A connection whose every read and write ends by the wire's deadline."""

    def __init__(self, inner: httpcore.NetworkStream, wire: Wire) -> None:
        self._inner = inner
        self._wire = wire

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._wire.remaining(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._wire.remaining(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        wait = self._wire.remaining(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, wait), self._wire)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
