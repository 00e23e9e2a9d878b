"""Secrets that CloudFormation shows to everyone who may describe a stack: in parameters and outputs, and in a template's defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.secret_holders import Hidden, Holder, held, search_for
from pytest_ssb.secrets.search import Found, Search
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

STACKS, SUMMARY = "cloudformation:DescribeStacks", "cloudformation:GetTemplateSummary"
API = "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference"


class Parameter(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Parameter.html"""

    parameter_key: str
    parameter_value: str

    @property
    def masked(self) -> bool:
        """Whether it is shown as stars, as AWS does for NoEcho."""
        return set(self.parameter_value) == {"*"}


class Output(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Output.html"""

    output_key: str
    output_value: str


class Stack(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html"""

    arn: str
    stack_name: str
    stack_status: str
    # absent: none
    parameters: tuple[Parameter, ...] = ()
    outputs: tuple[Output, ...] = ()


class Declaration(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ParameterDeclaration.html"""

    parameter_key: str
    parameter_type: str
    no_echo: bool = False
    # absent: none
    default_value: str = ""


@read(
    STACKS,
    SUMMARY,
    per="region",
    absent={
        f"{STACKS} Stacks.Parameters": f"the template has none ({API}/API_Stack.html)",
        f"{STACKS} Stacks.Outputs": f"the template has none ({API}/API_Stack.html)",
        f"{SUMMARY} Parameters.DefaultValue": f"the parameter has none ({API}/API_ParameterDeclaration.html)",
    },
)
def stack_secrets(aws: Aws, ssb_profile: Profile) -> list[Holder]:
    """The stacks of the region, each with the secrets that it shows. The template is looked at where a parameter is suspect, or hidden by NoEcho."""
    search = search_for(ssb_profile)
    listed = aws.resources(STACKS, "Stacks", Stack, "{StackId}")
    stacks = [each for each in listed if error_of(each) or each.stack_status != "DELETE_COMPLETE"]
    asking = [each for each in stacks if not error_of(each) and any(one.masked or _suspect(search, one) for one in each.parameters)]
    summaries = aws.each(asking, lambda stack: aws.ask(SUMMARY, gone="ValidationError", StackName=stack.stack_name))
    asked = {stack.arn for stack in asking}

    def look(stack: Stack) -> Holder:
        found = search.variables(((each.output_key, each.output_value) for each in stack.outputs), "output")
        if stack.arn in asked:
            found += _in_parameters(search, stack, _declarations(summaries[stack]))
        return Holder(stack.arn, stack.stack_name, found)

    return held(stacks, look)


def _suspect(search: Search, parameter: Parameter) -> bool:
    return search.variable(parameter.parameter_key, parameter.parameter_value) != Found()


def _declarations(summary: Any) -> dict[str, Declaration]:
    try:
        found = msgspec.convert(summary.get("Parameters"), list[Declaration])
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{SUMMARY} answered parameters that we cannot read: {error}", SUMMARY) from error
    return {each.parameter_key: each for each in found}


def _in_parameters(search: Search, stack: Stack, declared: dict[str, Declaration]) -> Found:
    found = Found()
    for parameter in stack.parameters:
        said = declared.get(parameter.parameter_key)
        # Of a parameter that is looked up elsewhere the value is a name; what it stands for is told apart.
        if said is not None and said.parameter_type.startswith("AWS::SSM::Parameter"):
            continue
        if said is not None and (said.no_echo or parameter.masked):
            found += search.variable(parameter.parameter_key, said.default_value, "default value of parameter")
        else:
            found += search.variable(parameter.parameter_key, parameter.parameter_value, "parameter")
    return found
