# Limits of CloudFormation when it works for GitHub, which no other statement lifts. It may not change the resources that the
# template retains, decide who may use a role, reach resources that have neither a name nor a tag of this environment, or
# create those that only a tag protects later. The administrator's role has no such limits: docs/operations/deploy.md lists
# the changes that need it.
locals {
  limits_statements = [
    {
      Sid       = "KeepRetainedBuckets" # their lifecycle, policy and public access decide about every file
      Effect    = "Deny"
      NotAction = ["s3:Get*", "s3:List*"]
      Resource  = local.stack_buckets
    },
    {
      Sid       = "KeepLedgerAndPasswords"
      Effect    = "Deny"
      NotAction = ["dynamodb:Describe*", "dynamodb:Get*Policy", "dynamodb:List*", "secretsmanager:Describe*", "secretsmanager:Get*Policy"]
      Resource = [
        "arn:${local.partition}:dynamodb:${local.here}:table/${local.name}-uploads",
        "arn:${local.partition}:secretsmanager:${local.here}:secret:${local.name}-*",
      ]
    },
    {
      # No condition limits whom the trust policy of a role names.
      Sid      = "KeepTrust"
      Effect   = "Deny"
      Action   = ["iam:CreateRole", "iam:UpdateAssumeRolePolicy"]
      Resource = ["*"]
    },
    {
      Sid       = "KeepApiGatewayLogsRole" # of the whole account and without boundary, so it may not be passed either
      Effect    = "Deny"
      NotAction = ["iam:Get*", "iam:List*"]
      Resource  = [local.api_gateway_logs_role]
    },
    {
      Sid       = "KeepAccountAndTags" # a tag would make another API of the account one of this environment
      Effect    = "Deny"
      NotAction = ["apigateway:GET"]
      Resource = [
        "${local.gateway}:/account", "${local.gateway}:/apikeys", "${local.gateway}:/restapis", "${local.gateway}:/tags/*",
        "${local.gateway}:/usageplans",
      ]
    },
    {
      Sid       = "KeepUnnamedParts" # nothing tells whose these are
      Effect    = "Deny"
      NotAction = ["cloudfront:Get*", "cloudfront:List*"]
      Resource = [
        "arn:${local.partition}:cloudfront::${local.account}:origin-access-control/*",
        "arn:${local.partition}:cloudfront::${local.account}:response-headers-policy/*",
      ]
    },
    {
      Sid    = "KeepDistribution"
      Effect = "Deny"
      Action = [
        "cloudfront:CreateDistribution*", "cloudfront:DeleteDistribution", "cloudfront:TagResource", "cloudfront:UntagResource",
      ]
      Resource = ["*"]
    },
    {
      Sid      = "KeepEventsInside"
      Effect   = "Deny"
      Action   = ["events:PutTargets"]
      Resource = ["*"]
      Condition = { "ForAnyValue:ArnNotLike" = {
        "events:TargetArn" = "arn:${local.partition}:lambda:${local.here}:function:${local.name}-*"
      } }
    },
    local.only_tagged,
  ]
}
