"""Findings for AWS Security Hub, `.asff.json`: the AWS Security Finding Format, in files of at most 100, each of one account and region.

BatchImportFindings is called in the account and the region of the findings, and takes no more at once:
https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html,
https://docs.aws.amazon.com/securityhub/latest/partnerguide/guidelines-batchimportfindings.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from pytest_ssb.controls import CONTROLS
from pytest_ssb.findings import Finding, Status
from pytest_ssb.results import AccountRow, Results

AT_MOST = 100
# A batch may have 6 MB; the rest is for what a client puts around it.
BATCH_BYTES = 5_500_000
_TYPE = "Software and Configuration Checks/Industry and Regulatory Standards/AWS Startup Security Baseline"
_COMPLIANCE = {
    Status.PASS: "PASSED",
    Status.FAIL: "FAILED",
    Status.WAIVED: "FAILED",
    Status.MANUAL: "WARNING",
    Status.ERROR: "NOT_AVAILABLE",
    Status.NOT_APPLICABLE: "NOT_AVAILABLE",
}
# Where what has no region is imported if none was judged.
_HOMES = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1", "aws-eusc": "eusc-de-east-1"}
# The types of resources that the format knows, of those that have findings here; all else is Other.
TYPES = (
    *("AwsAccount", "AwsAmazonMqBroker", "AwsApiGatewayRestApi", "AwsApiGatewayStage", "AwsApiGatewayV2Api", "AwsApiGatewayV2Stage"),
    *("AwsAppSyncGraphQlApi", "AwsAutoScalingAutoScalingGroup", "AwsAutoScalingLaunchConfiguration", "AwsBackupBackupVault"),
    *("AwsCloudFormationStack", "AwsCloudFrontDistribution", "AwsCloudTrailTrail", "AwsCodeBuildProject", "AwsDynamoDbTable", "AwsEc2Instance"),
    *("AwsEc2LaunchTemplate", "AwsEc2NetworkInterface", "AwsEc2SecurityGroup", "AwsEc2Subnet", "AwsEc2Volume", "AwsEc2Vpc", "AwsEcrRepository"),
    *("AwsEcsService", "AwsEcsTask", "AwsEcsTaskDefinition", "AwsEksCluster", "AwsElasticBeanstalkEnvironment", "AwsElbLoadBalancer"),
    *("AwsElbv2LoadBalancer", "AwsEventsEventbus", "AwsGuardDutyDetector", "AwsIamPolicy", "AwsIamRole", "AwsIamUser", "AwsKmsKey"),
    *("AwsLambdaFunction", "AwsMskCluster", "AwsOpenSearchServiceDomain", "AwsRdsDbCluster", "AwsRdsDbClusterSnapshot", "AwsRdsDbInstance"),
    *("AwsRdsDbSnapshot", "AwsRedshiftCluster", "AwsS3AccessPoint", "AwsS3AccountPublicAccessBlock", "AwsS3Bucket"),
    *("AwsSageMakerNotebookInstance", "AwsSecretsManagerSecret", "AwsSnsTopic", "AwsSqsQueue", "AwsWafv2WebAcl"),
)
_BY_NAME = {name.lower(): name for name in TYPES}
_OTHERWISE_NAMED = {
    "AWS::ElasticLoadBalancing::LoadBalancer": "AwsElbLoadBalancer",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "AwsElbv2LoadBalancer",
    "AWS::IAM::ManagedPolicy": "AwsIamPolicy",
}


def render(results: Results) -> Iterator[str]:
    """The findings as JSON arrays, one for each call of BatchImportFindings."""
    accounts = {(account.profile, account.id): account for account in results.accounts}
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for finding in results.findings:
        region = finding.region or _home(accounts.get((finding.profile, finding.account)), results.findings)
        groups.setdefault((finding.account, region), []).append(_finding(finding, region, results, accounts))
    batches = [batch for _, group in sorted(groups.items()) for batch in _batches(group)]
    for batch in batches or [[]]:
        yield msgspec.json.format(msgspec.json.encode(batch), indent=1).decode() + "\n"


def _batches(group: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    size = 0
    for one in group:
        # As indented: a little more than is sent.
        more = len(msgspec.json.format(msgspec.json.encode(one), indent=2)) + 2
        if batch and (len(batch) == AT_MOST or size + more > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += more
    if batch:
        yield batch


def _home(account: AccountRow | None, findings: Sequence[Finding]) -> str:
    """The region in which findings without one are imported: the first that was judged of the account, else the partition's home."""
    if account is None or not account.regions:
        partition = account.partition if account else findings[0].resource.split(":")[1]
        return _HOMES.get(partition, _HOMES["aws"])
    home = _HOMES.get(account.partition)
    return home if home in account.regions else account.regions[0]


