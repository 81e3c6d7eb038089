"""The addresses on which a server listens, taken before anything is opened."""

import errno
import os
import socket

PORT_MAX = 65_535


def listen(host: str, port: int) -> list[socket.socket]:
    """A socket for each address of a host. `port` 0: any that is free.

    Raises  ValueError: there is no such host, it is not of this machine, or the port is taken
    """
    if not 0 <= port <= PORT_MAX:  # the system would take another one, silently
        raise ValueError(f"--port: wanted 0 to {PORT_MAX}, found {port}; correct it")
    taken: list[socket.socket] = []
    why = ""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in dict.fromkeys(found):
            try:
                taken.append(_bind(socket.socket(family, kind, protocol), address))
            except OSError as fault:
                why = fault.strerror or str(fault)
                if fault.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):  # a host may have such an address, too
                    raise
    except (OSError, UnicodeError) as fault:
        why = getattr(fault, "strerror", None) or str(fault)
        for one in taken:
            one.close()
        taken = []
    if not taken:
        text = f"{host}:{port}: wanted to listen there, found: {why}; name another --port, or a --host of this machine"
        raise ValueError(text)
    return taken


def _bind(one: socket.socket, address: tuple[object, ...]) -> socket.socket:
    try:
        if os.name == "posix":  # elsewhere it would let two servers have one port
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if one.family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(address)
    except BaseException:
        one.close()
        raise
    return one
