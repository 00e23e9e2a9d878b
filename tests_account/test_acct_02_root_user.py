"""ACCT.02: restrict use of the root user.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from pytest_ssb import check


@check(
    "ACCT.02",
    on="AWS::::Account",
    severity="critical",
    fix="# no command does it: sign in to the console as root, set up MFA in the same session; account menu, Security credentials: look when each key "
    "was last used, deactivate it, wait a day, delete it, and delete signing certificates. In a member account of an organization, in the management "
    "account: IAM, Root access management, delete root's credentials",
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user_manage_delete-key.html",),
)
def test_root_no_programmatic_credentials(audit, root_keys):
    """The root user has neither access keys nor signing certificates."""
    with audit(root_keys):
        audit.saw(AccountAccessKeysPresent=root_keys.access_keys, AccountSigningCertificatesPresent=root_keys.signing_certificates)
        found = [
            *([f"access keys, active or not, which can be activated again ({root_keys.known})"] if root_keys.access_keys else []),
            *(["signing certificates"] if root_keys.signing_certificates else []),
        ]
        assert not found, f"root has {' and '.join(found)}"


@check(
    "ACCT.02",
    on="AWS::::Account",
    severity="high",
    facts=("root.recent_use_days", "root.uses"),
    fix="aws cloudtrail lookup-events --lookup-attributes AttributeKey=Username,AttributeValue=root --max-results 50"
    "  # in the region where root signed in, us-east-1 as a rule: who was it, and what for? From now on, a role or user for that work; "
    "if it was you mending root's credentials, say so in root.uses",
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-tasks.html",),
)
def test_root_not_used_recently(audit, root_uses):
    """The root user has not been used lately, but for what was planned."""
    with audit(root_uses):
        if not root_uses.exists:
            audit.not_applicable("nobody signs in as root in AWS GovCloud (US)")
        if root_uses.by_password_with_mfa:
            audit.severity("medium")
        audit.note(f"last used: {root_uses.latest or 'never, as far as IAM tells'} ({root_uses.seen})")
        for use in root_uses.planned():
            audit.declared("root.uses", use.day)
        young = "" if root_uses.age_of_account is None else f"; the account was made {root_uses.age_of_account} days before"
        used = ", ".join(map(str, root_uses.unplanned))
        assert not used, f"used lately: {used} ({root_uses.seen}{young}); if that was planned, say so in root.uses"


@check(
    "ACCT.02",
    on="AWS::::Account",
    severity="medium",
    fix="aws iam create-group --group-name administrators && "
    "aws iam attach-group-policy --group-name administrators --policy-arn arn:{partition}:iam::aws:policy/AdministratorAccess && "
    "aws iam create-user --user-name YOU && aws iam add-user-to-group --group-name administrators --user-name YOU && "
    "aws iam create-login-profile --user-name YOU --password FIRST_PASSWORD --password-reset-required  # then MFA; better: Identity Center",
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/getting-started-account-iam.html",),
)
def test_non_root_administrator_exists(audit, ways_in):
    """Somebody can get in and work without root, an administrator at best."""
    with audit(audit.target()):
        best = ways_in.best()
        if best is not None:
            audit.saw(Arn=best.arn)
            audit.note(f"{best} may do everything" if best.administers else f"{best} gets in; who administers, if not root, was not seen")
        assert best is not None, "only root gets in: no user with a password, no administrator's access key, no role that people assume"
