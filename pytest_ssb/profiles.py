"""What the user says of an account: the keys of the config file as types, each with its default, kind and meaning.

`None` is "unset", which differs from an empty list. The config file's own rules (what is refused, and how it is said) are in `configfile`.
"""

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pytest_ssb.keys import (
    AccountId,
    AccountWord,
    Address,
    Arn,
    AwsProfile,
    Bucket,
    CanonicalUser,
    Category,
    Cidr,
    CountOrZero,
    ExternalId,
    FilePath,
    Glob,
    Label,
    Named,
    NetworkId,
    OrganizationId,
    PolicyName,
    Port,
    Positive,
    ProfileName,
    Reader,
    Region,
    RoleArn,
    RoleName,
    Selector,
    SessionName,
    TagKey,
    TagSelector,
    Text,
    key,
)
from pytest_ssb.selectors import Addresses, BucketPlaces, Cidrs, Globs, HiddenGlobs, Names, Paths, Selectors, SelectorTable

BASTIONS = (
    *(f"tag:Name=*{word}*" for word in ("bastion", "ssh-gateway", "sshgateway")),
    *(f"tag:Name=*jump{dash}{what}*" for what in ("box", "host", "server") for dash in ("", "-")),
)


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the config file."""


class RootUse(Table, frozen=True, kw_only=True):
    """A planned use of the root user, by password or key; it covers its UTC day."""

    on: Annotated[date, key("d", "the day", was="date")]
    why: Annotated[Text, key("d", "what root is needed for")]
    by: Annotated[Text, key("d", "who plans it")]

    @property
    def label(self) -> str:
        """How it is named to people, and recorded by who uses it: by its day."""
        return self.on.isoformat()


class Repository(Table, frozen=True, kw_only=True):
    """A checkout or bare clone."""

    path: Annotated[FilePath, key("s", "a checkout or bare clone, relative to the file; scanned once, however many accounts there are")]
    holds: Annotated[Literal["application", "security", "infrastructure"], key("d", "what lies in it")]
    scanner: Annotated[Text | None, key("d", "a hosted secret scanner that leaves no file in it")] = None
    folder: str = ""  # of the file, to which `path` is relative


class Waiver(Table, frozen=True, kw_only=True):
    """An accepted exception: what it covers, why, who answers for it and until when. It turns FAIL into WAIVED, and nothing else."""

    control: Annotated[Text | None, key("-", "the control, such as `ACCT.08`; this, `check`, or both")] = None
    check: Annotated[Text | None, key("-", "the check, such as `bucket_not_public`")] = None
    resource: Annotated[Selector | None, key("-", "which resources: a selector without `tag:`; this or `scope`")] = None
    scope: Annotated[Literal["all"] | None, key("-", "`all`: whatever the resource")] = None
    account: Annotated[Text | None, key("-", "glob of the account id")] = None
    region: Annotated[Text | None, key("-", "glob of the region; `-`: findings without region")] = None
    item: Annotated[Text | None, key("-", "glob of the item, where a resource has several")] = None
    reason: Annotated[Text, key("-", "why it is accepted")]
    owner: Annotated[Text, key("-", "who answers for it")]
    expires: Annotated[date | None, key("-", "its last day (UTC); required where the check can give critical or high")] = None
    place: str = ""  # where it is written, for people

    @property
    def matching(self) -> tuple[str | None, ...]:
        """The fields that say which findings it covers; two waivers may not have the same."""
        return (self.control, self.check, self.account, self.region, self.item, self.resource, self.scope)


class Declaration(Table, frozen=True, kw_only=True):
    """The dated, signed answer to one MANUAL question. It touches neither FAIL nor ERROR."""

    check: Annotated[Text, key("-", "the check that asks")]
    resource: Annotated[Selector, key("-", "which resources: a selector without `tag:`; by default the account itself")] = "arn:*:account::*:account"
    account: Annotated[Text | None, key("-", "glob of the account id")] = None
    region: Annotated[Text | None, key("-", "glob of the region; `-`: findings without region")] = None
    item: Annotated[Text | None, key("-", "glob of the item, where a resource has several")] = None
    statement: Annotated[Text, key("-", "the answer")]
    by: Annotated[Text, key("-", "who gives it")]
    on: Annotated[date, key("-", "when it was given; not in the future")]
    review_by: Annotated[date, key("-", "the last day it counts; after `on`")]
    evidence: Annotated[Text | None, key("-", "a link or text that supports it")] = None
    place: str = ""  # where it is written, for people


class Contacts(Table, frozen=True, kw_only=True):
    """Who reads AWS's mail."""

    distribution_lists: Annotated[Addresses | None, key("d", "addresses that several people read; `+tag` may stand in the address", each=Address)] = (
        None
    )
    personal_addresses: Annotated[Addresses, key("d", "addresses of one person: FAIL, also where a list matches", each=Address)] = Addresses(
        key="contacts.personal_addresses"
    )


