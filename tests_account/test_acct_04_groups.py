"""ACCT.04: assign permissions by using IAM user groups.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from typing import Any

from pytest_ssb import check

NAMED = " --policy-document file://named-actions.json  # in which the actions are named; IAM Access Analyzer writes one from what was used"
IN_USER = f"aws iam put-user-policy --user-name {{name}} --policy-name {{policy}}{NAMED}"
IN_GROUP = f"aws iam put-group-policy --group-name {{name}} --policy-name {{policy}}{NAMED}"
QUARANTINE = (
    "aws iam list-access-keys --user-name {name}  # AWS found one of them in public: deactivate and delete it, look in CloudTrail what it did, "
    "then detach the policy"
)


def moved(user: Any) -> tuple[str, dict[str, str]]:
    """The command that moves a user's own policies to a group of which the user is the first member, so that nothing is lost and nobody else gains."""
    values = {"group": f"{user.user_name}-policies"}
    give, take = [], []
    for at, each in enumerate(user.user_policy_list):
        values[f"inline{at}"] = each.policy_name
        document = f'"$(aws iam get-user-policy --user-name {{name}} --policy-name {{inline{at}}} --query PolicyDocument --output json)"'
        give.append(f"aws iam put-group-policy --group-name {{group}} --policy-name {{inline{at}}} --policy-document {document}")
        take.append(f"aws iam delete-user-policy --user-name {{name}} --policy-name {{inline{at}}}")
    for at, each in enumerate(user.attached_managed_policies):
        values[f"attached{at}"] = each.policy_arn
        give.append(f"aws iam attach-group-policy --group-name {{group}} --policy-arn {{attached{at}}}")
        take.append(f"aws iam detach-user-policy --user-name {{name}} --policy-arn {{attached{at}}}")
    steps = ["aws iam create-group --group-name {group}", *give, "aws iam add-user-to-group --group-name {group} --user-name {name}", *take]
    return f"{' && '.join(steps)}  # better: a group that is there for the user's work", values


@check(
    "ACCT.04",
    on="AWS::IAM::User",
    severity="critical",
    facts=("people.allowed_direct_policies", "people.service_users"),
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html",),
)
def test_iam_user_no_direct_policies(audit, ssb_profile, iam_users, iam_passwordless_users):
    """No user has policies of its own: rights come from groups."""
    people = ssb_profile.people
    for user in iam_users:
        with audit(user):
            quarantined = [each.policy_name for each in user.attached_managed_policies if each.policy_name.startswith("AWSCompromisedKeyQuarantine")]
            if quarantined:
                audit.fix(QUARANTINE)
            assert not quarantined, f"AWS found an access key of this user in public, and attached {', '.join(quarantined)}"
            audit.severity("low" if user.arn in iam_passwordless_users else "medium")
            machine = people.service_users.match(user.arn, user.tag)
            if machine is not None:
                audit.declared("people.service_users", machine)
                audit.not_applicable("a machine's user")
            direct = [f"{each.policy_name} (inline)" for each in user.user_policy_list]
            for each in user.attached_managed_policies:
                allowed = people.allowed_direct_policies.match(each.policy_name, each.policy_arn)
                if allowed is None:
                    direct.append(each.policy_name)
                else:
                    audit.declared("people.allowed_direct_policies", allowed)
            command, values = moved(user)
            audit.fix(command, **values)
            assert not direct, f"policies of its own: {', '.join(direct)}"
    if not iam_users:
        audit.nothing("no IAM users")


@check(
    "ACCT.04",
    on="AWS::IAM::User",
    severity="low",
    facts=("people.service_users",),
    fix="aws iam add-user-to-group --user-name {name} --group-name GROUP  # one for the user's work; aws iam list-groups shows what there is",
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html",),
)
def test_iam_user_in_group(audit, ssb_profile, iam_users, iam_group_candidates, iam_rights):
    """Every user who can do something is in a group that has a policy."""
    for user in iam_users:
        with audit(user):
            machine = ssb_profile.people.service_users.match(user.arn, user.tag)
            if machine is not None:
                audit.declared("people.service_users", machine)
                audit.not_applicable("a machine's user")
            holds = iam_group_candidates[user.arn]
            audit.saw(password_enabled=holds.password, access_key_active=holds.key, GroupList=user.group_list)
            if not holds.password and not holds.key:
                audit.not_applicable(f"neither a password nor an active access key ({holds.seen})")
            group = iam_rights.granted_by(user)
            audit.note(f"in the group {group}")
            assert group is not None, f"in no group that has a policy ({holds.seen})"
    if not iam_users:
        audit.nothing("no IAM users")


@check(
    "ACCT.04",
    on="AWS::IAM::ManagedPolicy",
    severity="critical",
    fix=f"aws iam create-policy-version --policy-arn {{arn}} --set-as-default{NAMED}",
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-policy-generation.html",
    ),
)
def test_iam_custom_policy_least_privilege(audit, iam_custom_grants):
    """No policy of the account's own lets users or groups take every right."""
    for each in iam_custom_grants:
        with audit(each, item=each.item, type=each.type):
            grant = each.grant
            audit.severity("critical" if grant.leaks else "high")
            audit.note("lets nobody take every right" + (f"; of {', '.join(grant.services)} it allows all" if grant.services else ""))
            if each.item is not None:
                audit.fix(IN_USER if each.type == "AWS::IAM::User" else IN_GROUP, policy=each.item)
            by, condition = grant.unlimited or ("", None)
            said = [*(["its condition"] if condition else []), *(["a permissions boundary"] if grant.bounded else [])]
            narrowed = f"; {' and '.join(said)} may narrow that, and does not make it least privilege" if said else ""
            assert grant.unlimited is None, f"allows {by} on all that there is, by which its holder can take every right{narrowed}"
    if not iam_custom_grants:
        audit.nothing("no policy of the account's own is in use by a user or group")
