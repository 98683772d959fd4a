"""A queue that a topic sends to.

    readers.py make NAME     makes it, and prints its ARN
    readers.py read NAME     prints what lies in it, as a list of JSON documents
"""

import json
import sys

import boto3

deed, name = sys.argv[1:]
sqs = boto3.client("sqs")
if deed == "make":
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    print(attributes["Attributes"]["QueueArn"], end="")
else:
    queue = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=5)
    print(json.dumps([json.loads(message["Body"]) for message in messages.get("Messages", [])]))
