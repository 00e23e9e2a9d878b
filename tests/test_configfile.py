"""Finding, reading and refusing the config file: each rule of it is seen to refuse, with the whole line that people get."""

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_ssb import suites
from pytest_ssb.configfile import Config, ConfigError, load
from pytest_ssb.errors import UserError
from pytest_ssb.profiles import Declaration, Profile, Repository, RootUse, Waiver

ROOT = Path(__file__).parent.parent
TODAY = date(2026, 12, 1)
SECRETS = ("harmless_names", "harmless_values", "history_commits", "read_parameter_values", "rotation_max_days", "scan_max_mb")
CHECKS = {
    "bucket_not_public": ("ACCT.08",),
    "ebs_snapshot_encrypted": ("WKLD.08",),
    "no_unused_vpc": ("WKLD.09",),
    "root_not_used_recently": ("ACCT.02", "ACCT.05"),
    "idp_enforces_mfa": ("ACCT.05",),
}
WORST = {
    "bucket_not_public": "critical",
    "ebs_snapshot_encrypted": "medium",
    "no_unused_vpc": "low",
    "root_not_used_recently": "medium",
    "idp_enforces_mfa": "high",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder like a user's, with checks and a state file."""
    (tmp_path / "security").mkdir()
    (tmp_path / "state.json").write_text("{}")
    return tmp_path


def read(folder: Path, text: str) -> Config:
    (folder / "ssb.toml").write_text(text)
    return load(None, [folder], checks=CHECKS, worst=WORST, today=TODAY)


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as error:
        read(folder, text)
    assert str(error.value) == "\n".join(error.value.lines)
    assert all("\n" not in line for line in error.value.lines)
    return list(error.value.lines)


def prod(folder: Path, keys: str) -> list[str]:
    """What is wrong with these keys of a profile, without the words that say where it is."""
    where = "ssb.toml: profile 'prod': "
    lines = mistakes(folder, f"[profiles.prod]\n{keys}\n")
    assert all(line.startswith(where) for line in lines)
    return [line.removeprefix(where) for line in lines]


def good(folder: Path, keys: str) -> Profile:
    return read(folder, f"[profiles.prod]\n{keys}\n").profiles["prod"]


def nobody() -> Collection[str]:
    return ()


def unasked() -> NoReturn:
    raise AssertionError("the AWS config files were looked at")


# --- finding it


def test_without_a_file_there_are_no_profiles(tmp_path: Path) -> None:
    config = load(None, [tmp_path])
    assert (config.file, config.profiles, config.defaults.values, config.folder) == (None, {}, {}, Path())


def test_ssb_toml_of_any_folder_goes_before_any_pyproject(tmp_path: Path) -> None:
    here, root = tmp_path / "here", tmp_path / "root"
    for at in (here, root):
        at.mkdir()
        (at / "pyproject.toml").write_text(f"[tool.pytest-ssb.profiles.{at.name}-project]")
    assert list(load(None, [here, root]).profiles) == ["here-project"]
    (root / "ssb.toml").write_text("[profiles.root-file]")
    assert list(load(None, [here, root]).profiles) == ["root-file"]
    (here / "ssb.toml").write_text("[profiles.here-file]")
    config = load(None, [here, root])
    assert (list(config.profiles), config.file, config.folder) == (["here-file"], here / "ssb.toml", here)


def test_a_pyproject_that_says_nothing_of_us_is_passed_over(tmp_path: Path) -> None:
    here, root = tmp_path / "here", tmp_path / "root"
    for at in (here, root):
        at.mkdir()
    (here / "pyproject.toml").write_text("[tool.ruff]")
    (root / "pyproject.toml").write_text("[tool.pytest-ssb.profiles.prod]")
    assert load(None, [here, root]).file == root / "pyproject.toml"


def test_a_file_that_is_named_may_have_any_name(tmp_path: Path) -> None:
    (tmp_path / "ssb.toml").write_text("[profiles.other]")
    (tmp_path / "acme.toml").write_text("[profiles.prod]")
    (tmp_path / "pyproject.toml").write_text("[tool.pytest-ssb.profiles.project]")
    assert list(load(tmp_path / "acme.toml", [tmp_path]).profiles) == ["prod"]
    assert list(load(tmp_path / "pyproject.toml", [tmp_path]).profiles) == ["project"]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("gone.toml", None, "--ssb-config gone.toml: no such file"),
        (".", None, "--ssb-config .: expected a .toml file"),
        ("ssb.json", "{}", "--ssb-config ssb.json: expected a .toml file"),
        ("pyproject.toml", "[tool.ruff]", "pyproject.toml: has no table [tool.pytest-ssb]"),
        ("pyproject.toml", "tool = 1", "pyproject.toml: has no table [tool.pytest-ssb]"),
        ("pyproject.toml", "[tool]\npytest-ssb = 1", "pyproject.toml: tool.pytest-ssb: expected a table, found 1"),
        ("acme.toml", "[profiles.prod]\nregion = []", "acme.toml: profile 'prod': unknown key 'region'; did you mean 'regions'?"),
        ("pyproject.toml", "[tool.pytest-ssb.profile]", "pyproject.toml: unknown key 'profile'; did you mean 'profiles'?"),
    ],
)
def test_a_named_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str | None, line: str) -> None:
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path(name).write_text(text)
    for path in (Path(name), tmp_path / name):
        with pytest.raises(ConfigError) as error:
            load(path, [])
        assert list(error.value.lines) == [line]


def test_a_folder_of_that_name_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ssb.toml").mkdir()
    assert load(None, [tmp_path]).file is None
    with pytest.raises(ConfigError, match=r"^--ssb-config ssb\.toml: is no file$"):
        load(Path("ssb.toml"), [])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"[profiles.prod]\nregions = [\n", "ssb.toml: line 2: broken TOML: "),
        (b"[profiles.prod]\nregions = yes\n", "ssb.toml: line 2, column 11: broken TOML: "),
        (b"[profiles.prod]\n[profiles.prod]\n", "ssb.toml: line 2, column 15: broken TOML: "),
        (b"# caf\xe9\n", "ssb.toml: line 1: is not UTF-8"),
        (b"#\n#\n\xff", "ssb.toml: line 3: is not UTF-8"),
        (b"x = " + b"9" * 5000, "ssb.toml: is no TOML that can be read: a number is too long, or lists are nested too deeply"),
    ],
)
def test_broken_toml_is_told_with_its_line(tmp_path: Path, text: bytes, line: str) -> None:
    (tmp_path / "ssb.toml").write_bytes(text)
    with pytest.raises(ConfigError) as error:
        load(None, [tmp_path])
    assert len(error.value.lines) == 1
    assert error.value.lines[0].startswith(line)


