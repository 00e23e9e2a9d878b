"""Whether a secret scanner runs before code is accepted: in hooks of git, or in continuous integration.

Files are parsed, not searched: a name in a comment, in an installation or in a configuration that nobody runs is no scanner that runs.
"""

from __future__ import annotations

import fnmatch
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Literal

import yaml

from pytest_ssb.errors import Undecided
from pytest_ssb.repositories.git import LARGEST_FILE, Repository

Where = Literal["hook", "CI"]

TOOLS = {
    "gitleaks": r"gitleaks",
    "Betterleaks": r"betterleaks",
    "detect-secrets": r"detect[-_]secrets",
    "git-secrets": r"git[-_ ]secrets",
    "TruffleHog": r"trufflehog",
    "Whispers": r"whispers",
    "ggshield": r"ggshield|gitguardian",
    "Kingfisher": r"kingfisher",
    "Nosey Parker": r"nosey[-_]?parker",
    "Talisman": r"talisman",
    "Semgrep's rules for secrets": r"semgrep\b.*\bsecrets",
    "GitLab's secret detection": r"secret[-_]detection",
}
_TOOL = re.compile(
    "|".join(f"(?P<t{number}>(?<![A-Za-z0-9_.]){pattern}(?![A-Za-z0-9]))" for number, pattern in enumerate(TOOLS.values())), re.IGNORECASE
)
# Programs whose arguments are no commands, and words that make a scanner tell of itself only.
_SAYS_ONLY = {
    "echo",
    "printf",
    "cat",
    "ls",
    "rm",
    "mkdir",
    "cp",
    "mv",
    "touch",
    "test",
    "[",
    "which",
    "command",
    "type",
    "curl",
    "wget",
    "tar",
    "unzip",
    "chmod",
}
_INSTALLS = re.compile(r"\b(?:install|add|download|fetch|get|upgrade|update|clone|pull)\b")
_TELLS = {
    "version",
    "--version",
    "-V",
    "help",
    "--help",
    "-h",
    "completion",
    "init",
    "--install",
    "install",
    "uninstall",
    "--register-aws",
    "--add",
    "audit",
    "login",
}
_LETS_THROUGH = re.compile(r"\|\|\s*(?:true|:|exit\s+0|echo\b.*|/bin/true)\s*$")

HOOKS = ("pre-commit", "commit-msg", "pre-push", "pre-receive", "update", "prepare-commit-msg")
CI = (
    *(".github/workflows/*.yml", ".github/workflows/*.yaml", ".gitlab-ci.yml", ".gitlab-ci.yaml", ".circleci/config.yml", "azure-pipelines*.yml"),
    *("azure-pipelines*.yaml", "bitbucket-pipelines.yml", "buildspec*.yml", "buildspec*.yaml", ".drone.yml", ".gitlab/ci/*.yml"),
)
# A scanner's own configuration, which runs nothing.
IDLE = (
    ".gitleaks.toml",
    ".secrets.baseline",
    ".gitguardian.yaml",
    ".gitguardian.yml",
    ".talismanrc",
    ".whispers.yml",
    ".trufflehog.yml",
    ".gitallowed",
)
_COMMAND_KEYS = {
    *("run", "script", "command", "commands", "before_script", "after_script", "bash", "sh", "pwsh", "powershell", "entry", "inlinescript"),
    *("install", "pre_build", "build", "post_build"),
}
_REFERENCE_KEYS = {"uses", "image", "pipe", "template", "component", "task", "remote"}
MOST_NODES = 50_000


@dataclass(frozen=True)
class Evidence:
    """That a scanner is called: where, which, in a hook or in CI. `soft`: its failure stops nothing; `versioned`: it is in the repository."""

    place: str
    tool: str
    where: Where
    soft: bool = False
    versioned: bool = True

    def __str__(self) -> str:
        return f"{self.tool} in {self.place}"


@dataclass
class Wiring:
    """What was found: `evidence` of scanners that run, `idle` configurations of such that do not, and what could not be read, with why."""

    evidence: list[Evidence] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    @property
    def stopping(self) -> list[Evidence]:
        """The scanners that stop what they find something in, those in the repository first."""
        return sorted((each for each in self.evidence if not each.soft), key=lambda each: not each.versioned)

    def whole(self) -> None:
        """Raise Undecided if something could not be read, in which there might be a scanner."""
        if self.unread:
            raise Undecided("; ".join(self.unread))

    @property
    def in_ci(self) -> list[Evidence]:
        """The scanners that run in CI."""
        return [each for each in self.evidence if each.where == "CI"]


