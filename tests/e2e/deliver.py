"""Sends events through rules with input settings: rule, SNS topic, SQS queue.

    deliver.py CASES.json

CASES.json is a list of {"input", "detail"}: what PutTargets takes beside Id and Arn, and an
event's detail. Prints a list of {"event", "message"}: the event as a second target received it
unchanged, and what the target with the input received, both to the last character.
"""

import json
import sys

import boto3

with open(sys.argv[1], encoding="utf-8") as file:
    cases = json.load(file)
sns, sqs, events = (boto3.client(name) for name in ("sns", "sqs", "events"))


def topic_with_queue(name):
    """A topic, and a queue that receives what is published to it."""
    topic = sns.create_topic(Name=name)["TopicArn"]
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    arn = attributes["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return topic, queue


def receive(queue):
    """The message that a topic has put into a queue."""
    messages = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5).get("Messages", [])
    if len(messages) != 1:
        sys.exit(f"{len(messages)} messages instead of one")
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=messages[0]["ReceiptHandle"])
    return json.loads(messages[0]["Body"])["Message"]


plain, plain_queue = topic_with_queue("plain")
changed, changed_queue = topic_with_queue("changed")
detail_types = {}
answers = []
for case in cases:
    key = json.dumps(case["input"], sort_keys=True)
    if key not in detail_types:
        name = detail_types[key] = f"input-{len(detail_types)}"
        pattern = {"source": ["my.app"], "detail-type": [name]}
        events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        targets = [{"Id": "plain", "Arn": plain}, {"Id": "changed", "Arn": changed, **case["input"]}]
        events.put_targets(Rule=name, Targets=targets)
    entry = {
        "Source": "my.app",
        "DetailType": detail_types[key],
        "Detail": json.dumps(case["detail"], ensure_ascii=False),
        "Resources": ["arn:aws:s3:::shop"],
    }
    if events.put_events(Entries=[entry])["FailedEntryCount"]:
        sys.exit(f"an event was not taken: {entry}")
    answers.append({"event": receive(plain_queue), "message": receive(changed_queue)})
print(json.dumps(answers))