def test_lists_nested_thousands_deep_are_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "ssb.toml").write_text("x = " + "[" * 5000 + "]" * 5000)
    with pytest.raises(ConfigError, match=r"^ssb\.toml: "):
        load(None, [tmp_path])


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "ssb.toml").write_bytes(b"\xef\xbb\xbf[profiles.prod]")
    assert list(load(None, [tmp_path]).profiles) == ["prod"]


def lines_of(file: Path) -> tuple[str, ...]:
    try:
        load(file, [])
    except ConfigError as error:
        return error.lines
    return ()


@given(st.text(max_size=60))
def test_no_text_is_a_traceback(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "any.toml").write_text(f"[profiles.prod]\n{text}", encoding="utf-8", errors="replace")
    assert all("\n" not in line for line in lines_of(folder / "any.toml"))


VALUES = st.recursive(st.one_of(st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.dates()), lambda v: st.lists(v, max_size=2))


@given(
    key=st.sampled_from(["external_id", "trust.cidrs", "root.uses", "waivers", "people.service_users", "regions", "people", "secrets"]), value=VALUES
)
@example(key="trust.cidrs", value="\n")
def test_no_value_is_a_traceback(tmp_path_factory: pytest.TempPathFactory, key: str, value: object) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "any.toml").write_text(f"[profiles.prod]\n{key} = {toml(value)}", encoding="utf-8", errors="replace")
    assert all("\n" not in line for line in lines_of(folder / "any.toml"))


def toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(char):08x}" for char in value if not 0xD800 <= ord(char) <= 0xDFFF) + '"'
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return str(value)


# --- what the example says


def test_the_example_is_read_whole(folder: Path) -> None:
    config = read(folder, (ROOT / "examples" / "ssb.toml").read_text())
    assert list(config.profiles) == ["management", "log-archive", "staging", "prod"]
    staging, profile = config.profiles["staging"], config.profiles["prod"]
    assert (staging.accounts, staging.exclude_accounts, staging.role_name) == (
        ("ou:Workloads/Staging", "tag:stage=test"),
        ("sandbox-*",),
        "ssb-audit",
    )
    assert (staging.organization, staging.environment, staging.regions) == (True, "preproduction", ("eu-west-1", "us-east-1"))
    assert (profile.external_id, profile.contacts.distribution_lists) == ("acme-ssb", ("aws-*@acme.example",))
    assert (profile.organization_profile, profile.payer_profile, profile.log_archive_profile) == ("management", "management", "log-archive")
    assert profile.people.service_users.reasons == {"ses-smtp-*": "SES takes SMTP passwords only"}
    assert profile.root.uses == (RootUse(on=date(2026, 11, 20), why="MFA device replaced", by="ana@acme.example"),)
    assert profile.password_policy.min_length == 16
    assert profile.minutes == {"ACCT.03": 480, "ebs_snapshot_encrypted": 30}
    assert profile.trust.accounts.match("999988887777") == "999988887777"
    assert profile.buckets.public.match("arn:aws:s3:::acme-www") == "acme-www"
    assert profile.buckets.sensitive is not None
    assert profile.buckets.sensitive.match("arn:aws:s3:::acme-uploads") == "acme-uploads/ids"
    assert profile.network.endpoint_services == ("ssm", "ssmmessages", "ecr.api", "ecr.dkr")
    assert profile.secrets.harmless_values.match("https://k@o1.ingest.sentry.io/2") == "entry 1"
    assert profile.repositories == (
        Repository(path="../shop", holds="application", folder=str(folder)),
        Repository(path="../platform", holds="security", scanner="GitHub push protection", folder=str(folder)),
    )
    assert profile.waivers == (
        Waiver(
            check="ebs_snapshot_encrypted",
            resource="arn:aws:ec2:eu-west-1::snapshot/snap-0a1b2c3d4e5f60718",
            reason="a partner's test data, which is public anyway",
            owner="ana@acme.example",
            expires=date(2027, 3, 31),
            place="ssb.toml: profile 'prod': waivers: entry 1 (line 50)",
        ),
    )
    assert profile.declarations == (
        Declaration(
            check="idp_enforces_mfa",
            resource="arn:aws:iam::*:saml-provider/AWSSSO_*",
            statement="Identity Center asks for MFA at every sign-in",
            by="ana@acme.example",
            on=date(2026, 10, 1),
            review_by=date(2027, 4, 1),
            evidence="https://wiki.acme.example/identity",
            place="ssb.toml: profile 'prod': declarations: entry 1 (line 56)",
        ),
    )


def test_what_the_example_is_about_is_there(folder: Path) -> None:
    (folder / "ssb.toml").write_text((ROOT / "examples" / "ssb.toml").read_text())
    worst = {id: found.check.severity for id, found in suites.shipped().items()}
    assert load(None, [folder], checks=suites.known(), worst=worst, today=TODAY).profiles["prod"].waivers


def test_the_same_shape_stands_in_pyproject(folder: Path) -> None:
    example = (ROOT / "examples" / "ssb.toml").read_text()
    ours = example.replace("[[profiles.", "[[tool.pytest-ssb.profiles.").replace("\n[profiles.", "\n[tool.pytest-ssb.profiles.")
    (folder / "pyproject.toml").write_text(ours.replace("[defaults]", "[tool.pytest-ssb.defaults]"))
    from_project = load(None, [folder], checks=CHECKS, worst=WORST, today=TODAY).profiles["prod"]
    from_file = read(folder, example).profiles["prod"]
    assert from_project.waivers[0].place == "pyproject.toml: profile 'prod': waivers: entry 1 (line 50)"
    assert (from_project.buckets, from_project.people, from_project.given) == (from_file.buckets, from_file.people, from_file.given)


def test_what_is_given_can_be_told_from_our_defaults(folder: Path) -> None:
    config = read(folder, '[defaults]\nextended = false\n[profiles.prod]\nenvironment = "production"\nregions = []\n')
    assert config.profiles["prod"].given == {"extended", "environment"}


