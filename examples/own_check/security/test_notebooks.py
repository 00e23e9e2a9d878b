"""Notebook instances of SageMaker: what we add to the baseline."""

from typing import Literal

import msgspec

from pytest_ssb import check, read


class Notebook(msgspec.Struct, frozen=True, rename="pascal"):
    """A notebook instance (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeNotebookInstance.html)."""

    arn: str
    direct_internet_access: Literal["Enabled", "Disabled"]


LIST, DESCRIBE = "sagemaker:ListNotebookInstances", "sagemaker:DescribeNotebookInstance"


@read(LIST, DESCRIBE, per="region")
def notebooks(aws):
    """The notebook instances of the region."""
    listed = aws.list(LIST, "NotebookInstances")
    described = [aws.ask(DESCRIBE, NotebookInstanceName=each["NotebookInstanceName"]) for each in listed]
    return aws.parse(DESCRIBE, described, Notebook, "{NotebookInstanceArn}")


@check(
    "WKLD.10",
    on="AWS::SageMaker::NotebookInstance",
    severity="medium",
    fix="aws sagemaker delete-notebook-instance --region {region} --notebook-instance-name {name}  # once it has been made anew without direct access",
    references=["https://docs.aws.amazon.com/sagemaker/latest/dg/appendix-notebook-and-internet-access.html"],
)
def test_notebook_no_direct_internet_access(audit, notebooks):
    """Every notebook instance reaches the internet through our VPC, if at all."""
    for notebook in notebooks:
        with audit(notebook):
            audit.saw(DirectInternetAccess=notebook.direct_internet_access)
            assert notebook.direct_internet_access == "Disabled", "it reaches the internet past our VPC"
    if not notebooks:
        audit.nothing("no notebook instances")
