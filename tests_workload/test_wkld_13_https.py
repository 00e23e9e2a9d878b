"""WKLD.13: require HTTPS for all public web endpoints.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from pytest_ssb import check

LISTENERS = ("https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-https-listener.html",)
POLICIES = ("https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",)
CLASSIC = ("https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-https-load-balancers.html",)
REDIRECT = "'Type=redirect,RedirectConfig={{Protocol=HTTPS,Port=443,StatusCode=HTTP_301}}'"
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
