locals {
  functions_statements = [
    {
      Sid    = "Functions"
      Effect = "Allow"
      Action = [
        "lambda:*Alias", "lambda:*Function", "lambda:*FunctionCode", "lambda:*FunctionConcurrency",
        "lambda:*FunctionConfiguration", "lambda:*FunctionEventInvokeConfig", "lambda:*FunctionRecursionConfig",
        "lambda:*Permission", "lambda:*RuntimeManagementConfig", "lambda:GetFunctionCodeSigningConfig", "lambda:GetPolicy",
        "lambda:GetProvisionedConcurrencyConfig", "lambda:ListTags", "lambda:ListVersionsByFunction", "lambda:PublishVersion", "lambda:TagResource",
        "lambda:UntagResource",
      ]
      Resource = [
        "arn:${local.partition}:lambda:${local.here}:function:${local.name}-*",
      ]
    },
    {
      Sid    = "FunctionsAreMadeNotCalled"
      Effect = "Deny"
      Action = ["lambda:Invoke*", "lambda:*FunctionUrlConfig"]
      Resource = [
        "arn:${local.partition}:lambda:${local.here}:function:*",
      ]
    },
    {
      Sid       = "Queues2Functions"
      Effect    = "Allow"
      Action    = ["lambda:CreateEventSourceMapping", "lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"]
      Resource  = ["*"] # the id is AWS's, and creating knows no resource; the condition names the functions
      Condition = { ArnLike = { "lambda:FunctionArn" = "arn:${local.partition}:lambda:${local.here}:function:${local.name}-*" } }
    },
    {
      Sid    = "LookAtMappingsAndNetwork"
      Effect = "Allow"
      Action = [
        "lambda:GetEventSourceMapping", "lambda:ListEventSourceMappings", "lambda:ListTags", "lambda:TagResource",
        "lambda:UntagResource",
      ]
      Resource = ["arn:${local.partition}:lambda:${local.here}:event-source-mapping:*"] # the id is AWS's
    },
    {
      Sid      = "LookAtTheNetwork"
      Effect   = "Allow"
      Action   = ["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs", "lambda:ListEventSourceMappings"]
      Resource = ["*"] # these calls know no resources
    },
    {
      Sid      = "ReadPackages"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["${local.packages}/${local.name}/*"]
    },
    {
      Sid      = "ReadWhatTerraformWrote"
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
        "arn:${local.partition}:codedeploy:${local.here}:deploymentconfig:*", # AWS's own among them
      ]
    },
  ]
}
