# ../../bootstrap creates the bucket. Its output init_command initializes this directory:
#   terraform init -backend-config=bucket=phenom-prod-terraform-state-<account>
terraform {
  backend "s3" {
    key          = "phenom-prod.tfstate"
    region       = "us-east-1"
    encrypt      = true
    use_lockfile = true # locks the state with an object in S3; no DynamoDB table is needed
  }
}
