# The bucket that one environment's state is kept in. Its own state stays on the machine that makes it: everything in it can
# be imported again by name. S3 deletes no bucket that holds anything, so that nobody loses a state by accident.
data "aws_caller_identity" "current" {}

module "bucket" {
  source = "../modules/bucket"

  name = "phenom-${var.environment}-terraform-state-${data.aws_caller_identity.current.account_id}"
}

resource "aws_s3_bucket_lifecycle_configuration" "state" {
  bucket = module.bucket.name

  rule {
    id     = "old-states"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days           = 90
      newer_noncurrent_versions = 50
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}
