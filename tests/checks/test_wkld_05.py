"""WKLD.05's checks, each shown to pass, to fail, and at its edges. How files and history are scanned is in tests/test_repositories.py."""

import functools
from typing import Any

from botocore.exceptions import ClientError

from tests.checks.test_wkld_04 import HOOK, named
from tests.support.checkouts import committed, made, nowhere
from tests.support.worlds import Cloud, Expected, world
from tests_workload import test_wkld_05_detection as suite

DEPLOYED, FILES, HISTORY = suite.test_secret_detection_deployed, suite.test_repository_no_secrets, suite.test_repository_history_no_secrets
REMEDIATED = suite.test_detected_secrets_remediated
HERE, THERE = "eu-west-1", "us-east-1"
TOKEN = "gh" + "p_" + "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zCaB3d"
SCAN = "on: [push]\njobs:\n  scan:\n    steps:\n    - {run: gitleaks detect, continue-on-error: true}\n"


def error(operation: str, code: str = "AccessDeniedException", message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation.partition(":")[2])


def inspector(aws: Cloud, state: str, lambda_code: str | None) -> dict[str, Any]:
    resources: dict[str, Any] = {name: {"status": state} for name in ("ec2", "ecr")}
    if lambda_code is not None:
        resources["lambdaCode"] = {"status": lambda_code}
    return {"accounts": [{"accountId": aws.account, "state": {"status": state}, "resourceState": resources}], "failedAccounts": []}


def services(aws: Cloud, **answers: Any) -> None:
    """Answer these operations, written `service__Operation`, with what is given for the first region; nothing detects secrets otherwise."""
    off: dict[str, Any] = {
        "ec2:DescribeRegions": {"Regions": [{"RegionName": HERE}, {"RegionName": THERE}]},
        "codeguru-reviewer:ListRepositoryAssociations": {"RepositoryAssociationSummaries": []},
        "inspector2:BatchGetAccountStatus": inspector(aws, "DISABLED", "DISABLED"),
        "inspector2:ListCodeSecurityIntegrations": {"integrations": []},
        "inspector2:ListCodeSecurityScanConfigurations": {"configurations": []},
        "inspector2:ListFindings": {"findings": []},
        "macie2:GetMacieSession": error("macie2:GetMacieSession", message="Macie is not enabled"),
        "macie2:ListFindings": {"findingIds": []},
        "macie2:GetFindings": {"findings": []},
    }
    given = {name.replace("__", ":").replace("codeguru_", "codeguru-"): answer for name, answer in answers.items()}
    assert given.keys() <= off.keys()
    for operation, nothing in off.items():
        aws.simulated.instead(operation, functools.partial(_given, given.get(operation, nothing), nothing))


def _given(answer: Any, nothing: Any, region: str, body: Any) -> Any:
    found = answer if region == HERE else nothing
    return found(body) if callable(found) else found


# --- secret_detection_deployed ---------------------------------------------------------------------------------------------------------------


@world(DEPLOYED)
def test_scans_of_functions_code_detect(aws: Cloud) -> Expected:
    services(aws, inspector2__BatchGetAccountStatus=inspector(aws, "ENABLED", "ENABLED"))
    return {aws.account_arn: ("PASS", None, "Inspector's scans of functions' code in eu-west-1")}


@world(DEPLOYED)
def test_an_association_of_codeguru_detects(aws: Cloud) -> Expected:
    associations = [{"State": "Disassociated"}, {"State": "Associated"}]
    services(aws, codeguru_reviewer__ListRepositoryAssociations={"RepositoryAssociationSummaries": associations})
    return {aws.account_arn: ("PASS", None, "CodeGuru Reviewer, which is closed to new repositories, in eu-west-1")}


@world(DEPLOYED)
def test_an_integration_with_a_configuration_detects(aws: Cloud) -> Expected:
    services(
        aws,
        inspector2__ListCodeSecurityIntegrations={"integrations": [{"status": "ACTIVE"}]},
        inspector2__ListCodeSecurityScanConfigurations={"configurations": [{"name": "x"}]},
    )
    return {aws.account_arn: ("PASS", None, "whose rules for secrets should be confirmed, in eu-west-1")}


