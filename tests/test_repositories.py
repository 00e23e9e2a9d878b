"""How local repositories are looked into: what is a scanner that runs, which files are secret, what is found in files and in history.

And that a hostile repository is only ever read: nothing of it runs, and nothing outside of it is opened.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from pytest_ssb.errors import Undecided
from pytest_ssb.profiles import Profile, Repository
from pytest_ssb.reads.engine import Reads
from pytest_ssb.repositories import git, secret_files
from pytest_ssb.repositories.scan import MB, Scan, Scanner, is_test
from pytest_ssb.repositories.wiring import command_of, wiring_of
from pytest_ssb.selectors import HiddenGlobs
from pytest_ssb.targets import Target
from tests.support.checkouts import committed, made, written
from tests.support.checkouts import git as call

# Windows knows no such names.
ODD = "odd name.txt" if os.name == "nt" else 'odd "name\n\t.txt'
FILL = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zC" * 4
TOKEN = "gh" + "p_" + FILL[:36]
PEM = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIB\n"


def checkout(folder: Path, files: dict[str, str | bytes] | None = None, message: str = "first") -> git.Repository:
    """A repository in which these files are committed."""
    return git.opened("repo:shop", committed(folder, files or {"README.md": "acme"}, message))


def scanned(repository: git.Repository, most: int = 50 * MB, **harmless: tuple[str, ...]) -> Scan:
    return scanner(**harmless).files(repository, most)


def scanner(names: tuple[str, ...] = (), values: tuple[str, ...] = ()) -> Scanner:
    return Scanner(HiddenGlobs(names, key="secrets.harmless_names"), HiddenGlobs(values, key="secrets.harmless_values"))


# --- a repository ----------------------------------------------------------------------------------------------------------------------------


def test_a_checkout_and_a_bare_clone_hold_the_same(tmp_path: Path) -> None:
    first = checkout(tmp_path / "shop", {"a.txt": "a", "folder/b.txt": "b", 'odd "name\n\t.txt': "c"})
    call(tmp_path, "clone", "-q", "--bare", str(tmp_path / "shop"), "bare")
    bare = git.opened("repo:bare", tmp_path / "bare")
    assert bare.bare
    assert not first.bare
    assert [(each.path, each.id) for each in bare.files] == [(each.path, each.id) for each in first.files]
    assert [bare.read(each) for each in bare.files] == [first.read(each) for each in first.files]
    assert bare.text("folder/b.txt") == first.text("folder/b.txt") == "b"
    assert first.text("nothing.txt") is None


def test_a_worktree_is_a_checkout(tmp_path: Path) -> None:
    checkout(tmp_path / "shop", {"a.txt": "a"})
    call(tmp_path / "shop", "worktree", "add", "-q", str(tmp_path / "other"), "-b", "other")
    assert [each.path for each in git.opened("repo:other", tmp_path / "other").files] == ["a.txt"]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda folder: None, "no such folder"),
        (lambda folder: folder.mkdir(), "no git repository"),
        (lambda folder: written(folder, {".git": "gitdir: /nowhere"}), "git could not read it"),
        (lambda folder: written(folder, {".git/HEAD": "x"}), "git could not read it"),
    ],
    ids=["missing", "folder", "link to nowhere", "broken"],
)
def test_what_is_no_repository_is_said(tmp_path: Path, make: Any, says: str) -> None:
    make(tmp_path / "shop")
    with pytest.raises(Undecided, match=says):
        git.opened("repo:shop", tmp_path / "shop")


def test_without_git_nothing_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout(tmp_path / "shop")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Undecided, match="git command is not installed"):
        git.opened("repo:shop", tmp_path / "shop")


def test_an_answer_that_is_too_large_is_not_taken_for_the_whole(tmp_path: Path) -> None:
    repository = checkout(tmp_path / "shop", {f"{n}.txt": "x" for n in range(50)})
    with pytest.raises(Undecided, match="was not read to its end"):
        git.run(repository.root, repository.git_dir, ["ls-files"], 100)


# --- hostile ones ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="the programs are shell scripts")
def test_nothing_that_a_repository_names_is_run(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    checkout(shop, {"a.bin": "one", ".gitattributes": "* diff=evil filter=evil textconv=evil\n"})
    checkout(shop, {"a.bin": "two"}, "second")
    ran = tmp_path / "ran"
    program = tmp_path / "evil"
    program.write_text(f"#!/bin/sh\necho \"$0\" >> '{ran}'\nexec cat\n")
    program.chmod(0o755)
    for hook in ("post-index-change", "post-checkout", "pre-commit", "reference-transaction", "fsmonitor-watchman"):
        place = shop / ".git" / "hooks" / hook
        place.write_text(program.read_text())
        place.chmod(0o755)
    for name in (
        *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.alternateRefsCommand", "diff.external", "pager.log"),
        *("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.command", "diff.evil.textconv", "gpg.program"),
        *("remote.origin.uploadpack", "credential.helper", "alias.log", "alias.ls-files", "trailer.x.command"),
    ):
        call(shop, "config", name, f"!{program}" if name.startswith("alias") else str(program))
    for name, value in {
        "log.showSignature": "true",
        "core.hooksPath": str(shop / ".git" / "hooks"),
        "remote.origin.url": f"ext::{program}",
        "remote.origin.promisor": "true",
        "extensions.partialClone": "origin",
        "protocol.ext.allow": "always",
        "core.worktree": str(tmp_path),
    }.items():
        call(shop, "config", name, value)
    # An object that is missing would be fetched by the program that the remote names.
    lost = call(shop, "--work-tree=.", "rev-parse", "HEAD:a.bin")
    (shop / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    ran.unlink(missing_ok=True)
    repository = git.opened("repo:shop", shop)
    wiring_of(repository)
    scanned(repository)
    with pytest.raises(Undecided):
        scanner().history(repository, 10, MB)
    assert not ran.exists(), ran.read_text()


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_that_lead_outside_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    written(outside, {"secret.env": f"TOKEN={TOKEN}", "folder/b.env": f"TOKEN={TOKEN}"})
    shop = tmp_path / "shop"
    checkout(shop, {"folder/b.env": "STAGE=prod", "plain.env": "STAGE=prod"})
    (shop / "link.env").symlink_to(outside / "secret.env")
    call(shop, "add", "-A")
    (shop / "folder" / "b.env").unlink()
    (shop / "folder").rmdir()
    (shop / "folder").symlink_to(outside / "folder")
    (shop / "plain.env").unlink()
    (shop / "plain.env").symlink_to(outside / "secret.env")
    repository = git.opened("repo:shop", shop)
    assert [each.path for each in repository.files] == ["folder/b.env", "plain.env"]
    scan = scanned(repository)
    assert not scan.leaks
    assert scan.missed is not None
    assert "folder/b.env, plain.env" in scan.missed


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes there")
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    repository = checkout(shop, {"a.env": "x"})
    (shop / "a.env").unlink()
    os.mkfifo(shop / "a.env")
    assert stat.S_ISFIFO((shop / "a.env").lstat().st_mode)
    assert scanned(repository).unread == ["a.env"]


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "a/../../outside", ""])
def test_a_path_that_leads_out_is_not_opened(tmp_path: Path, path: str) -> None:
    written(tmp_path, {"outside": "x"})
    repository = git.Repository("repo:shop", tmp_path / "shop", tmp_path, False, (), False)
    assert repository.read(git.Entry(path, "0" * 40)) is None


def test_names_that_resemble_options_are_names(tmp_path: Path) -> None:
    repository = checkout(tmp_path / "shop", {"--help": "x", "-p.env": f"TOKEN={TOKEN}", ";touch x.env": "y", "$(touch x).env": "z"})
    assert [leak.place for leak in scanned(repository).leaks] == ["-p.env:1"]
    assert scanner().history(repository, 5, MB).leaks[0].place.startswith("-p.env:1 in commit ")
    assert not (tmp_path / "shop" / "x").exists()


def test_our_own_environment_does_not_steer_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = checkout(tmp_path / "shop", {"a.txt": "x"})
    checkout(tmp_path / "other", {"b.txt": "x"})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    assert [each.path for each in git.opened("repo:shop", tmp_path / "shop").files] == [each.path for each in repository.files] == ["a.txt"]


# --- scanners that run -----------------------------------------------------------------------------------------------------------------------

HOOK = "repos:\n- repo: https://github.com/gitleaks/gitleaks\n  rev: v8.28.0\n  hooks:\n  - id: gitleaks\n"
WORKFLOW = "on: [push]\njobs:\n  scan:\n    runs-on: ubuntu-latest\n    steps:\n    - {step}\n"


def workflow(step: str, on: str = "[push]") -> dict[str, str | bytes]:
    return {".github/workflows/ci.yml": WORKFLOW.replace("[push]", on).replace("{step}", step)}


@pytest.mark.parametrize(
    ("files", "places"),
    [
        ({".pre-commit-config.yaml": HOOK}, [".pre-commit-config.yaml:5"]),
        (
            {".pre-commit-config.yaml": "repos:\n- repo: local\n  hooks:\n  - id: s\n    entry: detect-secrets-hook --baseline x\n"},
            [".pre-commit-config.yaml:4"],
        ),
        ({".pre-commit-config.yaml": HOOK + "    stages: [pre-push, manual]\n"}, [".pre-commit-config.yaml:5"]),
        ({".pre-commit-config.yaml": HOOK + "    stages: [manual]\n"}, []),
        ({".pre-commit-config.yaml": "default_stages: [manual]\n" + HOOK}, []),
        ({".pre-commit-config.yaml": "".join(f"# {line}\n" for line in HOOK.splitlines()) + "repos: []\n"}, []),
        ({".pre-commit-config.yaml": "repos:\n- repo: https://github.com/gitleaks/gitleaks\n  hooks: []\n"}, []),
        ({".githooks/pre-commit": '#!/bin/sh\nset -e\ngit secrets --pre_commit_hook -- "$@"\n'}, [".githooks/pre-commit:3"]),
        ({".husky/pre-commit": "npx lint-staged\n# gitleaks protect --staged\n"}, []),
        ({".husky/pre-commit": "gitleaks protect --staged || true\n"}, []),
        ({"lefthook.yml": "pre-commit:\n  commands:\n    secrets:\n      run: trufflehog git file://.\n"}, ["lefthook.yml:4"]),
        ({"lefthook.yml": "pre-commit:\n  skip: true\n  commands:\n    secrets:\n      run: trufflehog git file://.\n"}, []),
        ({"lefthook.yml": "post-merge:\n  commands:\n    secrets:\n      run: trufflehog git file://.\n"}, []),
        ({".overcommit.yml": "PreCommit:\n  GitLeaks:\n    enabled: true\n"}, [".overcommit.yml:3"]),
        ({".overcommit.yml": "PreCommit:\n  GitLeaks:\n    enabled: false\n"}, []),
        (workflow("uses: gitleaks/gitleaks-action@v2"), [".github/workflows/ci.yml:6"]),
        (workflow("run: gitleaks detect --no-banner"), [".github/workflows/ci.yml:6"]),
        (workflow("run: |\n        echo start\n        docker run -v .:/x zricethezav/gitleaks:latest detect\n"), [".github/workflows/ci.yml:8"]),
        (workflow("run: pip install detect-secrets && detect-secrets scan"), [".github/workflows/ci.yml:6"]),
        (workflow("run: semgrep ci --config p/secrets"), [".github/workflows/ci.yml:6"]),
        (workflow("run: pip install detect-secrets"), []),
        (workflow("run: gitleaks version"), []),
        (workflow("run: echo gitleaks detect"), []),
        (workflow("run: go test ./...  # gitleaks detect"), []),
        (workflow("uses: gitleaks/gitleaks-action@v2", "workflow_dispatch"), []),
        (workflow("uses: gitleaks/gitleaks-action@v2", "{workflow_dispatch: {}, schedule: [{cron: '0 1 * * *'}]}"), [".github/workflows/ci.yml:6"]),
        (workflow("{uses: gitleaks/gitleaks-action@v2, if: false}"), []),
        (workflow("{uses: gitleaks/gitleaks-action@v2, if: '${{ false }}'}"), []),
        (workflow("{uses: gitleaks/gitleaks-action@v2, continue-on-error: true}"), []),
        (workflow("run: gitleaks detect || true"), []),
        (workflow("run: pre-commit run --all-files"), []),
        (
            {**workflow("run: pre-commit run --all-files"), ".pre-commit-config.yaml": HOOK},
            [".pre-commit-config.yaml:5", ".github/workflows/ci.yml:6"],
        ),
        ({**workflow("uses: pre-commit/action@v3"), ".pre-commit-config.yaml": HOOK}, [".pre-commit-config.yaml:5", ".github/workflows/ci.yml:6"]),
        ({".gitlab-ci.yml": "include:\n- template: Jobs/Secret-Detection.gitlab-ci.yml\n"}, [".gitlab-ci.yml:2"]),
        ({".gitlab-ci.yml": "variables: {SECRET_DETECTION_DISABLED: 'true'}\ninclude:\n- template: Jobs/Secret-Detection.gitlab-ci.yml\n"}, []),
        ({".gitlab-ci.yml": "scan:\n  script:\n  - gitleaks detect\n"}, [".gitlab-ci.yml:3"]),
        ({".gitlab-ci.yml": "scan:\n  allow_failure: true\n  script:\n  - gitleaks detect\n"}, []),
        ({".gitlab-ci.yml": "scan:\n  allow_failure: {exit_codes: 1}\n  script:\n  - gitleaks detect\n"}, []),
        ({".gitlab-ci.yml": "scan:\n  when: manual\n  script:\n  - gitleaks detect\n"}, []),
        ({".gitlab-ci.yml": "scan:\n  script: !reference [.scan, script]\n"}, []),
        ({".circleci/config.yml": "jobs:\n  scan:\n    steps:\n    - run:\n        command: ggshield secret scan ci\n"}, [".circleci/config.yml:5"]),
        ({"azure-pipelines.yml": "steps:\n- script: gitleaks detect\n  enabled: false\n- bash: trufflehog git .\n"}, ["azure-pipelines.yml:4"]),
        (
            {"bitbucket-pipelines.yml": "pipelines:\n  default:\n  - step:\n      script:\n      - pipe: atlassian/git-secrets-scan:1.0.0\n"},
            ["bitbucket-pipelines.yml:5"],
        ),
        ({"buildspec.yml": "phases:\n  build:\n    commands:\n    - whispers .\n"}, ["buildspec.yml:4"]),
        ({".drone.yml": "kind: pipeline\n---\nsteps:\n- name: scan\n  image: zricethezav/gitleaks\n"}, [".drone.yml:5"]),
        ({"Jenkinsfile": "pipeline {\n  // sh 'gitleaks detect'\n  /* sh 'gitleaks detect' */\n  sh 'gitleaks detect'\n}\n"}, ["Jenkinsfile:4"]),
        ({".gitleaks.toml": "title = 'x'", ".secrets.baseline": "{}", "README.md": "run gitleaks detect"}, []),
        ({"docs/ci.yml": "scan:\n  script:\n  - gitleaks detect\n"}, []),
    ],
)
def test_a_scanner_that_stops_something_is_told_from_one_that_does_not(tmp_path: Path, files: dict[str, str | bytes], places: list[str]) -> None:
    wiring = wiring_of(checkout(tmp_path / "shop", files))
    assert [each.place for each in wiring.stopping] == places
    wiring.whole()


def test_a_step_that_is_let_through_is_told(tmp_path: Path) -> None:
    wiring = wiring_of(checkout(tmp_path / "shop", workflow("{run: gitleaks detect, continue-on-error: true}")))
    assert [str(each) for each in wiring.evidence] == ["gitleaks in .github/workflows/ci.yml:6"]
    assert not wiring.stopping


def test_a_hook_of_this_clone_alone_is_not_versioned(tmp_path: Path) -> None:
    repository = checkout(tmp_path / "shop", {"README.md": "x"})
    written(tmp_path / "shop", {".git/hooks/pre-commit": "#!/bin/sh\nexec gitleaks protect --staged\n"})
    assert [(each.place, each.versioned) for each in wiring_of(repository).stopping] == [(".git/hooks/pre-commit:2", False)]


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "a: &a [*a]\n b",
        "[" * 5000,
        "a: &x {b: &y {c: 1}}\n" + "".join(f"k{n}: &k{n} [{', '.join([f'*k{n - 1}' if n else '*x'] * 9)}]\n" for n in range(9)),
    ],
    ids=["broken", "indented", "deep", "laughs"],
)
def test_a_file_that_cannot_be_read_leaves_the_question_open(tmp_path: Path, text: str) -> None:
    wiring = wiring_of(checkout(tmp_path / "shop", {".gitlab-ci.yml": text}))
    with pytest.raises(Undecided, match=r"\.gitlab-ci\.yml"):
        wiring.whole()


def test_no_tag_of_a_file_makes_an_object(tmp_path: Path) -> None:
    text = f"scan:\n  script: !!python/object/apply:os.system ['touch {tmp_path / 'ran'}']\n"
    wiring_of(checkout(tmp_path / "shop", {".gitlab-ci.yml": text}))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("line", "runs"),
    [
        ("gitleaks detect", ("gitleaks", False)),
        ("sudo GITLEAKS_CONFIG=x ./bin/gitleaks detect", ("gitleaks", False)),
        ("make && gitleaks git .", ("gitleaks", False)),
        ("gitleaks detect || exit 0", ("gitleaks", True)),
        ("brew install gitleaks", None),
        ("curl -L https://x/gitleaks.tar.gz | tar xz", None),
        ("if which gitleaks; then", None),
        ("detect-secrets audit .secrets.baseline", None),
        ("mygitleaks detect", None),
        ("gitleaks detect 'unfinished", ("gitleaks", False)),
    ],
)
def test_a_line_of_a_script(line: str, runs: tuple[str, bool] | None) -> None:
    assert command_of(line) == runs


# --- files that are secret -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "content", "why"),
    [
        (".env", "STAGE=prod\nDB_PASSWORD=hunter2\n", "a secret in line 2 (the name says so)"),
        (".env.production", f"X={TOKEN}", "a secret in line 1 (GitHub Token)"),
        ("app/.env", "NEXT_PUBLIC_API=https://api.acme.example\nDB_PASSWORD=${DB_PASSWORD}\n", None),
        (".env.example", "DB_PASSWORD=hunter2", None),
        (".env.sample", "DB_PASSWORD=hunter2", None),
        ("certs/server.key", PEM, "a private key"),
        ("certs/server.pem", "-----BEGIN CERTIFICATE-----", None),
        ("id_ed25519", "-----BEGIN OPENSSH " + "PRIVATE KEY-----", "a private key"),
        ("id_ed25519.pub", "ssh-ed25519 AAAA", None),
        ("home/.aws/credentials", "[default]", "credentials of the AWS CLI"),
        ("store.p12", "x", "a store of keys"),
        ("android/release.jks", "x", "a store of keys"),
        ("terraform.tfstate", "{}", "a state of Terraform"),
        ("prod/terraform.tfstate.backup", "{}", "a state of Terraform"),
        ("credentials.json", json.dumps({"type": "service_account", "private_key": "x"}), "a service account's key"),
        ("client_secret_1.json", json.dumps({"installed": {"client_secret": "x"}}), "a service account's key"),
        ("credentials.json", json.dumps({"type": "authorized"}), None),
        ("acme-key.json", "{ broken " + PEM, "a service account's key"),
        (
            ".npmrc",
            "registry=https://registry.npmjs.org/\n//registry.npmjs.org/:_authToken=" + "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
            "a secret in line 2",
        ),
        (".npmrc", "//registry.npmjs.org/:_authToken=${NPM_TOKEN}", None),
        (".pypirc", "[pypi]\nusername = a\npassword = hunter2\n", "a secret in line 3"),
        (".netrc", "machine x login a password hunter2", "a password"),
        (".netrc", "machine x login a", None),
        (".git-credentials", "x", "passwords"),
        (".docker/config.json", '{"auths": {"x": {"auth": "YTpi"}}}', "a token"),
        (".docker/config.json", '{"credsStore": "ecr-login"}', None),
        ("main.py", "password = 'hunter2'", None),
    ],
)
def test_files_that_hold_secrets_by_their_kind(tmp_path: Path, path: str, content: str, why: str | None) -> None:
    repository = checkout(tmp_path / "shop", {path: content})
    found = secret_files.why_secret(repository, path) if secret_files.may_be_secret(path) else None
    assert (found is None) is (why is None)
    assert (why or "") in (found or "")
    assert "hunter2" not in (found or "")


def test_a_key_that_is_larger_than_any_is_not_judged(tmp_path: Path) -> None:
    repository = checkout(tmp_path / "shop", {"a.pem": "x" * 1_000_001})
    with pytest.raises(Undecided, match="larger than 1 MB"):
        secret_files.why_secret(repository, "a.pem")


# --- secrets in files ------------------------------------------------------------------------------------------------------------------------


def found(scan: Scan) -> list[tuple[str, str]]:
    return [(leak.place, leak.severity) for leak in scan.leaks]


def test_files_are_scanned_by_their_kind(tmp_path: Path) -> None:
    scan = scanned(
        checkout(
            tmp_path / "shop",
            {
                "config/app.yml": "db:\n  password: hunter2\n",
                "src/app.py": f"password = 'hunter2'\ntoken = '{TOKEN}'\n",
                "src/key.txt": PEM,
                "src/url.py": "x = '" + "".join(["postgres://app:", "s3cr3t", "@db/app"]) + "'",
                "tests/test_app.py": f"token = '{TOKEN}'",
                "src/aws.py": "key = '" + "AK" + "IAIOSFODNN7EXAMPLE'",
                "allowed.py": f"token = '{TOKEN}'  # gitleaks:allow",
                "poetry.lock": f"token = '{TOKEN}'",
                "node_modules/a/index.js": f"token = '{TOKEN}'",
                "logo.png": b"\x89PNG\0" + TOKEN.encode(),
                "large.txt": f"{TOKEN}\n" + "x" * 1_000_001,
                "latin.txt": f"caf\xe9 {TOKEN}".encode("latin-1"),
            },
        )
    )
    assert sorted(found(scan)) == [
        ("config/app.yml:2", "high"),
        ("latin.txt:1", "critical"),
        ("src/app.py:2", "critical"),
        ("src/aws.py:1", "low"),
        ("src/key.txt:1", "critical"),
        ("src/url.py:1", "high"),
        ("tests/test_app.py:1", "low"),
    ]
    assert scan.severity == "critical"
    assert scan.said.index("(GitHub Token)") < scan.said.index("(the name says so)")
    assert scan.skipped == {"lock files": 1, "of others": 1, "binary": 1, "larger than 1 MB": 1}
    assert scan.missed is None
    assert TOKEN not in repr(scan)


def test_what_programs_say_to_people_is_no_secret(tmp_path: Path) -> None:
    said = json.dumps({"password": "Passwort", "token": "Enter your token!", "secret": "It's a secret"})
    files: dict[str, str | bytes] = {
        "web/de.json": said,
        "locales/en.json": json.dumps({"password": "p4ssword"}),
        "a.json": json.dumps({"password": "p4ssword"}),
    }
    assert [leak.place for leak in scanned(checkout(tmp_path / "shop", files)).leaks] == ["a.json:1"]


def test_what_comes_after_the_limit_is_said(tmp_path: Path) -> None:
    scan = scanned(checkout(tmp_path / "shop", {f"{n}.txt": "x" * 900_000 for n in range(5)}), most=2 * MB)
    assert scan.files == 3
    assert scan.missed == "1 MB not scanned: more than secrets.scan_max_mb"


def test_a_bare_clone_tells_what_comes_after_the_limit(tmp_path: Path) -> None:
    checkout(tmp_path / "shop", {f"{n}.txt": "x" * 900_000 for n in range(5)})
    call(tmp_path, "clone", "-q", "--bare", str(tmp_path / "shop"), "bare")
    scan = scanned(git.opened("repo:bare", tmp_path / "bare"), most=2 * MB)
    assert scan.missed == "1 MB not scanned: more than secrets.scan_max_mb"


def test_a_file_that_is_not_in_the_working_tree_is_said(tmp_path: Path) -> None:
    repository = checkout(tmp_path / "shop", {f"{n}.txt": "x" for n in range(7)})
    for n in range(7):
        (tmp_path / "shop" / f"{n}.txt").unlink()
    assert (scanned(repository).missed or "").endswith("not scanned: 0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 2 more")


def test_what_was_audited_is_left_alone(tmp_path: Path) -> None:
    other = TOKEN[:-1] + "Z"

    def baseline(is_secret: bool | None) -> str:
        entry = {"type": "GitHub Token", "hashed_secret": hashlib.sha1(TOKEN.encode()).hexdigest(), "line_number": 1}
        return json.dumps({"results": {"a.py": [entry | ({} if is_secret is None else {"is_secret": is_secret})]}})

    for is_secret, lines in ((False, [2]), (True, [1, 2]), (None, [1, 2])):
        files: dict[str, str | bytes] = {"a.py": f"t = '{TOKEN}'\nt = '{other}'\n", ".secrets.baseline": baseline(is_secret)}
        assert [leak.place for leak in scanned(checkout(tmp_path / "shop", files)).leaks] == [f"a.py:{n}" for n in lines]
    broken: dict[str, str | bytes] = {".secrets.baseline": "{"}
    assert len(scanned(checkout(tmp_path / "shop", broken)).leaks) == 2


def test_what_the_user_declares_harmless_is_left_alone(tmp_path: Path) -> None:
    repository = checkout(tmp_path / "shop", {"a.yml": f"demo_password: hunter2\ntoken: {TOKEN}\n"})
    scan = scanned(repository, names=("demo_*",), values=("gh?_*",))
    assert not scan.leaks
    assert scan.declared == ("secrets.harmless_names", "entry 1")


def test_many_leaks_are_counted(tmp_path: Path) -> None:
    said = scanned(checkout(tmp_path / "shop", {"a.txt": f"{TOKEN}\n" * 25})).said
    assert said.count("a.txt:") == 20
    assert said.endswith("and 5 more")


@pytest.mark.parametrize(
    ("path", "test"),
    [
        *(
            ("tests/a.py", True),
            ("src/Fixtures/a.json", True),
            ("a_test.go", True),
            ("a.spec.ts", True),
            ("test_a.py", True),
            ("app.env.example", True),
        ),
        *(("src/a.py", False), ("latest/a.py", False), ("attestation.py", False), ("tests", False)),
    ],
)
def test_paths_of_tests(path: str, test: bool) -> None:
    assert is_test(path) is test


# --- history ---------------------------------------------------------------------------------------------------------------------------------


def test_what_was_removed_is_still_in_the_history(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    checkout(shop, {"a.py": f"x = 1\ntoken = '{TOKEN}'\n+++ b/other.py\n"})
    checkout(shop, {"a.py": "x = 1\n", "b.yml": "password: hunter2"}, "remove it")
    repository = checkout(shop, {"c.py": "y = 2"}, "third")
    (leak,) = scanner().history(repository, 10, MB).leaks
    first = call(shop, "rev-list", "--max-parents=0", "HEAD")
    assert leak.place == f"a.py:2 in commit {first[:12]}"
    assert not scanner().history(repository, 2, MB).leaks


def test_the_history_of_all_branches_and_of_merges_counts(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    checkout(shop, {"a.txt": "a"})
    call(shop, "switch", "-q", "-c", "side")
    checkout(shop, {"b.txt": TOKEN}, "side")
    call(shop, "switch", "-q", "main")
    checkout(shop, {"c.txt": "c"}, "main")
    assert [leak.place.partition(" ")[0] for leak in scanner().history(git.opened("repo:shop", shop), 10, MB).leaks] == ["b.txt:1"]
    call(shop, "branch", "-q", "-m", "side", "kept")
    call(shop, "merge", "-q", "--no-commit", "kept")
    written(shop, {"d.txt": TOKEN[:-1] + "Z"})
    call(shop, "add", "-A")
    call(shop, "commit", "-q", "-m", "an evil merge")
    places = {leak.place.partition(" ")[0] for leak in scanner().history(git.opened("repo:shop", shop), 10, MB).leaks}
    assert places == {"b.txt:1", "d.txt:1"}


def test_a_shallow_clone_has_no_history(tmp_path: Path) -> None:
    checkout(tmp_path / "shop", {"a.txt": "a"})
    checkout(tmp_path / "shop", {"a.txt": "b"}, "second")
    call(tmp_path, "clone", "-q", "--depth=1", f"file://{tmp_path / 'shop'}", "shallow")
    with pytest.raises(Undecided, match="git fetch --unshallow"):
        scanner().history(git.opened("repo:shallow", tmp_path / "shallow"), 10, MB)


def test_a_history_that_is_too_long_is_said(tmp_path: Path) -> None:
    repository = checkout(tmp_path / "shop", {"a.txt": "a line\n" * 1000})
    scan = scanner().history(repository, 10, 2000)
    assert scan.missed == "1 MB not scanned: more than secrets.scan_max_mb"


def test_a_repository_is_scanned_once_for_all_accounts_of_a_profile_and_again_for_another_profile() -> None:
    path = made({"app.py": f'TOKEN = "{TOKEN}"\n'})
    profiles = {name: Profile(name=name, repositories=(Repository(path=str(path), holds="application"),)) for name in ("prod", "test")}
    reads = Reads(aws_for=_nobody, profile_for=lambda target: profiles[target.profile], submit=lambda ask: ask())
    prod, sibling, test = (Target(*of, "aws") for of in (("prod", "111122223333"), ("prod", "444455556666"), ("test", "777788889999")))
    scans = {target: reads.result("repository_scans", target) for target in (prod, sibling, test)}
    assert scans[prod] is scans[sibling]
    assert scans[prod] is not scans[test]
    assert [each.found.said for each in scans[prod]] == [each.found.said for each in scans[test]] == ["app.py:1 (GitHub Token)"]


def _nobody(target: Target, read: object) -> None:
    raise AssertionError(f"{read} asks {target}")
