"""Runs as a user starts them, against a moto server over HTTP."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_ssb import suites
from pytest_ssb.demo import repositories
from pytest_ssb.demo.seeder import REGIONS as DEMO_REGIONS
from tests.support.runs import Ran, Runner, lay_over
from tests.support.server import Demo, Finished, OverHttp, Server, in_shell, moto_server

# --- a small account in three regions --------------------------------------------------------------------------------------------------------

SHOP = "222222222222"
ACCOUNT_ARN = f"arn:aws:account::{SHOP}:account"
HERE, THERE, ELSEWHERE = "eu-west-1", "us-east-1", "ap-southeast-2"
TOML = f"""
[profiles.shop]
regions = ["{HERE}", "{THERE}", "{ELSEWHERE}"]
people.person_tag = "person"
"""
CONTROLS = "acct_05 or acct_06 or acct_08 or wkld_08 or wkld_11"

Verdicts = dict[str, dict[Any, str]]


def of_regions(here: str, there: str, elsewhere: str) -> dict[Any, str]:
    """The verdicts on the three regions as such."""
    return {(ACCOUNT_ARN, region): status for region, status in ((HERE, here), (THERE, there), (ELSEWHERE, elsewhere))}


NONE = of_regions("NOT_APPLICABLE", "NOT_APPLICABLE", "NOT_APPLICABLE")


def people(server: Server) -> Verdicts:
    iam = server.client("iam", HERE, SHOP)
    for name in ("ana", "ben", "eva", "robot"):
        iam.create_user(UserName=name, Tags=[] if name == "robot" else [{"Key": "person", "Value": name}])
    for name in ("ana", "ben"):
        iam.create_login_profile(UserName=name, Password="correct-horse-9")
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="ana")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(UserName="ana", SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321")
    for name in ("eva", "robot"):
        iam.create_access_key(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=document({"Effect": "Allow", "Action": "*", "Resource": "*"}))
    iam.update_account_password_policy(MinimumPasswordLength=10, RequireSymbols=True, PasswordReusePrevention=5, AllowUsersToChangePassword=True)
    ana, ben, eva, robot = (f"arn:aws:iam::{SHOP}:user/{name}" for name in ("ana", "ben", "eva", "robot"))
    return {
        "root_mfa_enabled": {ACCOUNT_ARN: "ERROR"},  # moto has no root user
        "iam_console_user_mfa": {ana: "PASS", ben: "FAIL", eva: "NOT_APPLICABLE", robot: "NOT_APPLICABLE"},
        "iam_privileged_key_user_mfa": {ana: "NOT_APPLICABLE", ben: "NOT_APPLICABLE", eva: "FAIL", robot: "MANUAL"},
        "idp_enforces_mfa": {ACCOUNT_ARN: "NOT_APPLICABLE"},
        "password_policy_custom": {ACCOUNT_ARN: "PASS"},
        "password_policy_min_length": {ACCOUNT_ARN: "FAIL"},
        "password_policy_composition": {ACCOUNT_ARN: "PASS"},
        "password_policy_reuse": {ACCOUNT_ARN: "PASS"},
        "password_policy_change": {ACCOUNT_ARN: "PASS"},
    }


def buckets(server: Server) -> Verdicts:
    blocked = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    for name, region in (("shop-www", HERE), ("shop-orders", THERE), ("shop-photos", ELSEWHERE)):
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        server.client("s3", region, SHOP).create_bucket(Bucket=name, **place)
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop-www/*"}
    server.client("s3", HERE, SHOP).put_bucket_policy(Bucket="shop-www", Policy=document(everybody))
    server.client("s3", THERE, SHOP).put_public_access_block(Bucket="shop-orders", PublicAccessBlockConfiguration=blocked)
    server.client("s3", ELSEWHERE, SHOP).put_bucket_acl(Bucket="shop-photos", ACL="public-read")
    www, orders, photos = (f"arn:aws:s3:::shop-{name}" for name in ("www", "orders", "photos"))
    return {
        "account_public_access_block": {ACCOUNT_ARN: "FAIL"},
        "bucket_public_access_block": {www: "FAIL", orders: "PASS", photos: "FAIL"},
        "bucket_not_public": {www: "FAIL", orders: "PASS", photos: "FAIL"},
        "access_point_not_public": NONE,
    }


def disks(server: Server) -> Verdicts:
    here, there = server.client("ec2", HERE, SHOP), server.client("ec2", THERE, SHOP)
    there.enable_ebs_encryption_by_default()
    plain = here.create_volume(AvailabilityZone=f"{HERE}a", Size=1)["VolumeId"]
    encrypted = there.create_volume(AvailabilityZone=f"{THERE}a", Size=1, Encrypted=True)["VolumeId"]
    copies = [ec2.create_snapshot(VolumeId=volume)["SnapshotId"] for ec2, volume in ((here, plain), (there, encrypted))]
    return {
        "ebs_encryption_by_default": of_regions("FAIL", "PASS", "FAIL"),
        "ebs_default_key_usable": of_regions("NOT_APPLICABLE", "ERROR", "NOT_APPLICABLE"),  # moto does not tell the key
        "ebs_volume_encrypted": {
            f"arn:aws:ec2:{HERE}:{SHOP}:volume/{plain}": "FAIL",
            f"arn:aws:ec2:{THERE}:{SHOP}:volume/{encrypted}": "PASS",
            (ACCOUNT_ARN, ELSEWHERE): "NOT_APPLICABLE",
        },
        "ebs_snapshot_encrypted": {
            f"arn:aws:ec2:{HERE}::snapshot/{copies[0]}": "FAIL",
            f"arn:aws:ec2:{THERE}::snapshot/{copies[1]}": "PASS",
            (ACCOUNT_ARN, ELSEWHERE): "NOT_APPLICABLE",
        },
        "launch_template_ebs_encrypted": NONE,
    }


def networks(server: Server) -> Verdicts:
    verdicts: dict[Any, str] = {}
    for region, port, cidr, status in (
        (HERE, 22, "0.0.0.0/0", "FAIL"),
        (THERE, 22, "10.0.0.0/8", "PASS"),
        (ELSEWHERE, 443, "198.51.100.7/32", "PASS"),
    ):
        ec2 = server.client("ec2", region, SHOP)
        (default,) = ec2.describe_security_groups()["SecurityGroups"]
        group = ec2.create_security_group(GroupName="shop", Description="shop", VpcId=default["VpcId"])["GroupId"]
        permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
        verdicts[f"arn:aws:ec2:{region}:{SHOP}:security-group/{group}"] = status
        verdicts[f"arn:aws:ec2:{region}:{SHOP}:security-group/{default['GroupId']}"] = "PASS"
    return {
        "security_group_no_world_open_ingress": verdicts,
        "database_ingress_from_security_groups_only": of_regions("ERROR", "ERROR", "ERROR"),  # moto lacks databases that may have groups
        "load_balancer_targets_admit_only_load_balancer": NONE,
    }


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Shop:
    """The small account: how it is reached, and the verdicts that it deserves, by check."""

    def __init__(self, server: Server) -> None:
        self.verdicts = people(server) | buckets(server) | disks(server) | networks(server)
        self.environ = server.environ(SHOP)

    def judged(self, folder: Path, *args: str) -> Finished:
        """A run in a folder that has nothing but the config file."""
        (folder / "ssb.toml").write_text(TOML)
        return in_shell(folder, "--ssb-profile", "shop", *args, **self.environ)


@pytest.fixture(scope="module")
def shop(demo_server: Demo) -> Shop:
    """The account, on the server that also has the demo's."""
    return Shop(demo_server.server)


