"""WKLD.05: detect and remediate exposed secrets.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from typing import Any

from pytest_ssb import check

NAME_THEM = "which repositories hold the code of this account's applications? name them in `repositories` of the profile"
ROTATE = "# rotate the secret first, keep it in Secrets Manager, then take it out of the code and, by git filter-repo, of the history"
LEAKED = ("https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/removing-sensitive-data-from-a-repository",)


def ask(audit: Any) -> None:
    """Ask for the repositories where the profile names none."""
    with audit(audit.target()):
        audit.manual(NAME_THEM)


@check(
    "WKLD.05",
    on="AWS::::Account",
    severity="medium",
    key=True,
    facts=("repositories",),
    fix="aws inspector2 enable --region REGION --resource-types LAMBDA LAMBDA_CODE  # or run gitleaks or trufflehog in the CI of every repository",
    references=("https://docs.aws.amazon.com/inspector/latest/user/scanning-lambda.html",),
)
def test_secret_detection_deployed(audit, secret_detection, repository_wiring):
    """Something looks for secrets in code that got past the people: a service of AWS, or a scanner in every repository's CI."""
    with audit(audit.target()):
        if secret_detection.found:
            audit.note(", ".join(secret_detection.found))
            return
        named = [each for each in repository_wiring if each.scanner]
        if named:
            audit.declared("scanner", named[0].scanner)
        missing = [each for each in repository_wiring if not each.scanner and not each.found.in_ci]
        if repository_wiring and not missing:
            audit.note("a scanner looks into every repository of the profile")
            return
        secret_detection.whole()
        if not repository_wiring:
            audit.manual("what detects secrets in code? Inspector and CodeGuru Reviewer do not here, and the profile names no repositories")
        for each in missing:
            each.found.whole()
        assert not missing, (
            f"neither Inspector nor CodeGuru Reviewer looks for secrets, nor a scanner in the CI of {', '.join(each.path for each in missing)}"
        )


@check(
    "WKLD.05",
    on="Git::Repository",
    severity="critical",
    facts=("repositories", "secrets.harmless_names", "secrets.harmless_values", "secrets.scan_max_mb"),
    fix=f"gitleaks dir {{path}}  {ROTATE}",
    references=LEAKED,
)
def test_repository_no_secrets(audit, repository_scans):
    """No file of a repository has a secret in it."""
    judge(audit, repository_scans)


@check(
    "WKLD.05",
    on="Git::Repository",
    severity="critical",
    facts=("repositories", "secrets.harmless_names", "secrets.harmless_values", "secrets.history_commits", "secrets.scan_max_mb"),
    fix=f"gitleaks git {{path}}  {ROTATE}, and push it by force",
    references=LEAKED,
)
def test_repository_history_no_secrets(audit, repository_histories):
    """No secret was added by the last commits of a repository, not even one that is gone again."""
    judge(audit, repository_histories)


def judge(audit: Any, looked: Any) -> None:
    """Judge what was found in each repository."""
    for repository in looked:
        with audit(repository):
            scan = repository.found
            if scan is None:
                audit.manual("is the history clean? secrets.history_commits is 0; run: gitleaks git")
            declared = scan.declared
            if declared is not None:
                audit.declared(*declared)
            if scan.leaks:
                audit.severity(scan.severity)
                also = f" ({scan.missed})" if scan.missed else ""
                raise AssertionError(f"secrets in {scan.said}{also}")
            scan.whole()
            audit.note(scan.note)
    if not looked:
        ask(audit)


@check(
    "WKLD.05",
    on="AWS::Lambda::Function",
    severity="high",
    fix=ROTATE,
    references=("https://docs.aws.amazon.com/inspector/latest/user/findings-understanding.html",),
)
def test_detected_secrets_remediated(audit, exposed_secrets):
    """No secret that Inspector found in a function's code, or Macie in a bucket, is still there."""
    for exposed in exposed_secrets.resources:
        with audit(exposed, type=exposed.kind):
            raise AssertionError(f"secrets were found, and are open: {exposed.said}")
    if not exposed_secrets.services:
        audit.nothing("neither Inspector's scans of code nor Macie are on")
    elif not exposed_secrets.resources:
        with audit(audit.target()):
            audit.note(f"{' and '.join(exposed_secrets.services)} look, and nothing is open")
