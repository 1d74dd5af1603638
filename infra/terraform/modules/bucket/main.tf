resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_145: AES256 with S3's key is specified, and load balancers can only write logs to such buckets
  # checkov:skip=CKV_AWS_144: versioning protects against loss; a copy in another region is not worth its cost
  # checkov:skip=CKV_AWS_18: one or two roles use each bucket, and CloudTrail can log their calls; a log bucket needs no log
  # checkov:skip=CKV2_AWS_62: nothing consumes events of these buckets
  # checkov:skip=CKV2_AWS_61: the calling module sets the lifecycle rules

  bucket        = var.name
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([for statement in var.statements : jsondecode(statement)], [{
      Sid       = "RequireTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }])
  })

  depends_on = [aws_s3_bucket_public_access_block.this] # S3 rejects concurrent changes of both
}
