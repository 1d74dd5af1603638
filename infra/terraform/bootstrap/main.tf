# The bucket for one environment's Terraform state. The state of this configuration stays on the machine that applied it,
# because the bucket and the repositories can be imported again by name. S3 refuses to delete a bucket with objects in it, so
# a state cannot be lost by accident.
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
