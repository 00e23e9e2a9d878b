"""The demo's clusters: in one pods may have roles of their own, in the mixed account's other one they have that of their nodes."""

from __future__ import annotations

from typing import Any

from pytest_ssb.demo.seeder import Seeder


def seed(seeder: Seeder) -> None:
    """Make clusters with a group of nodes each; moto lacks pod identity."""
    region = seeder.regions[0]
    eks = seeder.client("eks", region)
    role, subnets = f"arn:aws:iam::{seeder.account}:role/acme-instances", ["subnet-1a", "subnet-1b"]
    for name in ("acme-apps",) if seeder.clean else ("acme-apps", "acme-legacy"):
        eks.create_cluster(name=name, roleArn=role, resourcesVpcConfig={"subnetIds": subnets})
        eks.create_nodegroup(clusterName=name, nodegroupName="default", nodeRole=role, subnets=subnets)
    association = {"clusterName": "acme-apps", "namespace": "shop", "serviceAccount": "checkout"}

    def associations(where: str, asked: dict[str, Any]) -> dict[str, Any]:
        return {"associations": [association] if (where, asked["url_path"].split("/")[2]) == (region, "acme-apps") else []}

    seeder.simulated.instead("eks:ListPodIdentityAssociations", associations)