def verdicts(findings: list[dict[str, Any]]) -> Verdicts:
    """By check, the status of each resource, or of each region where that is what is judged."""
    found: Verdicts = {}
    for finding in findings:
        arn, region = finding["resource"], finding["region"]
        found.setdefault(finding["check"], {})[(arn, region) if arn == ACCOUNT_ARN and region else arn] = finding["status"]
    return found


def test_every_resource_of_an_account_gets_the_verdict_that_it_deserves(shop: Shop, tmp_path: Path) -> None:
    ran = shop.judged(tmp_path, "-m", CONTROLS)
    assert ran.status == 1, ran.out
    found = verdicts(ran.results["findings"])
    assert {check: found[check] for check in shop.verdicts} == shop.verdicts
    (account,) = ran.results["accounts"]
    assert account == {
        "profile": "shop",
        "id": SHOP,
        "environment": "production",
        "partition": "aws",
        "regions": [HERE, THERE, ELSEWHERE],
        "backend": "endpoint",
        "caller": f"arn:aws:sts::{SHOP}:assumed-role/ssb-audit/tests",
        "name": None,
        "error": None,
    }
    failed = {finding["nodeid"] for finding in ran.results["findings"] if finding["status"] in ("FAIL", "ERROR")}
    again = shop.judged(tmp_path, "--lf")
    assert {finding["nodeid"] for finding in again.results["findings"]} == failed
    assert [finding for finding in ran.results["findings"] if finding["nodeid"] in failed] == again.results["findings"]


