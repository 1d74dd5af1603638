locals {
  functions_statements = [
    {
      Sid    = "ManageFunctions"
      Effect = "Allow"
      Action = [
        "lambda:*Alias", "lambda:*Function", "lambda:*FunctionCode", "lambda:*FunctionConcurrency",
        "lambda:*FunctionConfiguration", "lambda:*FunctionEventInvokeConfig", "lambda:*FunctionRecursionConfig",
        "lambda:*Permission", "lambda:*RuntimeManagementConfig", "lambda:GetFunctionCodeSigningConfig",
        "lambda:GetFunctionScalingConfig", "lambda:GetPolicy",
        "lambda:GetProvisionedConcurrencyConfig", "lambda:ListTags", "lambda:ListVersionsByFunction", "lambda:PublishVersion", "lambda:TagResource",
        "lambda:UntagResource",
      ]
      Resource = [
        "arn:${local.partition}:lambda:${local.here}:function:${local.name}-*",
      ]
    },
    {
      Sid    = "DenyInvocation"
      Effect = "Deny"
      Action = ["lambda:Invoke*", "lambda:*FunctionUrlConfig"]
      Resource = [
        "arn:${local.partition}:lambda:${local.here}:function:*",
      ]
    },
    {
      Sid       = "DenyOtherSubnets" # a function without VPC has no subnets
      Effect    = "Deny"
      Action    = ["lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"]
      Resource  = ["*"]
      Condition = { "ForAnyValue:StringNotEquals" = { "lambda:SubnetIds" = var.private_subnet_ids } }
    },
    {
      Sid       = "DenyOtherSecurityGroups"
      Effect    = "Deny"
      Action    = ["lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"]
      Resource  = ["*"]
      Condition = { "ForAnyValue:StringNotEquals" = { "lambda:SecurityGroupIds" = [var.lambda_security_group_id] } }
    },
    {
      Sid      = "DenyOtherCallers" # such as other accounts
      Effect   = "Deny"
      Action   = ["lambda:AddPermission"]
      Resource = ["*"]
      Condition = { StringNotEquals = { "lambda:Principal" = [
        "apigateway.amazonaws.com", "cognito-idp.amazonaws.com", "events.amazonaws.com",
      ] } }
    },
    {
      Sid       = "ManageEventSources"
      Effect    = "Allow"
      Action    = ["lambda:CreateEventSourceMapping", "lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"]
      Resource  = ["*"] # AWS chooses the id, and creation supports no resource; the condition names the functions
      Condition = { ArnLike = { "lambda:FunctionArn" = "arn:${local.partition}:lambda:${local.here}:function:${local.name}-*" } }
    },
    {
      Sid    = "ReadEventSources"
      Effect = "Allow"
      Action = [
        "lambda:GetEventSourceMapping", "lambda:ListEventSourceMappings", "lambda:ListTags", "lambda:TagResource",
        "lambda:UntagResource",
      ]
      Resource = ["arn:${local.partition}:lambda:${local.here}:event-source-mapping:*"] # AWS chooses the id
    },
    {
      Sid    = "ReadNetwork"
      Effect = "Allow"
      Action = [
        "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
        "lambda:ListEventSourceMappings",
      ]
      Resource = ["*"] # these calls support no resources
    },
    {
      Sid      = "ReadPackages"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["${local.packages}/${local.name}/*"]
    },
    {
      Sid      = "ReadTerraformParameters"
      Effect   = "Allow"
      Action   = ["ssm:GetParameters"]
      Resource = ["arn:${local.partition}:ssm:${local.here}:parameter/phenom/${var.environment}/*"]
    },
    {
      Sid    = "ShiftTraffic" # canary deployments
      Effect = "Allow"
      Action = ["codedeploy:*Application*", "codedeploy:*Deployment*", "codedeploy:*TagsForResource", "codedeploy:*tagResource"]
      Resource = [
        "arn:${local.partition}:codedeploy:${local.here}:application:${local.name}-*",
        "arn:${local.partition}:codedeploy:${local.here}:deploymentgroup:${local.name}-*",
        "arn:${local.partition}:codedeploy:${local.here}:deploymentconfig:*", # includes AWS's predefined ones
      ]
    },
    local.only_this_account,
  ]
}
