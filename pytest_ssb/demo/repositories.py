"""The demo's repositories: small ones in a temporary folder, made by git. `demo` has mistakes in them, `demo-clean` has none."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

Files = Mapping[str, str]

# Like real ones, and none: put together here, so that nobody's scanner of this repository finds one.
_TOKEN = "gh" + "p_" + "Zk3vT9qLx2Wm7RbY5nHc8JdF4sGa6PeU1oXi"
_PASSWORD = "V9x" + "!kq27Lm" + "Tz4"

_HOOK = """\
repos:
- repo: https://github.com/gitleaks/gitleaks
  rev: v8.28.0
  hooks:
  - id: gitleaks
"""
_WORKFLOW = """\
on: [pull_request]
jobs:
  secrets:
    runs-on: ubuntu-latest
    steps:
    - uses: actions/checkout@v5
    - run: gitleaks git --redact
"""
_CHECKLIST = """\
- [ ] tests tell what is new
- [ ] no password, token or key stands in code, tests or logs
"""
_TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Queue:
    Type: AWS::SQS::Queue
"""
_TRAIL = 'resource "aws_cloudtrail" "main" {\n  name           = "main"\n  s3_bucket_name = "acme-logs"\n}\n'

# One entry for each commit: what is written then.
_SHOP_WITH_MISTAKES: Sequence[Files] = (
    {"README.md": "# The shop\n", "shop/app.py": "print('open')\n", "shop/release.py": f'GITHUB_TOKEN = "{_TOKEN}"\n'},
    {"shop/release.py": 'import os\n\nGITHUB_TOKEN = os.environ["GITHUB_TOKEN"]\n', ".env": f"DATABASE_PASSWORD={_PASSWORD}\n"},
)
_SHOP: Sequence[Files] = (
    {
        "README.md": "# The shop\n",
        "shop/app.py": "print('open')\n",
        "template.yaml": _TEMPLATE,
        ".github/workflows/secrets.yml": _WORKFLOW,
        ".github/pull_request_template.md": _CHECKLIST,
    },
)
_PLATFORM: Sequence[Files] = (
    {"README.md": "# What every account has\n", "trail.tf": _TRAIL, ".pre-commit-config.yaml": _HOOK, "CONTRIBUTING.md": _CHECKLIST},
)


@functools.cache
def _temporary() -> tempfile.TemporaryDirectory[str]:
    """A folder that goes when the process does."""
    return tempfile.TemporaryDirectory(prefix="pytest-ssb-demo-", ignore_cleanup_errors=True)


@functools.cache
def made(clean: bool) -> Path:
    """The folder with the repositories `shop` and `platform` of a demo account, made when first asked for; without git it stays empty."""
    folder = Path(_temporary().name) / ("clean" if clean else "mistaken")
    folder.mkdir()
    git = shutil.which("git")
    if git is not None:
        _make(git, folder / "shop", _SHOP if clean else _SHOP_WITH_MISTAKES)
        _make(git, folder / "platform", _PLATFORM)
    return folder


def _make(git: str, folder: Path, commits: Sequence[Files]) -> None:
    folder.mkdir()
    _run(git, folder, "init", "-q", "--template=")
    for files in commits:
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        _run(git, folder, "add", "--all", "--force")
        _run(git, folder, "commit", "-q", "--no-verify", "-m", "Go on")


def _run(git: str, folder: Path, *arguments: str) -> None:
    """Let git do something in a folder, whatever its user has set, or whichever repository it is in the midst of."""
    ours = {name: value for name, value in os.environ.items() if not name.upper().startswith("GIT_")}
    # The same on every day, so that a commit has the same id.
    about = {"NAME": "Ana", "EMAIL": "ana@example.com", "DATE": "2026-01-05T09:00:00Z"}
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in about.items()}
    environment = ours | who | {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run([git, *arguments], cwd=folder, env=environment, check=True, capture_output=True)  # noqa: S603 - a list, never a shell
