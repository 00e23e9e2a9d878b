"""WKLD.15: define security controls in templates, and deploy them by CI/CD.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from typing import Any

from pytest_ssb import check

GUIDE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide"

GENERATE = (
    "  # once the scan is done, let create-generated-template write a template of {arn}, and import it: "
    "aws cloudformation create-change-set --change-set-type IMPORT; or write it into the templates that you have"
)
SCAN, SCAN_THERE = "aws cloudformation start-resource-scan", "aws cloudformation start-resource-scan --region {where}"


def judge(audit: Any, found: Any) -> None:
    """Say of each resource whether it is in a template, and ask once where it is not known how the account is deployed."""
    for kind in found.unlisted:
        with audit(audit.target(), item=kind.type, region=kind.region):
            raise kind.error
    for resource in found.judged:
        with audit(resource, region=resource.region, type=resource.type):
            if resource.exempt:
                audit.not_applicable(resource.exempt)
            audit.fix((SCAN_THERE if resource.region else SCAN) + GENERATE, where=resource.region or "")
            assert resource.template, "in no template: no stack has it, and nothing else that is known tells of one"
            if resource.template.declared:
                audit.declared(*resource.template.declared)
            audit.note(f"in a template: {resource.template.said}")
    if found.asked:
        with audit(audit.target()):
            found.settle()
            audit.saw(InNoKnownTemplate=len(found.asked))
            audit.manual(
                "by which templates is this account deployed? most of what should be in some is in no stack: "
                "tell of your tool's tags in templates.iac_tags, or of Terraform's state in templates.terraform_state"
            )
    elif found.is_empty:
        audit.nothing("nothing of the kind")


@check(
    "WKLD.15",
    on="AWS::::Account",
    severity="low",
    environment="production",
    key=True,
    facts=("templates.iac_tags", "templates.terraform_state", "regions", "denied_regions", "buckets.sensitive", "buckets.use_macie"),
    fix=SCAN + GENERATE,
    references=(f"{GUIDE}/generate-IaC.html", f"{GUIDE}/import-resources.html"),
)
def test_security_resource_managed_by_template(audit, security_in_templates):
    """What keeps a production account secure is described in templates: trails, detectors, web ACLs, keys, roles, policies, networks, budgets, rules."""
    judge(audit, security_in_templates)


@check(
    "WKLD.15",
    on="AWS::::Account",
    severity="low",
    environment="production",
    facts=("templates.iac_tags", "templates.terraform_state", "regions", "denied_regions"),
    fix=SCAN + GENERATE,
    references=(f"{GUIDE}/generate-IaC.html", f"{GUIDE}/import-resources.html"),
)
def test_workload_resource_managed_by_template(audit, workload_in_templates):
    """What does the work of a production account is described in templates: instances, load balancers, databases, functions, services, tables, queues."""
    judge(audit, workload_in_templates)


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


@check(
    "WKLD.15",
    on="AWS::CodePipeline::Pipeline",
    severity="medium",
    environment="production",
    facts=("regions", "denied_regions"),
    references=("https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create.html",),
)
def test_deployment_pipeline_exists(audit, deployment):
    """A pipeline deploys what is in the account: one of CodePipeline, or a CI system whose jobs assume a role."""
    with audit(audit.target()):
        if deployment.by:
            audit.note("; ".join(deployment.by[:3]))
        else:
            deployment.whole()
            idle = f" {'; '.join(deployment.unused[:3])}, was not used in 90 days" if deployment.unused else ""
            audit.manual(f"which pipeline deploys to this account? AWS shows none that does.{idle}")


@check(
    "WKLD.15",
    on="AWS::CodePipeline::Pipeline",
    severity="low",
    fix="aws codepipeline get-pipeline --region {region} --name {name} --query pipeline > pipeline.json  "
    "# let its source be the repository, then: aws codepipeline update-pipeline --region {region} --pipeline file://pipeline.json",
    references=("https://docs.aws.amazon.com/codepipeline/latest/userguide/connections.html",),
)
def test_pipeline_source_is_repository(audit, pipelines):
    """Every pipeline takes what it deploys from a source repository."""
    for pipeline in pipelines:
        with audit(pipeline):
            audit.saw(Sources=pipeline.sources)
            if not pipeline.repositories and pipeline.unknown_sources:
                audit.manual(f"is {', '.join(pipeline.unknown_sources)} a source repository?")
            assert pipeline.repositories, f"starts from {', '.join(pipeline.sources) or 'nothing'}: who changed what is not kept there"
            audit.note(f"starts from {', '.join(pipeline.repositories)}")
    if not pipelines:
        audit.nothing("no pipelines")


@check(
    "WKLD.15",
    on="Git::Repository",
    severity="low",
    facts=("repositories",),
    fix="git -C {path} add -- TEMPLATES && git -C {path} commit  # of what this account runs on, and name where they lie in `repositories`",
    references=("https://docs.aws.amazon.com/cdk/v2/guide/home.html",),
)
def test_repositories_hold_templates(audit, repository_templates, security_repositories):
    """Each repository holds templates, and security configuration has a repository of its own."""
    for repository in repository_templates:
        with audit(repository):
            audit.declared("holds", repository.found.holds)
            assert repository.found.template, "no templates are committed"
            audit.note(repository.found.template)
    if not repository_templates:
        with audit(audit.target()):
            audit.manual("which repositories hold the templates of what is in this account? name them in `repositories` of the profile")
        return
    apart, shared = security_repositories.apart, security_repositories.shared
    with audit(audit.target(), item="security configuration", type="Git::Repository"):
        audit.fix('git init SECURITY  # move there what is no application\'s own, and name it in `repositories` with holds = "security"')
        if not apart and not shared:
            audit.manual('which repository holds general policies and the configuration of security services? name it with holds = "security"')
        assert apart, f"lies in the repository of an application: {', '.join(shared)}"
        audit.declared("repositories", ", ".join(apart))
        audit.note("security configuration has a repository of its own")
