"""Which blocks are public, and which together are the internet."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import chain
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ssb.cidrs import is_internet, is_ipv6, is_public, overlaps, within

EVERY_OTHER_8 = [f"{n}.0.0.0/8" for n in range(0, 256, 2)]

INTERNET = {
    "all of IPv4": ["0.0.0.0/0"],
    "all of IPv6": ["::/0"],
    "two halves (the peers' hole)": ["0.0.0.0/1", "128.0.0.0/1"],
    "one half": ["0.0.0.0/1"],
    "shorter than /4": ["16.0.0.0/4"],
    "one block broader than /8": ["52.0.0.0/7"],
    "the same block in halves": ["52.0.0.0/8", "53.0.0.0/8"],
    "broader than /8 around RFC 1918": ["10.0.0.0/7"],
    "half the space in blocks of /8 that don't touch": EVERY_OTHER_8,
    "119 blocks of /8": [f"{n}.0.0.0/8" for n in [*range(1, 224, 2), *range(2, 16, 2)]],
    "global unicast IPv6": ["2000::/3"],
    "one IPv6 block broader than /32": ["2600::/31"],
    "private IPv6 and its neighbours": ["fc00::/6"],
}
NOT_INTERNET = {
    "nothing": [],
    "one address": ["198.51.100.7/32"],
    "a /8": ["52.0.0.0/8"],
    "RFC 1918": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
    "less than half the space": EVERY_OTHER_8[1:],
    "two blocks of /8 that touch without making a /7": ["51.0.0.0/8", "52.0.0.0/8"],
    "an IPv6 /32": ["2600::/32"],
    "private IPv6": ["fc00::/7", "fe80::/10"],
    "half of private IPv6": ["fd00::/8"],
}


@pytest.mark.parametrize("cidrs", INTERNET.values(), ids=INTERNET)
def test_internet(cidrs: list[str]) -> None:
    assert is_internet(cidrs)


@pytest.mark.parametrize("cidrs", NOT_INTERNET.values(), ids=NOT_INTERNET)
def test_not_internet(cidrs: list[str]) -> None:
    assert not is_internet(cidrs)


@pytest.mark.parametrize(
    ("cidr", "public"),
    [
        ("10.1.2.3", False),
        ("172.16.0.0/12", False),
        ("172.16.0.0/11", True),  # reaches beyond
        ("192.168.0.0/16", False),
        ("100.64.0.0/10", False),
        ("169.254.169.254/32", False),
        ("127.0.0.1/32", False),
        ("8.8.8.8/32", True),
        ("203.0.113.0/24", True),  # documentation stands for public
        ("0.0.0.0/0", True),
        ("fd12:3456::1", False),
        ("fe80::/64", False),
        ("::1", False),
        ("2600:1f18::/36", True),
        ("::/0", True),
    ],
)
def test_public(cidr: str, public: bool) -> None:
    assert is_public(cidr) is public


@pytest.mark.parametrize("cidr", ["everywhere", "pl-1", "", "10.0.0.0/33"])
def test_unreadable_block_is_an_error(cidr: str) -> None:
    with pytest.raises(ValueError, match="does not appear"):
        is_internet(["10.0.0.0/8", cidr])
    with pytest.raises(ValueError, match="does not appear"):
        is_public(cidr)


def test_within_and_overlaps() -> None:
    assert within("10.0.0.0/15", ["10.1.0.0/16", "10.0.0.0/16"])
    assert not within("10.0.0.0/15", ["10.1.0.0/16"])
    assert not within("10.0.0.0/15", ["::/0"])
    assert overlaps("10.0.0.0/16", "10.0.3.0/24")
    assert overlaps("10.0.3.0/24", "10.0.0.0/16")
    assert not overlaps("10.0.0.0/24", "10.0.1.0/24")
    assert not overlaps("0.0.0.0/0", "::/0")
    assert is_ipv6("::/0")
    assert not is_ipv6("0.0.0.0/0")


# Mostly broad blocks, for there the verdict turns.
v4 = st.builds(lambda address, bits: IPv4Network((address >> (32 - bits) << (32 - bits), bits)), st.integers(0, 2**32 - 1), st.integers(1, 12))
v6 = st.builds(lambda address, bits: IPv6Network((address >> (128 - bits) << (128 - bits), bits)), st.integers(0, 2**128 - 1), st.integers(1, 36))
narrow_v4 = st.builds(lambda n: IPv4Network((n << 24, 8)), st.integers(0, 255))
blocks = st.lists(st.one_of(v4, v6, narrow_v4), max_size=12).map(lambda found: [str(each) for each in found])


@given(blocks, st.data())
def test_splitting_a_block_never_changes_the_verdict(cidrs: list[str], data: st.DataObject) -> None:
    halves = [
        [str(half) for half in ip_network(each).subnets(prefixlen_diff=data.draw(st.integers(0, 3)))] if data.draw(st.booleans()) else [each]
        for each in cidrs
    ]
    assert is_internet(chain.from_iterable(halves)) == is_internet(cidrs)


@given(blocks, st.randoms())
def test_order_and_duplicates_never_change_the_verdict(cidrs: list[str], random: Random) -> None:
    shuffled = [*cidrs, *cidrs[:3]]
    random.shuffle(shuffled)
    assert is_internet(shuffled) == is_internet(cidrs)


@given(blocks, blocks)
def test_adding_a_block_never_narrows(cidrs: list[str], more: list[str]) -> None:
    assert is_internet([*cidrs, *more]) >= (is_internet(cidrs) or is_internet(more))


@given(st.sets(st.integers(0, 255)))
def test_union_of_eights_by_counting(firsts: set[int]) -> None:
    """Of /8 blocks, a whole /7 or 128 of them are the internet."""
    expected = len(firsts) >= 128 or any(n in firsts and n + 1 in firsts for n in range(0, 256, 2))
    assert is_internet(f"{n}.0.0.0/8" for n in firsts) == expected


@given(st.one_of(v4, v6))
def test_single_block_by_its_prefix_length(block: IPv4Network | IPv6Network) -> None:
    """What decision 16 says of one block."""
    broad = block.prefixlen < (8 if block.version == 4 else 32)
    private = block.version == 6 and any(block.subnet_of(IPv6Network(of)) for of in ("fc00::/7", "fe80::/10"))
    assert is_internet([str(block)]) == (broad and not private)
