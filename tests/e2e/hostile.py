"""Writes a text wherever somebody else who may write in the account could have left it: beside a
stack's things, and in them. Boto3 sends what the AWS command line would refuse.

    hostile.py REGION TOPIC RULE ALARM WEB-ACL TEXT TIMES      (TEXT is JSON; it is repeated)
"""

import json
import sys

import boto3
from botocore.exceptions import ClientError

region, topic, rule, alarm, acl, text, times = sys.argv[1:]
text = json.loads(text) * int(times)
client = lambda service: boto3.client(service, region_name=region)
sns, events, cloudwatch = client("sns"), client("events"), client("cloudwatch")
topic = next(t["TopicArn"] for t in sns.list_topics()["Topics"] if t["TopicArn"].endswith(f":{topic}"))
# SNS answers in XML, which has no way to write most control characters: AWS takes none of them.
in_xml = "".join(c for c in text if c in "\t\n" or c >= " ")


def tried(what, call, **given):
    """Whether the server takes it: what it refuses nobody could have written."""
    try:
        call(**given)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        print(f"{what}: {code}", file=sys.stderr)


tried("display name", sns.set_topic_attributes, TopicArn=topic, AttributeName="DisplayName", AttributeValue=in_xml)
policy = json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])
policy["Statement"].append(
    {"Sid": text, "Effect": "Allow", "Principal": {"AWS": text}, "Action": "sns:Publish", "Resource": text}
)
tried("policy", sns.set_topic_attributes, TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy))
tried("tag", sns.tag_resource, ResourceArn=topic, Tags=[{"Key": "hostile", "Value": in_xml}])
tried("reader", sns.subscribe, TopicArn=topic, Protocol="email", Endpoint=in_xml)

own = events.describe_rule(Name=rule)
tried("rule", events.put_rule, Name=rule, EventPattern=own["EventPattern"], Description=text)
tried("target", events.put_targets, Rule=rule, Targets=[{"Id": text, "Arn": topic, "Input": json.dumps(text)}])
tried("another rule", events.put_rule, Name=text, EventPattern=json.dumps({"source": [text]}), Description=text)
tried("its target", events.put_targets, Rule=text, Targets=[{"Id": text, "Arn": topic}])

for name in (alarm, text):
    tried(
        "alarm",
        cloudwatch.put_metric_alarm,
        AlarmName=name,
        AlarmDescription=text,
        Namespace=text,
        MetricName=text,
        Dimensions=[{"Name": text, "Value": text}],
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic, f"arn:aws:sns:{region}:123456789012:{text}"],
    )

visible = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": True}
tried(
    "web ACL",
    client("wafv2").create_web_acl,
    Name=acl,
    Scope="REGIONAL",
    Description=text,
    DefaultAction={"Allow": {}},
    VisibilityConfig={**visible, "MetricName": acl},
    Rules=[
        {
            # WAF takes letters, digits, dashes and underscores alone.
            "Name": "first",
            "Priority": 0,
            "Action": {"Block": {}},
            "Statement": {"GeoMatchStatement": {"CountryCodes": ["AQ"]}},
            "VisibilityConfig": {**visible, "MetricName": "first"},
        }
    ],
)
tried(
    "Config rule",
    client("config").put_config_rule,
    ConfigRule={
        "ConfigRuleName": text,
        "Source": {"Owner": "AWS", "SourceIdentifier": "INCOMING_SSH_DISABLED"},
    },
)
