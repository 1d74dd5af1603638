# Upper limit of the permissions of every role in the SAM stack, for any template. It grants nothing by itself.
resource "aws_iam_policy" "boundary" {
  # checkov:skip=CKV_AWS_290: X-Ray and EC2 network interfaces support no narrower resource
  # checkov:skip=CKV_AWS_355: X-Ray and EC2 network interfaces support no narrower resource
  name        = "${local.name}-functions"
  description = "Permissions boundary of the roles in template.yaml."
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Uploads"
        Effect = "Allow"
        Action = [
          "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:ListMultipartUploadParts", "s3:PutObject",
        ]
        Resource = flatten([for kind in ["staging", "final"] : [
          "arn:${local.partition}:s3:::${local.name}-${kind}-${local.account}",
          "arn:${local.partition}:s3:::${local.name}-${kind}-${local.account}/*",
        ]])
      },
      {
        Sid    = "Ledger"
        Effect = "Allow"
        Action = [
          "dynamodb:DeleteItem", "dynamodb:DescribeStream", "dynamodb:GetItem", "dynamodb:GetRecords", "dynamodb:GetShardIterator",
          "dynamodb:ListStreams", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem",
        ]
        Resource = ["arn:${local.partition}:dynamodb:${local.here}:table/${local.name}-*"]
      },
      {
        Sid    = "Queues"
        Effect = "Allow"
        Action = [
          "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage",
        ]
        Resource = ["arn:${local.partition}:sqs:${local.here}:${local.name}-*"]
      },
      {
        Sid      = "Secrets"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = ["arn:${local.partition}:secretsmanager:${local.here}:secret:${local.name}-*"]
      },
      {
        # Secrets Manager and DynamoDB decrypt with AWS's keys in the name of the caller. Whether a boundary limits the key
        # policies' grant to all callers of the account is undocumented, so the boundary allows it.
        Sid      = "KeysOfSecretsAndTables"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:DescribeKey"]
        Resource = ["*"] # AWS chooses the ids; the condition names the services
        Condition = { StringEquals = {
          "kms:CallerAccount" = local.account
          "kms:ViaService" = [
            for service in ["dynamodb", "secretsmanager"] :
            "${service}.${data.aws_region.current.region}.${data.aws_partition.current.dns_suffix}"
          ]
        } }
      },
      {
        Sid    = "LogsAndEvents"
        Effect = "Allow"
        Action = ["events:PutEvents", "logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = [
          "arn:${local.partition}:logs:${local.here}:log-group:/aws/lambda/${local.name}-*",
          "arn:${local.partition}:events:${local.here}:event-bus/${local.name}",
        ]
      },
      {
        Sid    = "ShiftTraffic" # for CodeDeploy's role
        Effect = "Allow"
        Action = ["lambda:GetAlias", "lambda:GetFunction", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"]
        Resource = [
          "arn:${local.partition}:lambda:${local.here}:function:${local.name}-*",
        ]
      },
      {
        Sid    = "TracesAndNetworkInterfaces"
        Effect = "Allow"
        Action = [
          "cloudwatch:DescribeAlarms", "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
          "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses", "xray:PutTelemetryRecords",
          "xray:PutTraceSegments",
        ]
        Resource = ["*"] # X-Ray and Describe calls have no resources; AWS chooses the ids of interfaces
      },
    ]
  })
}