def wiring_of(repository: Repository) -> Wiring:
    """Which scanners the repository's hooks and CI run."""
    found = Wiring()
    paths = [each.path for each in repository.files]
    _attempt(found, repository, ".pre-commit-config.yaml", _pre_commit)
    has_pre_commit = any(not each.soft for each in found.evidence)
    for path in paths:
        if any(fnmatch.fnmatchcase(path, pattern) for pattern in CI):
            _attempt(found, repository, path, lambda path, text: _ci(path, text, has_pre_commit))
        elif PurePosixPath(path).name == "Jenkinsfile":
            _attempt(found, repository, path, lambda path, text: _lines(path, _jenkins(text), "CI", has_pre_commit))
        elif path in ("lefthook.yml", "lefthook.yaml", ".lefthook.yml", ".lefthook.yaml"):
            _attempt(found, repository, path, _lefthook)
        elif path == ".overcommit.yml":
            _attempt(found, repository, path, _overcommit)
        elif PurePosixPath(path).name in HOOKS and PurePosixPath(path).parent.name in (".githooks", ".husky", "githooks", "hooks", ".hooks"):
            _attempt(found, repository, path, lambda path, text: _lines(path, text, "hook", has_pre_commit))
        elif path in IDLE:
            found.idle.append(path)
    found.evidence += _own_hooks(repository, has_pre_commit)
    return found


def _attempt(found: Wiring, repository: Repository, path: str, look: Any) -> None:
    try:
        text = repository.text(path)
        if text is not None:
            found.evidence += look(path, text)
    except Undecided as error:
        found.unread.append(str(error))
    except (yaml.YAMLError, RecursionError):
        found.unread.append(f"{path} could not be parsed")


def _own_hooks(repository: Repository, has_pre_commit: bool) -> Iterator[Evidence]:
    """The hooks of this very clone."""
    for name in HOOKS:
        path = repository.git_dir / "hooks" / name
        if path.is_symlink() or not path.is_file():
            continue
        try:
            with path.open("rb") as file:
                text = file.read(LARGEST_FILE).decode("utf-8", errors="replace")
        except OSError:
            continue
        for each in _lines(f".git/hooks/{name}", text, "hook", has_pre_commit):
            yield Evidence(each.place, each.tool, "hook", each.soft, versioned=False)


# --- commands --------------------------------------------------------------------------------------------------------------------------------


def tool_in(text: str) -> str | None:
    """The scanner that is named in a text, None if none is."""
    match = _TOOL.search(text)
    return list(TOOLS)[int((match.lastgroup or "t0")[1:])] if match else None


def command_of(line: str, has_pre_commit: bool = False) -> tuple[str, bool] | None:
    """The scanner that a line of a shell script runs, and whether its failure is let through. With hooks of pre-commit, that runs them, too."""
    soft = bool(_LETS_THROUGH.search(line))
    for part in re.split(r"&&|\|\||[;|]", _without_comment(line)):
        words = _words(part)
        while words and (re.fullmatch(r"[A-Za-z_]\w*=.*", words[0]) or words[0] in ("sudo", "time", "exec", "env", "if", "then", "!", "-", "@")):
            words = words[1:]
        if not words or words[0].rpartition("/")[2] in _SAYS_ONLY:
            continue
        tool = tool_in(" ".join(words))
        if tool is not None and not _INSTALLS.search(" ".join(words[:4])) and not _TELLS & set(words[1:]):
            return tool, soft
        if has_pre_commit and words[0].rpartition("/")[2] in ("pre-commit", "prek") and words[1:2] == ["run"]:
            return "pre-commit, with its hooks,", soft
    return None


def _words(part: str) -> list[str]:
    try:
        return shlex.split(part)
    except ValueError:
        return part.split()


def _without_comment(line: str) -> str:
    return re.sub(r"(?:^|(?<=\s))#.*", "", line)


def _lines(path: str, text: str, where: Where, has_pre_commit: bool, first: int = 1) -> Iterator[Evidence]:
    for number, line in enumerate(text.splitlines(), start=first):
        run = command_of(line, has_pre_commit)
        if run is not None:
            yield Evidence(f"{path}:{number}", run[0], where, run[1])


def _jenkins(text: str) -> str:
    """The commands of a Jenkinsfile: what stands in the quotes of its steps, without its comments, line by line."""
    without = re.sub(r"/\*.*?\*/", lambda match: "\n" * match.group().count("\n"), text, flags=re.DOTALL)
    return "\n".join(
        re.sub(r"""^\s*(?:sh|bat|powershell)\b[\s(]*(?:script:\s*)?['"]*|['")]*\s*$""", "", re.sub(r"^\s*//.*", "", line))
        for line in without.splitlines()
    )


# --- YAML, by its nodes: they know their lines -----------------------------------------------------------------------------------------------


def _documents(text: str) -> list[yaml.Node]:
    # Composed, never constructed: no tag of a stranger's file makes an object.
    return [node for node in yaml.compose_all(text, Loader=yaml.SafeLoader) if node is not None]


