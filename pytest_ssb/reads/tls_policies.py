"""Elastic Load Balancing: which protocols and ciphers the policies of listeners allow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from pytest_ssb.errors import Undecided, UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.web_listeners import BALANCER_GONE, ClassicPlace, Places
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

POLICIES, CLASSIC_POLICIES = "elbv2:DescribeSSLPolicies", "elb:DescribeLoadBalancerPolicies"
MODERN = ("TLSv1.2", "TLSv1.3")
OLD = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1")

# What the names of policies say, for those alone that an endpoint does not describe
# (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html).
_PREFIX = "ELBSecurityPolicy-"
_MODERN = re.compile(r"FS-1-2-(Res-)?2019-08|FS-1-2-Res-2020-10|TLS13-1-[23](-Res)?-(2021-06|FIPS-2023-04|(FIPS-)?PQ-2025-09)")
_WITHOUT_FORWARD_SECRECY = re.compile(r"TLS-1-2-2017-01|TLS-1-2-Ext-2018-06|TLS13-1-2-Ext[12]-.+")
_OLD = re.compile(r"20(11|14|15|16)-\d\d|TLS-1-1-2017-01|FS-2018-06|FS-1-1-2019-08|TLS13-1-[01]-.+")
_AEAD = re.compile(r"FS-1-2-Res-2020-10|TLS13-1-3-.+|TLS13-1-2-Res-.+")


@dataclass(frozen=True)
class Tls:
    """What of a policy is not modern; each empty where nothing is. `aead` is None where only its name is known, and that does not tell."""

    old: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    not_aead: tuple[str, ...] | None = ()

    @property
    def weak(self) -> tuple[str, ...]:
        """The ciphers that are not authenticated by themselves."""
        if self.not_aead is None:
            raise Undecided("the endpoint does not tell the policy's ciphers, and its name does not either")
        return self.not_aead


class Cipher(msgspec.Struct, frozen=True, rename="pascal"):
    """A cipher of a policy."""

    name: str


class SslPolicy(msgspec.Struct, frozen=True, rename="pascal"):
    """A policy (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SslPolicy.html)."""

    arn: str  # its name: it has no ARN
    ssl_protocols: tuple[str, ...]
    ciphers: tuple[Cipher, ...]

    @property
    def tls(self) -> Tls:
        """What of it is not modern. Raises Undecided for a protocol that we do not know."""
        unknown = [each for each in self.ssl_protocols if each not in (*MODERN, *OLD)]
        if unknown or not self.ssl_protocols or not self.ciphers:
            raise Undecided(f"{self.arn} has {', '.join(unknown) or 'no protocols or no ciphers'}, which we cannot judge")
        names = [each.name for each in self.ciphers]
        return Tls(
            old=tuple(each for each in self.ssl_protocols if each in OLD),
            static=tuple(each for each in names if not each.startswith(("TLS_", "ECDHE-"))),
            not_aead=tuple(each for each in names if not re.search("GCM|CCM|CHACHA20", each)),
        )


@dataclass(frozen=True)
class Policies:
    """The policies that the endpoint describes, by name."""

    described: Mapping[str, SslPolicy]

    def __getitem__(self, name: str) -> Tls:
        """What of a policy is not modern: by what is told of it, else by its name. Raises Undecided for a name that says nothing to us."""
        return self.described[name].tls if name in self.described else tls_by_name(name)


def tls_by_name(name: str) -> Tls:
    """What of a policy is not modern, as far as its name tells. Raises Undecided for a name that says nothing to us."""
    stem = name.removeprefix(_PREFIX)
    if name != stem and _OLD.fullmatch(stem):
        return Tls(old=("protocols before TLS 1.2, by its name",), not_aead=None)
    if name != stem and _WITHOUT_FORWARD_SECRECY.fullmatch(stem):
        return Tls(static=("some, by its name",), not_aead=None)
    if name != stem and _MODERN.fullmatch(stem):
        return Tls(not_aead=() if _AEAD.fullmatch(stem) else None)
    raise Undecided(f"{name} is not described by the endpoint, and its name says nothing to us")


@read(POLICIES, per="region")
def tls_policies(aws: Aws, web_listeners: Places) -> Policies:
    """What the policies of listeners allow; not asked where no public listener has one."""
    listeners = [each.listener for each in web_listeners if each.listener is not None and error_of(each.listener) is None]
    if not any(each.ends_tls for each in listeners if each):
        return Policies({})
    found: list[SslPolicy] = aws.parse(POLICIES, aws.list(POLICIES, "SslPolicies"), SslPolicy, "{Name}")
    return Policies({each.arn: each for each in found})


# --- Classic Load Balancers -----------------------------------------------------------------------------------------------------------------


class Attribute(msgspec.Struct, frozen=True, rename="pascal"):
    """A protocol, a cipher or a name, and its value."""

    attribute_name: str
    attribute_value: str


class ClassicPolicy(msgspec.Struct, frozen=True, rename="pascal"):
    """A policy (https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_PolicyDescription.html)."""

    arn: str  # its name: it has no ARN
    policy_type_name: str
    policy_attribute_descriptions: tuple[Attribute, ...]

    @property
    def tls(self) -> Tls:
        """What of it is not modern, by its protocols, or by the name of AWS's policy that it refers to where these are not told."""
        values = {each.attribute_name: each.attribute_value for each in self.policy_attribute_descriptions}
        on = {name for name, value in values.items() if value == "true"}
        old = tuple(each for each in OLD if f"Protocol-{each}" in on)
        if old:
            return Tls(old=old, not_aead=None)
        told = all(values.get(f"Protocol-{each}") == "false" for each in ("SSLv3", "TLSv1", "TLSv1.1"))
        if not told or "Protocol-TLSv1.2" not in on:
            return tls_by_name(values.get("Reference-Security-Policy", self.arn))
        ciphers = sorted(each for each in on if not each.startswith(("Protocol-", "Server-Defined", "ECDHE-", "TLS_")))
        return Tls(static=tuple(ciphers), not_aead=None)


@read(CLASSIC_POLICIES, per="region")
def classic_tls_policies(aws: Aws, classic_listeners: list[ClassicPlace]) -> PerResource[Mapping[str, ClassicPolicy]]:
    """The policies of each public Classic Load Balancer that ends TLS, by name."""
    asked = {each.arn: each for each in classic_listeners if each.listener and each.listener.encrypted and each.policy_names}
    return aws.each(asked.values(), lambda place: _policies(aws, place.balancer.load_balancer_name))


def _policies(aws: Aws, name: str) -> Mapping[str, ClassicPolicy]:
    answer = aws.ask(CLASSIC_POLICIES, gone=BALANCER_GONE, LoadBalancerName=name).get("PolicyDescriptions")
    if not isinstance(answer, list):
        raise UnexpectedAnswer(f"{CLASSIC_POLICIES} answered without PolicyDescriptions", CLASSIC_POLICIES)
    found: list[ClassicPolicy] = aws.parse(CLASSIC_POLICIES, answer, ClassicPolicy, "{PolicyName}")
    return {each.arn: each for each in found}
