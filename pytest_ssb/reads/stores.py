"""What keeps or passes on data within a VPC, whatever service it is of, and the subnet groups that services put it into."""

from __future__ import annotations

from typing import ClassVar

import msgspec


class Store(msgspec.Struct, frozen=True, kw_only=True):
    """One of them, as far as its network goes. Its properties raise where the answer rests on what was not told."""

    arn: str
    # By AWS's name of the resource.
    type: ClassVar[str]

    @property
    def name(self) -> str:
        """Its identifier."""
        return self.arn.rpartition(":")[2].rpartition("/")[2]

    @property
    def group_ids(self) -> tuple[str, ...]:
        """Its security groups."""
        return ()

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports that it listens on, none until it does."""
        return ()

    @property
    def subnet_group(self) -> str | None:
        """The subnet group whose subnets it may be in, None where it names subnets itself."""
        return None

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """The subnets that it names itself."""
        return ()

    @property
    def public(self) -> bool:
        """Whether it has an address that the internet knows."""
        return False


class ListedSubnet(msgspec.Struct, frozen=True, rename="pascal"):
    """A subnet of a subnet group."""

    subnet_identifier: str


class SubnetGroup(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Subnets under a name, in any of which a service may put what is in the group, or put it later."""

    arn: str
    subnets: tuple[ListedSubnet, ...]

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """Its subnets."""
        return tuple(each.subnet_identifier for each in self.subnets)