@world(DEPLOYED)
def test_neither_half_of_an_integration_detects(aws: Cloud) -> Expected:
    services(
        aws,
        codeguru_reviewer__ListRepositoryAssociations={"RepositoryAssociationSummaries": [{"State": "Failed"}]},
        inspector2__BatchGetAccountStatus=inspector(aws, "ENABLED", None),
        inspector2__ListCodeSecurityIntegrations={"integrations": [{"status": "PENDING"}]},
        inspector2__ListCodeSecurityScanConfigurations={"configurations": [{"name": "x"}]},
    )
    return {aws.account_arn: ("MANUAL", None, "what detects secrets in code?")}


@world(DEPLOYED)
def test_an_integration_without_a_configuration_scans_nothing(aws: Cloud) -> Expected:
    services(aws, inspector2__ListCodeSecurityIntegrations={"integrations": [{"status": "ACTIVE"}]})
    return {aws.account_arn: ("MANUAL", None, "what detects secrets in code?")}


@world(DEPLOYED)
def test_a_scanner_in_the_ci_of_every_repository_detects(aws: Cloud) -> Expected:
    services(aws)
    named(aws, {"files": {".github/workflows/ci.yml": SCAN}}, {"files": {"a": "b"}, "scanner": "GitHub secret scanning"})
    return {aws.account_arn: ("PASS", None, "every repository of the profile (scanner = GitHub secret scanning)")}


@world(DEPLOYED)
def test_a_repository_without_a_scanner_in_its_ci_is_told(aws: Cloud) -> Expected:
    services(aws)
    _, bare = named(aws, {"files": {".github/workflows/ci.yml": SCAN}}, {"files": {".pre-commit-config.yaml": HOOK}})
    return {aws.account_arn: ("FAIL", "medium", f"nor a scanner in the CI of {bare.removeprefix('repo:')}")}


@world(DEPLOYED)
def test_a_pipeline_that_cannot_be_read_leaves_it_open(aws: Cloud) -> Expected:
    services(aws)
    named(aws, {"files": {".gitlab-ci.yml": "a: ["}})
    return {aws.account_arn: ("ERROR", None, ".gitlab-ci.yml could not be parsed")}


@world(DEPLOYED)
def test_a_repository_that_is_missing_leaves_it_open(aws: Cloud) -> Expected:
    services(aws)
    named(aws, {"path": nowhere()})
    return {aws.account_arn: ("ERROR", None, "no such folder")}


@world(DEPLOYED)
def test_a_service_that_cannot_be_asked_leaves_it_open(aws: Cloud) -> Expected:
    services(aws, inspector2__BatchGetAccountStatus=error("inspector2:BatchGetAccountStatus"))
    named(aws, {"files": {"a": "b"}})
    return {aws.account_arn: ("ERROR", None, "inspector2:BatchGetAccountStatus is denied")}


@world(DEPLOYED)
def test_regions_that_the_profile_leaves_out_are_not_asked(aws: Cloud) -> Expected:
    services(aws, inspector2__BatchGetAccountStatus=inspector(aws, "ENABLED", "ENABLED"))
    aws.facts(regions=[THERE])
    return {aws.account_arn: "MANUAL"}


@world(DEPLOYED)
def test_denied_regions_are_not_asked(aws: Cloud) -> Expected:
    services(aws, inspector2__BatchGetAccountStatus=error("inspector2:BatchGetAccountStatus"))
    aws.facts(denied_regions=[HERE])
    return {aws.account_arn: "MANUAL"}


@world(DEPLOYED)
def test_a_region_without_a_name_is_an_error(aws: Cloud) -> Expected:
    services(aws)
    aws.simulated.instead("ec2:DescribeRegions", lambda region, body: {"Regions": [{"RegionName": ""}]})
    return {aws.account_arn: ("ERROR", None, "a region without RegionName")}


# --- repository_no_secrets -------------------------------------------------------------------------------------------------------------------


