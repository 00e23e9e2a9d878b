"""WKLD.13: require HTTPS for all public web endpoints.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from pytest_ssb import check

LISTENERS = ("https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-https-listener.html",)
POLICIES = ("https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",)
CLASSIC = ("https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-https-load-balancers.html",)
VIEWERS = ("https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-viewers-to-cloudfront.html",)
ORIGINS = ("https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-custom-origin.html",)
CONTROL = ("https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",)
UPDATE = (
    "aws cloudfront get-distribution-config --id {{id}} --query DistributionConfig > config.json  # in it, set {what}, then: "
    "aws cloudfront update-distribution --id {{id}} --distribution-config file://config.json --if-match "
    '"$(aws cloudfront get-distribution-config --id {{id}} --query ETag --output text)"'
)
REDIRECT = "'Type=redirect,RedirectConfig={{Protocol=HTTPS,Port=443,StatusCode=HTTP_301}}'"
DENY_PLAIN = (
    "aws s3api get-bucket-policy --bucket {name} --query Policy --output text > policy.json  # add a Deny of s3:* for everyone, on the bucket and its "
    "objects, if Bool aws:SecureTransport is false, then: aws s3api put-bucket-policy --bucket {name} --policy file://policy.json"
)
MODERN = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"


@check(
    "WKLD.13",
    on="AWS::ElasticLoadBalancingV2::Listener",
    severity="high",
    fix="aws elbv2 modify-listener --region {region} --listener-arn {arn} --default-actions " + REDIRECT + "  "
    "# and the same for each rule that is named: aws elbv2 modify-rule --region {region} --rule-arn RULE --actions " + REDIRECT,
    references=LISTENERS,
)
def test_alb_listener_requires_https(audit, web_listeners, plain_answers, application_fences):
    """Every listener of a public Application Load Balancer takes HTTPS only, or answers HTTP by a redirect to it."""
    places = web_listeners.of("application")
    for place in places:
        with audit(place, type=place.type):
            if place.aside:
                audit.not_applicable(place.aside)
            listener = place.listener
            audit.saw(**listener.seen)
            if listener.encrypted:
                continue
            plain = plain_answers[place]
            if plain is None:
                audit.note("every answer to HTTP is a redirect to HTTPS, or a refusal")
                continue
            if application_fences.blocked(place.balancer):
                audit.not_applicable("VPC Block Public Access keeps the internet away")
            if application_fences.only_cloudfront(place.balancer.security_groups, listener.port):
                audit.not_applicable(
                    "of the internet only CloudFront gets here, by anybody's distribution: a secret header or a VPC origin must tell them apart"
                )
            raise AssertionError(f"takes HTTP, and {plain}")
    if not places:
        audit.nothing("no load balancers of this kind")


@check(
    "WKLD.13",
    on="AWS::ElasticLoadBalancingV2::Listener",
    severity="medium",
    fix=f"aws elbv2 modify-listener --region {{region}} --listener-arn {{arn}} --protocol TLS --port 443 --certificates CertificateArn=CERTIFICATE "
    f"--ssl-policy {MODERN}",
    references=("https://docs.aws.amazon.com/elasticloadbalancing/latest/network/create-tls-listener.html",),
)
def test_nlb_listener_encrypted(audit, web_listeners, balancers_behind, balancer_fences):
    """Every listener of a public Network Load Balancer for the web takes TLS only."""
    places = web_listeners.of("network")
    for place in places:
        with audit(place, type=place.type):
            if place.aside:
                audit.not_applicable(place.aside)
            listener = place.listener
            audit.saw(**listener.seen)
            if listener.encrypted:
                continue
            if not listener.passes_on or listener.port not in (80, 443, 8080):
                audit.not_applicable(f"{listener.protocol} {listener.port} is not for the web")
            if balancer_fences.blocked(place.balancer):
                audit.not_applicable("VPC Block Public Access keeps the internet away")
            behind = balancers_behind[place]
            if behind is not None:
                assert behind.plain is None, f"passes {listener.port} on to an Application Load Balancer that takes HTTP, and {behind.plain}"
                audit.note("passes on to an Application Load Balancer that answers HTTP by a redirect to HTTPS, or a refusal, if it takes it at all")
                continue
            if listener.port == 443:
                audit.manual("do the targets, which end the connection, take nothing but TLS 1.2 or newer on port 443?")
            if place.encrypted_beside:
                audit.manual(f"do the targets answer every request on port {listener.port} by a redirect to HTTPS?")
            raise AssertionError(f"{listener.protocol} {listener.port}, and nothing beside it takes TLS")
    if not places:
        audit.nothing("no load balancers of this kind")


@check(
    "WKLD.13",
    on="AWS::ElasticLoadBalancing::LoadBalancer",
    severity="high",
    fix="aws elb delete-load-balancer-listeners --region {region} --load-balancer-name {id} --load-balancer-ports {port}",
    references=(*CLASSIC, "https://repost.aws/knowledge-center/redirect-http-https-elb"),
)
def test_clb_listener_requires_https(audit, classic_listeners, balancer_fences):
    """Every listener of a public Classic Load Balancer for the web takes HTTPS or SSL only."""
    for place in classic_listeners:
        with audit(place, place.item):
            if place.aside:
                audit.not_applicable(place.aside)
            listener = place.listener
            audit.saw(**listener.seen)
            if listener.encrypted:
                continue
            if not listener.plain and listener.load_balancer_port != 443:
                audit.not_applicable(f"TCP {place.item} is not for the web")
            if balancer_fences.blocked(place.balancer):
                audit.not_applicable("VPC Block Public Access keeps the internet away")
            if not listener.plain:
                audit.manual("do the instances, which end the connection, take nothing but TLS 1.2 or newer on port 443?")
            if place.balancer.encrypted:
                audit.manual(f"do the instances answer every request on port {place.item} by a redirect to HTTPS?")
            audit.fix(audit.check.fix, port=place.item)
            raise AssertionError(f"{listener.protocol} {place.item}, and nothing beside it takes TLS")
    if not classic_listeners:
        audit.nothing("no Classic Load Balancers")


@check(
    "WKLD.13",
    on="AWS::ElasticLoadBalancingV2::Listener",
    severity="medium",
    facts=("encryption.tls_require_aead",),
    fix=f"aws elbv2 modify-listener --region {{region}} --listener-arn {{arn}} --ssl-policy {MODERN}",
    references=POLICIES,
)
def test_load_balancer_tls_policy(audit, ssb_profile, web_listeners, tls_policies, balancer_fences):
    """Every public listener allows TLS 1.2 and newer only, with forward secrecy."""
    ending = [each for each in web_listeners if each.ends_tls]
    for place in ending:
        with audit(place, type=place.type):
            if place.aside:
                audit.not_applicable(place.aside)
            listener = place.listener
            audit.saw(**listener.seen)
            audit.saw(SslPolicy=listener.ssl_policy)
            tls = tls_policies[listener.ssl_policy]
            weak = tls.weak if ssb_profile.encryption.tls_require_aead else ()
            if (tls.old or tls.static or weak) and balancer_fences.blocked(place.balancer):
                audit.not_applicable("VPC Block Public Access keeps the internet away")
            assert not tls.old, f"{listener.ssl_policy} allows {', '.join(tls.old)}"
            if tls.static or weak:
                audit.severity("low")
            assert not tls.static, f"{listener.ssl_policy} has ciphers without forward secrecy: {', '.join(tls.static)}"
            assert not weak, f"{listener.ssl_policy} has ciphers without AEAD: {', '.join(weak)}"
    if not ending:
        audit.nothing("no public listener ends TLS")


@check(
    "WKLD.13",
    on="AWS::ElasticLoadBalancing::LoadBalancer",
    severity="medium",
    fix="aws elb create-load-balancer-policy --region {region} --load-balancer-name {id} --policy-name tls-1-2 --policy-type-name SSLNegotiationPolicyType "
    "--policy-attributes AttributeName=Reference-Security-Policy,AttributeValue=ELBSecurityPolicy-TLS-1-2-2017-01 && "
    "aws elb set-load-balancer-policies-of-listener --region {region} --load-balancer-name {id} --load-balancer-port {port} --policy-names tls-1-2",
    references=("https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-security-policy-table.html",),
)
def test_clb_tls_policy(audit, classic_listeners, classic_tls_policies, balancer_fences):
    """Every public listener of a Classic Load Balancer allows TLS 1.2 only."""
    ending = [each for each in classic_listeners if each.ends_tls]
    for place in ending:
        with audit(place, place.item):
            if place.aside:
                audit.not_applicable(place.aside)
            listener = place.listener
            audit.saw(**listener.seen)
            policies = [classic_tls_policies[place][name] for name in place.policy_names]
            policies = [each for each in policies if each.policy_type_name == "SSLNegotiationPolicyType"]
            old = sorted({protocol for each in policies for protocol in each.tls.old})
            if (old or not policies) and balancer_fences.blocked(place.balancer):
                audit.not_applicable("VPC Block Public Access keeps the internet away")
            audit.fix(audit.check.fix, port=place.item)
            assert policies, f"{listener.protocol} {place.item} has no policy of its own, and the default one allows TLS 1.0"
            assert not old, f"{', '.join(place.policy_names)} allows {', '.join(old)}"
            static = sorted({cipher for each in policies for cipher in each.tls.static})
            if static:
                audit.note(f"allows TLS 1.2 only, as far as these load balancers go; without forward secrecy: {', '.join(static)}")
    if not ending:
        audit.nothing("no public listener of a Classic Load Balancer ends TLS")


@check(
    "WKLD.13",
    on="AWS::CloudFront::Distribution",
    severity="high",
    fix=UPDATE.format(what="ViewerProtocolPolicy=redirect-to-https in each behaviour that is named"),
    references=VIEWERS,
)
def test_cloudfront_viewer_https(audit, distributions):
    """Every behaviour of a distribution, not the default one alone, answers viewers over HTTPS only, or redirects them to it."""
    for distribution in distributions:
        with audit(distribution):
            if not distribution.enabled:
                audit.not_applicable("not enabled")
            audit.saw(ViewerProtocolPolicy=[f"{each.path_pattern}: {each.viewer_protocol_policy}" for each in distribution.behaviours])
            assert not distribution.plain, f"answers over HTTP: {', '.join(distribution.plain)}"
    if not distributions:
        audit.nothing("no distributions")


@check(
    "WKLD.13",
    on="AWS::CloudFront::Distribution",
    severity="medium",
    fix=UPDATE.format(what="an alias, a certificate of ACM in us-east-1 for it, and MinimumProtocolVersion=TLSv1.2_2021 in ViewerCertificate"),
    references=("https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html",),
)
def test_cloudfront_minimum_tls(audit, distributions):
    """Every distribution allows viewers TLS 1.2 and newer only, with forward secrecy; CloudFront's own certificate does not."""
    for distribution in distributions:
        with audit(distribution):
            if not distribution.enabled:
                audit.not_applicable("not enabled")
            certificate = distribution.viewer_certificate
            audit.saw(MinimumProtocolVersion=certificate.minimum)
            # The domains of tenants have certificates of their own.
            if distribution.connection_mode == "direct" and not certificate.own:
                audit.severity("low")
                raise AssertionError("has CloudFront's own certificate, with which TLS 1.0 is allowed whatever is set")
            assert not certificate.old, f"{certificate.minimum} allows protocols before TLS 1.2"
            if certificate.static:
                audit.severity("low")
            assert not certificate.static, f"{certificate.minimum} has ciphers without forward secrecy"
    if not distributions:
        audit.nothing("no distributions")


