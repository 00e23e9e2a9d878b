"""The plugin as pytest loads it: options, markers, and when to wake. Without an option of ours it sleeps: nothing of AWS is imported."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import pytest

from pytest_ssb import hookspecs, suites
from pytest_ssb.controls import check_of, markers
from pytest_ssb.errors import UserError

GROUP = "AWS Startup Security Baseline"
# Options that mean something only where an account is judged.
OF_A_RUN = ("--ssb-region", "--ssb-output", "--ssb-concurrency", "--ssb-baseline", "--ssb-fail-on", "--ssb-shard", "--ssb-run-id")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, in a group of their own."""
    group = parser.getgroup("ssb", GROUP)
    group.addoption("--ssb-profile", action="append", default=[], metavar="NAME", help="judge the account of this profile; repeatable")
    group.addoption("--ssb-config", metavar="FILE", help="the config file (default: ssb.toml, else [tool.pytest-ssb] in pyproject.toml)")
    group.addoption("--ssb-region", action="append", default=[], metavar="R", help="narrow to these regions; repeatable, or comma-separated")
    group.addoption(
        "--ssb-output",
        action="append",
        default=[],
        metavar="FILE",
        help="write the findings; the suffix says the format: .json, .csv, .md, .sarif, .ocsf.json or .asff.json; repeatable",
    )
    group.addoption("--ssb-concurrency", type=int, default=50, metavar="N", help="API calls in flight per process (default: 50)")
    group.addoption("--ssb-baseline", metavar="FILE", help="an earlier findings file: say what is new, known or fixed since")
    group.addoption(
        "--ssb-fail-on",
        action="append",
        default=[],
        metavar="WHAT",
        help="exit with 1 only for a FAIL that is so severe or worse (critical, high, medium, low), or new; it has to meet all that are given; repeatable",
    )
    group.addoption(
        "--ssb-shard", metavar="N/M", help="judge the N-th of M parts of the accounts and regions; python -m pytest_ssb merge puts them together"
    )
    group.addoption("--ssb-run-id", metavar="ID", help="what all shards of a run share, such as CI's number of it: merge takes no others together")
    group.addoption("--ssb-list", action="store_true", help="print the selected checks by control, and exit")
    group.addoption(
        "--ssb-explain", metavar="ID", help="print one control (ACCT.08), check (bucket_not_public) or finding (its id, 16 hex digits), and exit"
    )
    group.addoption("--ssb-policy", action="store_true", help="print the least IAM policy that the selected checks need, and exit")


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Make our hooks known, always: pytest refuses those that it does not know."""
    pluginmanager.add_hookspecs(hookspecs)


def _awake(option: object) -> bool:
    return any(getattr(option, name, None) for name in ("ssb_profile", "ssb_list", "ssb_policy", "ssb_explain"))


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Keep the project's conftest files out of a run of the shipped suites alone: a fixture there could stand in for a read of ours.

    With own checks of the profile they are loaded, and what would stand in for something of ours is refused.
    """
    known = early_config.known_args_namespace
    folder = early_config.invocation_params.dir
    if not _awake(known) or not all(_is_ours(argument, folder) for argument in known.file_or_dir):
        return
    from pytest_ssb.own_suites import folders_of

    known.noconftest = bool(known.file_or_dir) or not folders_of(early_config).paths


def _is_ours(argument: str, folder: Path) -> bool:
    path = (folder / suites.located(argument, folder).partition("::")[0]).resolve()
    return suites.is_suite(path) or (path.parent == suites.root() and path.name in suites.FOLDERS)


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Answer `--ssb-explain` without collecting anything, but for a name that only a check of the user's own can have."""
    if config.option.ssb_explain is None:
        return None
    from pytest_ssb.own_suites import folders_of

    name = config.option.ssb_explain
    of_a_finding = re.fullmatch("[0-9A-Fa-f]{16}", name)
    try:
        if of_a_finding:
            from pytest_ssb import lastrun

            print(lastrun.explain(config, name))
        else:
            from pytest_ssb import handbook

            print(handbook.explain(name))
    except UserError as error:
        if not of_a_finding and (config.option.file_or_dir or folders_of(config).paths):
            return None
        raise pytest.UsageError(*error.lines) from None
    return 0


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, always; and start a run where one is asked for."""
    for name, says in markers().items():
        config.addinivalue_line("markers", f"{name}: {says}")
    config.addinivalue_line("markers", "ssb(control, check, severity): the control and check of a test, and the worst severity that it can give")
    if not _awake(config.option):
        _refuse_what_would_be_ignored(config)
        return
    from pytest_ssb.controller import Controller
    from pytest_ssb.session import start

    try:
        run = start(config)
    except UserError as error:
        raise pytest.UsageError(*error.lines) from None
    if run is not None and not run.is_worker:
        controller = Controller(run)
        config.pluginmanager.register(controller, "ssb-controller")
        config.pluginmanager.register(controller.gate, "ssb-gate")
        if getattr(config.option, "htmlpath", None):
            from pytest_ssb.htmlreport import HtmlReport

            config.pluginmanager.register(HtmlReport(controller.told, controller.selected), "ssb-html")


def _refuse_what_would_be_ignored(config: pytest.Config) -> None:
    """Refuse an option of a run where there is none. In a project's own `addopts` it waits for a profile."""
    for argument in map(str, config.invocation_params.args):
        name = argument.partition("=")[0]
        if name in OF_A_RUN:
            raise pytest.UsageError(f"{name}: nothing is judged without --ssb-profile NAME; add it, such as --ssb-profile demo")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Show what is wrong with how a check is written by its one line, without a traceback."""
    report = yield
    raised = getattr(getattr(report, "call", None), "excinfo", None)
    if raised is not None and isinstance(raised.value, UserError):
        report.longrepr = str(raised.value)
    return report


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give a check's test its markers; while the plugin sleeps, it is skipped."""
    check = check_of(getattr(item, "function", None))
    if check is None:
        return
    if check.environment == "production":
        item.add_marker("prod")
    for control in check.controls:
        item.add_marker(control[:4].lower())
        item.add_marker(control.lower().replace(".", "_"))
        item.add_marker(pytest.mark.ssb(control=control, check=check.id, severity=check.severity))
    if not _awake(item.config.option):
        item.add_marker(pytest.mark.skip(reason="needs --ssb-profile"))
