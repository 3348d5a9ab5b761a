"""Checks the module in this folder without Terraform: `cargo xtask deploy-check` runs it.

Every file parses, every name that is used is declared, the arguments that protect the bucket's history are set, the
policies allow what a server does and nothing else, and parliament finds no fault in them.
"""

import copy
import json
import re
import sys
import warnings
from pathlib import Path

import hcl2

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import parliament

FOLDER = Path(__file__).parent
SERVER_SOURCE = FOLDER / "../../server/s3/src"
ARN = "arn:aws:s3:::a-vault"
KEY_ARN = "arn:aws:kms:eu-central-1:000000000000:key/a-key"

# The only operations of a server on objects, and on the bucket.
OBJECTS = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
LIST = "s3:ListBucket"
# Denied even if another policy of the role allows it.
FORBIDDEN = [
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:DeleteObjectVersion",
    "s3:GetObjectVersion",
    "s3:ListBucketVersions",
    "s3:PutBucketAcl",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutObjectAcl",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutObjectVersionAcl",
    "s3:PutReplicationConfiguration",
]
# Type of a resource, the path to an argument, and its value.
ARGUMENTS = [
    ("aws_s3_bucket", "lifecycle.0.prevent_destroy", True),
    ("aws_s3_bucket_versioning", "versioning_configuration.0.status", "Enabled"),
    ("aws_s3_bucket_public_access_block", "block_public_acls", True),
    ("aws_s3_bucket_public_access_block", "block_public_policy", True),
    ("aws_s3_bucket_public_access_block", "ignore_public_acls", True),
    ("aws_s3_bucket_public_access_block", "restrict_public_buckets", True),
    ("aws_s3_bucket_ownership_controls", "rule.0.object_ownership", "BucketOwnerEnforced"),
    (
        "aws_s3_bucket_lifecycle_configuration",
        "rule.0.noncurrent_version_expiration.0.noncurrent_days",
        "${var.noncurrent_days}",
    ),
    (
        "aws_s3_bucket_lifecycle_configuration",
        "rule.0.abort_incomplete_multipart_upload.0.days_after_initiation",
        1,
    ),
]


class Fault(Exception):
    """What is wrong."""


def require(condition, text):
    if not condition:
        raise Fault(text)


# The module


def unquoted(value):
    """The parser keeps the quotes of texts and labels."""
    if isinstance(value, str):
        return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    if isinstance(value, list):
        return [unquoted(one) for one in value]
    if isinstance(value, dict):
        return {unquoted(name): unquoted(one) for name, one in value.items()}
    return value


def read_module():
    """The blocks of all files by their kind, and the text without comments."""
    module, text = {}, ""
    for path in sorted(FOLDER.glob("*.tf")):
        source = path.read_text()
        for kind, blocks in unquoted(hcl2.loads(source)).items():
            if isinstance(blocks, list):
                module.setdefault(kind, []).extend(blocks)
        text += re.sub(r"(?m)^\s*#.*$", "", source)
    return module, text


def check_names(module, text):
    used = set(re.findall(r"\bvar\.(\w+)", text))
    declared = {name for block in module["variable"] for name in block if not name.startswith("__")}
    require(used == declared, f"variables used {sorted(used)}, declared {sorted(declared)}")
    used = set(re.findall(r"\b(aws_\w+\.\w+)", text))
    declared = {f"{kind}.{name}" for kind, named in resources(module) for name in named}
    require(used <= declared, f"no such resources: {sorted(used - declared)}")


def resources(module):
    return [(kind, named) for block in module["resource"] for kind, named in block.items() if isinstance(named, dict)]


def check_arguments(module):
    for kind, path, expected in ARGUMENTS:
        value = next((named.get("vault") for name, named in resources(module) if name == kind), None)
        for step in path.split("."):
            try:
                value = value[int(step) if step.isdigit() else step]
            except (IndexError, KeyError, TypeError):
                raise Fault(f"{kind} has no {path}") from None
        require(value == expected, f"{kind} {path} is {value!r}, not {expected!r}")


# The policies


