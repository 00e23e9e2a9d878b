"""WKLD.01: use IAM roles, and no long-term keys, for what compute may do.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from typing import Any

from pytest_ssb import check

# Of what sort an access key is, worst first: how bad it is, and what is said.
KEYS = {
    "long-term": ("critical", "an access key of AWS, which stays as long as nobody deletes it, in {}"),
    "unseen": ("medium", "what is called an access key of AWS, and whose id is not seen here (if it is no key of AWS, waive it), in {}"),
    "temporary": ("low", "an access key of AWS for some hours, in {}"),
    "example": ("low", "an access key of AWS's manual, which opens nothing, in {}"),
}
DETACH = "aws iam detach-role-policy --role-name {name} --policy-arn {policy}  # and attach one that allows what is used"
DELETE = "aws iam delete-role-policy --role-name {name} --policy-name {policy}  # and put one that allows what is used"


@check(
    "WKLD.01",
    on="AWS::EC2::Instance",
    severity="medium",
    fix="aws ec2 associate-iam-instance-profile --region {region} --instance-id {id} --iam-instance-profile Name=PROFILE",
    references=("https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html",),
)
def test_ec2_instance_has_role(audit, instances, instance_profiles):
    """The instance has an instance profile with a role in it, running or not."""
    for instance in instances:
        with audit(instance):
            if instance.manager:
                audit.not_applicable(f"managed by {instance.manager}")
            profile = instance.iam_instance_profile
            assert profile is not None, "no instance profile"
            role = instance_profiles.role_in(profile.arn)
            assert role is not None, f"the instance profile {profile.arn} is gone, or has no role"
            audit.note(f"has the role {role.role_name}")
    if not instances:
        audit.nothing("no instances")


@check(
    "WKLD.01",
    on="AWS::AutoScaling::AutoScalingGroup",
    severity="medium",
    fix="aws ec2 create-launch-template-version --region {region} --launch-template-id TEMPLATE --source-version '$Latest'"
    ' --launch-template-data \'{{"IamInstanceProfile": {{"Name": "PROFILE"}}}}\'  # then let {name} use that version',
    references=("https://docs.aws.amazon.com/autoscaling/ec2/userguide/us-iam-role.html",),
)
def test_autoscaling_group_has_role(audit, scaling_groups, groups_without_role):
    """Whatever the group launches next has a role: each of its launch templates, or its launch configuration, names one."""
    for group in scaling_groups:
        with audit(group):
            without = groups_without_role[group]
            assert not without, "; ".join(without)
    if not scaling_groups:
        audit.nothing("no Auto Scaling groups")


@check(
    "WKLD.01",
    on="AWS::Lambda::Function",
    severity="medium",
    fix="aws lambda update-function-configuration --region {region} --function-name {arn} --role ROLE",
    references=("https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",),
)
def test_lambda_function_role_usable(audit, functions, roles_by_arn):
    """The function's role exists, and lets Lambda assume it."""
    for function in functions:
        with audit(function):
            role = roles_by_arn.get(function.role)
            assert role is not None, f"its role {function.role} is gone"
            assert role.trusts_service("lambda.amazonaws.com"), f"its role {role.role_name} does not let Lambda assume it"
            sharing = [other for other in functions if other.role == function.role]
            audit.note(f"has the role {role.role_name}, as {len(sharing) - 1} others have" if len(sharing) > 1 else f"has the role {role.role_name}")
    if not functions:
        audit.nothing("no functions")


@check(
    "WKLD.01",
    on="AWS::ECS::TaskDefinition",
    severity="medium",
    fix="aws ecs describe-task-definition --region {region} --task-definition {arn}"
    "  # then register-task-definition with what it says and --task-role-arn ROLE, and update-service --task-definition",
    references=("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html",),
)
def test_ecs_task_has_role(audit, task_definitions, task_roles):
    """Every task definition that a service or a running task uses has a task role, or each task brings one; an execution role is none."""
    for definition in task_definitions:
        with audit(definition):
            audit.saw(usedBy=[use.by for use in definition.uses])
            if not definition.on_hosts:
                audit.severity("low")
            role = task_roles[definition]
            if role is None and definition.brought:
                audit.note("every task that uses it brings a role of its own")
            else:
                host = ": the task has its host's role" if definition.on_hosts else ""
                assert role is not None, f"no task role{host}"
    if not task_definitions:
        audit.nothing("no services and no running tasks")


@check(
    "WKLD.01",
    on="AWS::Batch::JobDefinition",
    severity="low",
    fix="aws batch describe-job-definitions --region {region} --job-definitions {arn}"
    "  # then register-job-definition with what it says, and jobRoleArn, taskRoleArn or serviceAccountName besides",
    references=("https://docs.aws.amazon.com/batch/latest/userguide/job_definition_parameters.html",),
)
def test_batch_job_definition_has_role(audit, job_definitions):
    """Every part of a job has a role, or in Kubernetes a service account, by the newest active revision of its definition."""
    for definition in job_definitions:
        with audit(definition):
            without = [role for role in definition.all_roles if role is None]
            assert not without, f"{len(without)} of {len(definition.all_roles)} parts of a job have no role"
    if not job_definitions:
        audit.nothing("no active job definitions")


