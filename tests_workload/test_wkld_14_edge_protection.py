"""WKLD.14: use edge-protection services for public endpoints.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from pytest_ssb import check

UNASKED = "WAF is an option: network.require_waf = true asks for it"
UNGUARDED = "faces the internet without a web ACL"
ASSOCIATE = "aws wafv2 associate-web-acl --region {region} --web-acl-arn ACL --resource-arn {arn}"
ASSOCIATING = ("https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-associating-aws-resource.html",)
BALANCER = (
    "aws elbv2 create-load-balancer --region {region} --name NAME --type application --scheme internet-facing --subnets PUBLIC_SUBNETS "
    "--security-groups GROUP"
)


@check(
    "WKLD.14",
    on="AWS::EC2::Instance",
    severity="high",
    facts=("network.public_ports", "network.public_resources"),
    fix=BALANCER + "  # then put it behind that, move it to a private subnet, and revoke what lets the internet in",
    references=("https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancer-getting-started.html",),
)
def test_compute_not_serving_internet_directly(audit, ssb_profile, instances, instance_places, internet_facing, public_tasks, service_edges):
    """No instance, and no task of ECS, takes connections from the internet by itself."""
    for instance in instances:
        with audit(instance):
            facing = internet_facing.instance(instance)
            audit.saw(PublicAddresses=facing.addresses or "none")
            if not facing.ports:
                audit.note(facing.why_not)
                continue
            declared = ssb_profile.network.public_resources.match(instance.arn, instance.tags)
            if declared:
                audit.declared("network.public_resources", declared)
                audit.note("meant to face the internet")
            elif instance_places.translates_addresses(instance):
                audit.note("a NAT instance")
            else:
                raise AssertionError(f"{facing}{instance.made_by}")
    for task in public_tasks:
        with audit(task, type="AWS::ECS::Task"):
            facing = internet_facing.interfaces([task.interface])
            audit.saw(PublicAddresses=facing.addresses or "none")
            if not facing.ports:
                audit.note(facing.why_not)
                continue
            declared = ssb_profile.network.public_resources.match(task.arn)
            if declared:
                audit.declared("network.public_resources", declared)
                audit.note("meant to face the internet")
                continue
            audit.judged_by("ecs_service_behind_load_balancer", lambda one=task: service_edges.serves(one))
            audit.judged_by("ecs_service_no_public_ip", lambda one=task: service_edges.assigns_addresses(one))
            raise AssertionError(f"{facing}{f' (of service {task.service})' if task.service else ''}")
    if not instances and not public_tasks:
        audit.nothing("no instances, and no tasks with public addresses")


@check(
    "WKLD.14",
    on="AWS::ECS::Service",
    severity="high",
    facts=("network.public_ports",),
    fix=BALANCER + "  # then: aws ecs create-service --region {region} --service-name NAME --load-balancers targetGroupArn=GROUP,containerName=NAME,"
    "containerPort=PORT --network-configuration 'awsvpcConfiguration={{subnets=[PRIVATE_SUBNETS],assignPublicIp=DISABLED}}' ...",
    references=("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html",),
)
def test_ecs_service_behind_load_balancer(audit, ecs_services, service_edges):
    """Every service of ECS that the internet may reach has a load balancer before it."""
    for service in ecs_services:
        with audit(service):
            if not service.networks:
                audit.not_applicable("its tasks have the network of their instances")
            networks = service.public_networks
            audit.saw(assignPublicIp="ENABLED" if networks else "DISABLED", loadBalancers=len(service.balancers))
            if not networks:
                audit.note("its tasks get no public addresses")
                continue
            if service.balanced:
                audit.note("behind a load balancer, though its tasks get public addresses, too")
                continue
            facing = service_edges.of(service)
            if not facing.ports:
                audit.note(f"its tasks get public addresses, and take no connections from the internet: {facing.why_not}")
            elif not service_edges.exposes(service):
                audit.note("its task definitions expose no ports")
            else:
                ports = ", ".join(map(str, facing.ports))
                raise AssertionError(f"without a load balancer; its tasks get public addresses in {', '.join(facing.subnets)}, and take {ports}")
    if not ecs_services:
        audit.nothing("no services")


@check(
    "WKLD.14",
    on="AWS::ElasticLoadBalancingV2::LoadBalancer",
    severity="medium",
    fix="aws elbv2 describe-target-groups --region {region} --load-balancer-arn {arn}  "
    "# launch the targets anew in private subnets, register these, and deregister the others: aws elbv2 register-targets --region {region} "
    "--target-group-arn GROUP --targets Id=TARGET",
    references=("https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html",),
)
def test_load_balancer_targets_in_private_subnets(audit, load_balancers, classic_load_balancers, balancer_places):
    """Every load balancer that faces the internet stands in public subnets, and its targets in private ones."""
    classic = "aws elb describe-load-balancers --region {region} --load-balancer-names {name}  # launch its instances anew in private subnets, then: "
    classic += "aws elb register-instances-with-load-balancer --region {region} --load-balancer-name {name} --instances INSTANCE"
    move = "aws elbv2 set-subnets --region {region} --load-balancer-arn {arn} --subnets PUBLIC_SUBNETS"
    move_classic = "aws elb attach-load-balancer-to-subnets --region {region} --load-balancer-name {name} --subnets PUBLIC_SUBNETS"
    first_kind = "AWS::ElasticLoadBalancing::LoadBalancer"
    kinds = ((load_balancers, None, None, move), (classic_load_balancers, first_kind, classic, move_classic))
    for balancers, kind, fix, moving in kinds:
        for balancer in balancers:
            with audit(balancer, type=kind, fix=fix):
                if not balancer.internet_facing:
                    audit.not_applicable("internal: it has no public addresses")
                if balancer_places.blocked(balancer):
                    audit.not_applicable("VPC Block Public Access keeps the internet away")
                private = balancer_places.private_subnets(balancer)
                if private:
                    audit.fix(moving)
                    raise AssertionError(f"faces the internet, which does not get into {'; '.join(private)}")
                targets = balancer_places.targets(balancer)
                audit.saw(Subnets=balancer.subnet_ids, Targets=len(targets.placed))
                if targets.public:
                    audit.judged_by("ecs_service_no_public_ip", lambda found=targets: balancer_places.of_services(found))
                    raise AssertionError(f"sends traffic to {'; '.join(map(str, targets.public))}")
                targets.settle()
                if targets.outside:
                    audit.manual(f"sends traffic to {', '.join(targets.outside)}, outside its VPC: does the internet reach that without it?")
                if not targets.placed:
                    audit.not_applicable("has no instance or address to send traffic to")
    if not load_balancers and not classic_load_balancers:
        audit.nothing("no load balancers")


@check(
    "WKLD.14",
    on="AWS::CloudFront::Distribution",
    severity="low",
    environment="production",
    facts=("network.require_waf",),
    fix="aws cloudfront get-distribution-config --id {id} --query DistributionConfig > config.json  # in it, set WebACLId to the ARN of a web ACL, then: "
    "aws cloudfront update-distribution --id {id} --distribution-config file://config.json --if-match "
    '"$(aws cloudfront get-distribution-config --id {id} --query ETag --output text)"',
    references=("https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-web-awswaf.html",),
)
def test_cloudfront_waf_associated(audit, ssb_profile, distributions, distribution_fronts):
    """Every distribution that serves more than buckets has a web ACL, and so have all of its tenants."""
    if not ssb_profile.network.require_waf:
        audit.nothing(UNASKED)
        return
    for distribution in distributions:
        with audit(distribution):
            if not distribution.enabled:
                audit.not_applicable("not enabled")
            if distribution.serves_buckets_alone:
                audit.not_applicable("serves nothing but buckets")
            audit.saw(WebACLId={each or "none" for each in distribution_fronts.guards(distribution).values()})
            lacks = distribution_fronts.lacks(distribution)
            assert lacks is None, lacks
    if not distributions:
        audit.nothing("no distributions")


@check(
    "WKLD.14",
    on="AWS::ElasticLoadBalancingV2::LoadBalancer",
    severity="low",
    environment="production",
    facts=("network.require_waf",),
    fix=ASSOCIATE,
    references=ASSOCIATING,
)
def test_alb_waf_associated(audit, ssb_profile, load_balancers, balancer_guards, web_listeners, application_fences, distribution_fronts):
    """Every public Application Load Balancer has a web ACL, or only distributions that have one lead to it."""
    if not ssb_profile.network.require_waf:
        audit.nothing(UNASKED)
        return
    for balancer in load_balancers:
        with audit(balancer):
            if balancer.type != "application":
                audit.not_applicable("of a kind that cannot have a web ACL")
            if not balancer.internet_facing:
                audit.not_applicable("internal: it has no public addresses")
            acl = balancer_guards.of(balancer.arn)
            audit.saw(WebACL=acl or "none")
            if acl:
                continue
            if application_fences.blocked(balancer):
                audit.not_applicable("VPC Block Public Access keeps the internet away")
            ports = web_listeners.ports_of(balancer)
            if not ports:
                audit.not_applicable("listens for nothing")
            assert all(application_fences.only_cloudfront(balancer.security_groups, port) for port in ports), UNGUARDED
            fronts = distribution_fronts.of(balancer.dns_name)
            if not fronts:
                audit.manual(
                    "of the internet only CloudFront gets here, and no distribution of the account names it: has the one that leads here a web ACL?"
                )
            lacking = [lacks for lacks in map(distribution_fronts.lacks, fronts) if lacks]
            if lacking:
                audit.judged_by("cloudfront_waf_associated")
            assert not lacking, f"has no web ACL, and of what leads to it {', '.join(lacking)}"
            audit.note(
                f"of the internet only CloudFront gets here, and {', '.join(each.id for each in fronts)} has a web ACL; "
                "a secret header or a VPC origin must tell it from anybody's distribution"
            )
    if not load_balancers:
        audit.nothing("no load balancers")


@check(
    "WKLD.14",
    on="AWS::ApiGateway::Stage",
    severity="low",
    environment="production",
    facts=("network.require_waf",),
    fix=ASSOCIATE,
    references=ASSOCIATING,
)
def test_api_gateway_stage_waf_associated(audit, ssb_profile, rest_stages, newer_apis):
    """Every stage of a public REST API has a web ACL."""
    if not ssb_profile.network.require_waf:
        audit.nothing(UNASKED)
        return
    for place in rest_stages:
        with audit(place, type="AWS::ApiGateway::RestApi" if place.stage is None else None):
            if place.api.private:
                audit.not_applicable("reached from VPCs only")
            if place.stage is None:
                audit.not_applicable("has no stages")
            audit.saw(webAclArn=place.stage.web_acl_arn or "none")
            assert place.stage.web_acl_arn, UNGUARDED
    for api in newer_apis:
        with audit(api, type="AWS::ApiGatewayV2::Api"):
            audit.not_applicable(f"{api.protocol_type} APIs cannot have a web ACL; a distribution before them can")
    if not rest_stages and not newer_apis:
        audit.nothing("no APIs")


@check(
    "WKLD.14",
    on="AWS::AppSync::GraphQLApi",
    severity="low",
    environment="production",
    facts=("network.require_waf",),
    fix=ASSOCIATE,
    references=ASSOCIATING,
)
def test_regional_endpoint_waf_associated(audit, ssb_profile, regional_endpoints):
    """Every public GraphQL API, sign-in page of Cognito, service of App Runner and app of Amplify has a web ACL."""
    if not ssb_profile.network.require_waf:
        audit.nothing(UNASKED)
        return
    for endpoints in regional_endpoints:
        for endpoint in endpoints.found:
            with audit(endpoint, endpoints.item, type=endpoints.type):
                if endpoint.aside:
                    audit.not_applicable(endpoint.aside)
                audit.saw(webACL=endpoint.acl or "none")
                assert endpoint.acl, UNGUARDED
    if not any(endpoints.found for endpoints in regional_endpoints):
        audit.nothing("no GraphQL APIs, user pools, services of App Runner or apps of Amplify")


@check(
    "WKLD.14",
    on="AWS::WAFv2::WebACL",
    severity="medium",
    fix="aws wafv2 get-web-acl --region {home} --scope {scope} --name {name} --id {id}  # then, with its LockToken and, among its rules, "
    "AWSManagedRulesCommonRuleSet: aws wafv2 update-web-acl --region {home} --scope {scope} --name {name} --id {id} ...",
    references=("https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html",),
)
def test_web_acl_has_rules(audit, web_acls):
    """Every web ACL that guards something blocks requests, by its rules or by default."""
    for place in web_acls:
        with audit(place, place.item, region=place.region):
            audit.fix(audit.check.fix, home=place.asked_in, scope=place.scope)
            if not place.used:
                audit.not_applicable("guards nothing")
            acl = place.acl
            audit.saw(Rules=len(acl.all_rules), DefaultAction="Block" if acl.blocks else "Allow")
            if acl.blocks:
                audit.note("blocks what no rule lets through")
                continue
            assert acl.all_rules, "has no rules, and lets everything through"
            if all(each.only_counts for each in acl.all_rules):
                audit.severity("low")
                raise AssertionError("its rules only count what they find, and let everything through")
            audit.note("has rules that do more than count")
    if not web_acls:
        audit.nothing("no web ACLs")


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