@world(FILES)
def test_repositories_by_the_secrets_in_their_files(aws: Cloud) -> Expected:
    clean, live, config, fixture, harmless = named(
        aws,
        {"files": {"a.py": "x = 1", "b.lock": "x"}},
        {"files": {"a.py": f"t = '{TOKEN}'", "b.yml": "password: hunter2"}},
        {"files": {"b.yml": "password: hunter2"}},
        {"files": {"tests/a.py": f"t = '{TOKEN}'"}},
        {"files": {"b.yml": "demo_password: hunter2"}},
        secrets={"harmless_names": ["demo_*"]},
    )
    return {
        clean: ("PASS", None, "no secrets in 1 files; passed over: 1 lock files"),
        live: ("FAIL", "critical", "a.py:1 (GitHub Token), b.yml:1 (the name says so)"),
        config: ("FAIL", "high", "b.yml:1"),
        fixture: ("FAIL", "low", "tests/a.py:1"),
        harmless: ("PASS", None, "secrets.harmless_names = entry 1"),
    }


@world(FILES)
def test_a_harmless_value_passes(aws: Cloud) -> Expected:
    (arn,) = named(aws, {"files": {"b.yml": "password: hunter2"}}, secrets={"harmless_values": ["hunter?"]})
    return {arn: ("PASS", None, "secrets.harmless_values = entry 1")}


@world(FILES)
def test_what_is_not_scanned_is_said(aws: Cloud) -> Expected:
    large = {f"{n}.txt": "x" * 800_000 for n in range(4)}
    clean, bad = named(aws, {"files": large}, {"files": large | {"0.yml": "password: hunter2"}}, secrets={"scan_max_mb": 1})
    return {clean: ("ERROR", None, "1 MB not scanned"), bad: ("FAIL", "high", "0.yml:1", "1 MB not scanned")}


# --- repository_history_no_secrets -----------------------------------------------------------------------------------------------------------


@world(HISTORY)
def test_repositories_by_what_their_last_commits_added(aws: Cloud) -> Expected:
    gone, old = made({"a.py": f"t = '{TOKEN}'"}), made({"a.py": f"t = '{TOKEN}'"})
    committed(gone, {"a.py": "t = 1"}, "second")
    committed(old, {"a.py": "t = 1"}, "second")
    committed(old, {"b.py": "t = 1"}, "third")
    bad, good, clean = named(aws, {"path": gone}, {"path": old}, {"files": {"a.py": "x = 1"}}, secrets={"history_commits": 2})
    return {bad: ("FAIL", "critical", "a.py:1 in commit"), good: "PASS", clean: "PASS"}


@world(HISTORY)
def test_a_history_is_not_read_unless_it_is_asked_for(aws: Cloud) -> Expected:
    (arn,) = named(aws, {"files": {"a.py": f"t = '{TOKEN}'"}})
    return {arn: ("MANUAL", None, "secrets.history_commits is 0")}


@world(HISTORY)
def test_harmless_tokens_in_the_history_pass(aws: Cloud) -> Expected:
    secrets = {"history_commits": 2, "harmless_values": ["gh?_a*"], "harmless_names": ["demo_*"], "scan_max_mb": 2}
    (arn,) = named(aws, {"files": {"a.py": TOKEN}}, secrets=secrets)
    return {arn: ("PASS", None, "secrets.harmless_values = entry 1")}


@world(FILES, HISTORY)
def test_without_repositories_the_check_asks_for_them(aws: Cloud) -> Expected:
    aws.facts(secrets={"history_commits": 2})
    return {aws.account_arn: ("MANUAL", None, "name them in `repositories`")}


@world(FILES, HISTORY)
def test_a_repository_that_is_not_there_is_an_error(aws: Cloud) -> Expected:
    (missing,) = named(aws, {"path": nowhere()}, secrets={"history_commits": 2})
    return {missing: ("ERROR", None, "there is no such folder")}


# --- detected_secrets_remediated -------------------------------------------------------------------------------------------------------------


