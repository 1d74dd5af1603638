# Roles for GitHub Actions. AWS exchanges a token that GitHub signs for one job into one of these roles for an hour, so no
# access key is stored at GitHub.
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  name      = "phenom-${var.environment}"
  roles     = var.subject == null ? 0 : 1
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  here      = "${data.aws_region.current.region}:${local.account}" # region and account as in an ARN

  issuer       = "token.actions.githubusercontent.com"
  provider_arn = "arn:${local.partition}:iam::${local.account}:oidc-provider/${local.issuer}"

  # `sam deploy` stores the packages of all stacks of an account in one bucket, under the name of the stack.
  packages = "arn:${local.partition}:s3:::aws-sam-cli-managed-default-samclisourcebucket-*"

  # The bucket's name ends in a hash that SAM chose, and anyone may own a bucket that matches.
  only_this_account = {
    Sid      = "DenyBucketsOfOtherAccounts"
    Effect   = "Deny"
    Action   = ["s3:*"]
    Resource = ["*"] # the condition selects by account
    Condition = {
      StringNotEquals = { "aws:ResourceAccount" = local.account }
      Null            = { "aws:ResourceAccount" = "false" } # a call that creates a bucket may have no such key
    }
  }

  # AWS chooses the ids of these resources, so only the tag identifies their environment. Without a tag they belong to others.
  # Parts of an API or usage plan inherit its tags.
  only_tagged = {
    Sid    = "DenyWithoutTagOfThisEnvironment"
    Effect = "Deny"
    Action = ["apigateway:*", "cloudfront:*"]
    Resource = [
      "${local.gateway}:/apikeys/*", "${local.gateway}:/restapis/*", "${local.gateway}:/usageplans/*",
      "arn:${local.partition}:cloudfront::${local.account}:distribution/*",
    ]
    Condition = { StringNotEquals = { "aws:ResourceTag/environment" = var.environment } } # also true without this tag
  }

  # When both environments share an account, this stops one environment's deployment from changing resources of the other. It
  # allows what has no tag yet, because a deployment creates resources first.
  only_this_environment = {
    Sid      = "DenyOtherEnvironments"
    Effect   = "Deny"
    Action   = ["apigateway:*", "cloudfront:*", "wafv2:*"]
    Resource = ["*"] # the condition selects by tag
    Condition = {
      StringNotEquals = { "aws:ResourceTag/environment" = var.environment }
      Null            = { "aws:ResourceTag/environment" = "false" }
    }
  }
}

# AWS allows one OIDC provider for GitHub per account. STS trusts GitHub's CAs, so thumbprints are not needed.
resource "aws_iam_openid_connect_provider" "github" {
  count = var.create_provider ? local.roles : 0

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

# Only for jobs in this GitHub environment, whose rules decide on approval and on the branches that may deploy.
resource "aws_iam_role" "deploy" {
  count = local.roles

  name                 = "${local.name}-deploy"
  description          = "Deploys ${local.name} from GitHub Actions."
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.provider_arn }
      Condition = { StringEquals = {
        "${local.issuer}:aud" = "sts.amazonaws.com"
        "${local.issuer}:sub" = "${var.subject}:environment:${var.github_environment}"
      } }
    }]
  })

  depends_on = [aws_iam_openid_connect_provider.github] # IAM rejects a principal that does not exist
}

resource "aws_iam_role_policy" "deploy" {
  count = local.roles

  name = "deploy"
  role = aws_iam_role.deploy[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "ReadStack"
        Effect = "Allow"
        Action = ["cloudformation:Describe*", "cloudformation:GetTemplate*", "cloudformation:List*"]
        Resource = [
          "arn:${local.partition}:cloudformation:${local.here}:stack/${local.name}/*",
          "arn:${local.partition}:cloudformation:${local.here}:stack/aws-sam-cli-managed-default/*",
        ]
      },
      {
        Sid      = "CreateChangeSetWithRole"
        Effect   = "Allow"
        Action   = ["cloudformation:CreateChangeSet"]
        Resource = ["arn:${local.partition}:cloudformation:${local.here}:stack/${local.name}/*"]
        Condition = {
          StringEquals = { "cloudformation:RoleArn" = aws_iam_role.cloudformation[0].arn }
        }
      },
      {
        Sid       = "DenyImports" # a deployment must not take over what exists
        Effect    = "Deny"
        Action    = ["cloudformation:CreateChangeSet"]
        Resource  = ["*"]
        Condition = { Null = { "cloudformation:ImportResourceTypes" = "false" } }
      },
      {
        Sid    = "ExecuteChangeSet"
        Effect = "Allow"
        Action = [
          "cloudformation:ExecuteChangeSet",
          "cloudformation:DeleteChangeSet",
          "cloudformation:CancelUpdateStack",
          "cloudformation:ContinueUpdateRollback",
          "cloudformation:TagResource",
          "cloudformation:UntagResource",
        ]
        Resource = ["arn:${local.partition}:cloudformation:${local.here}:stack/${local.name}/*"]
      },
      {
        Sid    = "UseTransforms"
        Effect = "Allow"
        Action = ["cloudformation:CreateChangeSet"]
        Resource = [
          for name in ["LanguageExtensions", "Serverless-2016-10-31"] :
          "arn:${local.partition}:cloudformation:${data.aws_region.current.region}:aws:transform/${name}"
        ]
      },
      {
        Sid       = "PassRoleToCloudFormation"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = [aws_iam_role.cloudformation[0].arn]
        Condition = { StringEquals = { "iam:PassedToService" = "cloudformation.amazonaws.com" } }
      },
      {
        Sid      = "UploadPackages"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = ["${local.packages}/${local.name}/*"]
      },
      {
        Sid      = "ListPackages"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
        Resource = [local.packages]
      },
      {
        Sid      = "ReadTerraformParameters"
        Effect   = "Allow"
        Action   = ["ssm:GetParameters"]
        Resource = ["arn:${local.partition}:ssm:${local.here}:parameter/phenom/${var.environment}/*"]
      },
      {
        Sid      = "PublishUploadPage"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["arn:${local.partition}:s3:::${local.name}-client-${local.account}/*"]
      },
      {
        Sid      = "InvalidateUploadPage"
        Effect   = "Allow"
        Action   = ["cloudfront:CreateInvalidation"]
        Resource = ["arn:${local.partition}:cloudfront::${local.account}:distribution/*"] # AWS chooses the id
      },
      {
        Sid      = "ReadApiKeyForUploadPage"
        Effect   = "Allow"
        Action   = ["apigateway:GET"]
        Resource = ["arn:${local.partition}:apigateway:${data.aws_region.current.region}::/apikeys/*"] # AWS chooses the id
      },
      {
        Sid      = "LogInToRegistry"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"] # this call supports no resources
      },
      {
        Sid    = "PushImages" # and pull the bases of images that are built; nothing is deleted or overwritten
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
          "ecr:DescribeRepositories", "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage",
          "ecr:UploadLayerPart",
        ]
        Resource = ["arn:${local.partition}:ecr:${local.here}:repository/${local.name}/*"]
      },
      local.only_tagged,
      local.only_this_account,
    ]
  })
}
