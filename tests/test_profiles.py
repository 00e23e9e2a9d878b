"""The profile's types: every key of the specification, its default and its kind; and the schema and tables generated from them."""

import copy
import json
import pickle
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from pytest_ssb.configschema import json_schema, tables
from pytest_ssb.keys import keys_of
from pytest_ssb.profiles import Buckets, Declaration, Profile, Waiver
from pytest_ssb.selectors import Entries, Selectors

ROOT = Path(__file__).parent.parent
SCHEMA = ROOT / "pytest_ssb" / "schemas" / "ssb.schema.json"
KEYS = {key.path: key for key in keys_of(Profile)}

# path: (default, kind)
SPECIFIED: dict[str, tuple[Any, str]] = {
    "aws_profile": (None, "-"),
    "role_arn": (None, "-"),
    "role_name": (None, "-"),
    "external_id": (None, "-"),
    "role_session_name": ("pytest-ssb", "-"),
    "accounts": (None, "s"),
    "exclude_accounts": ((), "s"),
    "organization": (False, "s"),
    "organization_profile": (None, "s"),
    "log_archive_profile": (None, "s"),
    "payer_profile": (None, "s"),
    "regions": (None, "s"),
    "denied_regions": ((), "d"),
    "environment": ("production", "d"),
    "extended": (False, "t"),
    "own_checks": ((), "s"),
    "contacts.distribution_lists": (None, "d"),
    "contacts.personal_addresses": ((), "d"),
    "people.console_users": (None, "d"),
    "people.person_tag": (None, "d"),
    "people.break_glass_users": ((), "d"),
    "people.service_users": ((), "d"),
    "people.allowed_direct_policies": (("IAMUserChangePassword",), "d"),
    "people.require_federation": (False, "t"),
    "root.recent_use_days": (7, "t"),
    "root.uses": ((), "d"),
    "password_policy.min_length": (14, "t"),
    "password_policy.non_alphabetic": (True, "t"),
    "password_policy.reuse": (5, "t"),
    "password_policy.max_age_days": (None, "t"),
    "password_policy.always": (False, "t"),
    "trust.accounts": ((), "d"),
    "trust.organizations": ((), "d"),
    "trust.canonical_users": ((), "d"),
    "trust.networks": ((), "d"),
    "trust.cidrs": ((), "d"),
    "trust.strict_confused_deputy": (False, "t"),
    "trails.require_read_events": (True, "t"),
    "trails.exclude_kms_in_preproduction": (False, "t"),
    "trails.log_readers": (None, "d"),
    "trails.log_retention_days": (91, "t"),
    "trails.accept_object_lock": (True, "t"),
    "buckets.public": ((), "d"),
    "buckets.sensitive": (None, "s"),
    "buckets.use_macie": (True, "s"),
    "buckets.data_events": (None, "t"),
    "buckets.vpc_only": ((), "s"),
    "network.public_resources": ((), "d"),
    "network.public_subnets": ((), "d"),
    "network.private_subnets": ((), "s"),
    "network.public_security_groups": ((), "d"),
    "network.public_ports": ((80, 443), "t"),
    "network.database_cidrs": ((), "d"),
    "network.endpoint_services": (None, "s"),
    "network.endpoint_vpcs": ((), "d"),
    "network.reserved": ((), "d"),
    "network.require_waf": (False, "t"),
    "compute.bastions": (
        (
            "tag:Name=*bastion*",
            "tag:Name=*ssh-gateway*",
            "tag:Name=*sshgateway*",
            "tag:Name=*jumpbox*",
            "tag:Name=*jump-box*",
            "tag:Name=*jumphost*",
            "tag:Name=*jump-host*",
            "tag:Name=*jumpserver*",
            "tag:Name=*jump-server*",
        ),
        "s",
    ),
    "compute.ami_max_age_days": (180, "t"),
    "encryption.require_customer_managed_keys": (False, "t"),
    "encryption.tls_require_aead": (False, "t"),
    "secrets.harmless_names": ((), "d"),
    "secrets.harmless_values": ((), "d"),
    "secrets.read_parameter_values": (True, "t"),
    "secrets.rotation_max_days": (90, "t"),
    "secrets.scan_max_mb": (50, "t"),
    "secrets.history_commits": (0, "t"),
    "templates.iac_tags": (None, "d"),
    "templates.terraform_state": (None, "d"),
    "guardduty.max_open_days": (7, "t"),
    "guardduty.min_severity": (7.0, "t"),
    "guardduty.pollers": ((), "d"),
    "minutes": ({}, "-"),
    "trusted_advisor.categories": (None, "d"),
    "trusted_advisor.review_days": (31, "t"),
    "repositories": ((), "s"),
    "waivers": ((), "-"),
    "declarations": ((), "-"),
}