@check(
    "WKLD.13",
    on="AWS::CloudFront::Distribution",
    severity="medium",
    extended=True,
    fix=UPDATE.format(what="OriginProtocolPolicy=https-only and OriginSslProtocols of TLSv1.2 alone in the origin"),
    references=ORIGINS,
)
def test_cloudfront_origin_https(audit, origins, vpc_origins):
    """CloudFront asks every origin over HTTPS, by TLS 1.2 or newer, where viewers came by HTTPS."""
    for use in origins:
        with audit(use, use.item):
            if not use.distribution.enabled:
                audit.not_applicable("not enabled")
            origin = use.origin
            if origin.website:
                audit.not_applicable("the website of a bucket, which knows no HTTPS: looked at as such")
            if origin.rest and origin.custom_origin_config is None:
                audit.note("a bucket, which is asked by HTTPS for whoever comes by HTTPS")
                continue
            if origin.vpc_origin_config:
                # It stays in the VPC.
                audit.severity("low")
                endpoint = vpc_origins[origin.vpc_origin_config.vpc_origin_id]
            else:
                endpoint = origin.endpoint
            audit.saw(OriginProtocolPolicy=endpoint.origin_protocol_policy)
            assert endpoint.origin_protocol_policy != "http-only", "asked by HTTP always"
            plain = use.distribution.plain_to(origin) if endpoint.origin_protocol_policy == "match-viewer" else []
            assert not plain, f"asked as viewers ask, and these may ask by HTTP: {', '.join(plain)}"
            assert not endpoint.old, f"asked by {', '.join(endpoint.old)}, too"
    if not origins:
        audit.nothing("no distributions")


