"""WKLD.14: use edge-protection services for public endpoints.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from pytest_ssb import check


@check(
    "WKLD.14",
    on="AWS::Lambda::Url",
    severity="medium",
    facts=("network.public_resources",),
    fix="aws lambda update-function-url-config --region {region} --function-name {arn} --auth-type AWS_IAM  "
    "# who calls it then signs, as CloudFront does by an origin access control",
    references=(
        "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html",
    ),
)
def test_lambda_function_url_protected(audit, ssb_profile, function_urls, open_url_tags):
    """Every function's URL asks callers for a signature, unless it faces the internet on purpose."""
    for url in function_urls:
        with audit(url):
            if url.config is None:
                audit.not_applicable("no URL")
            audit.saw(AuthType=url.config.auth_type)
            if url.open:
                declared = ssb_profile.network.public_resources.match(url.function.arn, lambda one=url: open_url_tags[one.function])
                assert declared, "everyone may call it: AuthType is NONE"
                audit.declared("network.public_resources", declared)
                audit.note("meant to face the internet")
    if not function_urls:
        audit.nothing("no functions")


@check(
    "WKLD.14",
    on="AWS::Lightsail::Instance",
    severity="low",
    references=("https://docs.aws.amazon.com/lightsail/latest/userguide/understanding-public-ip-and-private-ip-addresses-in-amazon-lightsail.html",),
)
def test_lightsail_resources_declared(audit, lightsail_instances):
    """Somebody answers for what runs in Lightsail, where EC2 shows nothing of it."""
    if not lightsail_instances:
        audit.nothing("no Lightsail instances")
    else:
        with audit(audit.target(), type="AWS::Lightsail::Instance"):
            count = len(lightsail_instances)
            instances = f"{count} Lightsail instance{'s' if count > 1 else ''}"
            audit.manual(f"{instances}, which this tool does not judge: does an edge service take the traffic from the internet for them?")
