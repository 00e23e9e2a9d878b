"""The example roles: one policy, the tool's own, in CloudFormation and Terraform; the linter has nothing to say, and the tool judges them sound."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from typing import Any

import boto3
import hcl2
import pytest
from cfnlint.api import ManualArgs, lint_file
from cfnlint.decode import cfn_yaml

from tests.roles import FILES, FOLDER, written
from tests.support.runs import Runner

ACCOUNT = "123456789012"
PIPELINE, MEMBER, TERRAFORM = "role.cfn.yaml", "role-stackset.cfn.yaml", "role.tf"
# What a reader of docs/nightly.md may fill in, by CloudFormation's names; Terraform's are the same in its way of writing.
GIVEN = {"Subject": "project_path:acme/infra:ref_type:branch:ref:main", "Issuer": "gitlab.acme.example", "Audience": "aws", "MemberRole": "audit/ssb"}
# What an inline policy of a role may hold, all of them together, white space not counted.
INLINE_CHARACTERS = 10_240

partitions = pytest.mark.parametrize("partition", ["aws", "aws-cn"])


@pytest.fixture
def policy(pytester: pytest.Pytester) -> Any:
    """What `pytest --ssb-policy` prints."""
    return json.loads(pytester.runpytest_inprocess("--ssb-policy").stdout.str())


# --- what the two languages say


@functools.cache
def template(name: str) -> dict[str, Any]:
    """A template of CloudFormation, with its short forms spelled out: `{"Ref": ...}`."""
    read: dict[str, Any] = cfn_yaml.load(str(FOLDER / name))
    return read


class Stack:
    """A template with parameters, as CloudFormation would resolve it in a partition."""

    def __init__(self, name: str, partition: str = "aws", **given: str) -> None:
        self._template = template(name)
        defaults = {name: each["Default"] for name, each in self._template["Parameters"].items() if "Default" in each}
        # A reference to a role is its name.
        roles = {name: name for name, each in self._template["Resources"].items() if each["Type"] == "AWS::IAM::Role"}
        self._values = {**defaults, **roles, **given, "AWS::Partition": partition, "AWS::AccountId": ACCOUNT}

    def properties(self, resource: str) -> Any:
        """The properties of a resource; None where a condition leaves it out."""
        found = self._template["Resources"][resource]
        return self._of(found["Properties"]) if "Condition" not in found or self._holds(found["Condition"]) else None

    def trust(self, role: str) -> Any:
        """Whom a role lets in, a document."""
        document = self.properties(role)["AssumeRolePolicyDocument"]
        return json.loads(document) if isinstance(document, str) else document

    def policies(self, role: str) -> dict[str, Any]:
        """The inline policies of a role by name: its own, and those that name it."""
        found = self.properties(role)["Policies"]
        for name, resource in self._template["Resources"].items():
            if resource["Type"] == "AWS::IAM::Policy" and {"Ref": role} in resource["Properties"]["Roles"]:
                found = [*found, *filter(None, [self.properties(name)])]
        return {each["PolicyName"]: each["PolicyDocument"] for each in found}

    def _holds(self, condition: str) -> bool:
        return bool(self._of(self._template["Conditions"][condition]))

    def _of(self, node: Any) -> Any:
        match node:
            case {"Ref": str(name)}:
                return self._values[name]
            case {"Fn::Sub": str(text)}:
                return re.sub(r"\$\{([^}]*)\}", lambda found: self._values[found[1]], text)
            case {"Fn::Equals": [one, other]}:
                return self._of(one) == self._of(other)
            case {"Fn::Not": [one]}:
                return not self._of(one)
            case Mapping():
                assert not any(key.startswith("Fn::") for key in node), node
                return {str(key): self._of(value) for key, value in node.items()}
            case list():
                return [self._of(each) for each in node]
        return str(node) if isinstance(node, str) else node


@functools.cache
def terraform() -> dict[str, Any]:
    """The Terraform example, parsed."""
    with (FOLDER / TERRAFORM).open(encoding="utf-8") as file:
        return hcl2.load(file, serialization_options=hcl2.SerializationOptions(with_comments=False, explicit_blocks=False, strip_string_quotes=True))


def blocks(kind: str) -> dict[str, Any]:
    """The blocks of a kind by their names: `aws_iam_role.audit`, `subject`."""
    found: dict[str, Any] = {}
    for block in terraform()[kind]:
        for name, each in block.items():
            found |= {name: each} if kind == "variable" else {f"{name}.{more}": inner for more, inner in each.items()}
    return found


def in_terraform(partition: str, **given: str) -> Any:
    """The local values of the Terraform example, for these values of its variables; a reference to something else raises KeyError."""
    values = {f"var.{snake(name)}": value for name, value in given.items()}
    values |= {"data.aws_partition.current.partition": partition, "data.aws_caller_identity.current.account_id": ACCOUNT}

    def of(node: Any) -> Any:
        if isinstance(node, dict):
            return {of(key): of(value) for key, value in node.items()}
        if isinstance(node, list):
            return [of(each) for each in node]
        return re.sub(r"\$\{([^}]*)\}", lambda found: values[found[1]], node)

    (local,) = terraform()["locals"]
    return of(local)


def snake(name: str) -> str:
    """Terraform's way to write a name of CloudFormation."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


