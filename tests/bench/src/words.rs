//! What occurs in events and rules alike, so that rules match some events and not others.

use crate::random::Random;

const REGIONS: [&str; 10] = [
    "ap-northeast-1",
    "ap-northeast-3",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "sa-east-1",
    "us-east-1",
    "us-west-2",
];
const ACCOUNTS: usize = 40;
/// Besides, there are sixty of each of `NAMED_RULES`.
const MANAGED_RULES: [&str; 5] = [
    "access-keys-rotated",
    "iam-root-access-key-check",
    "iam-user-mfa-enabled",
    "mfa-enabled-for-iam-console-access",
    "restricted-ssh",
];
/// How the names of organization rules begin.
pub(crate) const NAMED_RULES: [&str; 5] = [
    "corp-s3-private-",
    "corp-sg-closed-",
    "corp-ebs-encrypted-",
    "corp-rds-backup-",
    "corp-tags-present-",
];
/// A type, and how the identifiers of its resources begin.
const RESOURCE_TYPES: [&str; 8] = [
    "AWS::EC2::Instance i-",
    "AWS::EC2::SecurityGroup sg-",
    "AWS::EC2::Volume vol-",
    "AWS::IAM::User AIDA",
    "AWS::KMS::Key key-",
    "AWS::Lambda::Function worker-",
    "AWS::RDS::DBInstance db-",
    "AWS::S3::Bucket archive-",
];
/// A service, and one of its calls.
const CALLS: [&str; 24] = [
    "ec2 AuthorizeSecurityGroupIngress",
    "ec2 DescribeInstances",
    "ec2 RunInstances",
    "ec2 StopInstances",
    "ec2 TerminateInstances",
    "iam AttachUserPolicy",
    "iam CreateAccessKey",
    "iam CreateUser",
    "iam DeleteUser",
    "iam PutRolePolicy",
    "kms Decrypt",
    "kms GenerateDataKey",
    "kms ScheduleKeyDeletion",
    "lambda CreateFunction20150331",
    "lambda DeleteFunction20150331",
    "lambda Invoke",
    "s3 CreateBucket",
    "s3 DeleteBucket",
    "s3 GetObject",
    "s3 PutBucketPolicy",
    "s3 PutObject",
    "sts AssumeRole",
    "sts GetCallerIdentity",
    "sts GetSessionToken",
];
pub(crate) const ROLES: [&str; 3] = ["Admin", "Deploy", "ReadOnly"];
pub(crate) const USERS: [&str; 6] = ["aiko", "bela", "chidi", "emergency", "pipeline", "audit"];
pub(crate) const ENVIRONMENTS: [&str; 3] = ["dev", "prod", "staging"];
pub(crate) const TEAMS: [&str; 3] = ["data", "platform", "web"];
pub(crate) const HEALTH_SERVICES: [&str; 6] = ["DYNAMODB", "EC2", "EKS", "LAMBDA", "RDS", "S3"];
pub(crate) const FINDINGS: [&str; 7] = [
    "Backdoor:EC2/DenialOfService.Dns",
    "CryptoCurrency:EC2/BitcoinTool.B",
    "Discovery:S3/MaliciousIPCaller",
    "Impact:EC2/PortSweep",
    "Recon:EC2/Portscan",
    "Trojan:EC2/DropPoint",
    "UnauthorizedAccess:EC2/RDPBruteForce",
];
const AGENTS: [&str; 5] = [
    "aws-cli/2.17.9 md/awscrt#0.21.2 ua/2.0 os/linux#6.8.0-1012-aws md/arch#x86_64 lang/python#3.11.9 md/prompt#off md/command#iam.create-user",
    "Boto3/1.35.4 md/Botocore#1.35.4 ua/2.0 os/linux#6.1.102 md/arch#aarch64 lang/python#3.12.5 cfg/retry-mode#legacy",
    "cloudformation.amazonaws.com",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0",
    "aws-sdk-rust/1.3.3 os/linux lang/rust/1.81.0 api/s3/1.47.0 \"job\" 4711",
];
const ANNOTATIONS: [&str; 4] = [
    "The volume is not encrypted with the team's own key; see \u{a7} 4 of the run book.",
    "必須タグ (Owner, CostCenter) がありません。",
    "Port 22 is open to 0.0.0.0/0.",
    "Tag \"Owner\" is missing.",
];
/// The first byte of every address.
pub(crate) const NETWORKS: [u8; 7] = [3, 10, 52, 54, 172, 192, 203];

pub(crate) fn accounts() -> Vec<String> {
    let mut random = Random::new(0xacc0);
    let account = |_| format!("{:012}", 100_000_000_000 + random.below(899_999_999_999));
    (0..ACCOUNTS).map(account).collect()
}

pub(crate) fn config_rules() -> Vec<String> {
    let managed = MANAGED_RULES.iter().map(|&name| name.to_owned());
    let named = |number| NAMED_RULES.iter().map(move |begin| format!("{begin}{number:03}"));
    managed.chain((0..60).flat_map(named)).collect()
}

pub(crate) fn regions() -> Vec<String> {
    REGIONS.map(str::to_owned).to_vec()
}

pub(crate) fn resource_types() -> Vec<String> {
    let kind = |entry: &str| entry.split(' ').next().unwrap_or_default().to_owned();
    RESOURCE_TYPES.map(kind).to_vec()
}

/// The list that a template names.
pub(crate) fn list(name: &str) -> Option<Vec<String>> {
    let texts = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
    Some(match name {
        "accounts" => accounts(),
        "agents" => texts(&AGENTS),
        "annotations" => texts(&ANNOTATIONS),
        "calls" => texts(&CALLS),
        "config rules" => config_rules(),
        "environments" => texts(&ENVIRONMENTS),
        "findings" => texts(&FINDINGS),
        "health services" => texts(&HEALTH_SERVICES),
        "regions" => regions(),
        "resource types" => texts(&RESOURCE_TYPES),
        "roles" => texts(&ROLES),
        "teams" => texts(&TEAMS),
        "users" => texts(&USERS),
        _ => return None,
    })
}
