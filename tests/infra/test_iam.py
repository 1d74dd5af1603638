"""The evaluator of IAM policies follows AWS's rules (IAM User Guide, policy evaluation and condition operators)."""

import pytest

from tests.infra.iam import Statement, is_allowed

ALLOW: Statement = {"Effect": "Allow", "Action": ["s3:*", "lambda:*"], "Resource": "*"}


def deny(**rest: object) -> list[Statement]:
    return [ALLOW, {"Effect": "Deny", "Resource": ["*"], **rest}]


def test_everything_is_denied_without_a_statement():
    assert not is_allowed([], "s3:GetObject", "arn:aws:s3:::a/b")


def test_deny_wins_in_any_order():
    policies = deny(Action=["s3:GetObject"])
    for order in (policies, policies[::-1]):
        assert not is_allowed(order, "s3:GetObject", "arn:aws:s3:::a/b")
        assert is_allowed(order, "s3:PutObject", "arn:aws:s3:::a/b")


def test_not_action_covers_all_other_actions():
    policies = deny(NotAction=["s3:Get*", "s3:List*"])
    assert is_allowed(policies, "s3:GetBucketPolicy", "arn:aws:s3:::a")
    assert not is_allowed(policies, "s3:PutBucketPolicy", "arn:aws:s3:::a")
    assert not is_allowed(policies, "lambda:GetFunction", "arn:aws:lambda:us-east-1:1:function:f")


def test_names_of_actions_ignore_case_and_resources_do_not():
    policies = [{"Effect": "Allow", "Action": "S3:getobject", "Resource": "arn:aws:s3:::a/*"}]
    assert is_allowed(policies, "s3:GetObject", "arn:aws:s3:::a/b")
    assert not is_allowed(policies, "s3:GetObject", "arn:aws:s3:::A/b")


@pytest.mark.parametrize(
    ("condition", "context", "denied"),
    [
        ({"StringNotEquals": {"aws:ResourceAccount": "1"}}, {"aws_ResourceAccount": "1"}, False),
        ({"StringNotEquals": {"aws:ResourceAccount": "1"}}, {"aws_ResourceAccount": "2"}, True),
        ({"StringNotEquals": {"aws:ResourceAccount": "1"}}, {}, True),  # a negated operator holds without the key
        ({"StringNotEqualsIfExists": {"aws:ResourceAccount": "1"}}, {}, True),
        ({"StringNotEqualsIfExists": {"aws:ResourceAccount": "1"}}, {"aws_ResourceAccount": "1"}, False),
        ({"StringEquals": {"aws:ResourceAccount": "1"}}, {}, False),
        ({"Null": {"cloudformation:ImportResourceTypes": "false"}}, {}, False),
        ({"Null": {"cloudformation:ImportResourceTypes": "false"}}, {"cloudformation_ImportResourceTypes": "A"}, True),
        ({"ForAnyValue:StringNotEquals": {"lambda:SubnetIds": ["a", "b"]}}, {}, False),
        ({"ForAnyValue:StringNotEquals": {"lambda:SubnetIds": ["a", "b"]}}, {"lambda_SubnetIds": ["a", "b"]}, False),
        ({"ForAnyValue:StringNotEquals": {"lambda:SubnetIds": ["a", "b"]}}, {"lambda_SubnetIds": ["a", "c"]}, True),
        ({"ForAnyValue:ArnNotLike": {"events:TargetArn": "arn:a:*"}}, {"events_TargetArn": ["arn:a:b", "arn:c"]}, True),
        ({"ForAnyValue:ArnNotLike": {"events:TargetArn": "arn:a:*"}}, {"events_TargetArn": ["arn:a:b"]}, False),
        # All operators and keys must hold.
        ({"StringEquals": {"a:x": "1"}, "Null": {"a:y": "true"}}, {"a_x": "1", "a_y": "2"}, False),
    ],
)
def test_conditions_hold_as_documented(condition: dict, context: dict, *, denied: bool):
    policies = deny(Action=["lambda:CreateFunction"], Condition=condition)
    assert is_allowed(policies, "lambda:CreateFunction", "f", **context) is not denied