class People(Table, frozen=True, kw_only=True):
    """Who signs in, and what is a machine."""

    console_users: Annotated[Selectors | None, key("d", "the personal IAM users; `[]`: nobody signs in here", each=Selector)] = None
    person_tag: Annotated[TagKey | None, key("d", "the tag that names a user's person")] = None
    break_glass_users: Annotated[Selectors, key("d", "emergency users", each=Selector)] = Selectors(key="people.break_glass_users")
    service_users: Annotated[SelectorTable, key("d", "machine users: a table selector = reason", each=Selector)] = SelectorTable(
        key="people.service_users"
    )
    allowed_direct_policies: Annotated[Names, key("d", "names or ARNs of policies that may hang on a user", each=PolicyName)] = Names(
        ["IAMUserChangePassword"], key="people.allowed_direct_policies"
    )
    require_federation: Annotated[bool, key("t", "IAM passwords beside an identity provider FAIL")] = False


class Root(Table, frozen=True, kw_only=True):
    """Use of the root user."""

    recent_use_days: Annotated[Positive, key("t", "how many days a use counts as recent", was="root_recent_use_days")] = 7
    uses: Annotated[tuple[RootUse, ...], key("d", "planned uses, each `{ on, why, by }`; one covers its UTC day", was="root_use")] = ()


class PasswordPolicy(Table, frozen=True, kw_only=True):
    """What the account's password policy must ask."""

    min_length: Annotated[int, Meta(ge=6, le=128), key("t", "least length")] = 14
    non_alphabetic: Annotated[bool, key("t", "ask for a digit or symbol")] = True
    reuse: Annotated[int, Meta(ge=1, le=24), key("t", "passwords remembered")] = 5
    max_age_days: Annotated[Positive | None, key("t", "longest age; unset: no expiry asked")] = None
    always: Annotated[bool, key("t", "judge the policy also where no user has a password")] = False


class Trust(Table, frozen=True, kw_only=True):
    """Who outside the account may get in."""

    accounts: Annotated[Names, key("d", "foreign accounts that may get in: vendors", each=AccountId, was="trusted_accounts")] = Names(
        key="trust.accounts"
    )
    organizations: Annotated[Names, key("d", "foreign organizations; the own one is read", each=OrganizationId, was="trusted_organizations")] = Names(
        key="trust.organizations"
    )
    canonical_users: Annotated[Names, key("d", "S3 grantees in ACLs and policies", each=CanonicalUser, was="trusted_canonical_users")] = Names(
        key="trust.canonical_users"
    )
    networks: Annotated[Names, key("d", "VPCs and endpoints that are ours, but not seen from this account", each=NetworkId)] = Names(
        key="trust.networks"
    )
    cidrs: Annotated[Cidrs, key("d", "public ranges wider than /16 that are ours", each=Cidr)] = Cidrs(key="trust.cidrs")
    strict_confused_deputy: Annotated[bool, key("t", "a service principal without a condition on its source FAILs")] = False


class Trails(Table, frozen=True, kw_only=True):
    """CloudTrail and its buckets."""

    require_read_events: Annotated[bool, key("t", "false accepts a production trail of writes only")] = True
    exclude_kms_in_preproduction: Annotated[bool, key("t", "KMS events in a preproduction trail FAIL")] = False
    log_readers: Annotated[Globs | None, key("d", "who may read the logs: ARN globs, account ids", each=Reader)] = None
    log_retention_days: Annotated[Positive, key("t", "how many days logs must live")] = 91
    accept_object_lock: Annotated[bool, key("t", "Object Lock, or a Deny on deletion, instead of MFA Delete")] = True


class Buckets(Table, frozen=True, kw_only=True):
    """What lies in which bucket."""

    public: Annotated[
        Selectors, key("d", "public on purpose, for reading; never a trail bucket, never for writing", each=Selector, was="public_buckets")
    ] = Selectors(key="buckets.public")
    sensitive: Annotated[
        BucketPlaces | None,
        key(
            "s",
            "hold sensitive data: selectors, or `name/prefix`; a plain name that is not ours FAILs",
            each=Bucket,
            was=("sensitive_buckets", "sensitive_bucket_tag"),
        ),
    ] = None
    use_macie: Annotated[bool, key("s", "add the buckets in which Macie found sensitive data")] = True
    data_events: Annotated[Literal["all", "read", "write"] | None, key("t", "what must be logged; unset: reads or writes suffice")] = None
    vpc_only: Annotated[Selectors, key("s", "may be reached through an endpoint only", each=Selector, was="vpc_only_buckets")] = Selectors(
        key="buckets.vpc_only"
    )


