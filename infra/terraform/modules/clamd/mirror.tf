# The private mirror: a bucket with ClamAV's definitions. freshclam cannot sign requests, so anything behind the VPC's endpoint
# for S3 may read it without credentials, and nothing outside. Its content is public, and freshclam verifies the signatures.
locals {
  bucket     = "phenom-${var.environment}-definitions-${data.aws_caller_identity.current.account_id}"
  bucket_arn = "arn:${data.aws_partition.current.partition}:s3:::${local.bucket}"
  mirror_url = var.mirror == null ? null : format(
    "https://%s.s3.%s.%s", one(module.bucket[*].name), data.aws_region.current.region, data.aws_partition.current.dns_suffix
  )

  readers = [
    {
      Sid       = "ReadThroughEndpoint"
      Effect    = "Allow"
      Principal = "*" # S3 does not count a policy as public that is limited to a fixed aws:SourceVpce
      Action    = "s3:GetObject"
      Resource  = "${local.bucket_arn}/*"
      Condition = { StringEquals = { "aws:SourceVpce" = try(var.mirror.s3_endpoint_id, null) } }
    },
    {
      # Otherwise S3 answers 403 for a missing file, and freshclam then asks no server for a day.
      Sid       = "AnswerNotFoundThroughEndpoint"
      Effect    = "Allow"
      Principal = "*"
      Action    = "s3:ListBucket"
      Resource  = local.bucket_arn
      Condition = { StringEquals = { "aws:SourceVpce" = try(var.mirror.s3_endpoint_id, null) } }
    },
  ]
}

module "bucket" {
  source = "../bucket"
  count  = var.mirror == null ? 0 : 1

  name          = local.bucket
  statements    = [for statement in local.readers : jsonencode(statement)]
  force_destroy = true # the next refresh downloads everything again
}

resource "aws_s3_bucket_lifecycle_configuration" "definitions" {
  count = var.mirror == null ? 0 : 1

  bucket = module.bucket[0].name

  rule {
    id     = "replaced-definitions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 1
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}