# --- keys


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("people.console_user = []", "people: unknown key 'console_user'; did you mean 'console_users'?"),
        ("region = []", "unknown key 'region'; did you mean 'regions'?"),
        ("people.min_length = 16", "people: unknown key 'min_length'; did you mean 'password_policy.min_length'?"),
        ("min_lenght = 16", "unknown key 'min_lenght'; did you mean 'password_policy.min_length'?"),
        ("console_users = []", "unknown key 'console_users'; did you mean 'people.console_users'?"),
        ("bucket.public = []", "unknown key 'bucket'; did you mean 'buckets'?"),
        ("person = {}", "unknown key 'person'; did you mean 'people'?"),
        ('"people.person_tag" = "x"', "unknown key 'people.person_tag'; did you mean 'people.person_tag'?"),
        ('root.uses = [{ on = 2026-01-01, why = "x", by = "y", wo = 1 }]', "root.uses: entry 1: unknown key 'wo'; known: by, on, why"),
        ('repositories = [{ path = "x", holds = "security", scaner = "y" }]', "repositories: entry 1: unknown key 'scaner'; did you mean 'scanner'?"),
        ("secrets.zzzz = 1", "secrets: unknown key 'zzzz'; known: " + ", ".join(SECRETS)),
    ],
)
def test_an_unknown_key_leads_to_the_nearest(folder: Path, keys: str, line: str) -> None:
    assert prod(folder, keys) == [line]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("budgets_payer_profile", "payer_profile"),
        ("root_recent_use_days", "root.recent_use_days"),
        ("root_use", "root.uses"),
        ("trusted_accounts", "trust.accounts"),
        ("trusted_organizations", "trust.organizations"),
        ("trusted_canonical_users", "trust.canonical_users"),
        ("public_buckets", "buckets.public"),
        ("sensitive_buckets", "buckets.sensitive"),
        ("sensitive_bucket_tag", "buckets.sensitive"),
        ("use_macie", "buckets.use_macie"),
        ("vpc_only_buckets", "buckets.vpc_only"),
        ("public_instances_allowed", "network.public_resources"),
        ("database_allowed_cidrs", "network.database_cidrs"),
        ("vpc_endpoint_services", "network.endpoint_services"),
        ("reserved_vpcs", "network.reserved"),
        ("reserved_subnets", "network.reserved"),
        ("keep_tags", "network.reserved"),
        ("bastion_patterns", "compute.bastions"),
        ("secret_allow_names", "secrets.harmless_names"),
        ("secret_allow_patterns", "secrets.harmless_values"),
        ("secret_rotation_max_days", "secrets.rotation_max_days"),
        ("repository_scan_max_mb", "secrets.scan_max_mb"),
        ("repository_history_commits", "secrets.history_commits"),
        ("guardduty_max_open_days", "guardduty.max_open_days"),
        ("guardduty_min_severity", "guardduty.min_severity"),
        ("trusted_advisor_categories", "trusted_advisor.categories"),
        ("trusted_advisor_review_days", "trusted_advisor.review_days"),
        ("require_read_events", "trails.require_read_events"),
        ("log_readers", "trails.log_readers"),
        ("data_events", "buckets.data_events"),
        ("iac_tags", "templates.iac_tags"),
    ],
)
def test_an_old_name_leads_to_its_new_one(folder: Path, old: str, new: str) -> None:
    assert prod(folder, f"{old} = []") == [f"unknown key {old!r}; did you mean {new!r}?"]


def test_the_old_name_of_a_day_leads_to_its_new_one(folder: Path) -> None:
    assert prod(folder, 'root.uses = [{ date = 2026-01-01, why = "x", by = "y" }]') == [
        "root.uses: entry 1: unknown key 'date'; did you mean 'on'?",
        "root.uses: entry 1: on: is required: the day",
    ]


@pytest.mark.parametrize(
    ("old", "instead"),
    [
        ("idp_enforces_mfa", "write a declaration for check 'idp_enforces_mfa'"),
        ("primary_email", "write a declaration for check 'primary_email_distribution_list'"),
        ("organization_trail_verified", "write a declaration for check 'cloudtrail_management_events'"),
        ("central_guardduty_notifications", "write a declaration for check 'guardduty_finding_notifications'"),
        ("trusted_advisor_reviewed", "write a declaration for check 'trusted_advisor_reviewed'"),
        ("code_review_covers_secrets", "write a declaration for check 'repository_review_covers_secrets'"),
        ("secret_detection", "write a declaration for check 'secret_detection_deployed'"),
        ("pipelines", "write a declaration for check 'deployment_pipeline_exists'"),
        ("tls_exceptions", "write a waiver"),
        ("secret_rotation_exempt", "write a waiver"),
        ("organization_id", "the own organization is read from AWS: remove it"),
        ("ci_principals", "no check reads it: remove it"),
        ("require_shield_advanced", "no check reads it: remove it"),
    ],
)
def test_what_is_no_key_any_more_says_what_to_do(folder: Path, old: str, instead: str) -> None:
    assert prod(folder, f'{old} = "x"') == [f"unknown key {old!r}; {instead}"]


@pytest.mark.parametrize(
    "key", ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "secret_key", "AccessKeyId", "password", "aws_acess_key"]
)
def test_credentials_are_refused_and_not_shown(folder: Path, key: str) -> None:
    for text, where in (
        (f'{key} = "AKIAEXAMPLE"', ""),
        (f'[defaults]\n{key} = "AKIAEXAMPLE"', "defaults: "),
        (f'[profiles.prod]\n{key} = "AKIAEXAMPLE"', "profile 'prod': "),
        (f'[profiles.prod.trust]\n{key} = "AKIAEXAMPLE"', "profile 'prod': trust: "),
    ):
        assert mistakes(folder, text) == [f"ssb.toml: {where}{key!r}: credentials do not belong in this file; use aws_profile"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("regions = []", "ssb.toml: 'regions' belongs below [defaults] or [profiles.NAME]"),
        ("[buckets]", "ssb.toml: 'buckets' belongs below [defaults] or [profiles.NAME]"),
        ("public_buckets = []", "ssb.toml: unknown key 'public_buckets'; did you mean 'buckets.public'?"),
        ("[profile.prod]", "ssb.toml: unknown key 'profile'; did you mean 'profiles'?"),
        ("[default]", "ssb.toml: unknown key 'default'; did you mean 'defaults'?"),
        ("profiles = 1", "ssb.toml: profiles: expected tables [profiles.NAME], found 1"),
        ("defaults = []", "ssb.toml: defaults: expected a table, found a list"),
        ("[profiles]\nprod = 'x'", "ssb.toml: profile 'prod': expected a table, found 'x'"),
        ("[profiles.'my prod']", "ssb.toml: profile 'my prod': a profile's name has letters, digits, '.', '_' and '-' only"),
        ("[profiles.prod]\npeople = 1", "ssb.toml: profile 'prod': people: expected a table, found 1"),
    ],
)
def test_the_shape_of_the_file_is_held(folder: Path, text: str, line: str) -> None:
    assert mistakes(folder, text) == [line]


