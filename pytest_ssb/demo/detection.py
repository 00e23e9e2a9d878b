"""What looks for secrets in the demo: Inspector in both regions, which in the mixed account has found one; CodeGuru Reviewer is not used, nor is Macie."""

from __future__ import annotations

from typing import Any

from pytest_ssb.demo.seeder import Seeder

ON = {"status": "ENABLED"}
OFF: dict[str, dict[str, list[Any]]] = {
    "codeguru-reviewer:ListRepositoryAssociations": {"RepositoryAssociationSummaries": []},
    "inspector2:ListCodeSecurityIntegrations": {"integrations": []},
    "inspector2:ListCodeSecurityScanConfigurations": {"configurations": []},
}


def seed(seeder: Seeder) -> None:
    """Tell of Inspector as data: moto does not know all that it tells."""
    first = seeder.regions[0]
    states = dict.fromkeys(("ec2", "ecr", "lambda", "lambdaCode"), ON)
    account = {"accountId": seeder.account, "state": ON, "resourceState": states}
    found = [] if seeder.clean else [_finding(f"arn:aws:lambda:{first}:{seeder.account}:function:acme-reports:$LATEST")]
    seeder.simulated.instead("inspector2:BatchGetAccountStatus", lambda region, body: {"accounts": [account], "failedAccounts": []})
    seeder.simulated.instead("inspector2:ListFindings", lambda region, body: {"findings": found if region == first else []})
    enabled = [{"RegionName": name, "Endpoint": f"ec2.{name}.amazonaws.com", "OptInStatus": "opt-in-not-required"} for name in seeder.regions]
    seeder.simulated.instead("ec2:DescribeRegions", lambda region, body: {"Regions": enabled})
    for operation, answer in OFF.items():
        seeder.simulated.instead(operation, lambda region, body, answer=answer: answer)  # type: ignore[misc]


def _finding(function: str) -> dict[str, Any]:
    details = {
        "cwes": ["CWE-798"],
        "detectorId": "python/hardcoded-credentials",
        "detectorName": "Hardcoded credentials",
        "detectorTags": ["security"],
    }
    return {"type": "CODE_VULNERABILITY", "resources": [{"type": "AWS_LAMBDA_FUNCTION", "id": function}], "codeVulnerabilityDetails": details}
