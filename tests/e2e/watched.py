"""Makes what `init --from-aws` looks for (AWS Config rules, a web ACL that blocks and counts), and a key."""

import json

import boto3

config, waf = boto3.client("config"), boto3.client("wafv2")
NAMES = (
    "restricted-ssh", "ec2-stopped-instance",
    "OrgConfigRule-s3-logging-dbgzf8ba", "OrgConfigRule-s3-logging-0a1b2c3d",
)
for name in NAMES:
    source = {"Owner": "AWS", "SourceIdentifier": "INCOMING_SSH_DISABLED"}
    config.put_config_rule(ConfigRule={"ConfigRuleName": name, "Source": source})


def measured(metric):
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": metric}


def rule(priority, metric, action):
    countries = {"GeoMatchStatement": {"CountryCodes": ["JP"]}}
    return {
        "Name": f"rule-{priority}", "Priority": priority, "Statement": countries,
        "Action": {action: {}}, "VisibilityConfig": measured(metric),
    }


waf.create_web_acl(
    Name="base", Scope="REGIONAL", DefaultAction={"Allow": {}},
    VisibilityConfig=measured("waf-base-001"),
    Rules=[rule(0, "blocks", "Block"), rule(1, "counts", "Count"), rule(2, "allows", "Allow")],
)

publishers = ["events.amazonaws.com", "cloudwatch.amazonaws.com"]
policy = {"Version": "2012-10-17", "Statement": [{
    "Sid": "publish", "Effect": "Allow", "Principal": {"Service": publishers},
    "Action": ["kms:GenerateDataKey*", "kms:Decrypt"], "Resource": "*",
}]}
kms = boto3.client("kms")
key = kms.create_key(Policy=json.dumps(policy))["KeyMetadata"]["KeyId"]
kms.create_alias(AliasName="alias/notify", TargetKeyId=key)