# --- types and values


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("aws_profile = 5", "aws_profile: expected the name of an AWS profile, found 5"),
        ("aws_profile = ''", "aws_profile: expected the name of an AWS profile, found ''"),
        ('aws_profile = "a\\nb"', r"aws_profile: expected the name of an AWS profile without control characters, found 'a\nb'"),
        ("role_arn = 'arn:aws:iam::111122223333:user/x'", "role_arn: expected a role's ARN, found 'arn:aws:iam::111122223333:user/x'"),
        (
            "organization = true\nrole_name = 'arn:aws:iam::111122223333:role/x'",
            "role_name: expected a role's name, with its path if any, found 'arn:aws:iam::111122223333:role/x'",
        ),
        ("role_session_name = 'a b'", "role_session_name: expected a session name (2 to 64 letters, digits or +=,.@_-), found 'a b'"),
        ("external_id = 7", "external_id: expected an external id (2 to 1224 letters, digits or +=,.@:/_-), found something else (not shown)"),
        (
            "external_id = 'a secret'",
            "external_id: expected an external id (2 to 1224 letters, digits or +=,.@:/_-), found something else (not shown)",
        ),
        ("organization = 1", "organization: expected true or false, found 1"),
        ("organization = 'yes'", "organization: expected true or false, found 'yes'"),
        ("regions = 'eu-west-1'", "regions: expected a list, found 'eu-west-1'; write [\"eu-west-1\"]"),
        ("regions = {}", "regions: expected a list, found a table"),
        ("regions = ['eu-west-1', 'EU West']", "regions: entry 2: expected a region, such as 'eu-west-1', found 'EU West'"),
        ("denied_regions = [true]", "denied_regions: entry 1: expected a region, such as 'eu-west-1', found true"),
        ("environment = 'dev'", "environment: expected 'production' or 'preproduction', found 'dev'"),
        ("environment = ['production']", "environment: expected 'production' or 'preproduction', found a list"),
        ("organization_profile = 'a b'", "organization_profile: expected the name of a profile (letters, digits, '.', '_', '-'), found 'a b'"),
        ("people.person_tag = 'tag:person'", "people.person_tag: expected the key of a tag, such as 'person', found 'tag:person'"),
        ("minutes = 20", 'minutes: expected a table "control or check" = a whole number above 0, found 20'),
        ("minutes = { 'ACCT.03' = 0 }", "minutes: 'ACCT.03': expected a whole number above 0, found 0"),
        ("people.service_users = ['ses-*']", 'people.service_users: expected a table "selector" = "reason", found a list'),
        ("people.service_users = { 'ses-*' = ' ' }", "people.service_users: 'ses-*': expected the reason, a text, found ' '"),
        ("people.service_users = { 'ses-*' = true }", "people.service_users: 'ses-*': expected the reason, a text, found true"),
        ("root.recent_use_days = 0", "root.recent_use_days: expected a whole number above 0, found 0"),
        ("root.recent_use_days = true", "root.recent_use_days: expected a whole number above 0, found true"),
        ("root.recent_use_days = '7'", "root.recent_use_days: expected a whole number above 0, found '7'"),
        ("root.uses = 2026-11-20", "root.uses: expected a list, found 2026-11-20"),
        ("root.uses = [2026-11-20]", "root.uses: entry 1: expected a table, found 2026-11-20"),
        (
            "root.uses = [{ on = 2026-11-20T10:00:00Z, why = 'x', by = 'y' }]",
            "root.uses: entry 1: on: expected a date, such as 2026-10-01, found 2026-11-20T10:00:00+00:00",
        ),
        (
            "root.uses = [{ on = '20.11.2026', why = 'x', by = 'y' }]",
            "root.uses: entry 1: on: expected a date, such as 2026-10-01, found '20.11.2026'",
        ),
        ("root.uses = [{ on = 2026-11-20, why = ' ', by = 'y' }]", "root.uses: entry 1: why: expected a text, found ' '"),
        ("password_policy.min_length = 5", "password_policy.min_length: expected a whole number from 6 to 128, found 5"),
        ("password_policy.min_length = 129", "password_policy.min_length: expected a whole number from 6 to 128, found 129"),
        ("password_policy.reuse = 25", "password_policy.reuse: expected a whole number from 1 to 24, found 25"),
        ("password_policy.max_age_days = -1", "password_policy.max_age_days: expected a whole number above 0, found -1"),
        ("secrets.history_commits = -1", "secrets.history_commits: expected a whole number, 0 or more, found -1"),
        ("guardduty.min_severity = 11", "guardduty.min_severity: expected a number from 1 to 10, found 11"),
        ("guardduty.min_severity = nan", "guardduty.min_severity: expected a number from 1 to 10, found nan"),
        ("guardduty.min_severity = true", "guardduty.min_severity: expected a number from 1 to 10, found true"),
        ("network.public_ports = [80, 70000]", "network.public_ports: entry 2: expected a whole number from 1 to 65535, found 70000"),
        ("network.public_ports = 80", "network.public_ports: expected a list, found 80; write [80]"),
        ("trust.accounts = [111122223333]", "trust.accounts: entry 1: expected an account id (12 digits, in quotes), found 111122223333"),
        ("trust.organizations = ['acme']", "trust.organizations: entry 1: expected an organization id (o-...), found 'acme'"),
        ("trust.canonical_users = ['ana']", "trust.canonical_users: entry 1: expected an S3 canonical user id (64 hex digits), found 'ana'"),
        ("trust.networks = ['subnet-1']", "trust.networks: entry 1: expected a vpc- or vpce- id, found 'subnet-1'"),
        (
            "trails.log_readers = ['*']",
            "trails.log_readers: entry 1: expected an ARN, a glob of one, or an account id (12 digits, in quotes), found '*'",
        ),
        ("guardduty.pollers = ['siem']", "guardduty.pollers: entry 1: expected an ARN, or a glob of one, found 'siem'"),
        ("buckets.data_events = 'none'", "buckets.data_events: expected 'all', 'read' or 'write', found 'none'"),
        (
            "network.endpoint_services = ['com.amazonaws.eu-west-1.ssm']",
            "network.endpoint_services: entry 1: expected the label of a service, such as 'ecr.api', found 'com.amazonaws.eu-west-1.ssm'",
        ),
        ("templates.iac_tags = ['ManagedBy']", "templates.iac_tags: entry 1: expected a selector tag:KEY=VALUE, found 'ManagedBy'"),
        ("repositories = ['../shop']", "repositories: entry 1: expected a table, found '../shop'"),
        ("repositories = [{ path = '../shop' }]", "repositories: entry 1: holds: is required: what lies in it"),
        (
            "repositories = [{ path = '../shop', holds = 'code' }]",
            "repositories: entry 1: holds: expected 'application', 'security' or 'infrastructure', found 'code'",
        ),
        (
            "repositories = [{ path = 'a', holds = 'security' }, { path = './a/', holds = 'security' }]",
            "repositories: entry 2: is the same repository as entry 1",
        ),
        ("waivers = true", "waivers: expected a list, found true"),
        ("own_checks = ['securty/']", "own_checks: entry 1: 'securty/' does not exist"),
        ("templates.terraform_state = ['state.jsn']", "templates.terraform_state: entry 1: 'state.jsn' is no file"),
        ("templates.terraform_state = ['security']", "templates.terraform_state: entry 1: 'security' is no file"),
    ],
)
def test_a_wrong_value_says_what_was_expected(folder: Path, keys: str, line: str) -> None:
    assert prod(folder, keys) == [line]


