locals {
  api_gateway_logs_role   = "arn:${local.partition}:iam::${local.account}:role/${local.name}-ApiGatewayLogsRole-*"
  api_gateway_logs_policy = "arn:${local.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"

  roles_statements = [
    {
      # Without the boundary, whoever can change the template could make a role that may do anything.
      Sid    = "RolesOnlyWithTheBoundary"
      Effect = "Allow"
      Action = [
        "iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
      ]
      Resource  = [local.role_arns]
      Condition = { StringEquals = { "iam:PermissionsBoundary" = aws_iam_policy.boundary.arn } }
    },
    {
      Sid    = "TheRoleOfApiGatewaysLogs" # the whole account's, and therefore without the boundary: AWS's policy is all it gets
      Effect = "Allow"
      Action = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
      Resource = [
        local.api_gateway_logs_role,
      ]
      Condition = { ArnEquals = { "iam:PolicyARN" = local.api_gateway_logs_policy } }
    },
    {
      Sid      = "MakeTheRoleOfApiGatewaysLogs"
      Effect   = "Allow"
      Action   = ["iam:CreateRole"]
      Resource = [local.api_gateway_logs_role]
    },
    {
      Sid    = "LookAfterRoles"
      Effect = "Allow"
      Action = [
        "iam:DeleteRole", "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies",
        "iam:ListRoleTags", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
        "iam:UpdateRoleDescription",
      ]
      Resource = [local.role_arns]
    },
    {
      Sid      = "GiveRolesToServices"
      Effect   = "Allow"
      Action   = ["iam:PassRole"]
      Resource = [local.role_arns]
      Condition = { StringEquals = { "iam:PassedToService" = [
        "lambda.amazonaws.com", "apigateway.amazonaws.com", "codedeploy.amazonaws.com", "pipes.amazonaws.com",
      ] } }
    },
    {
      Sid      = "NeverWithoutTheBoundary"
      Effect   = "Deny"
      Action   = ["iam:DeleteRolePermissionsBoundary"]
      Resource = ["arn:${local.partition}:iam::${local.account}:role/*"]
    },
  ]
}
