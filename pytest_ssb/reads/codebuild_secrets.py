"""Secrets in CodeBuild projects: plain variables, buildspecs that are written into the project, sources with a password in their address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.secret_holders import Hidden, Holder, held, search_for
from pytest_ssb.secrets.search import Found, Search

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

PROJECTS, BATCH = "codebuild:ListProjects", "codebuild:BatchGetProjects"
# https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetProjects.html
AT_ONCE = 100
API = "https://docs.aws.amazon.com/codebuild/latest/APIReference"


class Variable(Hidden, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/codebuild/latest/APIReference/API_EnvironmentVariable.html"""

    name: str
    value: str
    type: Literal["PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"] = "PLAINTEXT"


class Environment(Hidden, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectEnvironment.html"""

    # absent: none
    environment_variables: tuple[Variable, ...] = ()


class Source(Hidden, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectSource.html"""

    # absent: there is no place that it comes from: CodePipeline hands it over, or there is none
    location: str = ""
    # absent: it lies in the source
    buildspec: str = ""


class Project(Hidden, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html"""

    # As the handle names it; the answer's own is called like this, too.
    arn: str
    name: str
    environment: Environment
    source: Source
    # absent: none
    secondary_sources: tuple[Source, ...] = ()


@read(
    PROJECTS,
    BATCH,
    per="region",
    absent={
        f"{BATCH} projects.environment.environmentVariables": f"none ({API}/API_ProjectEnvironment.html)",
        f"{BATCH} projects.environment.environmentVariables.type": f"PLAINTEXT, which is the default ({API}/API_EnvironmentVariable.html)",
        f"{BATCH} projects.source.location": f"CodePipeline hands the source over, or there is none ({API}/API_ProjectSource.html)",
        f"{BATCH} projects.source.buildspec": f"it lies in the source ({API}/API_ProjectSource.html)",
        f"{BATCH} projects.secondarySources": f"none ({API}/API_Project.html)",
        f"{BATCH} projects.secondarySources.location": f"CodePipeline hands the source over, or there is none ({API}/API_ProjectSource.html)",
        f"{BATCH} projects.secondarySources.buildspec": f"it lies in the source ({API}/API_ProjectSource.html)",
    },
)
def codebuild_secrets(aws: Aws, ssb_profile: Profile) -> list[Holder]:
    """The CodeBuild projects of the region, each with the secrets in its settings."""
    search = search_for(ssb_profile)
    names = aws.list(PROJECTS, "projects")
    found: list[Holder] = []
    for start in range(0, len(names), AT_ONCE):
        wanted = names[start : start + AT_ONCE]
        answer = aws.ask(BATCH, names=wanted)
        if len(answer.get("projects") or ()) + len(answer.get("projectsNotFound") or ()) != len(wanted):
            raise UnexpectedAnswer(f"{BATCH} answered fewer projects than were asked for", BATCH)
        projects = aws.parse(BATCH, answer["projects"], Project, "{arn}")
        found += held(projects, lambda project: Holder(project.arn, project.name, _of(project, search)))
    return found


def _of(project: Project, search: Search) -> Found:
    variables = project.environment.environment_variables
    found = search.variables((each.name, each.value) for each in variables if each.type == "PLAINTEXT")
    found += search.injected(each.name for each in variables if each.type != "PLAINTEXT")
    for source in (project.source, *project.secondary_sources):
        found += search.variable("location", source.location, "source")
        # Else it is the path or the ARN of a file.
        if "\n" in source.buildspec:
            found += search.text(source.buildspec, "buildspec")
    return found