@check(
    "WKLD.13",
    on="AWS::CloudFront::Distribution",
    severity="medium",
    facts=("buckets.public",),
    fix="aws cloudfront create-origin-access-control --origin-access-control-config "
    "Name={id},SigningProtocol=sigv4,SigningBehavior=always,OriginAccessControlOriginType=s3  # then " + UPDATE.format(what="its id in the origin"),
    references=CONTROL,
)
def test_cloudfront_s3_origin_access_control(audit, origins, access_controls, public_origins):
    """CloudFront shows every bucket that it serves who asks, so that the bucket need not be public."""
    for use in origins:
        with audit(use, use.item):
            if not use.distribution.enabled:
                audit.not_applicable("not enabled")
            origin = use.origin
            if not origin.rest:
                audit.not_applicable("no bucket")
            audit.saw(OriginAccessControlId=origin.origin_access_control_id, OriginAccessIdentity=origin.identity)
            if origin.origin_access_control_id:
                if access_controls.signs(origin.origin_access_control_id):
                    continue
            elif origin.identity:
                audit.note("by an origin access identity: it still works, and origin access control is its successor")
                continue
            declared = public_origins.entry(origin.bucket) if origin.bucket else None
            if declared and not use.distribution.plain_to(origin):
                audit.declared("buckets.public", declared)
                audit.note("the bucket is public on purpose, and viewers get it over HTTPS only")
                continue
            never = "an origin access control that never signs" if origin.origin_access_control_id else "neither origin access control nor identity"
            raise AssertionError(f"{never}: the bucket can only be served if it is public")
    if not origins:
        audit.nothing("no distributions")


