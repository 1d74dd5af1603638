# What template.yaml makes, CloudFormation makes as this role. GitHub's role can hand it to CloudFormation, and cannot be it.
# tests/infra proves that it may make every resource of the template, and nothing of the other environment.
locals {
  role_arns = "arn:${local.partition}:iam::${local.account}:role/${local.name}-*Role-*" # CloudFormation's names, not Terraform's

  policies = {
    functions = local.functions_statements
    roles     = local.roles_statements
    storage   = local.storage_statements
    edge      = local.edge_statements
    watching  = local.watching_statements
  }
}

resource "aws_iam_role" "cloudformation" {
  name        = "${local.name}-cloudformation"
  description = "Makes what template.yaml describes."
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = "sts:AssumeRole"
      # No aws:SourceAccount: CloudFormation is not documented to send it for a stack's role, and only who may pass the role,
      # which no other account can, makes CloudFormation use it.
      Principal = { Service = "cloudformation.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "cloudformation" {
  # checkov:skip=CKV_AWS_289: roles only with the boundary, and only under this stack's names
  # checkov:skip=CKV_AWS_355: each "*" says at its place why AWS knows nothing narrower
  # checkov:skip=CKV_AWS_290: each "*" says at its place why AWS knows nothing narrower
  for_each = local.policies

  name   = each.key
  role   = aws_iam_role.cloudformation.id
  policy = jsonencode({ Version = "2012-10-17", Statement = each.value })
}