def resource_type(name: str) -> str:
    """The format's name of a CloudFormation type: `AwsEc2Volume` of `AWS::EC2::Volume`, `Other` where it has none."""
    return _OTHERWISE_NAMED.get(name) or _BY_NAME.get(name.replace("::", "").lower(), "Other")


def _cut(text: str, at_most: int) -> str:
    return text if len(text) <= at_most else f"{text[: at_most - 1]}…"


def _finding(finding: Finding, region: str, results: Results, accounts: Mapping[tuple[str, str], AccountRow]) -> dict[str, Any]:
    account = accounts.get((finding.profile, finding.account))
    partition = account.partition if account else finding.resource.split(":")[1]
    control = CONTROLS[finding.control]
    bad = finding.status in (Status.FAIL, Status.WAIVED, Status.ERROR)
    severity = {"Label": finding.severity.upper() if bad else "INFORMATIONAL", "Original": finding.severity}
    workflow = {Status.WAIVED: "SUPPRESSED", Status.PASS: "RESOLVED"}.get(finding.status, "NEW")
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"{results.tool.name}/{finding.id}",
        "ProductArn": f"arn:{partition}:securityhub:{region}:{finding.account}:product/{finding.account}/default",
        "GeneratorId": f"{results.tool.name}/{results.edition}/{finding.check}",
        "AwsAccountId": finding.account,
        "Types": [_TYPE],
        "CreatedAt": results.started_at,
        "UpdatedAt": results.finished_at,
        "Severity": severity,
        "FindingProviderFields": {"Severity": severity, "Types": [_TYPE]},
        "Title": _cut(f"{finding.control} {finding.check}: {control.title}", 256),
        "Description": _cut(finding.reason or str(finding.status), 1024),
        "Remediation": {"Recommendation": {"Text": _advice(finding), "Url": control.url}},
        "SourceUrl": control.url,
        "ProductFields": _product_fields(finding, results),
        "Resources": [_resource(finding, partition, region)],
        "Compliance": {
            "Status": _COMPLIANCE[finding.status],
            "RelatedRequirements": [f"AWS Startup Security Baseline {results.edition} {finding.control}"],
        },
        "Workflow": {"Status": workflow},
        "RecordState": "ACTIVE",
    }


def _advice(finding: Finding) -> str:
    """The command that mends it, whole or not at all: half a command is not to be pasted."""
    command = finding.remediation or finding.question or "see the link"
    return (
        command
        if len(command) <= 512
        else "The command is longer than this field: see ssb/remediation among the product fields, or the findings file."
    )


def _product_fields(finding: Finding, results: Results) -> dict[str, str]:
    whole = {
        "ssb/control": finding.control,
        "ssb/check": finding.check,
        "ssb/status": str(finding.status),
        "ssb/basis": finding.basis,
        "ssb/extended": "true" if finding.extended else "false",
        "ssb/edition": results.edition,
        "ssb/run": results.run.id,
        "ssb/profile": finding.profile,
        "ssb/nodeid": finding.nodeid,
        "ssb/item": finding.item,
        "ssb/question": finding.question,
        "ssb/remediation": finding.remediation if finding.remediation and len(finding.remediation) <= 2048 else None,
        "ssb/missing_permission": finding.error.action if finding.error else None,
        "ssb/waiver": finding.waiver.said if finding.waiver else None,
    }
    return {key: _cut(value, 2048) for key, value in whole.items() if value}


def _resource(finding: Finding, partition: str, region: str) -> dict[str, Any]:
    evidence = [(_cut(key, 127), _cut(value, 1023)) for key, value in finding.evidence.items() if key and value][:50]
    return {
        "Type": resource_type(finding.resource_type),
        "Id": finding.resource,
        "Partition": partition,
        "Region": region,
        **({"Details": {"Other": dict(evidence)}} if evidence else {}),
    }
