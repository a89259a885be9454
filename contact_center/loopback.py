"""Whether an address, or a name, is this machine's for itself."""

from __future__ import annotations

import ipaddress


def is_loopback(address: str) -> bool:
    """Whether this is a loopback address; as IPv4 in IPv6, too. What is no address is none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_loopback


def is_own_host(host: str) -> bool:
    """Whether this is a loopback address, or the name ``localhost``."""
    return host == "localhost" or is_loopback(host)