def test_two_workers_find_the_same(shop: Shop, tmp_path: Path, over_http: OverHttp) -> None:
    two = shop.judged(tmp_path, "-m", CONTROLS, "-n", "2")
    one = over_http(shop.environ, TOML, "-m", CONTROLS, profile="shop")
    assert two.results["findings"] == one.results["findings"]
    assert two.results["accounts"] == one.results["accounts"]


@pytest.mark.parametrize(
    ("args", "chosen"),
    [
        (("-m", "acct_08"), lambda check: "ACCT.08" in check.controls),
        (
            ("-m", "wkld and not prod"),
            lambda check: any(control.startswith("WKLD") for control in check.controls) and check.environment != "production",
        ),
        (("-k", "password"), lambda check: "password" in check.id),
    ],
)
def test_selection(shop: Shop, over_http: OverHttp, args: tuple[str, ...], chosen: Callable[[Any], bool]) -> None:
    ran = over_http(shop.environ, TOML, *args, profile="shop")
    expected = {id for id, found in suites.shipped().items() if chosen(found.check) and not found.check.extended}
    assert expected
    assert {finding["check"] for finding in ran.findings()} == expected


# --- the demo's account ----------------------------------------------------------------------------------------------------------------------

DEMO_TOML = Path(suites.__file__).parent / "demo" / "ssb.toml"
NOT_IMPLEMENTED = "is not implemented by this endpoint"
NO_ROOT = "cannot tell whether root has a password: no AccountPasswordPresent, and no row of root in the report"
NO_DATA_EVENTS = (f"macie2:DescribeBuckets {NOT_IMPLEMENTED}", f"cloudtrail:ListEventDataStores {NOT_IMPLEMENTED}")
# What these checks need is simulated in the demo; a moto server does not tell it. By check: what they say instead.
UNSIMULATED: dict[str, str | tuple[str, ...]] = {
    "glacier_vault_policy_scoped": f"glacier:GetVaultAccessPolicy {NOT_IMPLEMENTED}",
    "other_resource_policies_scoped": (
        "glue:GetResourcePolicy answered without PolicyInJson",
        f"codeartifact:ListDomains {NOT_IMPLEMENTED}",
        f"codeartifact:ListRepositories {NOT_IMPLEMENTED}",
    ),
    "apprunner_service_has_role": f"apprunner:ListServices {NOT_IMPLEMENTED}",
    "beanstalk_environment_https": f"elasticbeanstalk:DescribeEnvironmentResources {NOT_IMPLEMENTED}",
    "cache_in_private_subnets": f"elasticache:DescribeServerlessCaches {NOT_IMPLEMENTED}",
    "cloudfront_s3_origin_access_control": "it is not told how the origin is asked",
    "cloudfront_waf_associated": "it is not told how the origin is asked",
    "compute_no_static_aws_keys": (
        f"apprunner:ListServices {NOT_IMPLEMENTED}",
        f"elasticbeanstalk:DescribeConfigurationSettings {NOT_IMPLEMENTED}",
    ),
    **dict.fromkeys(
        (
            "database_ingress_from_security_groups_only",
            "database_security_group_egress_restricted",
            "resource_not_in_default_security_group",
        ),
        (
            "opensearch:DescribeDomains answered a Domain that we cannot read",
            f"elasticache:DescribeServerlessCaches {NOT_IMPLEMENTED}",
            f"redshift-serverless:ListWorkgroups {NOT_IMPLEMENTED}",
        ),
    ),
    "detected_secrets_remediated": "inspector2:BatchGetAccountStatus answered what we cannot read",
    "ebs_default_key_usable": f"ec2:GetEbsDefaultKmsKeyId {NOT_IMPLEMENTED}",
    "ec2_instance_managed_by_ssm": f"ssm:DescribeInstanceInformation {NOT_IMPLEMENTED}",
    "ec2_instance_ssm_connectivity": f"ssm:DescribeInstanceInformation {NOT_IMPLEMENTED}",
    "ec2_instance_ssm_permissions": f"ssm:DescribeInstanceInformation {NOT_IMPLEMENTED}",
    "eks_workload_identity_enabled": f"eks:ListPodIdentityAssociations {NOT_IMPLEMENTED}",
    "guardduty_finding_notifications": f"guardduty:ListFilters {NOT_IMPLEMENTED}",
    "guardduty_findings_answered": f"guardduty:ListFindings {NOT_IMPLEMENTED}",
    "lambda_function_url_protected": f"lambda:ListFunctionUrlConfigs {NOT_IMPLEMENTED}",
    "lightsail_resources_declared": f"lightsail:GetInstances {NOT_IMPLEMENTED}",
    **dict.fromkeys(
        ("opensearch_domain_policy_scoped", "opensearch_domain_requires_https", "search_domain_in_vpc"),
        "opensearch:DescribeDomains answered a Domain that we cannot read",
    ),
    "other_services_no_plaintext_secrets": tuple(
        f"{operation} {NOT_IMPLEMENTED}"
        for operation in (
            *("amplify:ListApps", "apprunner:ListServices", "elasticbeanstalk:DescribeConfigurationSettings"),
            "sagemaker:ListNotebookInstanceLifecycleConfigs",
        )
    ),
    "regional_endpoint_waf_associated": (f"apprunner:ListServices {NOT_IMPLEMENTED}", f"amplify:ListApps {NOT_IMPLEMENTED}"),
    "rds_retained_backup_encrypted": f"rds:DescribeDBClusterAutomatedBackups {NOT_IMPLEMENTED}",
    "root_mfa_enabled": NO_ROOT,
    "s3_read_events_logged": NO_DATA_EVENTS,
    "s3_write_events_logged": NO_DATA_EVENTS,
    "root_not_used_recently": "cannot tell when root was used: no row of root in the report",
    "secret_detection_deployed": f"codeguru-reviewer:ListRepositoryAssociations {NOT_IMPLEMENTED}",
    "sensitive_bucket_perimeter_enforced": f"macie2:DescribeBuckets {NOT_IMPLEMENTED}",
    "trail_bucket_mfa_delete": NO_ROOT,
    "trusted_advisor_no_red_checks": f"support:DescribeTrustedAdvisorCheckSummaries {NOT_IMPLEMENTED}",
    "warehouse_in_private_subnets": f"redshift-serverless:ListWorkgroups {NOT_IMPLEMENTED}",
}
# What moto does answer, and otherwise than the demo's account: root has no keys, nobody's password was ever used, the image of its instances is not there,
# and there are no stacks and pipelines, no web ACLs, and no stages of APIs.
ANSWERED_OTHERWISE = {
    "alb_waf_associated",
    "api_gateway_stage_waf_associated",
    "cloudformation_no_plaintext_secrets",
    "console_identity_exists",
    # whom its groups let in, by interfaces that are not there
    "database_ingress_from_security_groups_only",
    "database_security_group_egress_restricted",
    "resource_not_in_default_security_group",
    "deployment_pipeline_exists",
    "ec2_instance_ami_current",
    # no mount target's interface, and none of a function
    "no_unused_security_group",
    "no_unused_subnet",
    "vpc_dynamodb_endpoint",
    "vpc_interface_endpoints_for_used_services",
    "vpc_s3_endpoint",
    "no_unused_vpc",
    "non_root_administrator_exists",
    "pipeline_source_is_repository",
    "root_no_programmatic_credentials",
    # the secrets of databases, whose names are others each time
    "secret_policy_scoped",
    "web_acl_has_rules",
    "security_resource_managed_by_template",
    "stack_state_consistent",
    "workload_resource_managed_by_template",
}