@check(
    "WKLD.13",
    on="AWS::S3::Bucket",
    severity="high",
    facts=("buckets.public",),
    fix="aws s3api delete-bucket-website --bucket {name}  # and serve it by a CloudFront distribution with origin access control, for HTTPS only",
    references=(*CONTROL, "https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html"),
)
def test_s3_website_behind_cloudfront(audit, buckets, bucket_websites, bucket_openings, plain_http_denied, origins):
    """Every website of a bucket is served by CloudFront over HTTPS only, and public buckets deny plain HTTP."""
    for bucket in buckets:
        with audit(bucket, region=bucket.region):
            website = bucket_websites[bucket]
            if website is None:
                declared = plain_http_denied[bucket]
                if declared is None:
                    audit.not_applicable("no website")
                entry, denied = declared
                audit.severity("low")
                audit.fix(DENY_PLAIN)
                audit.declared("buckets.public", entry)
                audit.note("public on purpose, and its policy denies what comes without TLS")
                assert denied, "public on purpose, and everybody gets it over plain HTTP, too: no statement denies that"
                continue
            if website.to_https:
                audit.note("does nothing but redirect to HTTPS")
                continue
            serving = origins.serving(bucket.name)
            if serving:
                audit.note(
                    f"served over HTTPS only by {', '.join(serving)}; if it is public, it knows HTTP by its own name, which origin access control ends"
                )
                continue
            openings = bucket_openings[bucket]
            by = " and ".join(openings.public)
            assert not openings.public, f"everyone gets it over HTTP, by {by}, and no distribution of the account serves it over HTTPS only"
            openings.settle()
            audit.note("serves nobody: neither the policy nor the ACL lets everyone in; ACLs of single objects are not looked at")
    if not buckets:
        audit.nothing("no buckets")


@check(
    "WKLD.13",
    on="AWS::ApiGateway::DomainName",
    severity="medium",
    fix="aws apigateway update-domain-name --region {region} --domain-name {id} --patch-operations op=replace,path=/securityPolicy,value=TLS_1_2",
    references=("https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-custom-domain-tls-version.html",),
)
def test_api_gateway_domain_tls(audit, api_domains):
    """Every custom domain name of API Gateway allows TLS 1.2 and newer only."""
    for domain in api_domains:
        with audit(domain, type=domain.type):
            if domain.private:
                audit.not_applicable("reached from VPCs only")
            audit.saw(securityPolicy=domain.policies)
            assert not domain.allows_old_tls, f"allows TLS 1.0: its security policy is {', '.join(domain.policies) or 'the first one that there was'}"
    if not api_domains:
        audit.nothing("no custom domain names")