class Network(Table, frozen=True, kw_only=True):
    """What faces the internet, and what must not."""

    public_resources: Annotated[
        Selectors, key("d", "face the internet on purpose: a VPN, a webhook's function", each=Selector, was="public_instances_allowed")
    ] = Selectors(key="network.public_resources")
    public_subnets: Annotated[Selectors, key("d", "not private, whatever their tags say", each=Selector)] = Selectors(key="network.public_subnets")
    private_subnets: Annotated[Selectors, key("s", "must be private; tags of deployment tools add to it", each=Selector)] = Selectors(
        key="network.private_subnets"
    )
    public_security_groups: Annotated[Selectors, key("d", "may admit the world on `public_ports`", each=Selector)] = Selectors(
        key="network.public_security_groups"
    )
    public_ports: Annotated[tuple[Port, ...], key("t", "web ports of public load balancers and groups")] = (80, 443)
    database_cidrs: Annotated[Cidrs, key("d", "ranges (office, VPN) that may reach databases", each=Cidr, was="database_allowed_cidrs")] = Cidrs(
        key="network.database_cidrs"
    )
    endpoint_services: Annotated[
        Names | None, key("s", "services that each VPC in use must reach by endpoint", each=Label, was="vpc_endpoint_services")
    ] = None
    endpoint_vpcs: Annotated[Selectors, key("d", "VPCs whose endpoints other VPCs share", each=Selector)] = Selectors(key="network.endpoint_vpcs")
    reserved: Annotated[
        Selectors,
        key(
            "d",
            "unused but kept: VPCs, subnets, groups",
            each=Selector,
            was=("reserved_vpcs", "reserved_subnets", "reserved_security_groups", "reserved_resources", "keep_tags"),
        ),
    ] = Selectors(key="network.reserved")
    require_waf: Annotated[bool, key("t", "public edges without a web ACL FAIL")] = False


class Compute(Table, frozen=True, kw_only=True):
    """Instances and their images."""

    bastions: Annotated[Selectors, key("s", "what looks like a bastion; a name alone never FAILs", each=Selector, was="bastion_patterns")] = (
        Selectors(BASTIONS, key="compute.bastions")
    )
    ami_max_age_days: Annotated[Positive, key("t", "older images must be managed and have a current agent")] = 180


class Encryption(Table, frozen=True, kw_only=True):
    """Keys and ciphers."""

    require_customer_managed_keys: Annotated[bool, key("t", "AWS's own keys FAIL")] = False
    tls_require_aead: Annotated[bool, key("t", "GCM and ChaCha20 only")] = False


class Secrets(Table, frozen=True, kw_only=True):
    """What is a secret, and how old it may be."""

    harmless_names: Annotated[HiddenGlobs, key("d", "variable names that hold no secret", each=Glob, was="secret_allow_names")] = HiddenGlobs(
        key="secrets.harmless_names"
    )
    harmless_values: Annotated[
        HiddenGlobs, key("d", "values that look like secrets and are none; never write a real one here", each=Glob, was="secret_allow_patterns")
    ] = HiddenGlobs(key="secrets.harmless_values")
    read_parameter_values: Annotated[bool, key("t", "read plain parameters; false: judge them by name, else MANUAL")] = True
    rotation_max_days: Annotated[Positive, key("t", "where a secret's schedule says nothing", was="secret_rotation_max_days")] = 90
    scan_max_mb: Annotated[Positive, key("t", 'read per repository; the rest is ERROR "not scanned"', was="repository_scan_max_mb")] = 50
    history_commits: Annotated[CountOrZero, key("t", "commits read back; 0: MANUAL", was="repository_history_commits")] = 0


class Templates(Table, frozen=True, kw_only=True):
    """What a deployment tool manages."""

    iac_tags: Annotated[Selectors | None, key("d", "`tag:` selectors of tags that a deployment tool writes", each=TagSelector)] = None
    terraform_state: Annotated[Paths | None, key("d", "files of `terraform show -json`; only addresses, ids and ARNs are kept", each=FilePath)] = None


class Guardduty(Table, frozen=True, kw_only=True):
    """How findings of GuardDuty are answered."""

    max_open_days: Annotated[Positive, key("t", "how many days a finding may stay open", was="guardduty_max_open_days")] = 7
    min_severity: Annotated[float, Meta(ge=1, le=10), key("t", "from which severity on", was="guardduty_min_severity")] = 7.0
    pollers: Annotated[Globs, key("d", "ARN globs of roles of a system that fetches findings; such a role must exist", each=Arn)] = Globs(
        key="guardduty.pollers"
    )