def at(profile: Profile, path: str) -> Any:
    value: Any = profile
    for part in path.split("."):
        value = getattr(value, part)
    return value


def test_every_key_has_the_specified_default_and_kind() -> None:
    profile = Profile(name="prod")
    assert {path: (at(profile, path), key.said.kind) for path, key in KEYS.items()} == SPECIFIED


def test_every_list_knows_its_own_key() -> None:
    profile = Profile(name="prod")
    lists = {path: value for path in KEYS if isinstance(value := at(profile, path), Entries)}
    assert {path: value.key for path, value in lists.items()} == {path: path for path in lists}


def test_every_key_says_what_it_means() -> None:
    structs: list[type[msgspec.Struct]] = [Profile, Waiver, Declaration]
    assert [key.path for struct in structs for key in keys_of(struct) if not key.said.text] == []


def test_the_payer_is_reached_through_the_organization_unless_said_otherwise() -> None:
    assert Profile(name="prod", organization_profile="management").payer_profile == "management"
    assert Profile(name="prod", organization_profile="management", payer_profile="billing").payer_profile == "billing"


def test_a_profile_is_frozen_and_shows_its_name_alone() -> None:
    profile = Profile(name="prod", external_id="acme-ssb")
    assert repr(profile) == "Profile('prod')"
    with pytest.raises(AttributeError):
        profile.name = "other"  # type: ignore[misc]


def test_a_profile_survives_copies_and_pickles() -> None:
    profile = Profile(name="prod", buckets=Buckets(public=Selectors(["acme-www"], "buckets.public")))
    for twin in (copy.deepcopy(profile), pickle.loads(pickle.dumps(profile))):
        assert twin == profile
        assert twin.buckets.public.key == "buckets.public"


def test_the_schema_in_the_repository_is_what_the_types_give() -> None:
    assert SCHEMA.read_text() == json.dumps(json_schema(), indent=2) + "\n"


def test_the_tables_in_the_docs_are_what_the_types_give() -> None:
    assert tables() in (ROOT / "docs" / "profiles.md").read_text()


def valid(text: str) -> list[str]:
    """What the schema has against a file; TOML's dates are texts to JSON, as they are to editors."""
    document = json.loads(msgspec.json.encode(tomllib.loads(text)))
    jsonschema.Draft202012Validator.check_schema(json_schema())
    return sorted(error.json_path for error in jsonschema.Draft202012Validator(json_schema()).iter_errors(document))


def test_the_schema_takes_the_example() -> None:
    assert valid((ROOT / "examples" / "ssb.toml").read_text()) == []


WAIVER = '[[profiles.prod.waivers]]\ncheck = "x"\nreason = "y"\nowner = "z"\n'


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("profile = {}", "$"),
        ("[profiles.prod]\nregoins = []", "$.profiles.prod"),
        ('[profiles."a b"]', "$.profiles"),
        ("[profiles.prod]\npassword_policy.min_length = 5", "$.profiles.prod.password_policy.min_length"),
        ("[profiles.prod]\npassword_policy.min_length = true", "$.profiles.prod.password_policy.min_length"),
        ("[profiles.prod]\nextended = 1", "$.profiles.prod.extended"),
        ('[defaults]\nenvironment = "dev"', "$.defaults.environment"),
        ("[defaults]\ntrust.accounts = [111122223333]", "$.defaults.trust.accounts[0]"),
        ('[defaults]\nsecrets.harmless_values = ["abc*"]', "$.defaults.secrets.harmless_values[0]"),
        ('[defaults]\npeople.service_users = { "ses-*" = "" }', "$.defaults.people.service_users['ses-*']"),
        ('[[defaults.repositories]]\npath = "../shop"', "$.defaults.repositories[0]"),
        (WAIVER, "$.profiles.prod.waivers[0]"),
        (WAIVER + 'resource = "a"\nscope = "all"', "$.profiles.prod.waivers[0]"),
    ],
)
def test_the_schema_refuses(text: str, where: str) -> None:
    assert valid(text) == [where]


def test_the_schema_takes_a_waiver() -> None:
    assert valid(WAIVER + f"resource = 'a'\nexpires = {date(2027, 1, 1)}") == []