@check(
    "WKLD.13",
    on="AWS::ApiGateway::RestApi",
    severity="low",
    environment="production",
    fix="aws apigateway update-rest-api --region {region} --rest-api-id {id} --patch-operations op=replace,path=/disableExecuteApiEndpoint,value=true  "
    "# where clients use the default endpoint, set its securityPolicy to SecurityPolicy_TLS13_1_2_2021_06 instead",
    references=("https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies.html",),
)
def test_api_gateway_default_endpoint_tls(audit, rest_apis):
    """The default endpoint of every public REST API is off, or allows TLS 1.2 and newer only."""
    for api in rest_apis:
        with audit(api):
            if api.private:
                audit.not_applicable("reached from VPCs only")
            audit.saw(securityPolicy=api.security_policy, disableExecuteApiEndpoint=api.disable_execute_api_endpoint)
            if api.disable_execute_api_endpoint:
                audit.note("its default endpoint is off")
                continue
            assert not api.allows_old_tls, f"its default endpoint allows TLS 1.0: its security policy is {api.security_policy or 'not set'}"
    if not rest_apis:
        audit.nothing("no REST APIs")


@check(
    "WKLD.13",
    on="AWS::OpenSearchService::Domain",
    severity="medium",
    fix="aws opensearch update-domain-config --region {region} --domain-name {id} "
    "--domain-endpoint-options EnforceHTTPS=true,TLSSecurityPolicy=Policy-Min-TLS-1-2-PFS-2023-10",
    references=("https://docs.aws.amazon.com/opensearch-service/latest/developerguide/infrastructure-security.html",),
)
def test_opensearch_domain_requires_https(audit, search_domains):
    """Every search domain with a public endpoint takes HTTPS only, by TLS 1.2 or newer."""
    for domain in search_domains:
        with audit(domain):
            if domain.vpc_options:
                audit.not_applicable(f"reached from {domain.vpc_options.vpc} only")
            audit.saw(EnforceHTTPS=domain.endpoint.enforce_https, TLSSecurityPolicy=domain.endpoint.policy)
            assert domain.endpoint.enforce_https, "takes HTTP"
            assert not domain.endpoint.old, f"{domain.endpoint.policy} allows TLS 1.0"
    if not search_domains:
        audit.nothing("no search domains")


@check(
    "WKLD.13",
    on="AWS::ElasticBeanstalk::Environment",
    severity="high",
    fix="aws elasticbeanstalk update-environment --region {region} --environment-name {name} --option-settings "
    "Namespace=aws:elbv2:listener:443,OptionName=Protocol,Value=HTTPS Namespace=aws:elbv2:listener:443,OptionName=SSLCertificateArns,Value=CERTIFICATE "
    "Namespace=aws:elbv2:listener:default,OptionName=ListenerEnabled,Value=false",
    references=("https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/configuring-https.html",),
)
def test_beanstalk_environment_https(audit, environments, environment_balancers, ways_to_environments):
    """Every environment of Elastic Beanstalk for the web is reached by HTTPS only, as far as its load balancers tell."""
    for environment in environments:
        with audit(environment):
            if environment.tier.name == "Worker":
                audit.not_applicable("a worker, which nobody calls")
            balancers = environment_balancers[environment]
            if not balancers:
                audit.manual("does the proxy on its only instance take HTTPS only?")
            ways = ways_to_environments.of(balancers)
            if not any(each.public for each in ways):
                audit.not_applicable("its load balancers are internal")
            plain = [each for each in ways if each.public and each.plain]
            for each in plain:
                audit.judged_by(each.judge)
            assert not plain, f"its load balancers take HTTP: {', '.join(each.plain for each in plain)}"
            if any(each.public and each.asks for each in ways):
                audit.manual("do its instances take HTTPS only, or redirect to it, on what its load balancers pass on to them?")
            assert any(each.public and each.encrypted for each in ways), "no listener of its load balancers takes TLS"
    if not environments:
        audit.nothing("no environments")
