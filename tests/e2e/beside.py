"""Does by hand what tests of faults need beside the program, and reads what an account holds: one
JSON request a line on standard input, one JSON answer a line. Boto3, and none of our own code.

    {"account": "123456789012", "region": "ap-northeast-1", "do": "read" | "others" | "ours"}
"""

import functools
import json
import sys

import boto3
from read_back import alarms, machines, roles, rules, topics

# What AWS changes or makes up by itself.
MADE_UP = {
    "SubscriptionArn",
    "AlarmConfigurationUpdatedTimestamp",
    "StateUpdatedTimestamp",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
}


# One account after the other is worked in: the clients of the last are enough.
@functools.lru_cache(maxsize=1)
def clients(account, region):
    session = boto3.session.Session(
        aws_access_key_id=account, aws_secret_access_key="not-a-secret", region_name=region
    )
    return functools.cache(session.client)


def make(client, name):
    """A topic with a reader, a rule and an alarm of this name that tell it, without any tags."""
    sns, events = client("sns"), client("events")
    topic = sns.create_topic(Name=f"{name}-topic", Attributes={"DisplayName": "By hand"})["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="others@example.com")
    events.put_rule(Name=f"{name}-rule", EventPattern='{"source": ["by.hand"]}')
    events.put_targets(Rule=f"{name}-rule", Targets=[{"Id": "by-hand", "Arn": topic}])
    client("cloudwatch").put_metric_alarm(
        AlarmName=f"{name}-alarm",
        Namespace="By/Hand",
        MetricName="Errors",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic],
    )


def others(client):
    """What is not ours, some of it by names that begin like ours."""
    make(client, "others")
    make(client, "faults-of-others")
    client("sns").tag_resource(
        ResourceArn=client("sns").create_topic(Name="others-topic")["TopicArn"],
        Tags=[{"Key": "notify:stack", "Value": "another"}],
    )
    client("sqs").create_queue(QueueName="faults-of-others-queue")
    visible = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": True}
    named = lambda name: {**visible, "MetricName": name}
    client("wafv2").create_web_acl(
        Name="faults-acl",
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        VisibilityConfig=named("faults-acl"),
        Rules=[
            {
                "Name": name,
                "Priority": priority,
                "Action": {"Block": {}},
                "Statement": {"GeoMatchStatement": {"CountryCodes": ["AQ"]}},
                "VisibilityConfig": named(name),
            }
            for priority, name in enumerate(["first", "second"])
        ],
    )


def ours(client):
    """What carries the names of ours, to be adopted."""
    make(client, "faults")


def known(value):
    if isinstance(value, dict):
        return {key: known(of) for key, of in value.items() if key not in MADE_UP}
    return [known(of) for of in value] if isinstance(value, list) else value


def read(client):
    sqs = client("sqs")
    urls = sqs.list_queues().get("QueueUrls", [])
    told = list(topics(client("sns")))
    for topic in told:
        # In the order in which they came, which is no matter.
        topic["subscriptions"].sort(key=lambda one: (one["Protocol"], one["Endpoint"]))
    everything = {
        "topics": told,
        "rules": list(rules(client("events"))),
        "alarms": list(alarms(client("cloudwatch"))),
        "machines": list(machines(client("stepfunctions"))),
        "roles": list(roles(client("iam"))),
        "queues": [
            {
                "name": url.rsplit("/", 1)[1],
                **sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"],
            }
            for url in urls
        ],
    }
    found = {"others": [], "ours": []}
    for kind, list_of in everything.items():
        for one in list_of:
            name = one.get("name") or one.get("Name") or one.get("AlarmName")
            whose = "others" if "others" in name else "ours"
            # What is others' must be untouched to the last time stamp.
            found[whose].append([kind, name, one if whose == "others" else known(one)])
    return {whose: sorted(each, key=lambda one: one[:2]) for whose, each in found.items()}


for line in sys.stdin:
    asked = json.loads(line)
    client = clients(asked["account"], asked["region"])
    answer = {"read": read, "others": others, "ours": ours}[asked["do"]](client)
    print(json.dumps(answer, default=str), flush=True)
