# The certificate authorities whose client certificates the load balancer accepts. They are public.
module "trust" {
  source = "../bucket"

  name = "${local.name}-trust-${local.account}"
}

resource "aws_s3_bucket_lifecycle_configuration" "trust" {
  bucket = module.trust.name

  rule {
    id     = "old-bundles"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 90 # the load balancer has its own copy
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_object" "bundle" {
  # checkov:skip=CKV_AWS_186: certificates of authorities are public; the bucket encrypts with S3's key

  bucket       = module.trust.name # waits for versioning
  key          = "client-ca.pem"
  content      = var.client_ca_pem
  content_type = "application/x-pem-file"
}

# The load balancer copies the bundle when the trust store is created or gets another version of the object.
resource "aws_lb_trust_store" "this" {
  name                                     = coalesce(var.names.trust_store, local.name)
  ca_certificates_bundle_s3_bucket         = aws_s3_object.bundle.bucket
  ca_certificates_bundle_s3_key            = aws_s3_object.bundle.key
  ca_certificates_bundle_s3_object_version = aws_s3_object.bundle.version_id
}
