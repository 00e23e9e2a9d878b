"""WKLD.14's checks, each shown to pass, to fail, and at its edges. moto tells of a function's own URL only, and knows no Lightsail."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from tests.support.worlds import Cloud, Expected, world
from tests_workload import test_wkld_14_edge_protection as suite

URL, LIGHTSAIL = suite.test_lambda_function_url_protected, suite.test_lightsail_resources_declared
LIST_URLS, LIST_INSTANCES = "lambda:ListFunctionUrlConfigs", "lightsail:GetInstances"


def error(operation: str, code: str = "AccessDeniedException") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, operation.partition(":")[2])


def denied(aws: Cloud, operation: str) -> None:
    """Deny that call from now on."""
    aws.simulated.instead(operation, lambda region, asked: error(operation))


# --- lambda_function_url_protected ---------------------------------------------------------------------------------------------------------


def functions(aws: Cloud, **urls: list[tuple[str, str | None]] | ClientError) -> dict[str, str]:
    """Functions by name, each with its URLs: an alias, empty for the function's own, and the AuthType."""
    client, iam = aws.client("lambda"), aws.client("iam")
    role = iam.create_role(RoleName="functions", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    arns = {}
    for name in urls:
        made = client.create_function(FunctionName=name, Role=role, Runtime="python3.13", Handler="a.b", Code={"ZipFile": b""}, Publish=False)
        arns[name] = made["FunctionArn"]

    def listed(region: str, asked: Any) -> Any:
        name = next(name for name in urls if f"function:{name}/" in asked["url_path"].replace("%3A", ":"))
        told = urls[name]
        if isinstance(told, ClientError):
            return told
        at = int(asked.get("Marker") or 0)
        these = [
            {"FunctionArn": arns[name] + alias, "FunctionUrl": "https://x.lambda-url.eu-west-1.on.aws/", "AuthType": auth}
            for alias, auth in told[at : at + 1]
        ]
        return {"FunctionUrlConfigs": these, **({"NextMarker": str(at + 1)} if at + 1 < len(told) else {})}

    aws.simulated.instead(LIST_URLS, listed)
    return arns


@world(URL)
def test_urls_of_functions_and_of_their_aliases(aws: Cloud) -> Expected:
    arns = functions(
        aws,
        signed=[("", "AWS_IAM")],
        open=[("", "NONE")],
        alias=[("", "AWS_IAM"), (":live", "NONE")],
        none=[],
        odd=[("", "PERHAPS"), (":live", "AWS_IAM")],
        hidden=error(LIST_URLS),
        gone=error(LIST_URLS, "ResourceNotFoundException"),
    )
    return {
        arns["signed"]: ("PASS", "medium", "asks callers for a signature"),
        arns["open"]: ("FAIL", "medium", "everyone may call it: AuthType is NONE"),
        arns["alias"]: "PASS",
        f"{arns['alias']}:live": "FAIL",
        arns["none"]: ("NOT_APPLICABLE", None, "no URL"),
        arns["odd"]: ("ERROR", None, "PERHAPS"),
        f"{arns['odd']}:live": "PASS",
        arns["hidden"]: ("ERROR", None, f"{LIST_URLS} is denied"),
    }


@world(URL)
def test_urls_that_are_meant_for_everyone(aws: Cloud) -> Expected:
    aws.facts(network={"public_resources": ["tag:faces=internet", "webhook"]})
    arns = functions(aws, webhook=[(":live", "NONE")], tagged=[("", "NONE")], other=[("", "NONE")], signed=[("", "AWS_IAM")])
    aws.client("lambda").tag_resource(Resource=arns["tagged"], Tags={"faces": "internet"})
    return {
        f"{arns['webhook']}:live": ("PASS", "medium", "meant to face the internet (network.public_resources = webhook)"),
        arns["tagged"]: ("PASS", "medium", "network.public_resources = tag:faces=internet"),
        arns["other"]: "FAIL",
        arns["signed"]: "PASS",
    }


@world(URL)
def test_tags_that_cannot_be_read_are_an_error_of_what_hangs_on_them(aws: Cloud) -> Expected:
    aws.facts(network={"public_resources": ["webhook", "tag:faces=internet"]})
    arns = functions(aws, webhook=[("", "NONE")], other=[("", "NONE")], signed=[("", "AWS_IAM")])
    denied(aws, "lambda:ListTags")
    return {arns["webhook"]: "PASS", arns["other"]: ("ERROR", "medium", "lambda:ListTags is denied"), arns["signed"]: "PASS"}


@world(URL)
def test_function_that_cannot_be_read_is_an_error_and_others_are_judged(aws: Cloud) -> Expected:
    arns = functions(aws, odd=[], good=[("", "AWS_IAM")])

    def without_role(region: str, parsed: Any) -> None:
        for each in parsed["Functions"]:
            if each["FunctionName"] == "odd":
                del each["Role"]

    aws.simulated.over("lambda:ListFunctions", without_role)
    return {arns["odd"]: ("ERROR", "medium", "a Function that we cannot read"), arns["good"]: "PASS"}


@world(URL)
def test_no_functions(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no functions")}


# --- lightsail_resources_declared ----------------------------------------------------------------------------------------------------------


@world(LIGHTSAIL, regions=("eu-west-1", "us-east-1", "us-west-2", "eu-central-1"))
def test_what_runs_in_lightsail_is_asked_about(aws: Cloud) -> Expected:
    """One page after the other, region by region."""
    names = {"eu-west-1": ["blog", "shop"], "us-west-2": ["wiki"]}

    def listed(region: str, asked: Any) -> Any:
        if region == "eu-central-1":
            return error(LIST_INSTANCES)
        at = int(asked.get("pageToken") or 0)
        known = names.get(region, [])
        these = [{"name": name, "arn": aws.arn("lightsail", f"Instance/{name}", region)} for name in known[at : at + 1]]
        return {"instances": these, **({"nextPageToken": str(at + 1)} if at + 1 < len(known) else {})}

    aws.simulated.instead(LIST_INSTANCES, listed)
    return {
        (aws.account_arn, "eu-west-1"): ("MANUAL", "low"),
        (aws.account_arn, "us-east-1"): ("NOT_APPLICABLE", None, "no Lightsail instances"),
        (aws.account_arn, "us-west-2"): ("MANUAL", "low", "1 Lightsail instance, which this tool does not judge"),
        (aws.account_arn, "eu-central-1"): ("ERROR", None, f"{LIST_INSTANCES} is denied"),
    }


EDGES: dict[str, dict[str, Any]] = {
    "lambda_function_url_protected": {
        "PASS: AWS_IAM; FAIL: NONE, of an alias, too; N/A: no URL; ERROR: denied, unknown": test_urls_of_functions_and_of_their_aliases,
        "PASS: meant to be public, by name or tag": test_urls_that_are_meant_for_everyone,
        "ERROR: tags": test_tags_that_cannot_be_read_are_an_error_of_what_hangs_on_them,
        "ERROR: one function": test_function_that_cannot_be_read_is_an_error_and_others_are_judged,
        "N/A: no functions": test_no_functions,
    },
    "lightsail_resources_declared": {
        "MANUAL: instances; N/A: none; ERROR: denied": test_what_runs_in_lightsail_is_asked_about,
    },
}
