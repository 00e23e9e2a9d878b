"""What a command gets as `--ip-permissions`: rules of security groups, or parts of them, as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from pytest_ssb.network_groups import IpPermission

# Which rule of a group, by its number, and a source in it: an address block, or the id of a prefix list or group.
Place = tuple[int, str]
# What is to be let in: a protocol, a port, and an address block or the id of a group.
Admission = tuple[str, int, str]


def sources_of(permission: IpPermission) -> list[str]:
    """Every source of a rule."""
    return [
        *(each.cidr_ip for each in permission.ip_ranges),
        *(each.cidr_ipv6 for each in permission.ipv6_ranges),
        *(each.prefix_list_id for each in permission.prefix_list_ids),
        *(each.group_id for each in permission.user_id_group_pairs),
    ]


def chosen(permissions: Iterable[IpPermission], places: Iterable[Place]) -> str:
    """The parts of a group's rules that stand at these places."""
    wanted = set(places)

    def there(number: int) -> Callable[[str], bool]:
        return lambda source: (number, source) in wanted

    return _json(_part(permission, there(number)) for number, permission in enumerate(permissions))


def parts(permissions: Iterable[IpPermission], keep: Callable[[str], bool] = lambda source: True) -> str:
    """These rules with the sources that `keep` wants; a rule of which nothing is left is left out."""
    return _json(_part(permission, keep) for permission in permissions)


def admitting(admissions: Iterable[Admission]) -> str:
    """New rules that let these in."""
    rules: dict[tuple[str, int], dict[str, list[dict[str, str]]]] = {}
    for protocol, port, source in dict.fromkeys(admissions):
        kind, name = (
            ("UserIdGroupPairs", "GroupId") if source.startswith("sg-") else ("Ipv6Ranges", "CidrIpv6") if ":" in source else ("IpRanges", "CidrIp")
        )
        rules.setdefault((protocol, port), {}).setdefault(kind, []).append({name: source})
    return _json({"IpProtocol": protocol, "FromPort": port, "ToPort": port, **sources} for (protocol, port), sources in rules.items())


def _part(permission: IpPermission, keep: Callable[[str], bool]) -> dict[str, Any]:
    sources: dict[str, list[dict[str, str]]] = {
        "IpRanges": [{"CidrIp": each.cidr_ip} for each in permission.ip_ranges if keep(each.cidr_ip)],
        "Ipv6Ranges": [{"CidrIpv6": each.cidr_ipv6} for each in permission.ipv6_ranges if keep(each.cidr_ipv6)],
        "PrefixListIds": [{"PrefixListId": each.prefix_list_id} for each in permission.prefix_list_ids if keep(each.prefix_list_id)],
        "UserIdGroupPairs": [{"GroupId": each.group_id} for each in permission.user_id_group_pairs if keep(each.group_id)],
    }
    if not any(sources.values()):
        return {}
    ports = {"FromPort": permission.from_port, "ToPort": permission.to_port}
    return (
        {"IpProtocol": permission.ip_protocol}
        | {name: port for name, port in ports.items() if port is not None}
        | {name: each for name, each in sources.items() if each}
    )


def _json(rules: Iterable[dict[str, Any]]) -> str:
    return json.dumps([rule for rule in rules if rule], separators=(",", ":"))
