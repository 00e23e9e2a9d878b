"""ACCT.03: configure console access for each user.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

import re

from pytest_ssb import check

# Words in a name that several people, or none, may stand behind.
SHARED = {"admin", "common", "dev", "generic", "ops", "shared", "team", "test"}
PERSON = ("people.break_glass_users", "people.console_users", "people.person_tag", "people.service_users")
DELETE_PROFILE = "aws iam delete-login-profile --user-name {name}"


@check(
    "ACCT.03",
    on="AWS::::Account",
    severity="low",
    facts=("people.console_users",),
    fix="# IAM Identity Center: enable it, add the people, assign them to the account. Or for each person: "
    "aws iam create-user --user-name PERSON && aws iam create-login-profile --user-name PERSON --password FIRST_PASSWORD --password-reset-required",
    references=("https://docs.aws.amazon.com/singlesignon/latest/userguide/getting-started.html",),
)
def test_console_identity_exists(audit, ssb_profile, ways_in):
    """People other than root can sign in to the console."""
    users = ssb_profile.people.console_users
    with audit(audit.target()):
        if users is not None and not users:
            audit.declared("people.console_users", "[]")
            audit.not_applicable("nobody signs in here")
        best = ways_in.best(console=True)
        if ways_in.best() is None:
            audit.judged_by("non_root_administrator_exists")
        audit.note(f"{best} signs in")
        assert best is not None, "nobody but root signs in: no user has a password, and no role is people's"


@check(
    "ACCT.03",
    on="AWS::IAM::User",
    severity="low",
    key=True,
    facts=PERSON,
    fix=f"{DELETE_PROFILE}  # and for each of the people behind it, aws iam create-user, or better Identity Center; if it is one person's, say so in people",
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_create.html",),
)
def test_iam_user_is_personal(audit, ssb_profile, iam_console_users):
    """Every user with a password is one person's, and no machine's."""
    people = ssb_profile.people
    of_person: dict[str, list[str]] = {}
    for each in iam_console_users:
        with audit(each):
            audit.saw(password_enabled=each.password)
            if not each.password:
                audit.not_applicable(f"no password ({each.seen})")
            user = each.user
            machine = people.service_users.match(user.arn, user.tag)
            if machine is not None:
                audit.fix(DELETE_PROFILE)
            assert machine is None, f"a machine's user (people.service_users = {machine}), with a password ({each.seen})"
            emergency = people.break_glass_users.match(user.arn, user.tag)
            if emergency is not None:
                audit.declared("people.break_glass_users", emergency)
                audit.not_applicable("an emergency user")
            person = user.person(people)
            if person is not None:
                audit.declared(*person)
                others = of_person.setdefault(user.tag.get(people.person_tag or "", "").strip() or user.arn, [])
                audit.note("one person's user" + (f", who is also behind {', '.join(others)}" if others else ""))
                others.append(user.user_name)
            elif people.console_users is None and people.person_tag is None:
                words = sorted(SHARED & set(re.split("[^a-z]+", user.user_name.lower())))
                doubt = f"; {', '.join(words)} in its name says otherwise" if words else ""
                audit.manual(f"is this user one person's (people.console_users, or a tag and people.person_tag){doubt}?")
            lacks = [
                *(["is not among people.console_users"] if people.console_users is not None else []),
                *([f"lacks the tag {people.person_tag} (people.person_tag)"] if people.person_tag is not None else []),
            ]
            assert person is not None, f"{' and '.join(lacks)}, and has a password ({each.seen})"
    if not iam_console_users:
        audit.nothing("no IAM users")


@check(
    "ACCT.03",
    on="AWS::::Account",
    severity="low",
    facts=("people.break_glass_users", "people.require_federation"),
    fix="# IAM Identity Center: enable it, add the people, assign them to the account; then, for each user whom nobody needs in an emergency: "
    "aws iam delete-login-profile --user-name USER",
    references=("https://docs.aws.amazon.com/singlesignon/latest/userguide/getting-started.html",),
)
def test_federated_console_access(audit, ssb_profile, trusted_saml_providers, iam_password_users):
    """People sign in through an identity provider, and not as IAM users."""
    people = ssb_profile.people
    with audit(audit.target()):
        roles = [role for provider in trusted_saml_providers for role in provider.roles]
        beside = []
        for each in iam_password_users:
            emergency = people.break_glass_users.match(each.user.arn, each.user.tag) if each.password else None
            if emergency is not None:
                audit.declared("people.break_glass_users", emergency)
            elif each.password:
                beside.append(f"{each.user.user_name} ({each.seen})")
        audit.note(f"through {', '.join(sorted(set(roles)))}, and no other user has a password")
        if (beside or not roles) and not people.require_federation:
            audit.not_applicable("federation is better, and not asked for (people.require_federation): IAM users will do")
        assert roles, "no role that people assume through an identity provider"
        assert not beside, f"a password beside the identity provider: {', '.join(beside)}"
