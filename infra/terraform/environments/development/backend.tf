# The bucket is made by ../../bootstrap, whose output is the command to begin with:
#   terraform init -backend-config=bucket=phenom-dev-terraform-state-<account>
terraform {
  backend "s3" {
    key          = "phenom-dev.tfstate"
    region       = "us-east-1"
    encrypt      = true
    use_lockfile = true # S3's own locking
  }
}
