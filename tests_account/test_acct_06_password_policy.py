"""ACCT.06: enforce a password policy.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from typing import Any

from pytest_ssb import check

# The complete command, with the account's own values, is made where a policy fails: the call resets whatever it leaves out.
FIX = "aws iam update-account-password-policy --minimum-password-length 14 --password-reuse-prevention 5"
FIX += " --allow-users-to-change-password --require-numbers"
NO_POLICY = "no custom policy; AWS's default asks for 8 characters of three classes, and lets old passwords be used again"
# All of them, whatever a check asks for: the command makes the whole policy.
FACTS = tuple(f"password_policy.{name}" for name in ("always", "max_age_days", "min_length", "non_alphabetic", "reuse"))
REFERENCES = ("https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html",)


def applies(audit: Any, asked: Any, credential_report: Any, password_policy: Any) -> None:
    """End the block where no user has a password that the policy could be about; a policy that could not be read is an error first."""
    audit.fix(password_policy.command(asked))
    if not asked.always and not credential_report.has_passwords():
        audit.not_applicable(f"no IAM user has a password ({credential_report})")


def own(audit: Any, asked: Any, credential_report: Any, password_policy: Any) -> Any:
    """The account's own policy; where there is none, one cause gives one failure: that of password_policy_custom, if it runs."""
    applies(audit, asked, credential_report, password_policy)
    if not password_policy.custom:
        audit.judged_by("password_policy_custom")
    assert password_policy.custom, NO_POLICY
    return password_policy


@check("ACCT.06", on="AWS::::Account", severity="medium", fix=FIX, facts=FACTS, references=REFERENCES)
def test_password_policy_custom(audit, ssb_profile, credential_report, password_policy):
    """The account has a password policy of its own."""
    with audit(audit.target()):
        applies(audit, ssb_profile.password_policy, credential_report, password_policy)
        assert password_policy.custom, NO_POLICY


@check("ACCT.06", on="AWS::::Account", severity="medium", fix=FIX, facts=FACTS, references=REFERENCES)
def test_password_policy_min_length(audit, ssb_profile, credential_report, password_policy):
    """The password policy asks for passwords that are long enough."""
    asked = ssb_profile.password_policy
    with audit(audit.target()):
        policy = own(audit, asked, credential_report, password_policy)
        audit.saw(MinimumPasswordLength=policy.minimum_password_length)
        audit.note(f"asks for {policy.minimum_password_length} characters")
        assert policy.minimum_password_length >= asked.min_length, f"asks for {policy.minimum_password_length} characters, not {asked.min_length}"


@check("ACCT.06", on="AWS::::Account", severity="low", fix=FIX, facts=FACTS, references=REFERENCES)
def test_password_policy_composition(audit, ssb_profile, credential_report, password_policy):
    """The password policy asks for a digit or symbol."""
    asked = ssb_profile.password_policy
    with audit(audit.target()):
        applies(audit, asked, credential_report, password_policy)
        if not asked.non_alphabetic:
            audit.not_applicable("not asked (password_policy.non_alphabetic = false)")
        policy = own(audit, asked, credential_report, password_policy)
        audit.saw(RequireNumbers=policy.require_numbers, RequireSymbols=policy.require_symbols)
        assert policy.require_numbers or policy.require_symbols, "lets passwords be of letters alone"


@check("ACCT.06", on="AWS::::Account", severity="low", fix=FIX, facts=FACTS, references=REFERENCES)
def test_password_policy_reuse(audit, ssb_profile, credential_report, password_policy):
    """The password policy keeps old passwords from being used again."""
    asked = ssb_profile.password_policy
    with audit(audit.target()):
        policy = own(audit, asked, credential_report, password_policy)
        audit.saw(PasswordReusePrevention=policy.password_reuse_prevention)
        audit.note(f"remembers {policy.password_reuse_prevention} passwords")
        assert policy.password_reuse_prevention >= asked.reuse, f"remembers {policy.password_reuse_prevention} passwords, not {asked.reuse}"


@check("ACCT.06", on="AWS::::Account", severity="low", fix=FIX, facts=FACTS, references=REFERENCES)
def test_password_policy_change(audit, ssb_profile, credential_report, password_policy):
    """The password policy lets users change their password, and passwords end in time where that is asked."""
    asked = ssb_profile.password_policy
    with audit(audit.target()):
        policy = own(audit, asked, credential_report, password_policy)
        audit.saw(AllowUsersToChangePassword=policy.allow_users_to_change_password, MaxPasswordAge=policy.max_password_age)
        if policy.hard_expiry:
            audit.note("users can change their password until it expires: then they are locked out (HardExpiry)")
        assert policy.allow_users_to_change_password, "users cannot change their own password"
        if asked.max_age_days is not None:
            assert policy.max_password_age > 0, f"passwords never expire; after {asked.max_age_days} days is asked"
            assert policy.max_password_age <= asked.max_age_days, f"passwords expire after {policy.max_password_age} days, not {asked.max_age_days}"
