"""ACCT.05: require multi-factor authentication (MFA) to log in.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from pytest_ssb import check

MFA_POLICY = (
    '{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","NotAction":["iam:CreateVirtualMFADevice","iam:EnableMFADevice","iam:GetUser",'
    '"iam:ListMFADevices","iam:ResyncMFADevice","sts:GetSessionToken"],"Resource":"*",'
    '"Condition":{{"BoolIfExists":{{"aws:MultiFactorAuthPresent":"false"}}}}}}]}}'
)
# The group may be there already, from another user's turn.
MFA_GROUP = (
    "(aws iam get-group --group-name mfa-required >/dev/null 2>&1 || aws iam create-group --group-name mfa-required) && "
    f"aws iam put-group-policy --group-name mfa-required --policy-name mfa-required --policy-document '{MFA_POLICY}' && "
    "aws iam add-user-to-group --group-name mfa-required --user-name {name}  # better: a role through Identity Center, and no keys"
)
NEW_DEVICE = (
    "aws iam create-virtual-mfa-device --virtual-mfa-device-name {name} --bootstrap-method QRCodePNG --outfile mfa.png && "
    "aws iam enable-mfa-device --user-name {name} --serial-number arn:{partition}:iam::{account}:mfa/{name} "
    "--authentication-code1 FIRST --authentication-code2 SECOND"
)


@check(
    "ACCT.05",
    "ACCT.02",
    on="AWS::::Account",
    severity="critical",
    fix="# no command does it: sign in to the console as root; account menu, Security credentials, Assign MFA device (two of them). "
    "In a member account of an organization root needs no credentials: in the management account, aws iam enable-organizations-root-credentials-management, "
    "then IAM, Root access management, delete them",
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/enable-mfa-for-root.html",),
)
def test_root_mfa_enabled(audit, root_user):
    """The root user has MFA."""
    with audit(root_user):
        audit.saw(AccountMFAEnabled=int(root_user.mfa))
        if not root_user.exists:
            audit.not_applicable("nobody signs in as root in AWS GovCloud (US)")
        if not root_user.mfa and not root_user.credentials:
            audit.not_applicable(f"root has neither password nor access keys ({root_user.seen})")
        audit.note(f"MFA by {root_user.device}")
        assert root_user.mfa, f"no MFA, and root has {' and '.join(root_user.credentials)}"


@check(
    "ACCT.05",
    on="AWS::IAM::User",
    severity="critical",
    fix=NEW_DEVICE + "  # or, for who does not sign in: aws iam delete-login-profile --user-name {name}",
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable.html",),
)
def test_iam_console_user_mfa(audit, iam_sign_ins, iam_users, iam_unprivileged_users):
    """Every user with a password has MFA."""
    for user in iam_sign_ins:
        with audit(user):
            audit.saw(password_enabled=user.password, mfa_active=user.mfa)
            if not user.password:
                audit.not_applicable(f"no password ({user.seen})")
            if user.arn in iam_unprivileged_users:
                audit.severity("high")
            audit.note(f"MFA is active ({user.seen})")
            assert user.mfa, f"a password and no MFA ({user.seen})"
    # Without the list of users, whoever is newer than the report would be passed over: then this raises.
    if not iam_users and not iam_sign_ins:
        audit.nothing("no IAM users")


@check(
    "ACCT.05",
    on="AWS::IAM::User",
    severity="medium",
    facts=("people.console_users", "people.person_tag", "people.service_users"),
    fix=f"{NEW_DEVICE} && {MFA_GROUP}",
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html",),
)
def test_iam_privileged_key_user_mfa(audit, ssb_profile, iam_users, iam_key_holders, iam_rights):
    """Every person whose access keys alone carry elevated rights has MFA, and the user's policies ask for it."""
    people = ssb_profile.people
    for user in iam_users:
        with audit(user):
            holds, person, machine = iam_key_holders[user.arn], user.is_person(people), people.service_users.match(user.arn, user.tag)
            audit.saw(password_enabled=holds.password, access_key_active=holds.key, mfa_active=holds.mfa)
            if holds.password:
                audit.not_applicable(f"has a password ({holds.seen})")
            if not holds.key:
                audit.not_applicable(f"no active access key ({holds.seen})")
            action = iam_rights.elevated(user)
            if action is None:
                audit.not_applicable("no elevated rights: the policies allow reading, and the care of the user's own credentials")
            unasked = iam_rights.elevated_without_mfa(user)
            if holds.mfa and unasked is None:
                audit.note(f"has MFA, and the policies ask for it ({holds.seen})")
            elif machine is not None:
                audit.declared("people.service_users", machine)
                audit.not_applicable("a machine's user")
            elif not person:
                audit.manual(f"are these access keys, which allow {action}, a person's (people.console_users) or a machine's (people.service_users)?")
            if holds.mfa:
                audit.fix(MFA_GROUP)
            assert holds.mfa, f"access keys that allow {action}, and no MFA ({holds.seen})"
            assert unasked is None, f"access keys that allow {unasked} without MFA: no policy asks for aws:MultiFactorAuthPresent"
    if not iam_users:
        audit.nothing("no IAM users")


@check(
    "ACCT.05",
    "ACCT.03",
    on="AWS::IAM::SAMLProvider",
    severity="high",
    key=True,
    fix="# no API sets it. Identity Center: Settings, Authentication, MFA at every sign-in, block who has no device; else the provider's own policy",
    references=("https://docs.aws.amazon.com/singlesignon/latest/userguide/mfa-getting-started.html",),
)
def test_idp_enforces_mfa(audit, trusted_saml_providers):
    """Every identity provider through which people sign in asks for MFA."""
    for provider in trusted_saml_providers:
        with audit(provider):
            audit.saw(RoleName=provider.roles)
            opens = f"it opens {len(provider.roles)} of the account's roles{', one that may do everything: critical' if provider.administers else ''}"
            audit.manual(f"does this identity provider ask for MFA at every sign-in? ({opens})")
    if not trusted_saml_providers:
        audit.nothing("no role that people assume through a SAML provider")
