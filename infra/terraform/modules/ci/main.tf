# Who may act from GitHub: for a token that GitHub signs, AWS gives out one of these roles for an hour. No key is kept anywhere.
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  name      = "phenom-${var.environment}"
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  here      = "${data.aws_region.current.region}:${local.account}" # region and account, as ARNs have them

  issuer       = "token.actions.githubusercontent.com"
  provider_arn = "arn:${local.partition}:iam::${local.account}:oidc-provider/${local.issuer}"

  # Written before the deployed stack is named: sam deploy keeps packages of all stacks of an account in one bucket.
  packages = "arn:${local.partition}:s3:::aws-sam-cli-managed-default-samclisourcebucket-*"

  # Ids that AWS picks say nothing of the environment; its tag does. Where both environments share an account, this keeps
  # one's deployment from the other's resources.
  only_this_environment = {
    Sid      = "NeverWhatIsAnotherEnvironments"
    Effect   = "Deny"
    Action   = ["apigateway:*", "cloudfront:*", "wafv2:*"]
    Resource = ["*"] # the condition picks
    Condition = {
      StringNotEquals = { "aws:ResourceTag/environment" = var.environment }
      Null            = { "aws:ResourceTag/environment" = "false" }
    }
  }
}

# An account has one provider for GitHub. STS knows GitHub's certificates, hence no thumbprints.
resource "aws_iam_openid_connect_provider" "github" {
  count = var.create_provider ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

# Deploys: only from jobs in the environment of this name on GitHub, which decides who approves and which branches may.
resource "aws_iam_role" "deploy" {
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

  depends_on = [aws_iam_openid_connect_provider.github] # IAM takes no principal that is not there
}

resource "aws_iam_role_policy" "deploy" {
  name = "deploy"
  role = aws_iam_role.deploy.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "LookAtTheStack"
        Effect = "Allow"
        Action = ["cloudformation:Describe*", "cloudformation:GetTemplate*", "cloudformation:List*"]
        Resource = [
          "arn:${local.partition}:cloudformation:${local.here}:stack/${local.name}/*",
          "arn:${local.partition}:cloudformation:${local.here}:stack/aws-sam-cli-managed-default/*",
        ]
      },
      {
        Sid      = "ChangeTheStackThroughItsRoleAlone"
        Effect   = "Allow"
        Action   = ["cloudformation:CreateChangeSet"]
        Resource = ["arn:${local.partition}:cloudformation:${local.here}:stack/${local.name}/*"]
        Condition = {
          StringEquals = { "cloudformation:RoleArn" = aws_iam_role.cloudformation.arn }
        }
      },
      {
        Sid    = "RunTheChange"
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
        Sid      = "TranslateSam"
        Effect   = "Allow"
        Action   = ["cloudformation:CreateChangeSet"]
        Resource = ["arn:${local.partition}:cloudformation:${data.aws_region.current.region}:aws:transform/Serverless-2016-10-31"]
      },
      {
        Sid       = "HandOverTheRole"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = [aws_iam_role.cloudformation.arn]
        Condition = { StringEquals = { "iam:PassedToService" = "cloudformation.amazonaws.com" } }
      },
      {
        Sid      = "UploadPackages"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = ["${local.packages}/${local.name}/*"]
      },
      {
        Sid      = "FindPackages"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
        Resource = [local.packages]
      },
      {
        Sid      = "ReadWhatTerraformWrote"
        Effect   = "Allow"
        Action   = ["ssm:GetParameters"]
        Resource = ["arn:${local.partition}:ssm:${local.here}:parameter/phenom/${var.environment}/*"]
      },
      {
        Sid      = "PublishThePage"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["arn:${local.partition}:s3:::${local.name}-client-${local.account}/*"]
      },
      {
        Sid      = "ShowThePageAnew"
        Effect   = "Allow"
        Action   = ["cloudfront:CreateInvalidation"]
        Resource = ["arn:${local.partition}:cloudfront::${local.account}:distribution/*"] # the id is AWS's
      },
      {
        Sid      = "TellThePageItsKey"
        Effect   = "Allow"
        Action   = ["apigateway:GET"]
        Resource = ["arn:${local.partition}:apigateway:${data.aws_region.current.region}::/apikeys/*"] # the id is AWS's
      },
      local.only_this_environment,
    ]
  })
}
