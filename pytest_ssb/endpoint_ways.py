"""By which VPC endpoints what runs in a VPC reaches AWS's services, and whom the endpoints themselves admit: pure judgements that several checks share."""

from __future__ import annotations

import msgspec

from pytest_ssb import network_rules
from pytest_ssb.network import Network, NetworkInterface, SecurityGroup, Subnet, Vpc, VpcEndpoint
from pytest_ssb.network_types import Unknown
from pytest_ssb.reads.vpc_endpoints import VpcDnsOf, leads_to, service_of

# Their interfaces carry what others send, and begin no connection to AWS's services of their own.
_CARRYING = ("transit_gateway", "global_accelerator_managed", "api_gateway_managed")
# Services with endpoints of both types, whose private DNS may be for callers from outside the VPC alone.
_OF_BOTH_TYPES = ("s3", "dynamodb")
# Services that are spoken to on other ports than HTTPS's, too.
_ON_OTHER_PORTS = ("email-smtp", "transfer.server")


class Callers(msgspec.Struct, frozen=True, kw_only=True):
    """The subnets of a VPC in which something runs that may call AWS's services: the private ones, or all where none is private; and their tables."""

    subnets: tuple[Subnet, ...]
    tables: tuple[str, ...]
    private: bool


class ServiceWay(msgspec.Struct, frozen=True, kw_only=True):
    """How callers reach a service: `by` an endpoint, or with `missing` route tables, of which `gateway` has the others, if there is such an endpoint."""

    by: str | None = None
    gateway: str | None = None
    missing: tuple[str, ...] = ()
    why: str = ""


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the security groups of an endpoint admit: what is wrong, None if nothing, and whether it is more than untidy."""

    wrong: str | None = None
    exposed: bool = False


class EndpointNames:
    """Whether the names of AWS's services lead to interface endpoints. Its methods raise where the answer rests on what could not be read."""

    def __init__(self, network: Network, dns: VpcDnsOf) -> None:
        self._network = network
        self._dns = dns

    def off(self, endpoint: VpcEndpoint) -> str | None:
        """Why the service's own name does not lead its VPC's clients to an interface endpoint, None if it does."""
        id = endpoint.vpc_endpoint_id
        if not endpoint.has_private_dns:
            return f"{id} has no private DNS"
        if service_of(endpoint) in _OF_BOTH_TYPES:
            if endpoint.for_inbound_only is None:
                raise Unknown(f"{id} does not say whether its private DNS is for callers from outside the VPC alone")
            if endpoint.for_inbound_only:
                return f"the private DNS of {id} is for callers from outside the VPC alone"
        dns = self._dns[self._network.vpc(endpoint.vpc_id)]
        if not dns.support or not dns.hostnames:
            return f"{endpoint.vpc_id} has no DNS {'support' if not dns.support else 'hostnames'}, which private DNS needs"
        return None

    def beside(self, endpoint: VpcEndpoint) -> str | None:
        """The gateway endpoint to the same service in the same VPC, through which clients there go; None if there is none."""
        if service_of(endpoint) not in _OF_BOTH_TYPES:
            return None
        return next(
            (
                each.vpc_endpoint_id
                for each in self._network.endpoints_of(endpoint.vpc_id)
                if each.vpc_endpoint_type == "Gateway" and each.available and service_of(each) == service_of(endpoint)
            ),
            None,
        )


class EndpointWays:
    """What runs in the VPCs of a region, and the endpoints that it would call through. Its methods raise where the answer rests on what could not be read."""

    def __init__(self, network: Network, dns: VpcDnsOf) -> None:
        self.network = network
        self._names = EndpointNames(network, dns)

    def callers(self, vpc: Vpc) -> Callers | None:
        """Where something runs in a VPC that may call AWS's services; None if there is nothing but databases, load balancers and the like."""
        calling = [interface for interface in self.network.interfaces_of(vpc.vpc_id) if self._calls(interface)]
        nowhere = [interface.network_interface_id for interface in calling if not interface.subnet_ids]
        if nowhere:
            raise Unknown(f"{nowhere[0]} names no subnet")
        ids = dict.fromkeys(subnet_id for interface in calling for subnet_id in interface.subnet_ids)
        if not ids:
            return None
        private = [subnet_id for subnet_id in ids if not self.network.is_public(subnet_id)]
        judged = private or list(ids)
        tables = dict.fromkeys(self.network.effective_route_table(subnet_id).table.route_table_id for subnet_id in judged)
        return Callers(subnets=tuple(map(self.network.subnet, judged)), tables=tuple(tables), private=bool(private))

    def _calls(self, interface: NetworkInterface) -> bool:
        owner = self.network.owner(interface)
        return owner.kind != "nothing" and not owner.passive and interface.interface_type not in _CARRYING

    def way(self, vpc: Vpc, service: str, callers: Callers) -> ServiceWay:
        """How the callers of a VPC reach a service that has gateway endpoints."""
        found = [each for each in self.network.endpoints_of(vpc.vpc_id) if each.available and leads_to(each, service)]
        gateways = [each for each in found if each.vpc_endpoint_type == "Gateway"]
        routed = {table for each in gateways for table in each.route_table_ids}
        missing = tuple(table for table in callers.tables if table not in routed)
        if not missing:
            return ServiceWay(by=" and ".join(each.vpc_endpoint_id for each in gateways))
        interfaces = [each for each in found if each.interface]
        reasons = [self._names.off(each) for each in interfaces]
        if None in reasons:
            return ServiceWay(by=interfaces[reasons.index(None)].vpc_endpoint_id)
        where = f"{'private' if callers.private else 'public'} subnets by {', '.join(missing)}"
        if gateways:
            why = f"{gateways[0].vpc_endpoint_id} is not routed to from {where}"
        else:
            why = "; ".join([f"no gateway endpoint to {service} for its {where}", *(str(reason) for reason in reasons)])
        return ServiceWay(gateway=gateways[0].vpc_endpoint_id if gateways else None, missing=missing, why=why)


class EndpointGroups:
    """Whom the security groups of interface endpoints admit. Its methods raise where the answer rests on what could not be read."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def admission(self, endpoint: VpcEndpoint) -> Admission:
        """Whom an interface endpoint admits. What is proven to be open counts also where another rule can't be resolved."""
        if not endpoint.groups:
            raise Unknown(f"{endpoint.vpc_endpoint_id} names no security groups")
        groups = [self._network.security_group(each.group_id) for each in endpoint.groups]
        for group in groups:
            opened = [*map(str, self._network.world_open(group, proven=True))] or self._public(group)
            if opened:
                return Admission(wrong=f"{group.group_id} admits {', '.join(opened)}", exposed=True)
        rules = [rule for group in groups for rule in self._network.ingress(group)]
        together = network_rules.world_open(rules)
        if together:
            return Admission(wrong=f"its groups together admit {', '.join(map(str, together))}", exposed=True)
        default = [group.group_id for group in groups if group.is_default]
        if default:
            return Admission(wrong=f"in {default[0]}, the VPC's default group")
        open_to = [rule for rule in rules if rule.covers("tcp", 443) or service_of(endpoint) in _ON_OTHER_PORTS]
        if not open_to:
            return Admission(wrong="unusable: its groups admit nobody on port 443")
        if all(rule.unsaid for rule in open_to):
            raise Unknown(f"a rule of {groups[0].group_id} does not say its ports")
        return Admission()

    def _public(self, group: SecurityGroup) -> list[str]:
        found = self._network.public_sources(group, proven=True)
        return [f"the public {each.cidr}" for each in found[:3]]
