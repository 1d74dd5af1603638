resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_145: S3's own AES256 is what the design asks for, and all that load balancers can write to
  # checkov:skip=CKV_AWS_144: versions bring back what was lost; a copy in another region is not worth its price
  # checkov:skip=CKV_AWS_18: one or two roles use each bucket, whose calls CloudTrail can log; a log of the log would be endless
  # checkov:skip=CKV2_AWS_62: nobody waits for events of these buckets
  # checkov:skip=CKV2_AWS_61: whoever uses the module says what becomes of old objects

  bucket = var.name
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
      Sid       = "DemandTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }])
  })

  depends_on = [aws_s3_bucket_public_access_block.this] # S3 refuses both at once
}
