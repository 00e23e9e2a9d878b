"""What the demo shows the internet without a load balancer: a function's URL, and what somebody runs in Lightsail."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from pytest_ssb.demo.network import NAME
from pytest_ssb.demo.seeder import Seeder


def seed(seeder: Seeder) -> None:
    """Tell of all of it as data: moto lacks it. In the mixed account one URL is for everyone, and the blog never moved out of Lightsail."""
    region = seeder.regions[0]
    urls = {f"{NAME}-checkout": "AWS_IAM"} if seeder.clean else {f"{NAME}-checkout": "AWS_IAM", f"{NAME}-reports": "NONE"}
    blog = {"name": f"{NAME}-blog", "arn": f"arn:aws:lightsail:{region}:{seeder.account}:Instance/0a1b2c3d-1111-2222-3333-444444444444"}
    instances = [] if seeder.clean else [blog]

    def told_urls(where: str, asked: dict[str, Any]) -> dict[str, Any]:
        function = unquote(asked["url_path"]).split("/")[-2]
        auth = urls.get(function.rpartition(":")[2]) if where == region else None
        return {"FunctionUrlConfigs": [{"FunctionArn": function, "AuthType": auth}] if auth else []}

    seeder.simulated.instead("lambda:ListFunctionUrlConfigs", told_urls)
    seeder.simulated.instead("lightsail:GetInstances", lambda where, asked: {"instances": instances if where == region else []})
