"""Sends events through a stack's state machine into a queue that reads the topic.

    machine.py queue NAME                     makes the queue, and prints its ARN
    machine.py send NAME SOURCE DETAIL        puts an event, and prints what the queue got: a list
    machine.py send-all NAME SOURCE DETAILS   puts an event for each of a list, and prints all messages
    machine.py by-hand NAME                   makes a state machine of that name
"""

import json
import sys
import time

import boto3

sqs = boto3.client("sqs")


def receive(url):
    """What SNS has put into a queue: one message, and none after it."""
    found, until = [], time.monotonic() + 20
    while time.monotonic() < until and len(found) < 2:
        wait = 5 if not found else 1
        messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=wait).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(json.loads(message["Body"]))
        if found and not messages:
            break
    return found


def receive_all(url, wanted):
    """So many messages, or what has come in a minute, and whatever comes besides."""
    found, until = [], time.monotonic() + 60
    while time.monotonic() < until:
        wait = 5 if len(found) < wanted else 1
        got = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=wait, MaxNumberOfMessages=10)
        messages = got.get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(json.loads(message["Body"]))
        if len(found) >= wanted and not messages:
            break
    return found


command, name, *rest = sys.argv[1:]
if command == "queue":
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    print(attributes["Attributes"]["QueueArn"], end="")
elif command == "send":
    source, detail = rest
    entry = {"Source": source, "DetailType": "told", "Detail": detail}
    if boto3.client("events").put_events(Entries=[entry])["FailedEntryCount"]:
        sys.exit("the event was not taken")
    print(json.dumps(receive(sqs.get_queue_url(QueueName=name)["QueueUrl"])))
elif command == "send-all":
    source, details = rest[0], json.loads(rest[1])
    events = boto3.client("events")
    for first in range(0, len(details), 10):
        entries = [
            {"Source": source, "DetailType": "told", "Detail": json.dumps(detail)}
            for detail in details[first : first + 10]
        ]
        if events.put_events(Entries=entries)["FailedEntryCount"]:
            sys.exit("an event was not taken")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    print(json.dumps({"messages": receive_all(url, len(details))}))
else:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "states.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    role = boto3.client("iam").create_role(
        RoleName="by-hand", AssumeRolePolicyDocument=json.dumps(trust)
    )
    boto3.client("stepfunctions").create_state_machine(
        name=name,
        definition=json.dumps({"StartAt": "a", "States": {"a": {"Type": "Pass", "End": True}}}),
        roleArn=role["Role"]["Arn"],
        type="EXPRESS",
    )