def test_a_category_is_spelled_as_the_api_does(folder: Path) -> None:
    (line,) = prod(folder, "trusted_advisor.categories = ['Security']")
    assert line == (
        "trusted_advisor.categories: entry 1: expected 'cost_optimizing', 'fault_tolerance', 'operational_excellence', 'performance', "
        "'security' or 'service_limits', found 'Security'"
    )


def test_good_values_are_taken(folder: Path) -> None:
    profile = good(
        folder,
        "own_checks = ['security/']\ntemplates.terraform_state = ['state.json']\nguardduty.min_severity = 4\nsecrets.history_commits = 0\n"
        "root.uses = [{ on = '2026-11-20', why = 'x', by = 'y' }]\nbuckets.sensitive = ['*']\nnetwork.private_subnets = ['arn:*']\n"
        "trails.log_readers = ['111122223333', 'arn:aws:iam::*:role/security-*']\nrole_arn = 'arn:aws-us-gov:iam::111122223333:role/ops/ssb'",
    )
    assert (profile.own_checks, profile.templates.terraform_state) == (("security/",), ("state.json",))
    assert (profile.guardduty.min_severity, profile.secrets.history_commits, profile.root.uses[0].on) == (4.0, 0, date(2026, 11, 20))


def test_an_empty_list_is_not_unset_but_where_it_could_only_mean_all(folder: Path) -> None:
    profile = good(folder, "regions = []\ntrusted_advisor.categories = []\npeople.console_users = []\ncontacts.distribution_lists = []")
    assert (profile.regions, profile.trusted_advisor.categories) == (None, None)
    assert (profile.people.console_users, profile.contacts.distribution_lists, profile.buckets.sensitive) == ((), (), None)


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("secrets.harmless_values = ['*abc?']", "secrets.harmless_values: entry 1: needs four characters beside * and ?"),
        ("secrets.harmless_names = ['SENTRY_DSN', '***']", "secrets.harmless_names: entry 2: needs four characters beside * and ?"),
        ("secrets.harmless_values = ['good', 5]", "secrets.harmless_values: entry 2: expected a glob, found something else (not shown)"),
        ("secrets.harmless_values = 'sk_live_abc'", "secrets.harmless_values: expected a list, found something else (not shown)"),
        (
            'secrets.harmless_values = ["sk_live_\\u0001"]',
            "secrets.harmless_values: entry 1: expected a glob without control characters, found something else (not shown)",
        ),
    ],
)
def test_values_that_may_be_secret_are_not_shown(folder: Path, keys: str, line: str) -> None:
    assert prod(folder, keys) == [line]


# --- selectors and ranges


@pytest.mark.parametrize(
    "key",
    [
        "people.console_users",
        "people.break_glass_users",
        "buckets.public",
        "network.public_resources",
        "network.public_subnets",
        "network.public_security_groups",
        "network.endpoint_vpcs",
        "network.reserved",
    ],
)
@pytest.mark.parametrize("entry", ["*", "**", "?*", "arn:*", "arn:aws:*", "arn:*:*:*:*:*", "repo:*", "tag:*=*"])
def test_what_excuses_may_not_name_everything(folder: Path, key: str, entry: str) -> None:
    assert prod(folder, f"{key} = ['fine-*', '{entry}']") == [f"{key}: entry 2: {entry!r} covers everything: name what is meant"]


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("contacts.distribution_lists = ['*@*']", "contacts.distribution_lists: entry 1: '*@*' covers everything: name what is meant"),
        ("trails.log_readers = ['arn:*']", "trails.log_readers: entry 1: 'arn:*' covers everything: name what is meant"),
        ("guardduty.pollers = ['arn:aws:*']", "guardduty.pollers: entry 1: 'arn:aws:*' covers everything: name what is meant"),
        ("templates.iac_tags = ['tag:*=*']", "templates.iac_tags: entry 1: 'tag:*=*' covers everything: name what is meant"),
        ("people.service_users = { '*' = 'all' }", "people.service_users: '*' covers everything: name what is meant"),
        ("buckets.public = ['tag:public']", "buckets.public: entry 1: 'tag:public' has no value: write tag:public=*"),
        ("network.private_subnets = ['tag:']", "network.private_subnets: entry 1: 'tag:' has no value: write tag:KEY=*"),
        ("buckets.sensitive = ['tag:data']", "buckets.sensitive: entry 1: 'tag:data' has no value: write tag:data=*"),
        ("compute.bastions = ['tag:=x']", "compute.bastions: entry 1: 'tag:=x' has no key: write tag:KEY=VALUE"),
        ("trust.cidrs = ['192.0.2.0/33']", "trust.cidrs: entry 1: '192.0.2.0/33' is no CIDR, such as '192.0.2.0/24'"),
        ("trust.cidrs = ['192.0.2.7']", "trust.cidrs: entry 1: '192.0.2.7' is no CIDR; did you mean '192.0.2.7/32'?"),
        (
            "network.database_cidrs = ['192.0.2.7/24']",
            "network.database_cidrs: entry 1: '192.0.2.7/24' is no CIDR: bits are set behind the prefix; did you mean '192.0.2.0/24'?",
        ),
        ("network.database_cidrs = ['0.0.0.0/0']", "network.database_cidrs: entry 1: '0.0.0.0/0' is the internet: name narrower ranges"),
        ("trust.cidrs = ['52.0.0.0/7']", "trust.cidrs: entry 1: '52.0.0.0/7' is the internet: name narrower ranges"),
        ("trust.cidrs = ['::/0']", "trust.cidrs: entry 1: '::/0' is the internet: name narrower ranges"),
    ],
)
def test_an_entry_is_refused(folder: Path, keys: str, line: str) -> None:
    assert prod(folder, keys) == [line]


def test_ranges_that_are_the_internet_together_are_refused(folder: Path) -> None:
    ranges = [f"{n}.0.0.0/8" for n in range(200) if n != 10]
    assert prod(folder, f"trust.cidrs = {ranges}") == ["trust.cidrs: together, these ranges are the internet: name narrower ones"]