def code_finding(resource: str, cwes: list[str], **more: Any) -> dict[str, Any]:
    details = {"cwes": cwes, "detectorName": "Hardcoded credentials", "detectorId": "x", "filePath": {}, **more}
    return {"type": "CODE_VULNERABILITY", "resources": [{"id": resource, "type": "AWS_LAMBDA_FUNCTION"}], "codeVulnerabilityDetails": details}


def object_finding(bucket: str, *categories: str) -> dict[str, Any]:
    result = {"sensitiveData": [{"category": each} for each in categories]}
    return {"classificationDetails": {"result": result}, "resourcesAffected": {"s3Bucket": {"arn": f"arn:aws:s3:::{bucket}"}}}


def macie(*findings: dict[str, Any], status: str = "ENABLED") -> dict[str, Any]:
    """Macie with these findings."""

    def asked_for(body: Any) -> dict[str, Any]:
        return {"findings": [findings[int(id)] for id in body["findingIds"]]}

    return {
        "macie2__GetMacieSession": {"status": status},
        "macie2__ListFindings": {"findingIds": [str(n) for n in range(len(findings))]},
        "macie2__GetFindings": asked_for,
    }


@world(REMEDIATED)
def test_open_findings_of_code(aws: Cloud) -> Expected:
    shop, other, tagged = (aws.arn("lambda", f"function:{name}:$LATEST") for name in ("shop", "other", "tagged"))
    findings = [
        code_finding(shop, ["CWE-798"]),
        code_finding(shop, ["CWE-259"], detectorName="Plain password"),
        code_finding(other, ["CWE-78"], detectorTags=["injection"]),
        code_finding(tagged, ["CWE-200"], detectorTags=["Secrets"]),
        code_finding("codebase/0123", ["CWE-321"]),
    ]
    services(aws, inspector2__BatchGetAccountStatus=inspector(aws, "ENABLED", "ENABLED"), inspector2__ListFindings={"findings": findings})
    return {
        shop: ("FAIL", "high", "Inspector: Hardcoded credentials, Plain password"),
        tagged: ("FAIL", "high", "Inspector: Hardcoded credentials"),
        aws.arn("inspector2", "codebase/0123"): ("FAIL", "high", "Inspector"),
    }


@world(REMEDIATED)
def test_open_findings_of_objects(aws: Cloud) -> Expected:
    findings = [
        object_finding("shop", "CREDENTIALS"),
        object_finding("shop", "PERSONAL_INFORMATION", "CREDENTIALS"),
        object_finding("x", "PERSONAL_INFORMATION"),
    ]
    services(aws, **macie(*findings))
    return {"arn:aws:s3:::shop": ("FAIL", "high", "Macie: credentials in 2 objects")}


@world(REMEDIATED)
def test_more_findings_than_are_told_at_once(aws: Cloud) -> Expected:
    services(aws, **macie(*[object_finding("shop", "CREDENTIALS")] * 51, status="PAUSED"))
    return {"arn:aws:s3:::shop": ("FAIL", "high", "Macie: credentials in 51 objects")}


@world(REMEDIATED)
def test_what_looks_and_finds_nothing_passes(aws: Cloud) -> Expected:
    services(aws, inspector2__BatchGetAccountStatus=inspector(aws, "ENABLED", "ENABLED"), **macie(object_finding("x", "CUSTOM_IDENTIFIER")))
    return {aws.account_arn: ("PASS", None, "Inspector and Macie look, and nothing is open")}


@world(REMEDIATED, regions=(HERE, THERE))
def test_a_region_where_nothing_looks(aws: Cloud) -> Expected:
    services(aws, inspector2__BatchGetAccountStatus=inspector(aws, "ENABLED", "ENABLED"))
    return {(aws.account_arn, HERE): ("PASS", None, "Inspector look"), (aws.account_arn, THERE): ("NOT_APPLICABLE", None, "neither")}