class TrustedAdvisor(Table, frozen=True, kw_only=True):
    """Which of Trusted Advisor's checks count."""

    categories: Annotated[
        Names | None, key("d", "categories judged, as the API spells them; unset or `[]`: all", each=Category, was="trusted_advisor_categories")
    ] = None
    review_days: Annotated[Positive, key("t", "how many days a declared review counts", was="trusted_advisor_review_days")] = 31


class Profile(Table, frozen=True, kw_only=True):
    """An account, or several that share their facts: how it is reached, what it is for, and what its owner says of it."""

    name: str
    given: frozenset[str] = frozenset()  # the dotted keys that the file gives, here or in its defaults: what else holds is our default
    configured: frozenset[str] = frozenset()  # the accounts that the profiles of the file reach, as far as it names them
    aws_profile: Annotated[AwsProfile | None, key("-", "named profile of the AWS config files; unset: botocore's credential chain")] = None
    role_arn: Annotated[RoleArn | None, key("-", "role assumed first")] = None
    role_name: Annotated[RoleName | None, key("-", "role, with its path, assumed in each of `accounts`")] = None
    external_id: Annotated[ExternalId | None, key("-", "given with every role assumed")] = None
    role_session_name: Annotated[SessionName, key("-", "given with every role assumed")] = "pytest-ssb"
    accounts: Annotated[
        Names | None,
        key("s", "account ids; with `organization` also name globs, `tag:K=V`, `ou:ID`, `ou:Path/Of/Names`; unset or `[]`: all", each=AccountWord),
    ] = None
    exclude_accounts: Annotated[Names, key("s", "taken away again; only with `organization`", each=AccountWord)] = Names(key="exclude_accounts")
    organization: Annotated[bool, key("s", "list the organization's active accounts from here")] = False
    organization_profile: Annotated[ProfileName | None, key("s", "profile that reaches the management or a delegated administrator account")] = None
    log_archive_profile: Annotated[ProfileName | None, key("s", "profile that reaches the account which owns the trail buckets")] = None
    payer_profile: Annotated[
        ProfileName | None, key("s", "profile that reaches the paying account; unset: `organization_profile`", was="budgets_payer_profile")
    ] = None
    regions: Annotated[Names | None, key("s", "regions to judge; unset or `[]`: all that are enabled", each=Region)] = None
    denied_regions: Annotated[Names, key("d", "regions that an SCP denies on purpose", each=Region)] = Names(key="denied_regions")
    environment: Annotated[Literal["production", "preproduction"], key("d", "what the account is for; unset never relaxes")] = "production"
    extended: Annotated[bool, key("t", "also judge what goes beyond the guide")] = False
    own_checks: Annotated[Names, key("s", "folders of the user's own checks, run with ours", each=FilePath)] = Names(key="own_checks")
    contacts: Contacts = Contacts()
    people: People = People()
    root: Root = Root()
    password_policy: PasswordPolicy = PasswordPolicy()
    trust: Trust = Trust()
    trails: Trails = Trails()
    buckets: Buckets = Buckets()
    network: Network = Network()
    compute: Compute = Compute()
    encryption: Encryption = Encryption()
    secrets: Secrets = Secrets()
    templates: Templates = Templates()
    guardduty: Guardduty = Guardduty()
    trusted_advisor: TrustedAdvisor = TrustedAdvisor()
    repositories: Annotated[tuple[Repository, ...], key("s", "checkouts to look at, each `{ path, holds, scanner }`")] = ()
    minutes: Annotated[
        dict[Named, Positive], key("-", "how long it takes to mend what a control or check finds, where reports rank what to do first")
    ] = {}
    waivers: Annotated[tuple[Waiver, ...], key("-", "accepted exceptions")] = ()
    declarations: Annotated[tuple[Declaration, ...], key("-", "answers to MANUAL questions")] = ()

    def __post_init__(self) -> None:
        """Let the organization's profile reach the payer where nothing else is said."""
        if self.payer_profile is None:
            msgspec.structs.force_setattr(self, "payer_profile", self.organization_profile)

    @property
    def several(self) -> bool:
        """Whether it has several accounts, of which each stands in the ids of its tests: also where there is one of them."""
        return self.organization or bool(self.accounts)

    @property
    def reaches(self) -> frozenset[str]:
        """The ids of the accounts that it reaches, as far as the file names them."""
        named = frozenset(filter(str.isdecimal, self.accounts or ()))
        return named or (frozenset({self.role_arn.split(":")[4]}) if self.role_arn and not self.accounts else frozenset())

    def __repr__(self) -> str:
        # A profile may stand in a traceback or a test's parameter: its name says enough, and no external id is shown.
        return f"Profile({self.name!r})"
