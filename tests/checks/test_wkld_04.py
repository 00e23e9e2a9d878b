"""WKLD.04's checks, each shown to pass, to fail, and at its edges. What a scanner, a secret file is in detail is in tests/test_repositories.py."""

import os
from typing import Any

from tests.support.checkouts import made, nowhere, written
from tests.support.worlds import Cloud, Expected, world
from tests_workload import test_wkld_04_repositories as suite

WIRED, FILES, REVIEWS = (
    suite.test_repository_secret_scanner_wired,
    suite.test_repository_no_tracked_secret_files,
    suite.test_repository_review_covers_secrets,
)
HOOK = "repos:\n- repo: https://github.com/gitleaks/gitleaks\n  rev: v8.28.0\n  hooks:\n  - id: gitleaks\n"
LET_THROUGH = "on: [push]\njobs:\n  scan:\n    steps:\n    - {run: gitleaks detect, continue-on-error: true}\n"


def named(aws: Cloud, *repositories: dict[str, Any], **more: Any) -> list[str]:
    """Let the profile name repositories: `files` that are made, or a `path`; the resources in their order."""
    told = [{"path": str(each.get("path") or made(each["files"])), "holds": "application"} | _scanner(each) for each in repositories]
    aws.facts(repositories=told, **more)
    return [f"repo:{each['path']}" for each in told]


def _scanner(repository: dict[str, Any]) -> dict[str, Any]:
    return {"scanner": repository["scanner"]} if "scanner" in repository else {}


@world(WIRED)
def test_repositories_by_the_scanners_that_run_in_them(aws: Cloud) -> Expected:
    hooked, plain, idle, soft, hosted, broken, own = named(
        aws,
        {"files": {".pre-commit-config.yaml": HOOK}},
        {"files": {"README.md": "acme"}},
        {"files": {".gitleaks.toml": "", ".secrets.baseline": "{}"}},
        {"files": {".github/workflows/ci.yml": LET_THROUGH}},
        {"files": {"README.md": "acme"}, "scanner": "GitHub push protection"},
        {"files": {".gitlab-ci.yml": "a: ["}},
        {"files": {".gitlab-ci.yml": "a: [", ".husky/pre-push": "gitleaks git .\n"}},
    )
    return {
        hooked: ("PASS", None, "gitleaks in .pre-commit-config.yaml:5"),
        plain: ("FAIL", "medium", "no scanner in hooks or CI"),
        idle: ("FAIL", "medium", ".gitleaks.toml, .secrets.baseline alone runs nothing"),
        soft: ("FAIL", "medium", "only where its failure is let through: gitleaks in .github/workflows/ci.yml:5"),
        hosted: ("PASS", None, "scanner = GitHub push protection"),
        broken: ("ERROR", None, ".gitlab-ci.yml could not be parsed"),
        own: "PASS",
    }


@world(WIRED)
def test_a_hook_of_this_clone_alone_is_said_to_be_one(aws: Cloud) -> Expected:
    folder = made({"README.md": "acme"})
    written(folder, {".git/hooks/pre-commit": "#!/bin/sh\ngit secrets --pre_commit_hook\n"})
    (arn,) = named(aws, {"path": folder})
    return {arn: ("PASS", None, "in this clone alone, not versioned")}


@world(FILES)
def test_repositories_by_their_secret_files(aws: Cloud) -> Expected:
    good, bad, odd = named(
        aws,
        {"files": {".env": "STAGE=prod", ".env.example": "DB_PASSWORD=hunter2"}},
        {"files": {"app/.env": "DB_PASSWORD=hunter2", "terraform.tfstate": "{}", "main.py": "x = 1"}},
        {"files": {"a.pem": "x" * 1_000_001, "b.tfstate": "{}"}},
    )
    return {
        good: "PASS",
        (bad, "app/.env"): ("FAIL", "high", "a secret in line 1"),
        (bad, "terraform.tfstate"): ("FAIL", "high", "a state of Terraform"),
        (odd, "a.pem"): ("ERROR", None, "a.pem is larger than 1 MB"),
        (odd, "b.tfstate"): ("FAIL", "high", "a state of Terraform"),
    }


@world(FILES)
def test_a_name_with_odd_characters_is_shown_escaped(aws: Cloud) -> Expected:
    # Windows knows no such names.
    name = "odd name.tfstate" if os.name == "nt" else "odd\nname.tfstate"
    (arn,) = named(aws, {"files": {name: "{}"}})
    return {(arn, name.replace("\n", "\\n")): ("FAIL", "high", "a state of Terraform")}


@world(REVIEWS)
def test_repositories_by_what_reviewers_are_told(aws: Cloud) -> Expected:
    template, rules, silent, elsewhere = named(
        aws,
        {"files": {".github/pull_request_template.md": "- [ ] tests\n- [ ] no secrets\n"}},
        {"files": {"CONTRIBUTING.md": "Never commit credentials.\n"}},
        {"files": {"CONTRIBUTING.md": "Be kind.\n"}},
        {"files": {"README.md": "no secrets"}},
    )
    return {
        template: ("PASS", None, "said in .github/pull_request_template.md:2"),
        rules: ("PASS", None, "said in CONTRIBUTING.md:1"),
        silent: ("MANUAL", None, "do reviews look for secrets?"),
        elsewhere: "MANUAL",
    }


@world(WIRED, FILES, REVIEWS)
def test_without_repositories_the_check_asks_for_them(aws: Cloud) -> Expected:
    return {aws.account_arn: ("MANUAL", None, "name them in `repositories`")}


@world(WIRED, FILES, REVIEWS)
def test_a_repository_that_is_not_there_is_an_error(aws: Cloud) -> Expected:
    missing, folder = named(aws, {"path": nowhere(), "scanner": "GitHub push protection"}, {"path": made({"a": "b"}) / ".git" / "refs"})
    return {missing: ("ERROR", None, "there is no such folder"), folder: ("ERROR", None, "it is no git repository")}


EDGES: dict[str, dict[str, Any]] = {
    "repository_secret_scanner_wired": {
        "hook, nothing, idle, soft, hosted, not readable": test_repositories_by_the_scanners_that_run_in_them,
        "not versioned": test_a_hook_of_this_clone_alone_is_said_to_be_one,
        "no repositories": test_without_repositories_the_check_asks_for_them,
        "no repository there": test_a_repository_that_is_not_there_is_an_error,
    },
    "repository_no_tracked_secret_files": {
        "none, some, not readable": test_repositories_by_their_secret_files,
        "odd names": test_a_name_with_odd_characters_is_shown_escaped,
        "no repositories": test_without_repositories_the_check_asks_for_them,
        "no repository there": test_a_repository_that_is_not_there_is_an_error,
    },
    "repository_review_covers_secrets": {
        "template, rules, silence": test_repositories_by_what_reviewers_are_told,
        "no repositories": test_without_repositories_the_check_asks_for_them,
        "no repository there": test_a_repository_that_is_not_there_is_an_error,
    },
}
