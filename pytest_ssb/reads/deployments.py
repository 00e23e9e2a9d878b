"""What deploys the account's templates: pipelines of AWS, and roles that a CI system assumes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pytest_ssb.reads.codepipeline import Pipeline
from pytest_ssb.reads.iam import AuthorizationDetails, Role
from pytest_ssb.reads.regions import Everywhere
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of

# Issuers of the tokens with which a CI system's jobs sign in, as IAM names their providers.
CI_ISSUERS = {
    "GitHub Actions": re.compile(r"token\.actions\.(githubusercontent\.com|[a-z0-9-]+\.ghe\.com)(/.*)?"),
    "GitLab": re.compile(r"(gitlab\.com|gitlab\.[^/]+)(/.*)?"),
    "Bitbucket Pipelines": re.compile(r"api\.bitbucket\.org/2\.0/workspaces/[^/]+/pipelines-config/identity/oidc"),
    "CircleCI": re.compile(r"oidc\.circleci\.com/org/.+"),
    "Buildkite": re.compile(r"agent\.buildkite\.com"),
    "HCP Terraform": re.compile(r"app\.terraform\.io"),
    "Azure Pipelines": re.compile(r"vstoken\.dev\.azure\.com/.+"),
    "Codefresh": re.compile(r"oidc\.codefresh\.io"),
    "Pulumi Cloud": re.compile(r"api\.pulumi\.com/oidc"),
    "Spacelift": re.compile(r"[^/]+\.app\.spacelift\.io"),
    "Semaphore": re.compile(r"[^/]+\.semaphoreci\.com"),
}
# A role that was not used for so long deploys nothing.
IN_USE = timedelta(days=90)


def ci_of(role: Role) -> str | None:
    """The CI system whose jobs may assume a role, None if none may."""
    for statement in role.assume_role_policy_document.statements:
        if not (statement.allows and statement.covers("sts:AssumeRoleWithWebIdentity")):
            continue
        for provider in statement.principals("Federated"):
            issuer = provider.partition(":oidc-provider/")[2].lower()
            for name, pattern in CI_ISSUERS.items():
                if pattern.fullmatch(issuer):
                    return name
    return None


@dataclass(frozen=True)
class Deployment:
    """What deploys, in words; the roles that a CI system might assume and did not lately; and what could not be asked."""

    by: tuple[str, ...]
    unused: tuple[str, ...]
    errors: tuple[Exception, ...]

    def whole(self) -> None:
        """Raise what kept something from being asked: it might deploy."""
        if self.errors:
            raise self.errors[0]


@read(per="account")
def deployment(pipelines_everywhere: Everywhere[Pipeline], iam_authorization_details: AuthorizationDetails) -> Deployment:
    """What deploys the account's templates, as far as AWS shows it."""
    by: list[str] = []
    unused: list[str] = []
    errors = [error for error in map(error_of, (pipelines_everywhere, iam_authorization_details)) if error is not None]
    if error_of(pipelines_everywhere) is None:
        errors += [error for error in (error_of(there.found) for there in pipelines_everywhere.unread) if error is not None]
        for pipeline in pipelines_everywhere.found:
            if (error := error_of(pipeline)) is not None:
                errors.append(error)
            elif pipeline.deploys:
                by.append(f"pipeline {pipeline.name} in {pipeline.arn.split(':')[3]}")
    if error_of(iam_authorization_details) is None:
        for role in iam_authorization_details.roles:
            if (error := error_of(role)) is not None:
                errors.append(error)
            elif (ci := ci_of(role)) is not None:
                (by if _is_used(role) else unused).append(f"role {role.role_name}, which {ci} assumes")
    return Deployment(tuple(by), tuple(unused), tuple(errors))


def _is_used(role: Role) -> bool:
    last = role.role_last_used.last_used_date
    return last is not None and datetime.now(UTC) - last <= IN_USE
