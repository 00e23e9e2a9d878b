"""Who may import whom. Imports go one way: a part may import parts that stand below it, and only those that its row names."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ssb import suites
from tests.support.imports import Part, complaints, forbidden, graph, placed

ROOT = Path(__file__).parent.parent

# fmt: off
TABLE = {
    # A control's file says what is judged: what it judges reaches it as fixtures.
    "suites":    Part("tests_account.* tests_workload.*", may="public"),
    # Every pytest run of every project imports this: whatever asks AWS waits until a run of ours is asked for.
    "plugin":    Part("pytest_ssb.plugin", may="hooks shipped controls errors", outside="pytest", late="run handbook"),
    "program":   Part("pytest_ssb.__main__", may="init merge errors"),
    "init":      Part("pytest_ssb.init pytest_ssb.initfile", may="public shipped findings aws config profiles targets scheduler errors", outside="msgspec"),
    "merge":     Part("pytest_ssb.mergecommand", may="public run shipped reporters comparing results coverage errors", outside="msgspec"),
    "testing":   Part("pytest_ssb.testing", may="public engine aws findings config profiles targets scheduler controls", late="moto"),
    "hooks":     Part("pytest_ssb.hookspecs", outside="pytest"),
    "run":       Part("pytest_ssb.controller pytest_ssb.session pytest_ssb.accounts pytest_ssb.references pytest_ssb.collection pytest_ssb.listing "
                      "pytest_ssb.lastrun pytest_ssb.outcomes pytest_ssb.own_suites pytest_ssb.sending pytest_ssb.htmlreport pytest_ssb.chosen "
                      "pytest_ssb.entering pytest_ssb.unanswered pytest_ssb.heading pytest_ssb.turns pytest_ssb.gate "
                      "pytest_ssb.sharding pytest_ssb.replay",
                      may="public handbook own shipped reporters comparing results exceptions waivers declarations covering findingpage pasting explained "
                          "coverage findings engine aws config facts profiles selectors permissions controls targets progress scheduler memory days errors",
                      outside="pytest msgspec", late="demo xdist"),
    "xdist":     Part("pytest_ssb.xdist", outside="xdist"),
    "demo":      Part("pytest_ssb.demo pytest_ssb.demo.*", may="aws profiles targets scheduler", outside="botocore", late="moto"),
    "reporters": Part("pytest_ssb.reporters pytest_ssb.reporters.*", may="results ranking commands findings controls errors", outside="msgspec importlib",
                      late="jinja2"),
    # What an earlier run found, what is new since, what of it fails the run; which shard judges what, and what they make up together.
    "comparing": Part("pytest_ssb.earlier pytest_ssb.comparing pytest_ssb.failon pytest_ssb.shards pytest_ssb.merging",
                      may="waivers results findings targets controls errors", outside="msgspec"),
    "exceptions": Part("pytest_ssb.exceptions", may="waivers declarations covering results findings profiles controls"),
    "waivers":   Part("pytest_ssb.waivers", may="covering results findings profiles days", outside="msgspec"),
    "ranking":   Part("pytest_ssb.ranking", may="commands findings controls", outside="msgspec"),
    "commands":  Part("pytest_ssb.commands", may="findings"),
    "results":   Part("pytest_ssb.results pytest_ssb.resultsschema", may="findings controls targets", outside="msgspec"),
    "declarations": Part("pytest_ssb.declarations", may="covering findings profiles selectors days", outside="msgspec"),
    "covering":  Part("pytest_ssb.covering", may="findings profiles selectors controls targets"),
    "findingpage": Part("pytest_ssb.findingpage", may="pasting explained findings controls"),
    "pasting":   Part("pytest_ssb.pasting", may="findings controls"),
    "handbook":  Part("pytest_ssb.handbook", may="explained coverage shipped profiles controls permissions errors"),
    "coverage":  Part("pytest_ssb.coverage", may="controls", outside="msgspec"),
    "explained": Part("pytest_ssb.explained", may="engine shipped controls permissions"),
    "public":    Part("pytest_ssb", may="engine controls"),
    # Judgements that several checks share, and the reads that hand them out.
    "judging":   Part("pytest_ssb.group_exposure pytest_ssb.group_members pytest_ssb.group_sources pytest_ssb.reads.group_exposures "
                      "pytest_ssb.reads.group_members pytest_ssb.reads.group_sources "
                      "pytest_ssb.placement pytest_ssb.remote_admin pytest_ssb.session_paths pytest_ssb.reads.placement pytest_ssb.reads.session_manager "
                      "pytest_ssb.internet_facing pytest_ssb.reads.internet_facing pytest_ssb.balancer_places pytest_ssb.reads.balancer_places "
                      "pytest_ssb.private_subnets pytest_ssb.subnet_egress pytest_ssb.launch_addresses pytest_ssb.task_places pytest_ssb.reads.private_subnets "
                      "pytest_ssb.endpoint_needs pytest_ssb.endpoint_ways pytest_ssb.reads.endpoint_ways",
                      may="reads engine network aws findings profiles selectors controls cidrs unread errors", outside="msgspec"),
    # What is read is no verdict yet: no read knows of findings.
    "reads":     Part("pytest_ssb.reads pytest_ssb.reads.*", may="engine policies patterns network aws repositories secrets profiles selectors unread errors",
                      outside="msgspec"),
    "engine":    Part("pytest_ssb.reads.engine pytest_ssb.reads.registry", may="findings permissions targets unread structs errors",
                      outside="importlib"),
    # The one place, beside the demo, that knows how AWS is asked.
    "aws":       Part("pytest_ssb.aws pytest_ssb.aws.*", may="profiles permissions targets scheduler environment unread errors", outside="botocore msgspec"),
    "findings":  Part("pytest_ssb.findings", may="controls errors", outside="msgspec"),
    "own":       Part("pytest_ssb.own_checks", may="config controls"),
    "config":    Part("pytest_ssb.configfile pytest_ssb.configread pytest_ssb.configrules pytest_ssb.confignames pytest_ssb.configschema",
                      may="profiles controls permissions selectors cidrs days errors", outside="msgspec"),
    "facts":     Part("pytest_ssb.facts", may="shipped profiles selectors"),
    "profiles":  Part("pytest_ssb.profiles pytest_ssb.keys", may="selectors", outside="msgspec"),
    "network":   Part("pytest_ssb.network pytest_ssb.network_*", may="cidrs unread errors", outside="msgspec"),
    "policies":  Part("pytest_ssb.policies pytest_ssb.policy_*", may="cidrs", outside="msgspec"),
    "patterns":  Part("pytest_ssb.event_patterns"),
    # Nothing of a repository is run but git, by one module.
    "repositories": Part("pytest_ssb.repositories pytest_ssb.repositories.*", may="secrets selectors environment errors", outside="yaml"),
    # detect-secrets is imported when a shape is first looked for: with it comes an HTTP library.
    "secrets":   Part("pytest_ssb.secrets pytest_ssb.secrets.*", may="selectors errors", outside="importlib"),
    "shipped":   Part("pytest_ssb.suites", may="controls", outside="importlib"),
    "targets":   Part("pytest_ssb.targets", may="controls errors", outside="msgspec"),
    "controls":  Part("pytest_ssb.controls", may="permissions errors", outside="msgspec"),
    "unread":    Part("pytest_ssb.unread", may="errors"),
    "selectors": Part("pytest_ssb.selectors"),
    "permissions": Part("pytest_ssb.permissions"),
    "scheduler": Part("pytest_ssb.scheduler"),
    "memory":    Part("pytest_ssb.memory"),
    "environment": Part("pytest_ssb.environment"),
    "progress":  Part("pytest_ssb.progress"),
    "structs":   Part("pytest_ssb.structs", outside="msgspec"),
    "cidrs":     Part("pytest_ssb.cidrs"),
    "days":      Part("pytest_ssb.days"),
    "errors":    Part("pytest_ssb.errors"),
}
# fmt: on


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = [path for folder in ("pytest_ssb", *suites.FOLDERS) for path in sorted((ROOT / folder).rglob("*.py"))]
SOURCES = {module_name(path): path.read_text(encoding="utf-8") for path in FILES}
GRAPH = graph(SOURCES)


def test_everybody_keeps_to_the_table() -> None:
    assert complaints(GRAPH, TABLE) == []


def test_the_table_goes_one_way() -> None:
    names = list(TABLE)
    for number, (name, part) in enumerate(TABLE.items()):
        wanted = {*part.may.split(), *part.late.split()} & set(names)
        assert wanted <= set(names[number + 1 :]), f"{name} may import what stands above it"


def test_the_table_allows_nothing_that_nobody_needs() -> None:
    """Each row is as narrow as it can be: without any one of its words, somebody's import is refused."""
    parts = placed(GRAPH, TABLE)
    needless = [
        f"{name}: {word}"
        for name, part in TABLE.items()
        for word in [*part.may.split(), *part.outside.split(), *part.late.split()]
        if not list(forbidden(GRAPH, {**TABLE, name: without(part, word)}, parts, only=name))
    ]
    assert needless == []