def test_narrow_ranges_are_taken(folder: Path) -> None:
    assert good(folder, "trust.cidrs = ['52.0.0.0/12', '2001:db8::/48']").trust.cidrs == ("52.0.0.0/12", "2001:db8::/48")


# --- rules between keys, and defaults


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("role_name = 'ssb'", "role_name: goes with accounts or organization = true; for a single role write role_arn"),
        ("accounts = ['111122223333']", "accounts: goes with role_name, the role to assume in each account"),
        ("organization = true", "organization: goes with role_name, the role to assume in each account"),
        ("role_name = 'ssb'\naccounts = []", "role_name: goes with accounts or organization = true; for a single role write role_arn"),
        ("exclude_accounts = ['sandbox']", "exclude_accounts: needs organization = true"),
        (
            "role_name = 'ssb'\naccounts = ['111122223333', 'sandbox-*']",
            "accounts: entry 2: 'sandbox-*' is no account id (12 digits); names, tag: and ou: need organization = true",
        ),
        (
            "role_name = 'ssb'\naccounts = ['ou:Workloads']",
            "accounts: entry 1: 'ou:Workloads' is no account id (12 digits); names, tag: and ou: need organization = true",
        ),
        ("role_name = 'ssb'\naccounts = ['111122223333', '111122223333']", "accounts: entry 2: '111122223333' stands there twice"),
        (
            "role_name = 'ssb'\norganization = true\nexclude_accounts = ['sandbox-*', '111122223333', 'sandbox-*']",
            "exclude_accounts: entry 3: 'sandbox-*' stands there twice",
        ),
        ("role_name = 'ssb'\norganization = true\naccounts = ['tag:stage']", "accounts: entry 1: 'tag:stage' has no value: write tag:stage=*"),
        ("role_name = 'ssb'\norganization = true\naccounts = ['ou:']", "accounts: entry 1: 'ou:' names no unit: write ou:ID or ou:Path/Of/Names"),
        (
            "organization_profile = 'prod'",
            "organization_profile: names the profile itself: name another, or write it in the profiles that need it instead of in defaults",
        ),
        (
            "network.public_subnets = ['subnet-1', 'subnet-2']\nnetwork.private_subnets = ['subnet-2']",
            "network.public_subnets: 'subnet-2' stands in network.private_subnets, too: keep one",
        ),
    ],
)
def test_keys_that_do_not_go_together_are_refused(folder: Path, keys: str, line: str) -> None:
    assert prod(folder, keys) == [line]


def test_a_key_that_is_wrong_by_itself_is_not_told_twice(folder: Path) -> None:
    assert prod(folder, "role_name = 'ssb'\naccounts = '111122223333'") == [
        "accounts: expected a list, found '111122223333'; write [\"111122223333\"]"
    ]


def test_rules_between_keys_hold_after_merging(folder: Path) -> None:
    text = "[defaults]\nrole_name = 'ssb'\n[profiles.one]\naccounts = ['111122223333']\n[profiles.two]\n"
    assert mistakes(folder, text) == [
        "ssb.toml: profile 'two': role_name: goes with accounts or organization = true; for a single role write role_arn"
    ]


def test_all_mistakes_of_the_file_are_told_each_once(folder: Path) -> None:
    text = (
        "[defaults]\nregions = 'eu-west-1'\nextnded = true\n"
        "[profiles.one]\n[profiles.two]\npassword_policy = { min_length = 1, reuse = 0 }\nrole_name = 'x'\n[profiles.three]\nregions = [1]\n"
    )
    assert mistakes(folder, text) == [
        "ssb.toml: defaults: regions: expected a list, found 'eu-west-1'; write [\"eu-west-1\"]",
        "ssb.toml: defaults: unknown key 'extnded'; did you mean 'extended'?",
        "ssb.toml: profile 'two': password_policy.min_length: expected a whole number from 6 to 128, found 1",
        "ssb.toml: profile 'two': password_policy.reuse: expected a whole number from 1 to 24, found 0",
        "ssb.toml: profile 'two': role_name: goes with accounts or organization = true; for a single role write role_arn",
        "ssb.toml: profile 'three': regions: entry 1: expected a region, such as 'eu-west-1', found 1",
    ]


def test_defaults_lie_under_each_profile_key_by_key(folder: Path) -> None:
    config = read(
        folder,
        "[defaults]\nregions = ['eu-west-1']\nbuckets.public = ['a', 'b']\nbuckets.use_macie = false\n"
        "people.service_users = { x = 'one', y = 'two' }\n"
        "[profiles.same]\n[profiles.own]\nregions = ['us-east-1']\nbuckets.public = ['c']\npeople.service_users = { y = 'mine', z = 'three' }\n"
        "[profiles.back]\nregions = []\nbuckets.public = []\npeople.service_users = {}\n",
    )
    seen = {
        name: (profile.regions, profile.buckets.public, profile.buckets.use_macie, dict(profile.people.service_users.reasons))
        for name, profile in config.profiles.items()
    }
    assert seen == {
        "same": (("eu-west-1",), ("a", "b"), False, {"x": "one", "y": "two"}),
        "own": (("us-east-1",), ("c",), False, {"x": "one", "y": "mine", "z": "three"}),
        "back": (None, (), False, {}),
    }


def test_minutes_lie_over_those_of_the_defaults_and_belong_to_what_there_is(folder: Path) -> None:
    config = read(folder, "[defaults]\nminutes = { 'ACCT.03' = 60, ebs_snapshot_encrypted = 20 }\n[profiles.prod]\nminutes = { 'ACCT.03' = 90 }\n")
    assert config.profiles["prod"].minutes == {"ACCT.03": 90, "ebs_snapshot_encrypted": 20}
    checks = {"ebs_volume_encrypted": ("WKLD.08",)}
    (folder / "ssb.toml").write_text("[profiles.prod]\nminutes = { 'ACCT.3' = 9, ebs_volume_encryptd = 9, odd = 9 }\n")
    with pytest.raises(ConfigError) as caught:
        load(None, [folder], checks=checks)
    assert caught.value.lines == (
        "ssb.toml: profile 'prod': minutes: 'ACCT.3': no such control or check; did you mean 'ACCT.03'?",
        "ssb.toml: profile 'prod': minutes: 'ebs_volume_encryptd': no such control or check; did you mean 'ebs_volume_encrypted'?",
        "ssb.toml: profile 'prod': minutes: 'odd': no such control or check; --ssb-list shows what there is",
    )


def waiver(table: str, **fields: str) -> str:
    fields = {"check": "'no_unused_vpc'", "resource": "'vpc-1'", "reason": "'x'", "owner": "'y'", **fields}
    return f"[[{table}.waivers]]\n" + "".join(f"{name} = {value}\n" for name, value in fields.items() if value)


