# CloudFormation uses these roles to create and change the resources of template.yaml: one for GitHub, one for administrators.
# GitHub's role can pass only the first to CloudFormation, and can assume none. tests/infra proves that they cover every
# resource of the template and nothing in the other environment.
locals {
  # Matches the names that CloudFormation gives to roles, but not the names of Terraform's roles.
  role_arns = "arn:${local.partition}:iam::${local.account}:role/${local.name}-*Role-*"

  policies = {
    functions  = local.functions_statements
    roles      = local.roles_statements
    storage    = local.storage_statements
    edge       = local.edge_statements
    monitoring = local.monitoring_statements
    limits     = local.limits_statements
  }

  cloudformation_trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = "sts:AssumeRole"
      # No aws:SourceAccount: AWS does not document that CloudFormation sends it for stack roles. CloudFormation uses the role
      # only for principals with iam:PassRole, which other accounts cannot have.
      Principal = { Service = "cloudformation.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role" "cloudformation" {
  count = local.roles

  name               = "${local.name}-cloudformation"
  description        = "Changes the resources of template.yaml for GitHub."
  assume_role_policy = local.cloudformation_trust
}

# CloudFormation keeps using the role of the last deployment, so administrators, too, need one to pass.
resource "aws_iam_role" "administrator" {
  count = local.roles

  name               = "${local.name}-cloudformation-administrator"
  description        = "Creates and changes the resources of template.yaml for administrators, without the limits of GitHub."
  assume_role_policy = local.cloudformation_trust
}

# Managed policies, 10 of 6,144 characters each: a role's inline policies may have only 10,240 characters together.
resource "aws_iam_policy" "cloudformation" {
  # checkov:skip=CKV_AWS_289: manages only roles with the boundary and a name of this stack
  # checkov:skip=CKV_AWS_355: a comment at each "*" explains why AWS supports nothing narrower
  # checkov:skip=CKV_AWS_290: a comment at each "*" explains why AWS supports nothing narrower
  for_each = { for name, statements in local.policies : name => statements if local.roles == 1 }

  name        = "${local.name}-cloudformation-${each.key}"
  description = "Permissions of the roles ${local.name}-cloudformation*: ${each.key}."
  policy      = jsonencode({ Version = "2012-10-17", Statement = each.value })
}

resource "aws_iam_role_policy_attachment" "cloudformation" {
  for_each = aws_iam_policy.cloudformation

  role       = aws_iam_role.cloudformation[0].name
  policy_arn = each.value.arn
}

resource "aws_iam_role_policy_attachment" "administrator" {
  for_each = { for name, policy in aws_iam_policy.cloudformation : name => policy if name != "limits" }

  role       = aws_iam_role.administrator[0].name
  policy_arn = each.value.arn
}