def without(part: Part, word: str) -> Part:
    def left(words: str) -> str:
        return " ".join(each for each in words.split() if each != word)

    return Part(part.modules, left(part.may), left(part.outside), left(part.late))


@pytest.mark.parametrize("suite", suites.files(), ids=lambda path: path.name)
def test_a_suite_takes_the_decorator_and_nothing_else(suite: Path) -> None:
    taken = [line for line in suite.read_text(encoding="utf-8").splitlines() if "pytest_ssb" in line and "import" in line]
    assert taken == ["from pytest_ssb import check"]


@pytest.mark.parametrize(
    ("module", "source", "says"),
    [
        ("pytest_ssb.policies", "import boto3\n", "pytest_ssb.policies (policies) must not import boto3"),
        (
            "pytest_ssb.policies",
            "def f():\n    from botocore import xform_name\n",
            "pytest_ssb.policies (policies) must not import botocore.xform_name",
        ),
        ("pytest_ssb.reads.s3", "if TYPE_CHECKING:\n    from pytest_ssb.findings import Audit\n", "must not import pytest_ssb.findings.Audit"),
        ("pytest_ssb.reads.s3", "from .. import session\n", "pytest_ssb.reads.s3 (reads) must not import pytest_ssb.session"),
        ("pytest_ssb.reporters.terminal", "import moto\n", "must not import moto"),
        ("pytest_ssb.findings", "class A:\n    import pytest\n", "pytest_ssb.findings (findings) must not import pytest"),
        ("pytest_ssb.policies", "import importlib.util as util\n", "must not import importlib.util"),
        ("pytest_ssb.plugin", "from pytest_ssb import session\n", "pytest_ssb.plugin (plugin) imports pytest_ssb.session at its top: only inside"),
        ("pytest_ssb.demo", "import moto.core\n", "pytest_ssb.demo (demo) imports moto.core at its top: only inside functions"),
        ("pytest_ssb.newcomer", "", "pytest_ssb.newcomer is in no row of the table: say what it may import"),
        ("pytest_ssb.aws.tls", "def f():\n    import pytest_ssb.aws.access\n", "a cycle of imports: pytest_ssb.aws."),
        ("tests_account.test_acct_06_password_policy", "from pytest_ssb.unread import error_of\n", "must not import pytest_ssb.unread.error_of"),
    ],
)
def test_what_the_table_forbids_is_refused(module: str, source: str, says: str) -> None:
    assert [line for line in complaints(graph({**SOURCES, module: source}), TABLE) if says in line]


def test_what_is_late_is_allowed_inside_a_function() -> None:
    assert complaints(graph({**SOURCES, "pytest_ssb.plugin": "def f():\n    from pytest_ssb import session\n"}), TABLE) == []
