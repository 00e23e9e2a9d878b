"""The findings of the last run, which pytest's cache keeps for `--ssb-explain FINDING_ID`, and where that looks for one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pytest_ssb import aws, days, pasting, suites
from pytest_ssb.accounts import read_config
from pytest_ssb.configfile import Config
from pytest_ssb.controls import Severity
from pytest_ssb.declarations import answers, lasting
from pytest_ssb.earlier import contents
from pytest_ssb.errors import UserError
from pytest_ssb.findingpage import page
from pytest_ssb.findings import Finding, Status
from pytest_ssb.pasting import Section, of_a_demo, section
from pytest_ssb.profiles import Profile
from pytest_ssb.results import Results
from pytest_ssb.waivers import covers

KEY = "ssb/findings"
# What is worth explaining, the worst first, and how much of it is kept.
_KEPT = (Status.FAIL, Status.WAIVED, Status.MANUAL, Status.ERROR)
_AT_MOST = 20_000


class _File(msgspec.Struct):
    started_at: str
    findings: list[dict[str, Any]]


def keep(config: pytest.Config, results: Results) -> None:
    """Leave what was found for `--ssb-explain`, unless pytest's cache is turned off."""
    cache = getattr(config, "cache", None)
    if cache is not None:
        found = sorted((one for one in results.findings if one.status in _KEPT), key=lambda one: _KEPT.index(one.status))
        cache.set(KEY, {"started_at": results.started_at, "findings": msgspec.to_builtins(found[:_AT_MOST])})


def explain(config: pytest.Config, id: str) -> str:
    """The page of a finding: of the file of `--ssb-baseline`, else of the last run. Raises UserError where there is none of that id."""
    given = config.option.ssb_baseline
    found, source = _found(config, id.lower(), given)
    folders = list(dict.fromkeys([config.invocation_params.dir, config.rootpath]))
    path = config.option.ssb_config
    try:
        file = read_config(config.invocation_params.dir / path if path else None, folders)
    except UserError:
        # A waiver that was pasted before, say, with its blanks still open; or checks of the user's own that are broken.
        file = Config()
    profile = file.profiles.get(found.profile, Profile(name=found.profile))
    shipped = suites.shipped().get(found.check)
    check = shipped.check if shipped else None
    where = section_of(file, profile)
    return page(found, source, check, where, paste(found, profile, where, days.today(), check.severity if check else None))


def paste(finding: Finding, profile: Profile, where: Section, today: date, worst: Severity | None) -> str | None:
    """What may be pasted at `where`: for a failure a waiver, for a question a declaration, for any other finding nothing."""
    if finding.status is Status.FAIL:
        return pasting.waiver(finding, where, today, worst, next((each.place for each in profile.waivers if covers(each, finding)), None))
    if finding.status is Status.MANUAL:
        limit = lasting(profile).get(finding.check)
        old = next((each.place for each in profile.declarations if answers(each, finding)), None)
        return pasting.declaration(finding, where, today, limit.days if limit else None, old)
    return None


def section_of(file: Config, profile: Profile) -> Section:
    """The section of the config file into which a profile's exceptions go."""
    name = profile.name
    if file.is_built_in(name):
        return of_a_demo(name)
    known = name in file.profiles
    return section(
        name,
        file=file.file.name if file.file else None,
        known=known,
        shared=bool(profile.accounts or profile.organization),
        aws_profile=None if known else profile.aws_profile or (name if name in aws.named_profiles() else None),
    )


def _found(config: pytest.Config, id: str, given: str | None) -> tuple[Finding, str]:
    if given:
        file, source = _of_file(config.invocation_params.dir / given, given), f"of {given}"
        nowhere = f"--ssb-explain: {given} has no finding {id}"
    else:
        file, source = _of_last_run(config), "of the last run"
        nowhere = f"--ssb-explain: the last run left no finding {id}; another run's: --ssb-baseline results.json --ssb-explain {id}"
    for one in file.findings:
        if one.get("id") == id:
            try:
                return msgspec.convert(one, Finding), f"{source}, begun {file.started_at}"
            except msgspec.ValidationError as error:
                raise UserError(f"--ssb-explain: finding {id} {source} is of a version that this one does not know: {error}") from None
    raise UserError(nowhere)


def _of_file(path: Path, given: str) -> _File:
    name = f"--ssb-baseline: {given}"
    try:
        return msgspec.json.decode(contents(path, name), type=_File)
    except msgspec.DecodeError as error:
        raise UserError(f"{name}: is broken ({error}); take a findings file that is whole") from None


def _of_last_run(config: pytest.Config) -> _File:
    # Options like this one are answered before pytest makes `config.cache`.
    kept = pytest.Cache.for_config(config, _ispytest=True).get(KEY, None) if config.pluginmanager.has_plugin("cacheprovider") else None
    try:
        return msgspec.convert(kept, _File)
    except msgspec.ValidationError:
        raise UserError(
            "--ssb-explain: no run has left its findings here: run pytest --ssb-profile NAME, or give --ssb-baseline results.json"
        ) from None
