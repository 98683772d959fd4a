"""What `notify-cli setup` does, as one would write it by hand: one call after the other, no diff.

The topic, a subscription, one rule with its target, and one alarm for each rule of a web ACL.
"""

import argparse
import json

import boto3

RULES = ["s3-bucket-public-write-prohibited", "restricted-ssh"]
TEMPLATE = "\n".join(
    f'"{line}"'
    for line in [
        "Time: <time>",
        "Rule: <rule>",
        "Resource type: <resourceType>",
        "Resource ID: <resourceId>",
        "AWS account: <awsAccountId>",
    ]
)
PATHS = {
    "awsAccountId": "$.detail.awsAccountId",
    "resourceId": "$.detail.resourceId",
    "resourceType": "$.detail.resourceType",
    "rule": "$.detail.configRuleName",
    "time": "$.detail.newEvaluationResult.resultRecordedTime",
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--endpoint-url")
    parser.add_argument("--alarms", type=int, required=True)
    args = parser.parse_args()

    def client(service):
        return boto3.client(service, endpoint_url=args.endpoint_url)

    sns, events, cloudwatch = client("sns"), client("events"), client("cloudwatch")
    account = client("sts").get_caller_identity()["Account"]
    region = sns.meta.region_name
    tags = [{"Key": "notify:stack", "Value": "bench"}]
    topic = sns.create_topic(
        Name="bench", Attributes={"DisplayName": "AWS Config"}, Tags=tags
    )["TopicArn"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AllowEventBridge",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": topic,
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            },
            {
                "Sid": "AllowCloudWatch",
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": topic,
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            },
        ],
    }
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy)
    )
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")
    pattern = {
        "source": ["aws.config"],
        "detail-type": ["Config Rules Compliance Change"],
        "detail": {
            "messageType": ["ComplianceChangeNotification"],
            "configRuleName": RULES,
            "newEvaluationResult": {"complianceType": ["NON_COMPLIANT"]},
        },
    }
    events.put_rule(
        Name="bench-noncompliant",
        Description="Config rules that turned non-compliant",
        EventPattern=json.dumps(pattern),
        Tags=tags,
    )
    events.put_targets(
        Rule="bench-noncompliant",
        Targets=[
            {
                "Id": "notify",
                "Arn": topic,
                "InputTransformer": {"InputPathsMap": PATHS, "InputTemplate": TEMPLATE},
            }
        ],
    )
    for number in range(args.alarms):
        rule = f"rule-{number:04}"
        cloudwatch.put_metric_alarm(
            AlarmName=f"bench-{rule}",
            AlarmDescription="Requests that a WAF rule blocked",
            Namespace="AWS/WAFV2",
            MetricName="BlockedRequests",
            Dimensions=[
                {"Name": "WebACL", "Value": "waf-base-001"},
                {"Name": "Region", "Value": region},
                {"Name": "Rule", "Value": rule},
            ],
            Statistic="Sum",
            Period=86400,
            EvaluationPeriods=1,
            DatapointsToAlarm=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching",
            AlarmActions=[topic],
            Tags=tags,
        )


main()
