"""WKLD.15: define security controls in templates, and deploy them by CI/CD.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from pytest_ssb import check

GUIDE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide"


@check(
    "WKLD.15",
    on="AWS::CloudFormation::Stack",
    severity="low",
    fix="aws cloudformation describe-stack-events --region {region} --stack-name {stack_name}  # see what failed, mend the template, and deploy it again",
    references=(f"{GUIDE}/view-stack-events.html", f"{GUIDE}/troubleshooting.html"),
)
def test_stack_state_consistent(audit, stacks):
    """Every stack is as a template says: its last deployment did not stop half way."""
    for stack in stacks:
        with audit(stack):
            audit.saw(StackStatus=stack.stack_status)
            if stack.nested:
                audit.not_applicable(f"nested in {stack.root}, which is judged")
            if stack.under_way:
                audit.not_applicable("something is being done to it, or waits to be")
            if stack.stuck:
                audit.fix("aws cloudformation continue-update-rollback --region {region} --stack-name {stack_name}")
            if stack.never_made:
                audit.fix(
                    "aws cloudformation delete-stack --region {region} --stack-name {stack_name}  # then deploy it again, where it is to be there"
                )
            assert stack.consistent, f"stopped half way: {stack.stack_status}"
            audit.note(f"as deployed: {stack.stack_status}")
    if not stacks:
        audit.nothing("no stacks")


@check(
    "WKLD.15",
    on="AWS::CloudFormation::Stack",
    severity="medium",
    extended=True,
    facts=("regions", "denied_regions"),
    fix="aws cloudformation describe-stack-resource-drifts --region {region} --stack-name {stack_name} "
    "--stack-resource-drift-status-filters MODIFIED DELETED  # then update the template, or what was changed by hand, and look again",
    references=(f"{GUIDE}/using-cfn-stack-drift.html",),
)
def test_stack_no_drift(audit, stacks_everywhere):
    """What each stack describes is as its template says."""
    unchecked = []
    for there in stacks_everywhere.unread:
        with audit(audit.target(), region=there.region):
            list(there.found)
    for stack in stacks_everywhere.found:
        with audit(stack):
            if stack.nested:
                audit.not_applicable(f"nested in {stack.root}, which is judged")
            if not stack.deployed:
                audit.not_applicable(f"not deployed: {stack.stack_status}")
            audit.saw(StackDriftStatus=stack.drift.stack_drift_status)
            assert not stack.drift.drifted, "drifted: something is not as the template says"
            if not stack.drift.in_sync:
                unchecked.append(stack)
                audit.was_read()
    if unchecked:
        with audit(audit.target()):
            audit.saw(Stacks=[stack.arn for stack in unchecked])
            audit.manual(
                "is everything as the templates say? of some stacks that was not looked for in 30 days: aws cloudformation detect-stack-drift"
            )
    elif stacks_everywhere.is_empty:
        audit.nothing("no stacks")


@check(
    "WKLD.15",
    on="AWS::CloudFormation::Stack",
    severity="low",
    environment="production",
    extended=True,
    fix="aws cloudformation update-termination-protection --region {region} --enable-termination-protection --stack-name {stack_name}",
    references=(f"{GUIDE}/using-cfn-protect-stacks.html",),
)
def test_stack_termination_protection(audit, stacks):
    """No stack of a production account is deleted by mistake: termination protection is on."""
    for stack in stacks:
        with audit(stack):
            audit.saw(EnableTerminationProtection=stack.enable_termination_protection)
            if stack.nested:
                audit.not_applicable(f"nested in {stack.root}, which protects it")
            if stack.of_stack_set:
                audit.not_applicable("kept by a stack set, where it is managed")
            if not stack.deployed:
                audit.not_applicable(f"not deployed: {stack.stack_status}")
            assert stack.enable_termination_protection, "may be deleted by one command"
    if not stacks:
        audit.nothing("no stacks")