@world(REMEDIATED)
def test_what_is_off_or_paused_does_not_look(aws: Cloud) -> Expected:
    services(aws, inspector2__BatchGetAccountStatus=inspector(aws, "ENABLED", None), **macie(status="PAUSED"))
    return {aws.account_arn: "NOT_APPLICABLE"}


@world(REMEDIATED)
def test_findings_of_code_count_though_its_scans_are_off(aws: Cloud) -> Expected:
    shop = aws.arn("lambda", "function:shop")
    services(
        aws,
        inspector2__BatchGetAccountStatus=inspector(aws, "ENABLED", "DISABLED"),
        inspector2__ListFindings={"findings": [code_finding(shop, ["CWE-798"])]},
    )
    return {shop: ("FAIL", "high", "Inspector")}


@world(REMEDIATED)
def test_a_denied_macie_is_not_one_that_is_off(aws: Cloud) -> Expected:
    services(aws, macie2__GetMacieSession=error("macie2:GetMacieSession", message="User is not authorized to perform macie2:GetMacieSession"))
    return {aws.account_arn: ("ERROR", None, "macie2:GetMacieSession is denied")}


@world(REMEDIATED)
def test_a_macie_in_an_unknown_state_is_an_error(aws: Cloud) -> Expected:
    services(aws, macie2__GetMacieSession={"status": "RESTING"})
    return {aws.account_arn: ("ERROR", None, "a status that we do not know")}


@world(REMEDIATED)
def test_findings_that_are_missing_are_an_error(aws: Cloud) -> Expected:
    services(aws, **(macie(object_finding("x", "CREDENTIALS")) | {"macie2__GetFindings": {"findings": []}}))
    return {aws.account_arn: ("ERROR", None, "answered fewer findings than were asked for")}


EDGES: dict[str, dict[str, Any]] = {
    "secret_detection_deployed": {
        "Inspector, CodeGuru, integrations": (
            test_scans_of_functions_code_detect,
            test_an_association_of_codeguru_detects,
            test_an_integration_with_a_configuration_detects,
        ),
        "half of one": (test_neither_half_of_an_integration_detects, test_an_integration_without_a_configuration_scans_nothing),
        "scanners in CI, hosted ones": (test_a_scanner_in_the_ci_of_every_repository_detects, test_a_repository_without_a_scanner_in_its_ci_is_told),
        "regions": (test_regions_that_the_profile_leaves_out_are_not_asked, test_denied_regions_are_not_asked),
        "not readable": (
            test_a_pipeline_that_cannot_be_read_leaves_it_open,
            test_a_repository_that_is_missing_leaves_it_open,
            test_a_service_that_cannot_be_asked_leaves_it_open,
            test_a_region_without_a_name_is_an_error,
        ),
    },
    "repository_no_secrets": {
        "none, live, by name, of tests, harmless": (test_repositories_by_the_secrets_in_their_files, test_a_harmless_value_passes),
        "more than is read": test_what_is_not_scanned_is_said,
        "no repositories": test_without_repositories_the_check_asks_for_them,
        "no repository there": test_a_repository_that_is_not_there_is_an_error,
    },
    "repository_history_no_secrets": {
        "gone, older, clean, harmless": (test_repositories_by_what_their_last_commits_added, test_harmless_tokens_in_the_history_pass),
        "not asked for": test_a_history_is_not_read_unless_it_is_asked_for,
        "no repositories": test_without_repositories_the_check_asks_for_them,
        "no repository there": test_a_repository_that_is_not_there_is_an_error,
    },
    "detected_secrets_remediated": {
        "in code, in objects, in many": (test_open_findings_of_code, test_open_findings_of_objects, test_more_findings_than_are_told_at_once),
        "nothing open": test_what_looks_and_finds_nothing_passes,
        "off, paused, off with findings": (
            test_a_region_where_nothing_looks,
            test_what_is_off_or_paused_does_not_look,
            test_findings_of_code_count_though_its_scans_are_off,
        ),
        "not readable": (
            test_a_denied_macie_is_not_one_that_is_off,
            test_a_macie_in_an_unknown_state_is_an_error,
            test_findings_that_are_missing_are_an_error,
        ),
    },
}
