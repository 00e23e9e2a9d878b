"""Address blocks: which are public, and when some of them are the whole internet.

Everything is judged on the union of the blocks, so how a rule set spells an address range (order, duplicates, halves instead of a whole)
never changes the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import ip_network

# Documentation ranges (203.0.113.0/24, 2001:db8::/32) are left out on purpose: they stand for public addresses wherever they are written.
_PRIVATE = (
    "10.0.0.0/8",  # RFC 1918
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",  # RFC 6598, carrier-grade NAT
    "169.254.0.0/16",  # link-local
    "127.0.0.0/8",
    "fc00::/7",  # RFC 4193, unique local
    "fe80::/10",  # link-local
    "::1/128",
)
# Amazon S3 calls a policy public whose SourceIp is broader than /8 (IPv4, outside RFC 1918) or /32 (IPv6):
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
_BROADEST_V4 = 1 << (32 - 7)  # addresses of the narrowest block that is broader than /8
_BROADEST_V6 = 1 << (128 - 31)
_HALF_V4 = 1 << 31
# What one owner may have: a public block broader than /16 belongs to a provider, and so to all its customers.
_BROADEST_OWNED = 1 << (32 - 15)
_HALF_V6 = 1 << 124  # half of 2000::/3, all there is of public IPv6

Range = tuple[int, int]


@lru_cache(maxsize=65536)
def _block(cidr: str) -> tuple[int, int, int]:
    """IP version, first and last address of a block."""
    network = ip_network(cidr, strict=False)
    return network.version, int(network.network_address), int(network.broadcast_address)


def _merged(blocks: Iterable[tuple[int, int, int]], version: int) -> list[Range]:
    """The union as ranges that neither overlap nor touch, in ascending order."""
    merged: list[Range] = []
    for first, last in sorted((first, last) for of, first, last in blocks if of == version):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _without(ranges: Iterable[Range], holes: Iterable[Range]) -> Iterator[Range]:
    """What is left of the ranges outside the holes, which are in ascending order."""
    for first, last in ranges:
        start = first
        for hole_first, hole_last in holes:
            if hole_last < start or hole_first > last:
                continue
            if hole_first > start:
                yield start, hole_first - 1
            start = hole_last + 1
        if start <= last:
            yield start, last


def _holds_block(ranges: Iterable[Range], size: int) -> bool:
    """Whether one range contains a whole, aligned block of that size."""
    return any(-(-first // size) * size + size - 1 <= last for first, last in ranges)


_PRIVATE_V4 = _merged(map(_block, _PRIVATE), 4)
_PRIVATE_V6 = _merged(map(_block, _PRIVATE), 6)
_NEVER_INTERNET = _merged(map(_block, ("fc00::/7", "fe80::/10")), 6)
_PUBLIC_V6 = _block("2000::/3")[1:]


def is_internet(cidrs: Iterable[str]) -> bool:
    """Whether these blocks together are the internet: a block broader than /8 (IPv6: /32) in their union, or half the address space.

    Private IPv6 (fc00::/7, fe80::/10) never counts; private IPv4 has no block broader than /8.
    """
    blocks = {_block(cidr) for cidr in cidrs}
    v4 = _merged(blocks, 4)
    if _holds_block(v4, _BROADEST_V4) or sum(last - first + 1 for first, last in v4) >= _HALF_V4:
        return True
    v6 = list(_without(_merged(blocks, 6), _NEVER_INTERNET))
    if _holds_block(v6, _BROADEST_V6):
        return True
    return sum(max(0, min(last, _PUBLIC_V6[1]) - max(first, _PUBLIC_V6[0]) + 1) for first, last in v6) >= _HALF_V6


def is_wide(cidrs: Iterable[str], owned: Iterable[str] = ()) -> bool:
    """Whether these blocks together hold a public block broader than /16 that does not lie in `owned`; of IPv6, only `is_internet` tells."""
    blocks = {_block(cidr) for cidr in cidrs}
    known = _merged([*map(_block, owned), *((4, *private) for private in _PRIVATE_V4)], 4)
    return _holds_block(_without(_merged(blocks, 4), known), _BROADEST_OWNED)


def is_public(cidr: str) -> bool:
    """Whether a block, or single address, reaches outside the private ranges (RFC 1918, carrier-grade NAT, link-local, loopback, unique local)."""
    version, first, last = _block(cidr)
    return not any(start <= first and last <= end for start, end in (_PRIVATE_V4 if version == 4 else _PRIVATE_V6))


def within(cidr: str, cidrs: Iterable[str]) -> bool:
    """Whether every address of the block is in the union of the others."""
    version, first, last = _block(cidr)
    return any(start <= first and last <= end for start, end in _merged(map(_block, cidrs), version))


def overlaps(cidr: str, other: str) -> bool:
    """Whether two blocks share an address."""
    version, first, last = _block(cidr)
    of, start, end = _block(other)
    return version == of and first <= end and start <= last


def is_ipv6(cidr: str) -> bool:
    """Whether a block, or single address, is IPv6."""
    return _block(cidr)[0] == 6
