"""ACCT.12: monitor for and resolve high-risk issues by using Trusted Advisor.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from pytest_ssb import check

MEDIUM = ("security", "fault_tolerance", "service_limits")
# Where one of ours looks at the same: Trusted Advisor may be behind, or look at less.
OURS = {
    "1iG5NDGVre": "security_group_no_world_open_ingress",
    "7DAFEmoDos": "root_mfa_enabled",
    "HCP4007jGY": "security_group_no_world_open_ingress",
    "Pfx0RwqBli": "bucket_not_public",
    "Yw2K9puPzl": "password_policy_custom",
}
REFERENCES = ("https://docs.aws.amazon.com/awssupport/latest/user/trusted-advisor-check-reference.html",)


@check(
    "ACCT.12",
    on="AWS::::Account",
    severity="medium",
    key=True,
    facts=("trusted_advisor.categories",),
    fix="aws support describe-trusted-advisor-check-result --region us-east-1 --language en --check-id {id}  "
    "# it lists the resources, and its page says what to do about each",
    references=REFERENCES,
)
def test_trusted_advisor_no_red_checks(audit, ssb_profile, advisor_checks):
    """Trusted Advisor's check is not red: it recommends no action."""
    categories = ssb_profile.trusted_advisor.categories
    if not advisor_checks:
        with audit(audit.target()):
            audit.manual("is nothing red in Trusted Advisor's console? (its API comes with a Business support plan, or a higher one)")
        return
    for one in advisor_checks:
        with audit(one):
            audit.severity("medium" if one.category in MEDIUM else "low")
            if categories is not None and categories.match(one.category) is None:
                audit.declared("trusted_advisor.categories", ", ".join(categories))
                audit.not_applicable(f"{one.name}: of {one.category}")
            if one.summary is None or one.summary.status == "not_available":
                audit.not_applicable(f"{one.name}: not available for this account")
            said = f"{one.name}: {one.summary.said(one.now)}"
            audit.saw(status=one.summary.status)
            audit.note(f"{said}{'; yellow' if one.summary.status == 'warning' else ''}")
            assert one.summary.status != "error", f"{said}{f' (also judged by {OURS[one.id]})' if one.id in OURS else ''}"


@check(
    "ACCT.12",
    on="AWS::::Account",
    severity="low",
    key=True,
    facts=("trusted_advisor.review_days",),
    fix="# no API sets it: console, Trusted Advisor, Preferences, weekly e-mail; review, and declare the review",
    references=REFERENCES,
)
def test_trusted_advisor_reviewed(audit, ssb_profile, advisor_descriptions):
    """Somebody looks through Trusted Advisor's findings regularly."""
    with audit(audit.target()):
        days = ssb_profile.trusted_advisor.review_days
        mail = ", and does its weekly mail reach a list" if advisor_descriptions else " in the console"
        audit.manual(f"did somebody look through Trusted Advisor's findings within {days} days{mail}? (reviews leave no trace)")
