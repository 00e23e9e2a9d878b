"""ACCT.11: enable and respond to GuardDuty notifications.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from pytest_ssb import check

OFF = "GuardDuty is off"
SHOWN = 20
TOPIC = "arn:{partition}:sns:{region}:{account}:guardduty"
NOTIFY = (
    "aws sns create-topic --region {region} --name guardduty && "
    f"aws sns subscribe --region {{region}} --topic-arn {TOPIC} --protocol email --notification-endpoint LIST@YOUR.DOMAIN && "
    f"aws sns set-topic-attributes --region {{region}} --topic-arn {TOPIC} --attribute-name Policy --attribute-value "
    '\'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"events.amazonaws.com"}},'
    f'"Action":"sns:Publish","Resource":"{TOPIC}"}}}}]}}}}\' && '
    "aws events put-rule --region {region} --name guardduty --event-pattern "
    '\'{{"source":["aws.guardduty"],"detail-type":["GuardDuty Finding"]}}\' && '
    f"aws events put-targets --region {{region}} --rule guardduty --targets Id=topic,Arn={TOPIC}  # then confirm the subscription by the mail's link"
)
UNHIDE = (
    "aws guardduty delete-filter --region {region} --detector-id {detector} --filter-name {name}  "
    "# or give it a criterion of a type or resource: aws guardduty update-filter"
)


@check(
    "ACCT.11",
    on="AWS::GuardDuty::Detector",
    severity="high",
    fix="aws guardduty create-detector --region {region} --enable",
    references=("https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_settingup.html",),
)
def test_guardduty_enabled(audit, detectors, guardduty_administrators, region_is_idle):
    """GuardDuty looks for threats in the region."""
    for detector in detectors:
        with audit(detector, fix="aws guardduty update-detector --region {region} --detector-id {id} --enable"):
            audit.saw(Status=detector.status)
            audit.note(f"on, with {detector.plans}{guardduty_administrators.said(detector)}")
            if region_is_idle:
                audit.severity("medium")
            assert detector.enabled, f"suspended{guardduty_administrators.said(detector)}"
    if not detectors:
        with audit(audit.target()):
            if region_is_idle:
                audit.severity("medium")
            assert detectors, "off"


@check(
    "ACCT.11",
    on="AWS::GuardDuty::Detector",
    severity="high",
    facts=("guardduty.pollers",),
    fix=NOTIFY,
    references=(
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html",
        "https://docs.aws.amazon.com/guardduty/latest/ug/create-suppression-rules-guardduty.html",
    ),
)
def test_guardduty_finding_notifications(
    audit, ssb_profile, detectors, guardduty_administrators, guardduty_filters, guardduty_notices, guardduty_pollers
):
    """Somebody is told of every grave finding of GuardDuty, and no filter archives them before."""
    for detector in detectors:
        with audit(detector, severity="medium"):
            if not detector.enabled:
                audit.not_applicable(OFF)
            told = guardduty_notices.told
            if told is not None:
                audit.note(f"{told}{guardduty_administrators.hides(detector)}")
                continue
            pollers = ssb_profile.guardduty.pollers
            entry = next((entry for role in guardduty_pollers if (entry := pollers.match(role))), None)
            if entry is not None:
                audit.declared("guardduty.pollers", entry)
                audit.note("a system fetches the findings")
                continue
            guardduty_notices.settle()
            administrator = guardduty_administrators[detector]
            if guardduty_notices.questions:
                audit.manual(guardduty_notices.questions)
            if administrator is not None:
                audit.manual(
                    f"is somebody told of this account's findings by {administrator.account_id}, which administers GuardDuty? "
                    f"(here: {guardduty_notices.lacks})"
                )
            assert told, guardduty_notices.lacks
    for filter in guardduty_filters:
        if filter.archives_all:
            with audit(filter, type="AWS::GuardDuty::Filter", fix=UNHIDE):
                assert not filter.archives_all, "archives grave findings of every type, before anybody is told"
    if not detectors:
        audit.nothing(OFF)


@check(
    "ACCT.11",
    on="AWS::GuardDuty::Detector",
    severity="high",
    facts=("guardduty.max_open_days", "guardduty.min_severity"),
    fix="aws guardduty list-findings --region {region} --detector-id {id}  # look into each, then archive it: aws guardduty archive-findings",
    references=("https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_remediate.html",),
)
def test_guardduty_findings_answered(audit, ssb_profile, detectors, guardduty_administrators, guardduty_open_threats, guardduty_archived_threats):
    """Every grave finding of GuardDuty is looked into, and archived, within days."""
    limit = ssb_profile.guardduty.max_open_days
    for detector in detectors:
        if not detector.enabled:
            with audit(detector):
                audit.not_applicable(OFF)
            continue
        threats = guardduty_open_threats[detector]
        late = threats.older_than(limit)
        administered = guardduty_administrators.archives(detector)
        for threat in late[:SHOWN]:
            with audit(detector, item=threat.id, severity=threat.grade):
                audit.saw(Severity=threat.severity, Type=threat.type)
                audit.fix(
                    "aws guardduty get-findings --region {region} --detector-id {id} --finding-ids {finding}  # look into it, then: "
                    "aws guardduty archive-findings --region {region} --detector-id {id} --finding-ids {finding}",
                    finding=threat.id,
                )
                since = f"is open since {threat.created_at.date()}, for more than {limit} days"
                assert threat not in late, f"{threat.type} of severity {threat.severity:g} {since}{administered}"
        if late[SHOWN:]:
            with audit(detector, item="more", severity="medium"):
                assert not late[SHOWN:], f"{len(late[SHOWN:])} more findings are open for longer than {limit} days{administered}"
        if not late:
            with audit(detector):
                archived = guardduty_archived_threats[detector]
                ended = f"; {archived} archived within {limit} days" if archived else ""
                audit.note(f"{len(threats.found)} open, none for longer than {limit} days{ended}" if threats.found else f"none open{ended}")
    if not detectors:
        audit.nothing(OFF)
