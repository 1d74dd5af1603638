locals {
  api_gateway_logs_role   = "arn:${local.partition}:iam::${local.account}:role/${local.name}-ApiGatewayLogsRole-*"
  api_gateway_logs_policy = "arn:${local.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"

  roles_statements = [
    {
      # Without the boundary, a change of the template could create a role with all permissions.
      Sid    = "ManageRolesWithBoundary"
      Effect = "Allow"
      Action = [
        "iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
      ]
      Resource  = [local.role_arns]
      Condition = { StringEquals = { "iam:PermissionsBoundary" = aws_iam_policy.boundary.arn } }
    },
    {
      Sid    = "ManageApiGatewayLogsRole" # belongs to the account, so it has no boundary; it can only get AWS's policy
      Effect = "Allow"
      Action = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
      Resource = [
        local.api_gateway_logs_role,
      ]
      Condition = { ArnEquals = { "iam:PolicyARN" = local.api_gateway_logs_policy } }
    },
    {
      Sid      = "CreateApiGatewayLogsRole"
      Effect   = "Allow"
      Action   = ["iam:CreateRole"]
      Resource = [local.api_gateway_logs_role]
    },
    {
      Sid    = "MaintainRoles"
      Effect = "Allow"
      Action = [
        "iam:DeleteRole", "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies",
        "iam:ListRoleTags", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
        "iam:UpdateRoleDescription",
      ]
      Resource = [local.role_arns]
    },
    {
      Sid      = "PassRolesToServices"
      Effect   = "Allow"
      Action   = ["iam:PassRole"]
      Resource = [local.role_arns]
      Condition = { StringEquals = { "iam:PassedToService" = [
        "lambda.amazonaws.com", "apigateway.amazonaws.com", "codedeploy.amazonaws.com", "pipes.amazonaws.com",
      ] } }
    },
    {
      Sid      = "DenyBoundaryRemoval"
      Effect   = "Deny"
      Action   = ["iam:DeleteRolePermissionsBoundary"]
      Resource = ["arn:${local.partition}:iam::${local.account}:role/*"]
    },
  ]
}
