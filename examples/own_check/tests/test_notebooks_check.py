"""What the check of notebook instances says of an account that moto stands for."""

import boto3
import test_notebooks as suite
from moto import mock_aws

from pytest_ssb.testing import verdicts

ROLE = "arn:aws:iam::123456789012:role/notebooks"


def notebook(name, **settings):
    client = boto3.client("sagemaker", region_name="eu-west-1")
    client.create_notebook_instance(NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE, **settings)


@mock_aws
def test_one_with_direct_internet_access_fails():
    notebook("walled", DirectInternetAccess="Disabled", SubnetId="subnet-0a1b2c3d")
    notebook("open", DirectInternetAccess="Enabled")
    assert verdicts(suite.test_notebook_no_direct_internet_access, regions=["eu-west-1"]) == {"walled": "PASS", "open": "FAIL"}


@mock_aws
def test_an_account_without_any_has_nothing_to_judge():
    assert verdicts(suite.test_notebook_no_direct_internet_access) == {"account": "NOT_APPLICABLE"}
