"""Secrets in the settings of further services: one read for each, whose calls and answers its part of this module describes."""

from __future__ import annotations

import base64
import binascii
import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from pytest_ssb.errors import Undecided, UnexpectedAnswer
from pytest_ssb.reads.apprunner import GONE as RUNNER_GONE
from pytest_ssb.reads.apprunner import SERVICE as RUNNER
from pytest_ssb.reads.apprunner import Service as Runner
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.secret_holders import Hidden, Holder, Variable, held, search_for
from pytest_ssb.secrets.search import Found
from pytest_ssb.unread import error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

DOCS = "https://docs.aws.amazon.com"


# --- Batch -----------------------------------------------------------------------------------------------------------------------------------

JOBS = "batch:DescribeJobDefinitions"
BATCH = f"{DOCS}/batch/latest/APIReference"


class Injected(Hidden, frozen=True, kw_only=True):
    """A variable whose value comes from a store (https://docs.aws.amazon.com/batch/latest/APIReference/API_Secret.html)."""

    name: str


class BatchContainer(Hidden, frozen=True, kw_only=True, rename="camel"):
    """What Batch runs (https://docs.aws.amazon.com/batch/latest/APIReference/API_ContainerProperties.html), in EKS by its words for it."""

    # Each absent: none, or what the image says
    environment: tuple[Variable, ...] = ()
    env: tuple[Variable, ...] = ()
    secrets: tuple[Injected, ...] = ()
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()


