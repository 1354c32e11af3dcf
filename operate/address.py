"""The address the web server listens on, taken before anything else is started."""

from __future__ import annotations

import errno
import socket

from data.settings import Settings
from rules.errors import SetupError


def take_address(config: Settings) -> socket.socket:
    """A bound socket, so that nothing is started for a port that somebody else has."""
    family, kind, protocol, _, place = _resolved(config)
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # not held up by connections of the last run
    try:
        listener.bind(place)
    except OSError as error:
        listener.close()
        raise SetupError(why_not(config, error)) from None
    return listener


def _resolved(config: Settings) -> tuple[int, int, int, str, tuple[object, ...]]:
    try:
        return socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise SetupError(f"PORTAL_HOST={config.host} is no address of this machine: try 127.0.0.1") from None


def why_not(config: Settings, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {config.port} on {config.host} is taken: stop what runs there (another ./portal run?), "
            f"or choose another one, as in PORTAL_PORT={config.port + 1} ./portal run"
        )
    if error.errno == errno.EACCES:
        return f"port {config.port} is for administrators: choose one above 1023 with PORTAL_PORT"
    return f"PORTAL_HOST={config.host} cannot be listened on ({error.strerror}): try 127.0.0.1"
