"""Prints the names of all queues in a region, with their tags."""

import json
import sys

import boto3

sqs = boto3.client("sqs", region_name=sys.argv[1])
urls = sqs.list_queues().get("QueueUrls", [])
queues = [{"name": url.rsplit("/", 1)[1], "tags": sqs.list_queue_tags(QueueUrl=url).get("Tags", {})} for url in urls]
print(json.dumps(sorted(queues, key=lambda queue: queue["name"])))
