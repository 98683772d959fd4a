"""Makes the system of the brief as a person does in three consoles: nothing of it bears a mark.

    by_hand.py BRIEF.json FOUND.json

FOUND.json is what `read_back.py` printed of an account where the same system was set up from a
file: names and descriptions that the brief leaves to its user are taken from there, so that both
are the same system. All else comes from the brief.
"""

import json
import sys

import boto3

brief, found = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:3])
region = boto3.session.Session().region_name
found = found[region]
sns, events, cloudwatch = (boto3.client(name) for name in ("sns", "events", "cloudwatch"))
account = boto3.client("sts").get_caller_identity()["Account"]

topic = sns.create_topic(
    Name=brief["topic"]["name"],
    Attributes={"DisplayName": found["topics"][0]["attributes"]["DisplayName"]},
    Tags=[{"Key": "team", "Value": "運用"}],
)["TopicArn"]
# The default statement, and the one that the console adds without a word.
policy = {
    "Version": "2008-10-17",
    "Id": "__default_policy_ID",
    "Statement": [
        {
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes"],
            "Resource": topic,
            "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
        },
        {
            "Sid": "AWSEvents_config_Id1a2b3c",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic,
        },
    ],
}
sns.set_topic_attributes(
    TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy)
)
for subscription in found["topics"][0]["subscriptions"]:
    sns.subscribe(
        TopicArn=topic, Protocol=subscription["Protocol"], Endpoint=subscription["Endpoint"]
    )

rule = found["rules"][0]
events.put_rule(
    Name=rule["Name"],
    Description=rule["Description"],
    EventPattern=json.dumps(brief["rule"]["pattern"], indent=2),
)
events.put_targets(
    Rule=rule["Name"],
    Targets=[
        {
            "Id": "Id1a2b3c",
            "Arn": topic,
            "InputTransformer": {
                "InputPathsMap": brief["rule"]["paths"],
                "InputTemplate": "\n".join(brief["rule"]["template"]),
            },
        }
    ],
)

for alarm in found["alarms"]:
    name = alarm["Dimensions"]["Rule"]
    cloudwatch.put_metric_alarm(
        AlarmName=alarm["AlarmName"],
        AlarmDescription=alarm["AlarmDescription"],
        MetricName=brief["alarms"]["metrics"][name],
        Dimensions=[
            {"Name": "Rule", "Value": name},
            {"Name": "WebACL", "Value": brief["alarms"]["web_acl"]},
            {"Name": "Region", "Value": brief["alarms"]["region"]},
        ],
        AlarmActions=[topic],
        **brief["alarms"]["fields"],
    )