def _pairs(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (str(key.value) if isinstance(key, yaml.ScalarNode) else ""), value


def _get(node: yaml.Node | None, key: str) -> yaml.Node | None:
    return next((value for name, value in _pairs(node) if name == key), None)


def _scalar(node: yaml.Node | None) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _is(node: yaml.Node | None, *words: str) -> bool:
    return _scalar(node).lower().strip("${} ") in words


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _pre_commit(path: str, text: str) -> Iterator[Evidence]:
    for document in _documents(text):
        defaults = _stages(_get(document, "default_stages"))
        for repo in _items(_get(document, "repos")):
            for hook in _items(_get(repo, "hooks")):
                said = [_get(repo, "repo"), *(_get(hook, key) for key in ("id", "entry"))]
                tool = next(filter(None, (tool_in(_scalar(each)) for each in said)), None)
                stages = _stages(_get(hook, "stages")) or defaults
                if tool is not None and (not stages or set(stages) != {"manual"}):
                    yield Evidence(f"{path}:{_line(hook)}", tool, "hook")


def _stages(node: yaml.Node | None) -> list[str]:
    return [_scalar(each) for each in _items(node)]


def _lefthook(path: str, text: str) -> Iterator[Evidence]:
    for document in _documents(text):
        for name, hook in _pairs(document):
            if name in HOOKS and not _is(_get(hook, "skip"), "true"):
                yield from _Walk(path, "hook", False).found(hook)


def _overcommit(path: str, text: str) -> Iterator[Evidence]:
    for document in _documents(text):
        for kind, hooks in _pairs(document):
            if kind in ("PreCommit", "CommitMsg", "PrePush"):
                for name, hook in _pairs(hooks):
                    tool = tool_in(name) or tool_in(_scalar(_get(hook, "required_executable")))
                    if tool is not None and _is(_get(hook, "enabled"), "true"):
                        yield Evidence(f"{path}:{_line(hook)}", tool, "hook")


def _ci(path: str, text: str, has_pre_commit: bool) -> Iterator[Evidence]:
    for document in _documents(text):
        if path.startswith(".github/") and _only_by_hand(document):
            continue
        yield from _Walk(path, "CI", has_pre_commit).found(document)


def _only_by_hand(workflow: yaml.Node) -> bool:
    """Whether a workflow of GitHub runs when somebody starts it, and never by itself."""
    on = _get(workflow, "on")
    events = [_scalar(on)] if isinstance(on, yaml.ScalarNode) else [_scalar(each) for each in _items(on)] or [name for name, _ in _pairs(on)]
    return set(events) <= {"workflow_dispatch", "repository_dispatch"}


class _Walk:
    """Goes through a file of a CI system: what is disabled is passed over, and a step whose failure is let through is soft."""

    def __init__(self, path: str, where: Where, has_pre_commit: bool) -> None:
        self._path, self._where, self._pre_commit = path, where, has_pre_commit
        self._left = MOST_NODES

    def found(self, node: yaml.Node, key: str = "", soft: bool = False) -> Iterator[Evidence]:
        """The scanners below a node, which stands at `key`."""
        self._left -= 1
        if self._left < 0:
            raise Undecided(f"{self._path} is larger than any pipeline: it was not read to its end")
        if isinstance(node, yaml.MappingNode):
            if self._disabled(node):
                return
            lenient = soft or any(_is(_get(node, name), "true") for name in ("continue-on-error", "continueOnError", "allow_failure"))
            lenient = lenient or isinstance(_get(node, "allow_failure"), yaml.MappingNode)
            for name, value in _pairs(node):
                yield from self.found(value, name, lenient)
        elif isinstance(node, yaml.SequenceNode):
            for each in node.value:
                yield from self.found(each, key, soft)
        elif isinstance(node, yaml.ScalarNode):
            yield from self._in_scalar(node, key, soft)

    def _disabled(self, node: yaml.Node) -> bool:
        return (
            _is(_get(node, "if"), "false")
            or _is(_get(node, "enabled"), "false")
            or _is(_get(node, "skip"), "true")
            or _is(_get(node, "when"), "never", "manual")
            or _is(_get(_get(node, "variables"), "SECRET_DETECTION_DISABLED"), "true", "1")
        )

    def _in_scalar(self, node: yaml.ScalarNode, key: str, soft: bool) -> Iterator[Evidence]:
        key = key.lower()
        if key in _COMMAND_KEYS:
            block = 1 if node.style in ("|", ">") else 0
            for each in _lines(self._path, str(node.value), self._where, self._pre_commit, _line(node) + block):
                yield Evidence(each.place, each.tool, self._where, each.soft or soft)
        elif key in _REFERENCE_KEYS:
            tool = tool_in(str(node.value))
            if tool is None and self._pre_commit and "pre-commit/action" in str(node.value):
                tool = "pre-commit, with its hooks,"
            if tool is not None:
                yield Evidence(f"{self._path}:{_line(node)}", tool, self._where, soft)