# --- one policy


@pytest.mark.parametrize("name", FILES)
def test_the_lists_of_actions_are_made_from_the_code(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == written(name), "python -m tests.roles writes them anew"


def test_the_policy_of_each_is_what_the_tool_prints(policy: Any) -> None:
    assert Stack(PIPELINE, Subject="x").policies("AuditRole") == {"ssb-audit": policy}
    assert Stack(MEMBER, AuditAccount=ACCOUNT, ExternalId="x").policies("MemberRole") == {"ssb-audit": policy}
    assert in_terraform("aws", **GIVEN)["audit"] == policy


@partitions
def test_terraform_and_cloudformation_say_the_same(partition: str) -> None:
    stack = Stack(PIPELINE, partition, **GIVEN)
    held = stack.policies("AuditRole")
    assert in_terraform(partition, **GIVEN) == {"trust": stack.trust("AuditRole"), "audit": held["ssb-audit"], "members": held["ssb-members"]}


def test_terraform_makes_what_cloudformation_makes() -> None:
    stack = Stack(PIPELINE, **{name: f"<{name}>" for name in template(PIPELINE)["Parameters"] if name != "CreateIssuer"})
    made = blocks("resource")
    role, inline = made.pop("aws_iam_role.audit"), {name: made.pop(f"aws_iam_role_policy.{name}") for name in ("audit", "members")}
    provider = made.pop("aws_iam_openid_connect_provider.issuer")
    assert made == {}

    def filled(text: str) -> str:
        return re.sub(r"\$\{var\.(\w+)\}", lambda found: f"<{found[1].title().replace('_', '')}>", text)

    properties = stack.properties("AuditRole")
    assert (filled(role["name"]), filled(role["max_session_duration"])) == (properties["RoleName"], properties["MaxSessionDuration"])
    assert role["description"] == properties["Description"]
    assert role["assume_role_policy"] == "${jsonencode(local.trust)}"
    assert {each["name"]: each["policy"] for each in inline.values()} == {f"ssb-{name}": f"${{jsonencode(local.{name})}}" for name in inline}
    assert {each["role"] for each in inline.values()} == {"${aws_iam_role.audit.name}"}
    assert {"Url": filled(provider["url"]), "ClientIdList": list(map(filled, provider["client_id_list"]))} == stack.properties("IssuerProvider")
    # What is made only if it is asked for.
    counts = {"audit": inline["audit"].get("count"), "members": inline["members"]["count"], "issuer": provider["count"]}
    assert counts == {"audit": None, "members": '${var.member_role == "" ? 0 : 1}', "issuer": "${var.create_issuer ? 1 : 0}"}


def test_the_variables_of_terraform_are_the_parameters_of_cloudformation() -> None:
    parameters = {snake(name): each for name, each in template(PIPELINE)["Parameters"].items()}
    variables = blocks("variable")
    assert {name: str(each.get("default")).lower() for name, each in variables.items()} == {
        name: str(each.get("Default")).lower() for name, each in parameters.items()
    }
    # Nobody shall be let in whom a wildcard lets in.
    pattern, condition = parameters["subject"]["AllowedPattern"], variables["subject"]["validation"][0]["condition"]
    assert (pattern, condition) == (r'[^*?$"\\]+', r"""${can(regex("^[^*?$\"\\\\]+$", var.subject))}""")


# --- whom they let in, and what they may


@partitions
def test_one_repository_and_branch_may_assume_the_role(partition: str) -> None:
    assert Stack(PIPELINE, partition, Subject="repo:acme/infra:ref:refs/heads/main").trust("AuditRole") == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "PipelineByOidc",
                "Effect": "Allow",
                "Principal": {"Federated": f"arn:{partition}:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {
                        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                        "token.actions.githubusercontent.com:sub": "repo:acme/infra:ref:refs/heads/main",
                    }
                },
            }
        ],
    }