class BatchTask(Hidden, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/batch/latest/APIReference/API_EcsTaskProperties.html"""

    containers: tuple[BatchContainer, ...]


class BatchEcs(Hidden, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/batch/latest/APIReference/API_EcsProperties.html"""

    task_properties: tuple[BatchTask, ...]


class BatchPod(Hidden, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/batch/latest/APIReference/API_EksPodProperties.html"""

    # absent: none
    containers: tuple[BatchContainer, ...] = ()
    init_containers: tuple[BatchContainer, ...] = ()


class BatchEks(Hidden, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/batch/latest/APIReference/API_EksProperties.html"""

    pod_properties: BatchPod


class BatchRuns(Hidden, frozen=True, kw_only=True, rename="camel"):
    """What runs; it has one of them: https://docs.aws.amazon.com/batch/latest/APIReference/API_NodeRangeProperty.html"""

    container: BatchContainer | None = None
    container_properties: BatchContainer | None = None
    ecs_properties: BatchEcs | None = None
    eks_properties: BatchEks | None = None

    @property
    def containers(self) -> tuple[BatchContainer, ...]:
        """All that it runs."""
        alone = tuple(each for each in (self.container, self.container_properties) if each is not None)
        tasks = self.ecs_properties.task_properties if self.ecs_properties else ()
        pod = self.eks_properties.pod_properties if self.eks_properties else BatchPod()
        return (*alone, *(each for task in tasks for each in task.containers), *pod.containers, *pod.init_containers)


class BatchNodes(Hidden, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/batch/latest/APIReference/API_NodeProperties.html"""

    node_range_properties: tuple[BatchRuns, ...]


class BatchJob(BatchRuns, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/batch/latest/APIReference/API_JobDefinition.html"""

    arn: str = msgspec.field(name="Arn")
    job_definition_name: str
    revision: int
    node_properties: BatchNodes | None = None

    def __post_init__(self) -> None:
        """Refuse one that runs nothing."""
        if not any((self.container_properties, self.ecs_properties, self.eks_properties, self.node_properties)):
            raise ValueError("a job definition needs containerProperties, ecsProperties, eksProperties or nodeProperties")


@read(
    JOBS,
    per="region",
    absent={
        f"{JOBS} jobDefinitions.{place}.{field}": f"none, or what the image says ({BATCH}/{page}.html)"
        for place, page, fields in (
            ("containerProperties", "API_ContainerProperties", ("environment", "command", "secrets")),
            ("ecsProperties.taskProperties.containers", "API_TaskContainerProperties", ("environment", "command", "secrets")),
            ("eksProperties.podProperties.containers", "API_EksContainer", ("env", "command", "args")),
            ("eksProperties.podProperties.initContainers", "API_EksContainer", ("env", "command", "args")),
            ("nodeProperties.nodeRangeProperties.container", "API_ContainerProperties", ("environment", "command", "secrets")),
            ("nodeProperties.nodeRangeProperties", "API_NodeRangeProperty", ("container", "ecsProperties", "eksProperties")),
            ("eksProperties.podProperties", "API_EksPodProperties", ("containers", "initContainers")),
        )
        for field in fields
    },
)
def batch_secrets(aws: Aws, ssb_profile: Profile) -> list[Holder]:
    """The newest revision of each active Batch job definition, with the secrets in its containers."""
    search = search_for(ssb_profile)
    listed = aws.resources(JOBS, "jobDefinitions", BatchJob, "{jobDefinitionArn}", status="ACTIVE")
    newest: dict[str, BatchJob] = {}
    for job in (each for each in listed if not error_of(each)):
        if job.job_definition_name not in newest or job.revision > newest[job.job_definition_name].revision:
            newest[job.job_definition_name] = job

    def look(job: BatchJob) -> Holder:
        nodes = job.node_properties.node_range_properties if job.node_properties else ()
        found = Found()
        for container in (*job.containers, *(each for node in nodes for each in node.containers)):
            found += search.variables((each.name, each.value) for each in (*container.environment, *container.env))
            found += search.injected(each.name for each in container.secrets)
            found += search.text(" ".join((*container.command, *container.args)), "command")
        return Holder(job.arn, f"{job.job_definition_name}:{job.revision}", found)

    return held([*newest.values(), *(each for each in listed if error_of(each))], look)


# --- App Runner ------------------------------------------------------------------------------------------------------------------------------

APPRUNNER = f"{DOCS}/apprunner/latest/api"


class RunnerSettings(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """How a service is run (https://docs.aws.amazon.com/apprunner/latest/api/API_ImageConfiguration.html, API_CodeConfigurationValues.html)."""

    # Each absent: none
    runtime_environment_variables: dict[str, str] = msgspec.field(default_factory=dict)
    runtime_environment_secrets: dict[str, str] = msgspec.field(default_factory=dict)
    start_command: str = ""
    build_command: str = ""


class RunnerImage(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/apprunner/latest/api/API_ImageRepository.html"""

    # absent: nothing is set
    image_configuration: RunnerSettings = msgspec.field(default_factory=RunnerSettings)


class RunnerCodeConfiguration(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/apprunner/latest/api/API_CodeConfiguration.html"""

    # absent: a file in the repository says it
    code_configuration_values: RunnerSettings = msgspec.field(default_factory=RunnerSettings)


class RunnerCode(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/apprunner/latest/api/API_CodeRepository.html"""

    # absent: a file in the repository says it
    code_configuration: RunnerCodeConfiguration = msgspec.field(default_factory=RunnerCodeConfiguration)


class RunnerSource(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/apprunner/latest/api/API_SourceConfiguration.html"""

    # It has one of the two.
    image_repository: RunnerImage | None = None
    code_repository: RunnerCode | None = None

    @property
    def settings(self) -> RunnerSettings:
        """How it is run. Raises ValueError for one that comes from nowhere."""
        if self.image_repository is not None:
            return self.image_repository.image_configuration
        if self.code_repository is None:
            raise Undecided(f"{RUNNER} answered a service that comes from nowhere")
        return self.code_repository.code_configuration.code_configuration_values


@read(
    RUNNER,
    per="region",
    absent={
        f"{RUNNER} Service.SourceConfiguration.{place}": f"{meaning} ({APPRUNNER}/{page}.html)"
        for place, meaning, page in (
            ("ImageRepository.ImageConfiguration", "nothing is set", "API_ImageRepository"),
            ("ImageRepository.ImageConfiguration.RuntimeEnvironmentVariables", "none", "API_ImageConfiguration"),
            ("ImageRepository.ImageConfiguration.RuntimeEnvironmentSecrets", "none", "API_ImageConfiguration"),
            ("ImageRepository.ImageConfiguration.StartCommand", "that of the image", "API_ImageConfiguration"),
            ("CodeRepository.CodeConfiguration", "a file in the repository says it", "API_CodeRepository"),
            ("CodeRepository.CodeConfiguration.CodeConfigurationValues", "a file in the repository says it", "API_CodeConfiguration"),
            *(
                (f"CodeRepository.CodeConfiguration.CodeConfigurationValues.{field}", "none", "API_CodeConfigurationValues")
                for field in ("RuntimeEnvironmentVariables", "RuntimeEnvironmentSecrets", "BuildCommand", "StartCommand")
            ),
        )
    },
)
def apprunner_secrets(aws: Aws, ssb_profile: Profile, apprunner_services: list[Runner]) -> list[Holder]:
    """The App Runner services, each with the secrets in its variables and commands."""
    search = search_for(ssb_profile)
    answers = aws.each(_read(apprunner_services), lambda each: aws.ask(RUNNER, gone=RUNNER_GONE, ServiceArn=each.arn))

    def look(service: Runner) -> Holder:
        settings = _converted(RUNNER, answers[service].get("Service", {}).get("SourceConfiguration"), RunnerSource).settings
        found = search.variables(settings.runtime_environment_variables) + search.injected(settings.runtime_environment_secrets)
        found += search.text(f"{settings.start_command}\n{settings.build_command}", "commands")
        return Holder(service.arn, service.service_name, found)

    return held(apprunner_services, look)


# --- Glue ------------------------------------------------------------------------------------------------------------------------------------

GLUE = "glue:GetJobs"
GLUE_JOB = f"{DOCS}/glue/latest/webapi/API_Job.html"


class GlueJob(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/glue/latest/webapi/API_Job.html"""

    arn: str
    name: str
    # Each absent: none
    default_arguments: dict[str, str] = msgspec.field(default_factory=dict)
    non_overridable_arguments: dict[str, str] = msgspec.field(default_factory=dict)


@read(GLUE, per="region", absent={f"{GLUE} Jobs.{field}": f"none ({GLUE_JOB})" for field in ("DefaultArguments", "NonOverridableArguments")})
def glue_secrets(aws: Aws, ssb_profile: Profile) -> list[Holder]:
    """The Glue jobs, each with the secrets in its arguments."""
    search = search_for(ssb_profile)

    def look(job: GlueJob) -> Holder:
        found = search.variables(job.default_arguments) + search.variables(job.non_overridable_arguments)
        return Holder(job.arn, job.name, found)

    return held(aws.resources(GLUE, "Jobs", GlueJob, "arn:{partition}:glue:{region}:{account}:job/{Name}"), look)


# --- Step Functions --------------------------------------------------------------------------------------------------------------------------

MACHINES, MACHINE = "stepfunctions:ListStateMachines", "stepfunctions:DescribeStateMachine"


class Machine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/step-functions/latest/apireference/API_StateMachineListItem.html"""

    arn: str = msgspec.field(name="Arn")
    name: str


@read(MACHINES, MACHINE, per="region")
def stepfunctions_secrets(aws: Aws, ssb_profile: Profile) -> list[Holder]:
    """The state machines, each with the secrets in its definition."""
    search = search_for(ssb_profile)
    machines = aws.resources(MACHINES, "stateMachines", Machine, "{stateMachineArn}")
    answers = aws.each(_read(machines), lambda each: aws.ask(MACHINE, gone="StateMachineDoesNotExist", stateMachineArn=each.arn))

    def look(machine: Machine) -> Holder:
        return Holder(machine.arn, machine.name, search.text(_text(MACHINE, answers[machine], "definition")))

    return held(machines, look)


# --- API Gateway -----------------------------------------------------------------------------------------------------------------------------

REST_APIS, REST_STAGES = "apigateway:GetRestApis", "apigateway:GetStages"
APIS, STAGES = "apigatewayv2:GetApis", "apigatewayv2:GetStages"


class RestApi(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/apigateway/latest/api/API_RestApi.html"""

    arn: str = msgspec.field(name="Arn")
    id: str


class RestStage(Hidden, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html"""

    arn: str = msgspec.field(name="Arn")
    stage_name: str
    # absent: none
    variables: dict[str, str] = msgspec.field(default_factory=dict)


class Api(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html"""

    arn: str
    api_id: str


class Stage(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html"""

    arn: str
    stage_name: str
    # absent: none
    stage_variables: dict[str, str] = msgspec.field(default_factory=dict)


@read(REST_APIS, REST_STAGES, per="region", absent={f"{REST_STAGES} item.variables": f"none ({DOCS}/apigateway/latest/api/API_Stage.html)"})
def rest_stage_secrets(aws: Aws, ssb_profile: Profile) -> list[Holder]:
    """The stages of REST APIs, each with the secrets in its variables."""
    search = search_for(ssb_profile)
    apis = aws.resources(REST_APIS, "items", RestApi, "arn:{partition}:apigateway:{region}::/restapis/{id}")

    def stages(api: RestApi) -> list[RestStage]:
        answer = aws.ask(REST_STAGES, gone="NotFoundException", restApiId=api.id)
        found: list[RestStage] = aws.parse(REST_STAGES, _items(REST_STAGES, answer, "item"), RestStage, f"{api.arn}/stages/{{stageName}}")
        return found

    def look(stage: RestStage) -> Holder:
        return Holder(stage.arn, stage.stage_name, search.variables(stage.variables))

    return _of_each(aws, apis, stages, look)


@read(
    APIS,
    STAGES,
    per="region",
    absent={f"{STAGES} Items.StageVariables": f"none ({DOCS}/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html)"},
)
def api_stage_secrets(aws: Aws, ssb_profile: Profile) -> list[Holder]:
    """The stages of HTTP and WebSocket APIs, each with the secrets in its variables."""
    search = search_for(ssb_profile)
    apis = aws.resources(APIS, "Items", Api, "arn:{partition}:apigateway:{region}::/apis/{ApiId}")

    def stages(api: Api) -> list[Stage]:
        found: list[Stage] = aws.resources(STAGES, "Items", Stage, f"{api.arn}/stages/{{StageName}}", ApiId=api.api_id)
        return found

    def look(stage: Stage) -> Holder:
        return Holder(stage.arn, stage.stage_name, search.variables(stage.stage_variables))

    return _of_each(aws, apis, stages, look)


# --- Elastic Beanstalk -----------------------------------------------------------------------------------------------------------------------

BEANSTALKS, OPTIONS = "elasticbeanstalk:DescribeEnvironments", "elasticbeanstalk:DescribeConfigurationSettings"
VARIABLES, INJECTED = "aws:elasticbeanstalk:application:environment", "aws:elasticbeanstalk:application:environmentsecrets"
OPTION = f"{DOCS}/elasticbeanstalk/latest/api/API_ConfigurationOptionSetting.html"


class Beanstalk(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_EnvironmentDescription.html"""

    arn: str
    application_name: str
    environment_name: str
    status: str


class Option(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_ConfigurationOptionSetting.html"""

    namespace: str
    option_name: str
    # absent: the option has no value
    value: str = ""


@read(BEANSTALKS, OPTIONS, per="region", absent={f"{OPTIONS} ConfigurationSettings.OptionSettings.Value": f"the option has no value ({OPTION})"})
def beanstalk_secrets(aws: Aws, ssb_profile: Profile) -> list[Holder]:
    """The Elastic Beanstalk environments, each with the secrets in its variables."""
    search = search_for(ssb_profile)
    listed = aws.resources(BEANSTALKS, "Environments", Beanstalk, "{EnvironmentArn}")
    there = [each for each in listed if error_of(each) or each.status not in ("Terminating", "Terminated")]
    answers = aws.each(_read(there), lambda each: aws.ask(OPTIONS, ApplicationName=each.application_name, EnvironmentName=each.environment_name))

    def look(environment: Beanstalk) -> Holder:
        raws = [
            one for settings in _items(OPTIONS, answers[environment], "ConfigurationSettings") for one in _items(OPTIONS, settings, "OptionSettings")
        ]
        options = _converted(OPTIONS, raws, list[Option])
        found = search.variables((each.option_name, each.value) for each in options if each.namespace == VARIABLES)
        found += search.injected(each.option_name for each in options if each.namespace == INJECTED)
        return Holder(environment.arn, environment.environment_name, found)

    return held(there, look)


# --- Amplify ---------------------------------------------------------------------------------------------------------------------------------

APPS, BRANCHES = "amplify:ListApps", "amplify:ListBranches"


class App(Hidden, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/amplify/latest/APIReference/API_App.html"""

    arn: str = msgspec.field(name="Arn")
    app_id: str
    name: str
    environment_variables: dict[str, str]


class Branch(Hidden, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/amplify/latest/APIReference/API_Branch.html"""

    branch_name: str
    environment_variables: dict[str, str]


@read(APPS, BRANCHES, per="region")
def amplify_secrets(aws: Aws, ssb_profile: Profile) -> list[Holder]:
    """The Amplify apps, each with the secrets in its own variables and those of its branches."""
    search = search_for(ssb_profile)
    apps = aws.resources(APPS, "apps", App, "{appArn}")
    branches = aws.each(_read(apps), lambda app: aws.list(BRANCHES, "branches", appId=app.app_id))

    def look(app: App) -> Holder:
        found = search.variables(app.environment_variables)
        for branch in _converted(BRANCHES, branches[app], list[Branch]):
            found += search.variables(branch.environment_variables, f"branch {branch.branch_name}")
        return Holder(app.arn, app.name, found)

    return held(apps, look)


# --- documents of Systems Manager ------------------------------------------------------------------------------------------------------------

DOCUMENTS, DOCUMENT = "ssm:ListDocuments", "ssm:GetDocument"
OWN = [{"Key": "Owner", "Values": ["Self"]}]


class Document(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DocumentIdentifier.html"""

    arn: str
    name: str


@read(DOCUMENTS, DOCUMENT, per="region")
def ssm_document_secrets(aws: Aws, ssb_profile: Profile) -> list[Holder]:
    """The account's own documents of Systems Manager, each with the secrets in its default version."""
    search = search_for(ssb_profile)
    documents = aws.resources(DOCUMENTS, "DocumentIdentifiers", Document, "arn:{partition}:ssm:{region}:{account}:document/{Name}", Filters=OWN)
    answers = aws.each(_read(documents), lambda each: aws.ask(DOCUMENT, gone="InvalidDocument", Name=each.name))

    def look(document: Document) -> Holder:
        return Holder(document.arn, document.name, search.text(_text(DOCUMENT, answers[document], "Content")))

    return held(documents, look)


# --- SageMaker -------------------------------------------------------------------------------------------------------------------------------

NOTEBOOKS, NOTEBOOK = "sagemaker:ListNotebookInstanceLifecycleConfigs", "sagemaker:DescribeNotebookInstanceLifecycleConfig"
SAGEMAKER = f"{DOCS}/sagemaker/latest/APIReference/API_DescribeNotebookInstanceLifecycleConfig.html"


class Lifecycle(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_NotebookInstanceLifecycleConfigSummary.html"""

    arn: str
    notebook_instance_lifecycle_config_name: str


class Hook(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_NotebookInstanceLifecycleHook.html"""

    content: str


class Hooks(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeNotebookInstanceLifecycleConfig.html"""

    notebook_instance_lifecycle_config_name: str
    # Each absent: nothing is run then
    on_create: tuple[Hook, ...] = ()
    on_start: tuple[Hook, ...] = ()


@read(NOTEBOOKS, NOTEBOOK, per="region", absent={f"{NOTEBOOK} {field}": f"nothing is run then ({SAGEMAKER})" for field in ("OnCreate", "OnStart")})
def sagemaker_secrets(aws: Aws, ssb_profile: Profile) -> list[Holder]:
    """The lifecycle configurations of notebook instances, each with the secrets in its scripts."""
    search = search_for(ssb_profile)
    listed = aws.resources(NOTEBOOKS, "NotebookInstanceLifecycleConfigs", Lifecycle, "{NotebookInstanceLifecycleConfigArn}")

    def ask(each: Lifecycle) -> Any:
        return aws.ask(NOTEBOOK, NotebookInstanceLifecycleConfigName=each.notebook_instance_lifecycle_config_name)

    answers = aws.each(_read(listed), ask)

    def look(lifecycle: Lifecycle) -> Holder:
        hooks = _converted(NOTEBOOK, answers[lifecycle], Hooks)
        found = sum((search.text(_script(hook), place) for place, these in _scripts(hooks) for hook in these), Found())
        name = lifecycle.notebook_instance_lifecycle_config_name
        return Holder(lifecycle.arn, name, found)

    return held(listed, look)


def _scripts(hooks: Hooks) -> tuple[tuple[str, tuple[Hook, ...]], ...]:
    return (("on create", hooks.on_create), ("on start", hooks.on_start))


def _script(hook: Hook) -> str:
    try:
        return base64.b64decode(hook.content, validate=True).decode("utf-8", errors="replace")
    except binascii.Error as error:
        raise Undecided("a script that is not base64: it was not looked into") from error


# --- all of them -----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Elsewhere:
    """What was found of one kind of resource. `item` names the service where its resources could not be listed: an unread one stands for them."""

    kind: str
    holders: list[Holder]
    item: str | None = None


def of_kind(aws: Aws, kind: str, service: str, holders: list[Holder]) -> Elsewhere:
    """What was found of one kind; where its resources could not be listed, one finding for them all."""
    error = error_of(holders)
    account = f"arn:{aws.partition}:account::{aws.account}:account"
    return Elsewhere(kind, holders) if error is None else Elsewhere(kind, [unread(error, account)], service)


@read(per="region")
def secrets_elsewhere(
    aws: Aws,
    batch_secrets: list[Holder],
    apprunner_secrets: list[Holder],
    glue_secrets: list[Holder],
    stepfunctions_secrets: list[Holder],
    rest_stage_secrets: list[Holder],
    api_stage_secrets: list[Holder],
    beanstalk_secrets: list[Holder],
    amplify_secrets: list[Holder],
    ssm_document_secrets: list[Holder],
    sagemaker_secrets: list[Holder],
) -> list[Elsewhere]:
    """What all these reads found, kind by kind."""
    of = functools.partial(of_kind, aws)
    return [
        of("AWS::Batch::JobDefinition", "Batch", batch_secrets),
        of("AWS::AppRunner::Service", "App Runner", apprunner_secrets),
        of("AWS::Glue::Job", "Glue", glue_secrets),
        of("AWS::StepFunctions::StateMachine", "Step Functions", stepfunctions_secrets),
        of("AWS::ApiGateway::Stage", "API Gateway, REST", rest_stage_secrets),
        of("AWS::ApiGatewayV2::Stage", "API Gateway, HTTP and WebSocket", api_stage_secrets),
        of("AWS::ElasticBeanstalk::Environment", "Elastic Beanstalk", beanstalk_secrets),
        of("AWS::Amplify::App", "Amplify", amplify_secrets),
        of("AWS::SSM::Document", "documents of Systems Manager", ssm_document_secrets),
        of("AWS::SageMaker::NotebookInstanceLifecycleConfig", "SageMaker", sagemaker_secrets),
    ]


def _read(resources: Iterable[Any]) -> list[Any]:
    return [each for each in resources if not error_of(each)]


def _of_each(aws: Aws, parents: list[Any], children: Callable[[Any], list[Any]], look: Callable[[Any], Holder]) -> list[Holder]:
    """The children of each parent, looked into; a parent whose children could not be listed stands in their place."""
    answers = aws.each(_read(parents), children)
    found: list[Holder] = []
    for parent in parents:
        error = error_of(parent)
        try:
            found += [unread(error, parent.arn)] if error else held(answers[parent], look)
        except Exception as raised:  # noqa: BLE001 - whatever it was, it is told of the parent
            found.append(unread(raised, parent.arn))
    return found


def _items(operation: str, answer: Mapping[str, Any], key: str) -> list[Any]:
    found = answer.get(key)
    if not isinstance(found, list):
        raise UnexpectedAnswer(f"{operation} answered without {key}", operation)
    return found


def _text(operation: str, answer: Mapping[str, Any], key: str) -> str:
    found = answer.get(key)
    if not isinstance(found, str):
        raise UnexpectedAnswer(f"{operation} answered without {key}", operation)
    return found


def _converted(operation: str, raw: Any, type: Any) -> Any:
    try:
        return msgspec.convert(raw, type)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{operation} answered what we cannot read: {error}", operation) from error
