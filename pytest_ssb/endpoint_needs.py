"""Which of AWS's services what runs in a VPC is known to call, and whether it reaches them through endpoints: pure judgements."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from pytest_ssb.cidrs import within
from pytest_ssb.endpoint_ways import Callers, EndpointWays
from pytest_ssb.network import Vpc
from pytest_ssb.network_types import Route
from pytest_ssb.reads.ssm import Agents
from pytest_ssb.reads.vpc_endpoints import leads_to
from pytest_ssb.selectors import Selectors, matches

# What agents and the tasks of ECS call before anything else:
# https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html, https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
OF_AGENTS, OF_TASKS = ("ssm", "ssmmessages"), ("ecr.api", "ecr.dkr", "logs")


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint in another VPC that is there for all: by which entry of the profile, and which entries name VPCs that are not seen."""

    by: str | None = None
    entry: str = ""
    unseen: tuple[str, ...] = ()


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """The services that are known to be called from a VPC, those without an endpoint, and those of them that are out of reach for some caller."""

    known: tuple[str, ...]
    missing: tuple[str, ...]
    unreachable: tuple[str, ...]
    functions: bool


class EndpointNeeds:
    """What the callers of a region's VPCs need endpoints for. Its methods raise where the answer rests on what could not be read."""

    def __init__(self, ways: EndpointWays, agents: Agents) -> None:
        self.ways = ways
        self._network = ways.network
        self._agents = agents

    def endpoint(self, vpc: Vpc, service: str) -> str | None:
        """The VPC's endpoint to a service, None if it has none."""
        found = (each for each in self._network.endpoints_of(vpc.vpc_id) if each.available and leads_to(each, service))
        return next((each.vpc_endpoint_id for each in found), None)

    def shared(self, callers: Callers, service: str, vpcs: Selectors) -> Shared:
        """The endpoint of a VPC that the profile says is shared, if all callers have a route there."""
        seen = [vpc for vpc in self._network.vpcs if any(matches(entry, vpc.arn, vpc.tags) for entry in vpcs)]
        for vpc in seen:
            endpoint = self.endpoint(vpc, service)
            entry = vpcs.match(vpc.arn, vpc.tags)
            if endpoint is not None and entry and all(self._leads_to(self._routes(table), vpc) for table in callers.tables):
                return Shared(by=f"{endpoint} in {vpc.vpc_id}", entry=entry)
        unseen = tuple(entry for entry in vpcs if not any(matches(entry, vpc.arn, vpc.tags) for vpc in seen))
        return Shared(unseen=unseen if all(any(map(_goes_to_networks, self._routes(table))) for table in callers.tables) else ())

    def isolated(self, callers: Callers) -> bool:
        """Whether no caller of the VPC can leave it."""
        return not any(self._routes(table) for table in callers.tables)

    def of(self, vpc: Vpc, callers: Callers) -> Needs:
        """What the callers are known to need."""
        by_subnet: dict[str, set[str]] = {}
        functions = False
        for subnet in callers.subnets:
            needed = by_subnet.setdefault(subnet.subnet_id, set())
            for interface in self._network.interfaces_in(subnet.subnet_id):
                kind = self._network.owner(interface).kind
                functions = functions or kind == "lambda"
                if kind == "ecs_task":
                    needed.update(OF_TASKS)
                elif kind == "instance" and self._agents.knows(interface.instance_id or ""):
                    needed.update(OF_AGENTS)
        known = sorted(set().union(*by_subnet.values()))
        missing = [service for service in known if self.endpoint(vpc, service) is None]
        cut_off = [subnet_id for subnet_id in by_subnet if not self._routes(self._table(subnet_id))]
        unreachable = [service for service in missing if any(service in by_subnet[subnet_id] for subnet_id in cut_off)]
        return Needs(known=tuple(known), missing=tuple(missing), unreachable=tuple(unreachable), functions=functions)

    def _table(self, subnet_id: str) -> str:
        return self._network.effective_route_table(subnet_id).table.route_table_id

    def _routes(self, table_id: str) -> list[Route]:
        """The routes of a table that lead out of the VPC, to whatever; those to gateway endpoints are none."""
        routes = self._network.route_table(table_id).routes
        return [each for each in routes if each.state == "active" and each.gateway_id != "local" and not (each.gateway_id or "").startswith("vpce-")]

    def _leads_to(self, routes: Iterable[Route], vpc: Vpc) -> bool:
        return any(each.cidr and within(vpc.cidr_block, [each.cidr]) for each in routes if _goes_to_networks(each))


def _goes_to_networks(route: Route) -> bool:
    return bool(route.transit_gateway_id or route.vpc_peering_connection_id or route.core_network_arn)
