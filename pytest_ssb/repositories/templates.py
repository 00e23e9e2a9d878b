"""Whether a repository holds templates: files from which a tool of infrastructure as code deploys resources."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from pytest_ssb.errors import Undecided
from pytest_ssb.repositories.git import Repository
from pytest_ssb.repositories.scan import TESTS, VENDORED

# A name may have any character in it, that of a new line, too.
FLAGS = re.IGNORECASE | re.DOTALL
BY_NAME = {
    "Terraform": re.compile(r".+\.(?:tf|tofu)(?:\.json)?|terragrunt\.hcl", FLAGS),
    "the AWS CDK": re.compile(r"cdk\.json", FLAGS),
    "the Serverless Framework": re.compile(r"serverless\.(?:ya?ml|json|[cm]?[jt]s)", FLAGS),
    "Pulumi": re.compile(r"pulumi\.ya?ml", FLAGS),
    "SST": re.compile(r"sst\.config\.[jt]s", FLAGS),
}
MAY_BE_TEMPLATE = re.compile(r".+\.(?:ya?ml|json|template)", FLAGS)
IS_TEMPLATE = re.compile(rb"^\s*\{?\s*['\"]?AWSTemplateFormatVersion['\"]?\s*:|^\s*['\"]?Transform['\"]?\s*:.*AWS::Serverless", re.MULTILINE)
# CloudFormation takes none that is larger (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html).
LARGEST = 1_048_576


def template_of(repository: Repository) -> str | None:
    """A template in the repository and its tool, None where it has none but in tests and in code of others. Raises Undecided where that is open."""
    paths = [entry for entry in repository.files if not _passed_over(entry.path)]
    for entry in paths:
        for tool, pattern in BY_NAME.items():
            if pattern.fullmatch(PurePosixPath(entry.path).name):
                return f"{entry.path}, for {tool}"
    unread = None
    for entry in paths:
        if not MAY_BE_TEMPLATE.fullmatch(entry.path):
            continue
        content = repository.read(entry, LARGEST)
        if content is None:
            unread = unread or entry.path
        elif len(content) <= LARGEST and IS_TEMPLATE.search(content):
            return f"{entry.path}, for CloudFormation"
    if unread is not None:
        raise Undecided(f"{unread} could not be read, and may be a template")
    return None


def _passed_over(path: str) -> bool:
    folders = PurePosixPath(path).parts[:-1]
    return bool(VENDORED & set(folders) or TESTS & {folder.lower() for folder in folders})
