# `terraform apply` in ../../bootstrap creates the bucket and writes its name here. Commit it.
terraform {
  backend "s3" {
    key          = "phenom-dev.tfstate"
    region       = "us-east-1"
    encrypt      = true
    use_lockfile = true # locks the state with an object in S3; no DynamoDB table is needed
  }
}
