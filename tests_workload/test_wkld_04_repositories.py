"""WKLD.04: prevent application secrets from being exposed.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from typing import Any

from pytest_ssb import check

NAME_THEM = "which repositories hold the code of this account's applications? name them in `repositories` of the profile"


def ask(audit: Any) -> None:
    """Ask for the repositories where the profile names none."""
    with audit(audit.target()):
        audit.manual(NAME_THEM)


@check(
    "WKLD.04",
    on="Git::Repository",
    severity="medium",
    key=True,
    facts=("repositories",),
    fix="cd {path} && printf 'repos:\\n- repo: https://github.com/gitleaks/gitleaks\\n  rev: v8.28.0\\n  hooks:\\n  - id: gitleaks\\n' >> "
    ".pre-commit-config.yaml && pre-commit install  # and `gitleaks git` in CI, where its failure stops the merge",
    references=("https://pre-commit.com/", "https://github.com/gitleaks/gitleaks"),
)
def test_repository_secret_scanner_wired(audit, repository_wiring):
    """A scanner for secrets runs in each repository before code is accepted."""
    for repository in repository_wiring:
        with audit(repository):
            wiring = repository.found
            if repository.scanner:
                audit.declared("scanner", repository.scanner)
                audit.note("a hosted scanner, which leaves no file")
            elif wiring.stopping:
                local = "" if wiring.stopping[0].versioned else "; it is in this clone alone, not versioned"
                audit.note(f"{', '.join(map(str, wiring.stopping[:5]))}{local}")
            else:
                wiring.whole()
                soft = ", ".join(map(str, wiring.evidence[:5]))
                assert not wiring.evidence, f"a scanner runs only where its failure is let through: {soft}"
                idle = f"; {', '.join(wiring.idle)} alone runs nothing" if wiring.idle else ""
                raise AssertionError(f"no scanner in hooks or CI{idle}")
    if not repository_wiring:
        ask(audit)


@check(
    "WKLD.04",
    on="Git::Repository",
    severity="high",
    facts=("repositories",),
    references=("https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/removing-sensitive-data-from-a-repository",),
)
def test_repository_no_tracked_secret_files(audit, repository_secret_files):
    """No file that holds secrets by its kind is in a repository: keys, states, credentials, filled-in environment files."""
    for item, repository in repository_secret_files:
        with audit(repository, item):
            audit.fix(
                "git -C {path} rm --cached -- {file} && printf '%s\\n' {file} >> {path}/.gitignore  # and rotate what is in it: the history keeps it",
                file=item or "",
            )
            assert repository.found is None, repository.found
    if not repository_secret_files:
        ask(audit)


@check(
    "WKLD.04",
    on="Git::Repository",
    severity="low",
    facts=("repositories",),
    references=("https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests",),
)
def test_repository_review_covers_secrets(audit, repository_reviews):
    """Reviewers are told to look for secrets: by a template, a checklist or the rules for contributing."""
    for repository in repository_reviews:
        with audit(repository):
            if repository.found is None:
                audit.manual("do reviews look for secrets? no template, checklist or CONTRIBUTING says so")
            audit.note(f"said in {repository.found}")
    if not repository_reviews:
        ask(audit)
