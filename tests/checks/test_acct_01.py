"""ACCT.01's checks, each shown to pass, to fail, and at its edges."""

from typing import Any

from botocore.exceptions import ClientError

from pytest_ssb.results import missing_permissions
from tests.support.worlds import ANOTHER, Cloud, Expected, World, built, judge, world
from tests_account import test_acct_01_contacts as suite

LISTS = {"distribution_lists": ["aws-*@example.com"]}
LIST, PERSON = "aws-all@example.com", "ana@example.com"


def contacts(aws: Cloud, **addresses: str) -> None:
    """Name alternate contacts by their kinds."""
    for kind, address in addresses.items():
        aws.client("account").put_alternate_contact(AlternateContactType=kind, EmailAddress=address, Name="A", Title="T", PhoneNumber="+15550100")


def answers(aws: Cloud, **fields: Any) -> None:
    """Let every contact be answered with these fields."""
    aws.simulated.instead("account:GetAlternateContact", lambda region, asked: {"AlternateContact": fields})


def each(aws: Cloud, **wanted: Any) -> Expected:
    return {(aws.account_arn, kind): want for kind, want in wanted.items()}


def organization(aws: Cloud, management: str, address: str = LIST) -> None:
    """The account belongs to an organization that `management` manages."""
    aws.simulated.instead(
        "organizations:DescribeOrganization",
        lambda region, asked: {"Organization": {"Id": "o-abcdefghij", "MasterAccountId": management, "MasterAccountEmail": address}},
    )


# --- alternate_contacts_set ------------------------------------------------------------------------------------------------------------------


@world(suite.test_alternate_contacts_set)
def test_each_contact_that_is_set_passes(aws: Cloud) -> Expected:
    contacts(aws, BILLING="aws-bills@example.com", OPERATIONS="aws-ops@example.com", SECURITY="aws-sec@example.com")
    return each(aws, BILLING=("PASS", "medium"), OPERATIONS=("PASS", "medium"), SECURITY=("PASS", "high"))


@world(suite.test_alternate_contacts_set)
def test_one_address_may_serve_for_all(aws: Cloud) -> Expected:
    contacts(aws, BILLING=LIST, OPERATIONS=LIST, SECURITY=LIST)
    return each(aws, BILLING="PASS", OPERATIONS="PASS", SECURITY="PASS")


@world(suite.test_alternate_contacts_set)
def test_missing_contacts_fail_and_that_for_security_is_worse(aws: Cloud) -> Expected:
    contacts(aws, BILLING=LIST)
    return each(aws, BILLING="PASS", OPERATIONS=("FAIL", "medium", "no such contact"), SECURITY=("FAIL", "high", "no such contact"))


@world(suite.test_alternate_contacts_set)
def test_a_contact_with_a_blank_address_fails(aws: Cloud) -> Expected:
    answers(aws, EmailAddress=" ", Name="Nobody")
    return each(aws, BILLING="FAIL", OPERATIONS="FAIL", SECURITY="FAIL")


@world(suite.test_alternate_contacts_set, regions=("cn-north-1",))
def test_contacts_are_asked_for_in_china_too(aws: Cloud) -> Expected:
    contacts(aws, SECURITY=LIST)
    return each(aws, BILLING="FAIL", OPERATIONS="FAIL", SECURITY="PASS")


@world(suite.test_alternate_contacts_set)
def test_one_contact_that_is_denied_leaves_the_others_judged(aws: Cloud) -> Expected:
    def answer(region: str, asked: Any) -> Any:
        if asked["AlternateContactType"] == "SECURITY":
            return ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "GetAlternateContact")
        return {"AlternateContact": {"EmailAddress": LIST}}

    aws.simulated.instead("account:GetAlternateContact", answer)
    return each(aws, BILLING="PASS", OPERATIONS="PASS", SECURITY=("ERROR", "high", "allow account:GetAlternateContact"))


# --- alternate_contacts_distribution_lists ---------------------------------------------------------------------------------------------------


@world(suite.test_alternate_contacts_distribution_lists)
def test_lists_pass_and_other_addresses_fail(aws: Cloud) -> Expected:
    aws.facts(contacts=LISTS)
    contacts(aws, BILLING="AWS-Bills+prod@Example.com", OPERATIONS=PERSON, SECURITY="aws-sec@example.com")
    return each(
        aws,
        BILLING=("PASS", "medium", "contacts.distribution_lists = aws-*@example.com"),
        OPERATIONS=("FAIL", "medium", f"{PERSON} is none of contacts.distribution_lists"),
        SECURITY="PASS",
    )


@world(suite.test_alternate_contacts_distribution_lists)
def test_a_list_matches_with_its_tag_or_without(aws: Cloud) -> Expected:
    aws.facts(contacts={"distribution_lists": ["team@example.com", "ops+aws@example.com"]})
    contacts(aws, BILLING="Team+billing@example.com", OPERATIONS="Ops+AWS@example.com", SECURITY="ops+other@example.com")
    return each(aws, BILLING="PASS", OPERATIONS="PASS", SECURITY="FAIL")


