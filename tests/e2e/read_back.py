"""Prints all that an account holds, as JSON, read with boto3 and none of our own code.

    read_back.py [REGION…]      (default: the region of the environment)
"""

import json
import sys

import boto3


def pages(client, operation, key, **arguments):
    found = []
    for page in client.get_paginator(operation).paginate(**arguments):
        found.extend(page.get(key, []))
    return found


def by_key(tags):
    return {tag["Key"]: tag["Value"] for tag in tags}


def topics(sns):
    for topic in pages(sns, "list_topics", "Topics"):
        arn = topic["TopicArn"]
        attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
        yield {
            "arn": arn,
            "name": arn.rsplit(":", 1)[1],
            # As JSON, not as text: whoever writes it back may space it otherwise.
            "policy": json.loads(attributes.pop("Policy")),
            "attributes": attributes,
            "tags": by_key(sns.list_tags_for_resource(ResourceArn=arn)["Tags"]),
            "subscriptions": pages(
                sns, "list_subscriptions_by_topic", "Subscriptions", TopicArn=arn
            ),
        }


def queues(sqs):
    for url in pages(sqs, "list_queues", "QueueUrls"):
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        policy = attributes.pop("Policy", None)
        yield {
            "name": url.rsplit("/", 1)[1],
            "policy": json.loads(policy) if policy else None,
            "attributes": attributes,
            "tags": sqs.list_queue_tags(QueueUrl=url).get("Tags", {}),
        }


def rules(events):
    for rule in pages(events, "list_rules", "Rules"):
        tags = events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]
        targets = pages(events, "list_targets_by_rule", "Targets", Rule=rule["Name"])
        if "EventPattern" in rule:
            rule["EventPattern"] = json.loads(rule["EventPattern"])
        yield {**rule, "tags": by_key(tags), "targets": targets}


def alarms(cloudwatch):
    for alarm in pages(cloudwatch, "describe_alarms", "MetricAlarms"):
        tags = cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
        alarm["Dimensions"] = {d["Name"]: d["Value"] for d in alarm["Dimensions"]}
        yield {**alarm, "tags": by_key(tags)}


def machines(states):
    for machine in pages(states, "list_state_machines", "stateMachines"):
        arn = machine["stateMachineArn"]
        found = states.describe_state_machine(stateMachineArn=arn)
        tags = states.list_tags_for_resource(resourceArn=arn)["tags"]
        yield {
            "name": found["name"],
            "definition": json.loads(found["definition"]),
            "role": found["roleArn"],
            "type": found["type"],
            "tags": {tag["key"]: tag["value"] for tag in tags},
        }


def roles(iam):
    """Of all regions: IAM has none."""
    for role in pages(iam, "list_roles", "Roles"):
        name = role["RoleName"]
        policies = pages(iam, "list_role_policies", "PolicyNames", RoleName=name)
        read = lambda policy: iam.get_role_policy(RoleName=name, PolicyName=policy)
        yield {
            "name": name,
            "trust": role["AssumeRolePolicyDocument"],
            "policies": {policy: read(policy)["PolicyDocument"] for policy in policies},
            "tags": by_key(iam.list_role_tags(RoleName=name)["Tags"]),
        }


def region(name):
    client = lambda service: boto3.client(service, region_name=name)
    return {
        "topics": list(topics(client("sns"))),
        "queues": list(queues(client("sqs"))),
        "machines": list(machines(client("stepfunctions"))),
        "roles": list(roles(client("iam"))),
        "rules": list(rules(client("events"))),
        "alarms": list(alarms(client("cloudwatch"))),
    }


if __name__ == "__main__":
    names = sys.argv[1:] or [boto3.session.Session().region_name]
    json.dump({name: region(name) for name in names}, sys.stdout, default=str)