def policy(name, **values):
    text = (FOLDER / name).read_text()
    for placeholder, value in values.items():
        require(f"${{{placeholder}}}" in text, f"{name} does not use {placeholder}")
        text = text.replace(f"${{{placeholder}}}", value)
    require("${" not in text and "%{" not in text, f"{name} has a placeholder that nothing fills")
    return text


def statements(text):
    """The statements without their names, and every list sorted."""
    document = json.loads(text)
    require(set(document) == {"Version", "Statement"} and document["Version"] == "2012-10-17", "another form")
    listed = lambda value: sorted([value] if isinstance(value, str) else value)
    return [
        {key: listed(value) if key in ("Action", "Resource") else value for key, value in one.items() if key != "Sid"}
        for one in document["Statement"]
    ]


def expected_of_server(names):
    """Objects and names below `names`; a denial for the whole bucket, whatever another policy allows."""
    # Without a prefix, too: S3 responds with 403 instead of 404 to a role that may not list.
    prefix = {"StringLikeIfExists": {"s3:prefix": f"{names}*"}}
    return [
        {"Effect": "Allow", "Action": OBJECTS, "Resource": [f"{ARN}/{names}*"]},
        {"Effect": "Allow", "Action": [LIST], "Resource": [ARN], "Condition": prefix},
        {"Effect": "Deny", "Action": FORBIDDEN, "Resource": [ARN, f"{ARN}/*"]},
    ]


def check_policies():
    for names in ("", "vault/"):
        found = statements(policy("server-policy.json.tftpl", bucket_arn=ARN, names=names))
        require(found == expected_of_server(names), f"the server's policy is {found}")
    tls = {"Bool": {"aws:SecureTransport": "false"}}
    bucket = {"Effect": "Deny", "Principal": "*", "Action": ["s3:*"], "Resource": [ARN, f"{ARN}/*"], "Condition": tls}
    found = statements(policy("bucket-policy.json.tftpl", bucket_arn=ARN))
    require(found == [bucket], f"the bucket's policy is {found}")


def check_source(source):
    """Whatever the server's code names is allowed or denied, and whatever is allowed is named."""
    named = {f"s3:{name}" for name in re.findall(r"s3:([A-Z][A-Za-z0-9]*)", source)}
    unknown = named - {LIST, *OBJECTS, *FORBIDDEN}
    require(not unknown, f"server/s3 names {sorted(unknown)}: neither allowed nor denied")
    unused = {LIST, *OBJECTS} - named
    require(not unused, f"server/s3 does not name {sorted(unused)}, which are allowed")


def lint():
    for text in (
        policy("server-policy.json.tftpl", bucket_arn=ARN, names="vault/"),
        policy("bucket-policy.json.tftpl", bucket_arn=ARN),
        policy("key-policy.json.tftpl", key_arn=KEY_ARN),
    ):
        found = parliament.analyze_policy_string(text).findings
        require(not found, f"parliament: {[str(one) for one in found]}")


def check_the_checks(module, text, source):
    """A protection that is missing is found, and so is a name without a declaration."""
    for kind, path, _ in ARGUMENTS:
        changed = copy.deepcopy(module)
        value = next(named["vault"] for name, named in resources(changed) if name == kind)
        *steps, last = path.split(".")
        for step in steps:
            value = value[int(step) if step.isdigit() else step]
        del value[last]
        fails(check_arguments, changed)
    fails(check_names, module, text + "\nvar.unknown")
    fails(check_names, module, text + "\naws_s3_bucket.unknown")
    fails(check_source, source + "s3:PutObjectTagging")
    fails(check_source, source.replace("s3:PutObject", ""))


def fails(check, *arguments):
    try:
        check(*arguments)
    except Fault:
        return
    raise Fault(f"{check.__name__} does not find a fault")


def main():
    module, text = read_module()
    source = "".join(path.read_text() for path in sorted(SERVER_SOURCE.rglob("*.rs")))
    check_names(module, text)
    check_arguments(module)
    check_policies()
    check_source(source)
    lint()
    check_the_checks(module, text, source)


if __name__ == "__main__":
    try:
        main()
    except Fault as fault:
        sys.exit(f"deploy/terraform: {fault}")
