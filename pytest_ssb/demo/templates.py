"""How the demo is deployed, as data: moto's pipelines need a role of their own, which would be one more to judge."""

from __future__ import annotations

from typing import Any

from pytest_ssb.demo.seeder import Seeder

DEPLOY = ("Deploy", "CloudFormation")
PIPELINES = {"acme-deploy": [("Source", "CodeStarSourceConnection"), DEPLOY]}
# Of the mixed account, beside that one.
FROM_A_BUCKET = {"acme-reports": [("Source", "S3"), DEPLOY]}


def seed(seeder: Seeder) -> None:
    """Let the first region have pipelines. The mixed account has one that takes templates from where nobody sees who changed them."""
    _pipelines(seeder, PIPELINES if seeder.clean else PIPELINES | FROM_A_BUCKET)


def _pipelines(seeder: Seeder, named: dict[str, list[tuple[str, str]]]) -> None:
    def listed(region: str, asked: dict[str, Any]) -> dict[str, Any]:
        return {"pipelines": [{"name": name} for name in named] if region == seeder.regions[0] else []}

    def told(region: str, asked: dict[str, Any]) -> dict[str, Any]:
        actions = [
            {"name": category, "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"}}
            for category, provider in named[asked["name"]]
        ]
        return {"pipeline": {"name": asked["name"], "stages": [{"name": "all", "actions": actions}]}}

    seeder.simulated.instead("codepipeline:ListPipelines", listed)
    seeder.simulated.instead("codepipeline:GetPipeline", told)