@world(suite.test_alternate_contacts_distribution_lists)
def test_a_personal_address_fails_though_a_list_matches(aws: Cloud) -> Expected:
    aws.facts(contacts={"distribution_lists": ["*@example.com"], "personal_addresses": ["ana@*"]})
    contacts(aws, BILLING=LIST, OPERATIONS=PERSON, SECURITY=LIST)
    return each(aws, BILLING="PASS", OPERATIONS=("FAIL", "medium", "one person's (contacts.personal_addresses = ana@*)"), SECURITY="PASS")


@world(suite.test_alternate_contacts_distribution_lists)
def test_a_personal_address_fails_where_no_lists_are_named(aws: Cloud) -> Expected:
    aws.facts(contacts={"personal_addresses": [PERSON]})
    contacts(aws, BILLING=LIST, OPERATIONS=PERSON, SECURITY=LIST)
    return each(aws, BILLING="MANUAL", OPERATIONS="FAIL", SECURITY="MANUAL")


@world(suite.test_alternate_contacts_distribution_lists)
def test_without_named_lists_it_is_a_question_that_a_look_at_the_address_helps_with(aws: Cloud) -> Expected:
    contacts(aws, BILLING="acme@gmail.com", OPERATIONS="ana.acosta+aws@example.com", SECURITY="security@example.com")
    return each(
        aws,
        BILLING=("MANUAL", "medium", "do several people read acme@gmail.com?", "gmail.com gives mailboxes to persons"),
        OPERATIONS=("MANUAL", "medium", "it looks like a person's name"),
        SECURITY=("MANUAL", "medium", "name it in contacts.distribution_lists"),
    )


@world(suite.test_alternate_contacts_distribution_lists)
def test_an_empty_list_says_that_there_are_none(aws: Cloud) -> Expected:
    aws.facts(contacts={"distribution_lists": []})
    contacts(aws, BILLING=LIST, OPERATIONS=LIST, SECURITY=LIST)
    return each(aws, BILLING="FAIL", OPERATIONS="FAIL", SECURITY="FAIL")


@world(suite.test_alternate_contacts_distribution_lists)
def test_a_contact_that_is_not_set_is_no_list(aws: Cloud) -> Expected:
    aws.facts(contacts=LISTS)
    contacts(aws, BILLING=LIST)
    return each(aws, BILLING="PASS", OPERATIONS=("FAIL", "medium", "no such contact"), SECURITY="FAIL")


@world(suite.test_alternate_contacts_distribution_lists, selected=("alternate_contacts_set",))
def test_a_contact_that_is_not_set_fails_once(aws: Cloud) -> Expected:
    aws.facts(contacts=LISTS)
    contacts(aws, BILLING=LIST)
    judged = ("NOT_APPLICABLE", "medium", "judged by alternate_contacts_set")
    return each(aws, BILLING="PASS", OPERATIONS=judged, SECURITY=judged)


def test_the_command_names_the_kind_of_contact() -> None:
    with built(World(suite.test_alternate_contacts_set, lambda aws: {})) as (cloud, _):
        commands = {finding.item: finding.remediation or "" for finding in judge(suite.test_alternate_contacts_set, cloud)}
    assert {kind: f"--alternate-contact-type {kind} " in command for kind, command in commands.items()} == {
        "BILLING": True,
        "OPERATIONS": True,
        "SECURITY": True,
    }


# --- primary_email_distribution_list ---------------------------------------------------------------------------------------------------------


@world(suite.test_primary_email_distribution_list)
def test_the_management_accounts_list_passes(aws: Cloud) -> Expected:
    aws.facts(contacts=LISTS)
    organization(aws, aws.account)
    return each(aws, PRIMARY=("PASS", "medium", "contacts.distribution_lists = aws-*@example.com"))


@world(suite.test_primary_email_distribution_list)
def test_the_management_accounts_person_fails(aws: Cloud) -> Expected:
    aws.facts(contacts=LISTS)
    organization(aws, aws.account, PERSON)
    return each(aws, PRIMARY=("FAIL", "medium", f"{PERSON} is none of"))


@world(suite.test_primary_email_distribution_list)
def test_the_management_accounts_personal_address_fails(aws: Cloud) -> Expected:
    aws.facts(contacts={"personal_addresses": [PERSON]})
    organization(aws, aws.account, PERSON)
    return each(aws, PRIMARY=("FAIL", "medium", "one person's"))


@world(suite.test_primary_email_distribution_list)
def test_without_named_lists_the_address_is_asked_about(aws: Cloud) -> Expected:
    organization(aws, aws.account)
    return each(aws, PRIMARY=("MANUAL", "medium", f"do several people read {LIST}?"))


@world(suite.test_primary_email_distribution_list)
def test_a_members_address_is_not_that_of_its_management_account(aws: Cloud) -> Expected:
    aws.facts(contacts=LISTS)
    organization(aws, "999999999999")
    asked = f"aws organizations describe-account --account-id {aws.account}"
    return each(aws, PRIMARY=("MANUAL", "medium", "set organization_profile", asked))