def declaration(**fields: str) -> str:
    fields = {"check": "'idp_enforces_mfa'", "statement": "'x'", "by": "'y'", "on": "2026-11-01", "review_by": "2027-11-01", **fields}
    return "[[profiles.prod.declarations]]\n" + "".join(f"{name} = {value}\n" for name, value in fields.items() if value)


def test_waivers_and_declarations_are_appended_and_lists_of_facts_replaced(folder: Path) -> None:
    config = read(
        folder,
        "[defaults]\nrepositories = [{ path = 'a', holds = 'security' }]\n"
        + waiver("defaults")
        + "[profiles.prod]\nrepositories = [{ path = 'b', holds = 'security' }]\n"
        + waiver("profiles.prod", resource="'vpc-2'")
        + "[profiles.back]\nwaivers = []\n",
    )
    assert [each.path for each in config.profiles["prod"].repositories] == ["b"]
    assert [(each.resource, each.place) for each in config.profiles["prod"].waivers] == [
        ("vpc-1", "ssb.toml: defaults: waivers: entry 1 (line 3)"),
        ("vpc-2", "ssb.toml: profile 'prod': waivers: entry 1 (line 10)"),
    ]
    assert config.profiles["back"].waivers == ()


# --- waivers


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"check": ""}, "needs control, check, or both"),
        ({"check": "'no_unused_vpcs'"}, "check: this version has no check 'no_unused_vpcs'; did you mean 'no_unused_vpc'?"),
        ({"check": "'x'"}, "check: this version has no check 'x'; --ssb-list shows which it has"),
        ({"control": "'WKLD.9'"}, "control: unknown control 'WKLD.9'; did you mean 'WKLD.09'?"),
        ({"control": "'ACCT.08'"}, "control: check 'no_unused_vpc' belongs to WKLD.09, not to ACCT.08"),
        (
            {"control": "'ACCT.08'", "check": "'root_not_used_recently'"},
            "control: check 'root_not_used_recently' belongs to ACCT.02 and ACCT.05, not to ACCT.08",
        ),
        ({"resource": ""}, 'needs resource, or scope = "all"'),
        ({"scope": "'all'"}, 'needs either resource or scope = "all", not both'),
        ({"resource": "", "scope": "'some'"}, "scope: expected 'all', found 'some'"),
        ({"resource": "'tag:a=b'"}, "resource: 'tag:a=b' is a tag, which anybody can set: write an ARN or an id"),
        ({"resource": "'*'"}, "resource: '*' covers everything: write scope = \"all\" if every resource is meant"),
        ({"resource": "'arn:*'"}, "resource: 'arn:*' covers everything: write scope = \"all\" if every resource is meant"),
        ({"reason": ""}, "reason: is required: why it is accepted"),
        ({"reason": "' '"}, "reason: expected a text, found ' '"),
        ({"owner": "''"}, "owner: expected a text, found ''"),
        ({"expires": "'soon'"}, "expires: expected a date, such as 2026-10-01, found 'soon'"),
        ({"check": "'bucket_not_public'"}, "expires: is required: 'bucket_not_public' can give critical"),
        ({"check": "", "control": "'ACCT.05'"}, "expires: is required: 'idp_enforces_mfa' can give high"),
        ({"account": "111122223333"}, "account: expected a text, found 111122223333"),
        ({"until": "2027-01-01"}, "unknown key 'until'; known: account, check, control, expires, item, owner, reason, region, resource, scope"),
    ],
)
def test_a_waiver_is_refused(folder: Path, fields: dict[str, str], line: str) -> None:
    assert mistakes(folder, waiver("profiles.prod", **fields)) == [f"ssb.toml: profile 'prod': waivers: entry 1 (line 1): {line}"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"control": "'WKLD.09'"},
        {"check": "", "control": "'WKLD.15'"},
        {"control": "'ACCT.05'", "check": "'root_not_used_recently'"},
        {"check": "'bucket_not_public'", "expires": "2020-01-01"},
        {"check": "'bucket_not_public'", "expires": "'2027-01-01'"},
        {"resource": "", "scope": "'all'", "region": "'-'", "account": "'1111*'", "item": "'x'"},
        {"check": "", "control": "'ACCT.02'"},
    ],
)
def test_a_waiver_is_taken(folder: Path, fields: dict[str, str]) -> None:
    (taken,) = read(folder, waiver("profiles.prod", **fields)).profiles["prod"].waivers
    assert taken.owner == "y"


def test_the_same_waiver_twice_is_refused(folder: Path) -> None:
    twins = waiver("profiles.prod") + waiver("profiles.prod", reason="'another'", expires="2027-01-01") + waiver("profiles.prod", region="'eu-*'")
    assert mistakes(folder, twins) == [
        "ssb.toml: profile 'prod': waivers: entry 2 (line 6): covers the same findings as entry 1 (line 1)",
    ]


def test_a_waiver_of_the_defaults_counts_too_and_its_mistakes_are_told_once(folder: Path) -> None:
    text = waiver("defaults") + waiver("defaults", reason="'z'") + waiver("profiles.one") + "[profiles.two]\n"
    assert mistakes(folder, text) == ["ssb.toml: defaults: waivers: entry 2 (line 6): covers the same findings as entry 1 (line 1)"]
    assert mistakes(folder, waiver("defaults") + waiver("profiles.one") + "[profiles.two]\n") == [
        "ssb.toml: profile 'one': waivers: entry 1 (line 6): covers the same findings as defaults: waivers: entry 1 (line 1)"
    ]


def test_lines_are_not_guessed(folder: Path) -> None:
    text = '[profiles.prod]\npeople.person_tag = """\\\n[[profiles.prod.waivers]]\n"""\n' + waiver("profiles.prod", owner="")
    assert mistakes(folder, text)[-1] == "ssb.toml: profile 'prod': waivers: entry 1: owner: is required: who answers for it"
    inline = "[profiles.prod]\nwaivers = [{ check = 'no_unused_vpc', resource = 'vpc-1', reason = 'x' }]\n"
    assert mistakes(folder, inline) == ["ssb.toml: profile 'prod': waivers: entry 1: owner: is required: who answers for it"]


def test_without_the_list_of_checks_names_are_not_verified(folder: Path) -> None:
    (folder / "ssb.toml").write_text(waiver("profiles.prod", check="'whatever'", control="'ACCT.99'"))
    assert load(None, [folder]).profiles["prod"].waivers[0].check == "whatever"


