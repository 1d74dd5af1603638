data "aws_caller_identity" "current" {}

locals {
  name = "phenom-${var.environment}"

  # Permissions of the storage service on its bucket, for the task role or the IAM user.
  access_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ListObjects"
        Effect   = "Allow"
        Action   = ["s3:ListBucket", "s3:GetBucketLocation"]
        Resource = module.bucket.arn
      },
      {
        Sid      = "ReadAndWriteObjects"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
        Resource = "${module.bucket.arn}/*"
      },
    ]
  })
}

module "bucket" {
  source = "../bucket"

  name = "${local.name}-storage-${data.aws_caller_identity.current.account_id}"
}

resource "aws_s3_bucket_cors_configuration" "this" {
  count = length(var.cors_allowed_origins) == 0 ? 0 : 1

  bucket = module.bucket.name

  cors_rule {
    allowed_origins = var.cors_allowed_origins
    allowed_methods = ["GET", "HEAD", "PUT"]
    allowed_headers = ["*"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3600
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = module.bucket.name

  rule {
    id     = "abandoned-parts"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  rule {
    id     = "replaced-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_version_days
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  rule {
    id     = "intelligent-tiering"
    status = var.intelligent_tiering ? "Enabled" : "Disabled"

    filter {}

    transition {
      days          = 30
      storage_class = "INTELLIGENT_TIERING"
    }
  }
}