@check(
    "WKLD.01",
    on="AWS::EKS::Cluster",
    severity="medium",
    fix="aws eks create-pod-identity-association --region {region} --cluster-name {name} --namespace NAMESPACE --service-account ACCOUNT --role-arn ROLE",
    references=("https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html",),
)
def test_eks_workload_identity_enabled(audit, clusters, cluster_workloads):
    """Pods of the cluster can have roles of their own: by pod identity, or by a role that trusts the cluster's OIDC provider."""
    for cluster in clusters:
        with audit(cluster):
            workloads = cluster_workloads[cluster]
            if workloads is None:
                audit.not_applicable("is being deleted")
            if workloads.identity is None and workloads.nodes is None:
                audit.not_applicable("nothing that its pods could run on: no nodes of EKS's or its owner's, and no Fargate profiles")
            assert workloads.identity, f"no pod identity, and no role that trusts its OIDC provider: pods on {workloads.nodes} have the nodes' role"
            audit.note(f"{workloads.identity}; which service accounts have roles, Kubernetes alone tells")
    if not clusters:
        audit.nothing("no clusters")


@check(
    "WKLD.01",
    on="AWS::AppRunner::Service",
    severity="low",
    fix="aws apprunner update-service --region {region} --service-arn {arn} --instance-configuration InstanceRoleArn=ROLE",
    references=("https://docs.aws.amazon.com/apprunner/latest/dg/security_iam_service-with-iam.html",),
)
def test_apprunner_service_has_role(audit, apprunner_services, apprunner_roles):
    """The service's code has a role; the role by which App Runner fetches its image is none."""
    for service in apprunner_services:
        with audit(service):
            role = apprunner_roles[service]
            assert role is not None, "no instance role"
            audit.note(f"has the role {role.rpartition('/')[2]}")
    if not apprunner_services:
        audit.nothing("no App Runner services")


@check(
    "WKLD.01",
    on="AWS::::Account",
    severity="critical",
    facts=("secrets.harmless_names", "secrets.harmless_values"),
    fix="aws iam get-access-key-last-used --access-key-id ID"
    "  # tells whose it is; give {name} a role, take the key out of its settings, then: aws iam delete-access-key",
    references=("https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html",),
)
def test_compute_no_static_aws_keys(audit, compute_settings):
    """Nothing that computes finds an access key of AWS in its settings, nor is handed one: SDKs would take it before the role's credentials."""
    found = 0
    for each in compute_settings:
        for holder in each.holders:
            with audit(holder, each.item, type=None if each.item else each.kind):
                judge_keys(audit, holder)
            found += 1
    if not found:
        audit.nothing("nothing that computes")


def judge_keys(audit: Any, holder: Any) -> None:
    """Judge one resource by the access keys that its settings hold, or are given."""
    if holder.manager:
        audit.not_applicable(f"managed by {holder.manager}")
    declared = holder.found.keys_declared
    if declared is not None:
        audit.declared(*declared)
    if holder.note:
        audit.note(holder.note)
    for ground, (severity, words) in KEYS.items():
        these = holder.found.keys_of(ground)
        if these:
            audit.severity(severity)
        assert not these, words.format(these)
    holder.whole()
    if holder.found.keys:
        audit.not_applicable("its AWS_ACCESS_KEY_ID is no key of AWS: what else stands there as a secret is judged under WKLD.03")


@check(
    "WKLD.01",
    on="AWS::IAM::Role",
    severity="high",
    extended=True,
    fix="aws iam list-attached-role-policies --role-name {name}  # then detach-role-policy what allows everything, and attach what allows what is used",
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",),
)
def test_compute_role_not_admin(audit, compute_roles):
    """No role that compute may assume may do everything: whoever gets into what runs with it gets the account."""
    for role in compute_roles:
        with audit(role):
            audit.saw(assumedBy=role.assumed_by)
            policy = role.policy
            if policy is not None:
                audit.note(f"may do everything by {policy}, as far as its permissions boundary lets it")
                audit.fix(DETACH if policy.startswith("arn:") else DELETE, policy=policy)
            assert policy is None or role.bounded, f"may do everything, by {policy}"
    if not compute_roles:
        audit.nothing("no roles that compute may assume")


@check(
    "WKLD.01",
    on="AWS::IAM::User",
    severity="high",
    facts=("people.service_users",),
    fix="aws iam list-access-keys --user-name {name}  # update-access-key --status Inactive, wait a day, then delete-access-key; compute takes a role",
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",),
)
def test_iam_user_no_long_term_keys(audit, ssb_profile, iam_users, iam_active_keys, iam_rights):
    """No IAM user has an active access key, but for declared machines that cannot take a role."""
    for user in iam_users:
        with audit(user):
            active = iam_active_keys[user]
            if not active:
                audit.note("no active access key")
            else:
                machine = ssb_profile.people.service_users.match(user.arn, user.tag)
                if machine:
                    audit.declared("people.service_users", machine)
                    audit.note("the access key of a machine that cannot take a role")
                else:
                    audit.severity("high" if iam_rights.may_administer(user) else "medium")
                assert machine, "an active access key"
    if not iam_users:
        audit.nothing("no IAM users")
