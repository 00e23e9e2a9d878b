"""The demo's IAM Access Analyzer, as data: moto lacks it. It is on in both regions; in the mixed account it has found what stands open."""

from __future__ import annotations

from typing import Any

from pytest_ssb.demo.seeder import Seeder


def seed(seeder: Seeder) -> None:
    """Make an analyzer in each region; what the first one's found in the mixed account is open by its policy."""
    here = seeder.regions[0]
    opened = {
        "id": "0f4a6a53-9b1c-4c7e-8d2f-5a6b7c8d9e0f",
        "resource": f"arn:aws:sqs:{here}:{seeder.account}:acme-imports",
        "resourceType": "AWS::SQS::Queue",
        "resourceOwnerAccount": seeder.account,
        "status": "ACTIVE",
    }

    def analyzers(region: str, asked: dict[str, Any]) -> dict[str, Any]:
        arn = f"arn:aws:access-analyzer:{region}:{seeder.account}:analyzer/acme"
        return {"analyzers": [{"arn": arn, "name": "acme", "type": "ACCOUNT", "status": "ACTIVE"}]}

    def findings(region: str, asked: dict[str, Any]) -> dict[str, Any]:
        return {"findings": [opened] if region == here and not seeder.clean else []}

    seeder.simulated.instead("accessanalyzer:ListAnalyzers", analyzers)
    seeder.simulated.instead("accessanalyzer:ListFindingsV2", findings)
