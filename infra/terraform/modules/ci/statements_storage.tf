locals {
  # Excludes Terraform's buckets: state, load balancer logs, general storage.
  stack_buckets = [for kind in ["staging", "final", "client"] : "arn:${local.partition}:s3:::${local.name}-${kind}-${local.account}"]

  # Deployments may not delete resources that the template retains, so these statements contain no Delete action. The tables
  # of failed password attempts and of daily quotas are the exceptions: the template does not retain them.
  storage_statements = [
    {
      Sid    = "ManageBucketsNotObjects"
      Effect = "Allow"
      Action = [
        "s3:CreateBucket", "s3:DeleteBucketPolicy", "s3:GetBucket*", "s3:Get*Configuration", "s3:ListBucket",
        "s3:ListTagsForResource", "s3:PutBucket*", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration",
        "s3:TagResource", "s3:UntagResource",
      ]
      Resource = local.stack_buckets
    },
    {
      Sid    = "ManageLedgerNotItems"
      Effect = "Allow"
      Action = [
        "dynamodb:CreateTable", "dynamodb:Describe*", "dynamodb:GetResourcePolicy", "dynamodb:ListTagsOfResource",
        "dynamodb:TagResource", "dynamodb:UntagResource", "dynamodb:UpdateContinuousBackups", "dynamodb:UpdateTable",
        "dynamodb:UpdateTimeToLive",
      ]
      Resource = ["arn:${local.partition}:dynamodb:${local.here}:table/${local.name}-*"]
    },
    {
      Sid    = "DeleteTablesOfCounters"
      Effect = "Allow"
      Action = ["dynamodb:DeleteTable"]
      Resource = [
        for counters in ["wrong-passwords", "daily-quotas"] :
        "arn:${local.partition}:dynamodb:${local.here}:table/${local.name}-${counters}"
      ]
    },
    {
      Sid    = "ManageSecretNotValue"
      Effect = "Allow"
      Action = [
        "secretsmanager:CreateSecret", "secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy",
        "secretsmanager:TagResource", "secretsmanager:UntagResource", "secretsmanager:UpdateSecret",
      ]
      Resource = ["arn:${local.partition}:secretsmanager:${local.here}:secret:${local.name}-video-upload-passwords-*"]
    },
    {
      Sid    = "ManageQueuesNotMessages"
      Effect = "Allow"
      Action = [
        "sqs:CreateQueue", "sqs:DeleteQueue", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags",
        "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue",
      ]
      Resource = ["arn:${local.partition}:sqs:${local.here}:${local.name}-*"]
    },
  ]
}