def test_demo_on_a_server_finds_what_the_demo_finds(demo_server: Demo, run: Runner, over_http: OverHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    here = run()
    lay_over(monkeypatch, demo_server.simulated)
    there = on_server(over_http, demo_server.server)
    assert there.results["findings"] == here.results["findings"]
    assert there.results["controls"] == here.results["controls"]
    assert [account["backend"] for account in there.results["accounts"]] == ["endpoint"]


def test_clean_demo_on_a_server_finds_what_the_demo_finds(run: Runner, over_http: OverHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    here = run(profile="demo-clean")
    with moto_server() as server:
        lay_over(monkeypatch, server.fill(clean=True))
        there = on_server(over_http, server, "demo-clean")
    assert there.results["findings"] == here.results["findings"]
    assert not there.findings(status="FAIL")
    assert not there.findings(status="ERROR")


def test_what_a_server_does_not_tell_is_an_error_and_nothing_else_is_touched(demo_server: Demo, run: Runner, over_http: OverHttp) -> None:
    here, there = run(), on_server(over_http, demo_server.server)
    told, known = (by_id(found) for found in (there, here))
    differing = {(told.get(id) or known[id])["check"] for id in told.keys() | known.keys() if told.get(id) != known.get(id)}
    assert differing == {*UNSIMULATED, *ANSWERED_OTHERWISE}
    for check, reason in UNSIMULATED.items():
        if check in ANSWERED_OTHERWISE:
            continue
        here_too = here.findings(check=check)
        for finding in there.findings(check=check):
            if finding not in here_too:
                assert finding["status"] == "ERROR", check
                assert finding["reason"].startswith(reason)


def by_id(ran: Ran) -> dict[str, dict[str, Any]]:
    """The findings by their ids, whenever moto had its credential report made."""
    return {one["id"]: one | {"reason": re.sub("report of [0-9TZ:-]+", "report", one["reason"])} for one in ran.results["findings"]}


def _given(today: date, on: date, review_by: date) -> str:
    return f"on = {today}\nreview_by = {today + (review_by - on)}"


def on_server(over_http: OverHttp, server: Server, profile: str = "demo") -> Ran:
    """A run on the demo's account on a server, told the same by the account's owner, whose answers are of the day of the run."""
    today = datetime.now(UTC).date()
    shutil.copytree(repositories.made(clean=profile == "demo-clean"), Path.cwd(), dirs_exist_ok=True)
    told = DEMO_TOML.read_text(encoding="utf-8")
    told = re.sub(r"^on = (\S+)\nreview_by = (\S+)", lambda found: _given(today, *map(date.fromisoformat, found.groups())), told, flags=re.MULTILINE)
    return over_http(server.environ(), told, "--ssb-region", ",".join(DEMO_REGIONS), profile=profile)
