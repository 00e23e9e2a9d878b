"""Which VPCs have private subnets, and in which something is that would need them. Pure judgements."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pytest_ssb.network import Exposure, Network, NetworkInterface
from pytest_ssb.network_owners import stated_owner
from pytest_ssb.network_types import Subnet, Vpc
from pytest_ssb.network_use import NetworkUse, VpcLinks, VpcUse
from pytest_ssb.unread import error_of, or_unread, unread

# What connects networks, and is nothing that somebody runs in one.
_CONNECTORS = ("nat_gateway", "vpc_endpoint")


class Tiers(msgspec.Struct, frozen=True, kw_only=True):
    """The subnets of a VPC: the private ones, and the public ones, each with what makes it so."""

    private: tuple[str, ...]
    public: dict[str, Exposure]


class VpcTenants:
    """In which VPCs something is, as far as network interfaces tell, those of NAT gateways, endpoints and transit gateways left out.

    `network` needs VPCs and interfaces.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        nothing = VpcLinks(endpoints=(), nat_gateways=(), peerings=(), vpn_gateways=())
        self.use = VpcUse(network.account, network.vpcs, or_unread(self._interfaces), nothing)

    def lacks(self, subnet: Subnet) -> bool:
        """Whether the subnet is of a default VPC in which nothing is: that VPC is to be deleted, not to be made better."""
        vpc = self.network.vpc(subnet.vpc_id)
        return vpc.is_default and self.use.of(vpc) is None

    def _interfaces(self) -> Sequence[NetworkInterface]:
        return [each for each in map(self._tenant, self.network.network_interfaces) if each is not None]

    def _tenant(self, interface: NetworkInterface) -> NetworkInterface | None:
        """The interface, if it is somebody's; where it is not known whose it is, what raises the reason: it may prove nothing."""
        if error_of(interface) is not None:
            return interface
        try:
            owner = stated_owner(interface)
        except Exception as error:  # noqa: BLE001 - of whatever kind it is: whoever needs the interface meets it
            unknown: NetworkInterface = unread(error, interface.arn)
            return unknown
        connects = interface.interface_type == "transit_gateway" or (owner is not None and owner.kind in _CONNECTORS)
        return None if connects else interface


class VpcTiers:
    """Which of the subnets of each VPC are private. Its methods raise where the answer rests on what could not be read."""

    def __init__(self, network: Network, use: NetworkUse) -> None:
        self.network = network
        self.use = use

    def of(self, vpc: Vpc) -> Tiers:
        """The tiers of a VPC. One private subnet is enough to know, whatever is not known of the others."""
        private: list[str] = []
        public: dict[str, Exposure] = {}
        not_told: Exception | None = None
        for subnet in self.network.subnets_of(vpc.vpc_id):
            try:
                exposure = self.network.exposure(subnet.subnet_id)
            except Exception as error:  # noqa: BLE001 - of whatever kind the read's error is: raised below, unless another subnet settles it
                not_told = error
                continue
            if exposure.public:
                public[subnet.subnet_id] = exposure
            else:
                private.append(subnet.subnet_id)
        if not_told is not None and not private:
            raise not_told
        return Tiers(private=tuple(private), public=public)

    @property
    def open_vpcs(self) -> bool:
        """Whether it has to be asked who else names subnets: some VPC has public ones alone, and no interface tells of what is in it."""
        try:
            return any(self._open(vpc) for vpc in self.network.vpcs if error_of(vpc) is None and self.network.own(vpc) and not vpc.is_default)
        except Exception:  # noqa: BLE001 - of whatever kind the error is: whoever judges the VPC meets it again
            return False

    def _open(self, vpc: Vpc) -> bool:
        tiers = self.of(vpc)
        return bool(tiers.public) and not tiers.private and self.use.vpcs.of(vpc) is None
