# Access logs cannot be redacted, and Matrix clients may send their token in the query: few days, and a separate bucket.
locals {
  logs_bucket = "${local.name}-logs-${local.account}"
}

module "logs" {
  source = "../bucket"

  name = local.logs_bucket
  statements = [jsonencode({
    Sid       = "LoadBalancerWritesLogs"
    Effect    = "Allow"
    Principal = { Service = "logdelivery.elasticloadbalancing.amazonaws.com" }
    Action    = "s3:PutObject"
    Resource  = "arn:${data.aws_partition.current.partition}:s3:::${local.logs_bucket}/AWSLogs/${local.account}/*"
    Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
  })]
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = module.logs.name

  rule {
    id     = "old-logs"
    status = "Enabled"

    filter {}

    expiration {
      days = var.log_retention_days
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}