# --- declarations


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"check": ""}, "check: is required: the check that asks"),
        ({"check": "'idp_enforce_mfa'"}, "check: this version has no check 'idp_enforce_mfa'; did you mean 'idp_enforces_mfa'?"),
        ({"control": "'ACCT.05'"}, "control: one declaration per check: write check instead"),
        ({"statement": "''"}, "statement: expected a text, found ''"),
        ({"by": ""}, "by: is required: who gives it"),
        ({"on": ""}, "on: is required: when it was given; not in the future"),
        ({"on": "2026-12-02"}, "on: 2026-12-02 is in the future"),
        ({"review_by": ""}, "review_by: is required: the last day it counts; after `on`"),
        ({"review_by": "2026-11-01"}, "review_by: 2026-11-01 is not after 2026-11-01, the day of the declaration"),
        ({"resource": "'tag:a=b'"}, "resource: 'tag:a=b' is a tag, which anybody can set: write an ARN or an id"),
        ({"resource": "'arn:*'"}, "resource: 'arn:*' covers everything: name what is meant"),
        ({"evidence": "1"}, "evidence: expected a text, found 1"),
        ({"expires": "2027-01-01"}, "unknown key 'expires'; known: account, by, check, evidence, item, on, region, resource, review_by, statement"),
    ],
)
def test_a_declaration_is_refused(folder: Path, fields: dict[str, str], line: str) -> None:
    assert mistakes(folder, declaration(**fields)) == [f"ssb.toml: profile 'prod': declarations: entry 1 (line 1): {line}"]


def test_a_declaration_is_about_the_account_unless_it_says_otherwise(folder: Path) -> None:
    text = declaration(on="2026-12-01") + declaration(resource="'AWSSSO_*'", review_by="2026-11-02")
    assert [each.resource for each in read(folder, text).profiles["prod"].declarations] == ["arn:*:account::*:account", "AWSSSO_*"]


# --- which profile a name means


def test_a_section_goes_first_and_aws_profiles_are_not_looked_at_without_need(folder: Path) -> None:
    config = read(folder, "[profiles.prod]\nextended = true\n[profiles.demo-clean]\n")
    assert config.profile("prod", unasked) == config.profiles["prod"]
    assert (config.is_built_in("demo"), config.is_built_in("demo-clean"), config.is_built_in("prod")) == (True, False, False)


def test_defaults_never_reach_a_demo(folder: Path) -> None:
    config = read(folder, "[defaults]\nextended = true\n[profiles.demo-clean]\nregions = ['eu-west-1']\n")
    assert config.profile("demo", unasked) == Profile(name="demo")
    assert (config.profile("demo-clean", unasked).extended, config.profile("demo-clean", unasked).regions) == (False, ("eu-west-1",))


def test_an_aws_profile_has_the_defaults(folder: Path) -> None:
    config = read(folder, "[defaults]\nextended = true\naws_profile = 'other'\n")
    profile = config.profile("acme", lambda: ["acme"])
    assert (profile.name, profile.aws_profile, profile.extended) == ("acme", "acme", True)


def test_default_is_the_credential_chain_unless_there_is_such_a_profile(folder: Path) -> None:
    config = read(folder, "[defaults]\nextended = true\naws_profile = 'other'\n")
    assert (config.profile("default", nobody).aws_profile, config.profile("default", nobody).extended) == (None, True)
    assert config.profile("default", lambda: ["default"]).aws_profile == "default"
    assert Config().profile("default", nobody).aws_profile is None


def refused(config: Config, name: str, aws_profiles: Collection[str] = ()) -> list[str]:
    with pytest.raises(ConfigError) as error:
        config.profile(name, lambda: aws_profiles)
    return list(error.value.lines)


def test_an_unknown_name_leads_to_the_nearest(folder: Path) -> None:
    config = read(folder, "[profiles.prod]\n[profiles.staging]\n")
    assert refused(config, "prd", ["acme"]) == [
        "--ssb-profile: unknown profile 'prd'; did you mean 'prod'? known: acme, demo, demo-clean, prod, staging"
    ]
    assert refused(config, "xyz", ["acme"]) == ["--ssb-profile: unknown profile 'xyz'; known: acme, demo, demo-clean, prod, staging"]
    assert refused(Config(), "demoo") == ["--ssb-profile: unknown profile 'demoo'; did you mean 'demo'? known: demo, demo-clean"]


def test_an_aws_profile_of_a_strange_name_needs_a_section(folder: Path) -> None:
    assert refused(Config(), "my prod", ["my prod"]) == [
        "--ssb-profile: 'my prod': a profile's name has letters, digits, '.', '_' and '-' only; "
        "write a profile of another name with aws_profile = 'my prod'"
    ]


def test_rules_between_keys_hold_for_an_aws_profile_with_defaults(folder: Path) -> None:
    config = read(folder, "[defaults]\nrole_name = 'ssb'\n")
    assert refused(config, "acme", ["acme"]) == [
        "ssb.toml: profile 'acme': role_name: goes with accounts or organization = true; for a single role write role_arn"
    ]


def test_other_profiles_that_are_named_must_exist(folder: Path) -> None:
    config = read(
        folder,
        "[profiles.prod]\naws_profile = 'acme-prd'\norganization_profile = 'managment'\nlog_archive_profile = 'acme-logs'\npayer_profile = 'demo'\n"
        "[profiles.management]\n",
    )
    assert refused(config, "prod", ["acme-prod", "acme-logs"]) == [
        "ssb.toml: profile 'prod': aws_profile: the AWS config files have no profile 'acme-prd'; did you mean 'acme-prod'?",
        "ssb.toml: profile 'prod': organization_profile: 'managment' is neither a profile of the file nor one of the AWS config files; "
        "did you mean 'management'?",
        "ssb.toml: profile 'prod': payer_profile: 'demo' is neither a profile of the file nor one of the AWS config files; "
        "known: acme-logs, acme-prod, management",
    ]


def test_a_mistake_of_the_file_is_one_of_the_user() -> None:
    assert issubclass(ConfigError, UserError)
    assert issubclass(ConfigError, ValueError)


def test_each_profile_knows_the_accounts_that_the_file_names(folder: Path) -> None:
    text = """
        [profiles.prod]
        role_arn = "arn:aws:iam::111122223333:role/audit"
        [profiles.all]
        role_arn = "arn:aws:iam::444455556666:role/hub"
        role_name = "audit"
        organization = true
        accounts = ["222233334444", "sandbox-*"]
        [profiles.named]
        aws_profile = "company"
    """
    config = read(folder, text)
    reached = frozenset({"111122223333", "222233334444"})
    assert {name: config.profile(name, lambda: ["company"]).configured for name in ("prod", "all", "named", "company")} == dict.fromkeys(
        ("prod", "all", "named", "company"), reached
    )
    assert config.profile("demo", list).configured == frozenset()