def member(aws: Cloud, address: str | None, *, judged: bool = False) -> None:
    """The account is a member of an organization, whose management account the profile, or the run, reaches; that knows the address."""
    aws.facts(contacts=LISTS)
    organization(aws, ANOTHER)
    told = {"Account": {"Id": aws.account, **({"Email": address} if address else {})}}
    error = ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "DescribeAccount")

    def answer(region: str, asked: Any) -> Any:
        assert asked["AccountId"] == aws.account
        return told if address is not None else error

    aws.beside(None if judged else "organization_profile", judged=judged).simulated.instead("organizations:DescribeAccount", answer)


@world(suite.test_primary_email_distribution_list)
def test_the_organizations_profile_tells_a_members_list(aws: Cloud) -> Expected:
    member(aws, LIST)
    return each(aws, PRIMARY=("PASS", "medium", "contacts.distribution_lists = aws-*@example.com"))


@world(suite.test_primary_email_distribution_list)
def test_the_organizations_profile_tells_a_members_person(aws: Cloud) -> Expected:
    member(aws, PERSON)
    return each(aws, PRIMARY=("FAIL", "medium", f"{PERSON} is none of"))


@world(suite.test_primary_email_distribution_list)
def test_a_management_account_of_the_same_run_tells_the_address(aws: Cloud) -> Expected:
    member(aws, LIST, judged=True)
    return each(aws, PRIMARY="PASS")


@world(suite.test_primary_email_distribution_list)
def test_an_organizations_profile_that_may_not_tell_is_an_error(aws: Cloud) -> Expected:
    member(aws, None)
    said = f"organization_profile = management (account {ANOTHER}): organizations:DescribeAccount is denied", "allow organizations:DescribeAccount"
    return each(aws, PRIMARY=("ERROR", "medium", *said))


@world(suite.test_primary_email_distribution_list)
def test_an_address_that_is_not_told_is_an_error(aws: Cloud) -> Expected:
    member(aws, "")
    return each(aws, PRIMARY=("ERROR", "medium", f"organization_profile = management (account {ANOTHER}): organizations:DescribeAccount answered"))


def told(address: str | None) -> World:
    """What a member's management account knows of it."""

    def build(aws: Cloud) -> Expected:
        member(aws, address)
        return {}

    return World(suite.test_primary_email_distribution_list, build)


def test_who_told_the_address_is_in_the_evidence() -> None:
    with built(told(LIST)) as (cloud, _):
        (found,) = judge(suite.test_primary_email_distribution_list, cloud)
    assert (found.account, found.evidence) == (cloud.account, {"JudgedInAccount": ANOTHER})


def test_a_denial_elsewhere_is_that_accounts() -> None:
    with built(told(None)) as (cloud, _):
        found = judge(suite.test_primary_email_distribution_list, cloud)
    assert [(missing.action, missing.account) for missing in missing_permissions(found)] == [("organizations:DescribeAccount", ANOTHER)]


@world(suite.test_primary_email_distribution_list)
def test_no_api_tells_the_address_of_an_account_that_stands_alone(aws: Cloud) -> Expected:
    aws.facts(contacts=LISTS)
    return each(aws, PRIMARY=("MANUAL", "medium", "no API shows it of an account outside of an organization"))


@world(suite.test_primary_email_distribution_list)
def test_a_denied_organization_is_an_error(aws: Cloud) -> Expected:
    error = ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "DescribeOrganization")
    aws.simulated.instead("organizations:DescribeOrganization", lambda region, asked: error)
    return each(aws, PRIMARY=("ERROR", "medium", "allow organizations:DescribeOrganization"))


EDGES: dict[str, dict[str, Any]] = {
    "alternate_contacts_set": {
        "no contact of a kind": test_missing_contacts_fail_and_that_for_security_is_worse,
        "the same address for all three": test_one_address_may_serve_for_all,
        "an address that is blank": test_a_contact_with_a_blank_address_fails,
        "one kind is denied": test_one_contact_that_is_denied_leaves_the_others_judged,
    },
    "alternate_contacts_distribution_lists": {
        "case and +tag": (test_lists_pass_and_other_addresses_fail, test_a_list_matches_with_its_tag_or_without),
        "a personal address wins over a list": test_a_personal_address_fails_though_a_list_matches,
        "no lists declared": test_without_named_lists_it_is_a_question_that_a_look_at_the_address_helps_with,
        "the contact is not set": (test_a_contact_that_is_not_set_is_no_list, test_a_contact_that_is_not_set_fails_once),
    },
    "primary_email_distribution_list": {
        "the management account": (test_the_management_accounts_list_passes, test_the_management_accounts_person_fails),
        "a member": test_a_members_address_is_not_that_of_its_management_account,
        "a member, seen by organization_profile": (
            test_the_organizations_profile_tells_a_members_list,
            test_the_organizations_profile_tells_a_members_person,
            test_a_management_account_of_the_same_run_tells_the_address,
        ),
        "organization_profile is denied": test_an_organizations_profile_that_may_not_tell_is_an_error,
        "an account that stands alone": test_no_api_tells_the_address_of_an_account_that_stands_alone,
        "the call is denied": test_a_denied_organization_is_an_error,
    },
}