@partitions
def test_a_member_lets_the_audit_role_in_by_the_external_id(partition: str) -> None:
    assert Stack(MEMBER, partition, AuditAccount="999988887777", AuditRole="audit", ExternalId="acme-ssb").trust("MemberRole") == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AuditRole",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{partition}:iam::999988887777:root"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "ArnEquals": {"aws:PrincipalArn": f"arn:{partition}:iam::999988887777:role/audit"},
                    "StringEquals": {"sts:ExternalId": "acme-ssb"},
                },
            }
        ],
    }


@partitions
def test_the_audit_role_lists_the_organization_and_assumes_the_member_role_alone(partition: str) -> None:
    listing, assuming = Stack(PIPELINE, partition, **GIVEN).policies("AuditRole")["ssb-members"]["Statement"]
    assert {action.partition(":")[0] for action in listing["Action"]} == {"organizations"}
    assert assuming == {
        "Sid": "AssumeMemberRole",
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": f"arn:{partition}:iam::*:role/audit/ssb",
    }


def test_the_names_of_the_roles_fit_together() -> None:
    member = template(MEMBER)["Parameters"]
    assert Stack(PIPELINE, Subject="x").properties("AuditRole")["RoleName"] == member["AuditRole"]["Default"]
    assert Stack(MEMBER, AuditAccount=ACCOUNT, ExternalId="x").properties("MemberRole")["RoleName"] == member["RoleName"]["Default"]
    # A StackSet for all accounts meets the pipeline's role in one of them.
    assert member["RoleName"]["Default"] != member["AuditRole"]["Default"]


def test_all_of_it_fits_into_a_role() -> None:
    held = Stack(PIPELINE, **GIVEN).policies("AuditRole")
    assert set(held) == {"ssb-audit", "ssb-members"}
    assert sum(len(json.dumps(each, separators=(",", ":"))) for each in held.values()) < INLINE_CHARACTERS


def test_an_issuer_that_is_there_is_not_made_again() -> None:
    assert Stack(PIPELINE, CreateIssuer="false").properties("IssuerProvider") is None


# --- judged


@pytest.mark.parametrize("name", [PIPELINE, MEMBER])
def test_cfn_lint_has_nothing_to_say(name: str) -> None:
    assert [str(match) for match in lint_file(FOLDER / name, config=ManualArgs(regions=["us-east-1", "cn-north-1", "us-gov-west-1"]))] == []


def test_the_tool_judges_whom_they_let_in(run: Runner, moto_account: None, pytester: pytest.Pytester) -> None:
    github = Stack(PIPELINE, Subject="repo:acme/infra:ref:refs/heads/main").trust("AuditRole")
    gitlab = Stack(PIPELINE, Subject=GIVEN["Subject"], Issuer="gitlab.com").trust("AuditRole")
    member = Stack(MEMBER, AuditAccount="999988887777", ExternalId="acme-ssb").trust("MemberRole")
    iam = boto3.client("iam")
    for name, trust in {"github": github, "gitlab": gitlab, "member": member}.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    pytester.makefile(".toml", ssb='[profiles.default]\nregions = ["eu-west-1"]\ntrust.accounts = ["999988887777"]\n')
    found = run("-k", "iam_role_trust_scoped", profile="default").findings(check="iam_role_trust_scoped")
    assert {finding["resource"].rpartition("/")[2]: (finding["status"], finding["basis"]) for finding in found} == {
        "github": ("PASS", "observed"),
        "gitlab": ("PASS", "observed"),
        "member": ("PASS", "declared"),
    }
