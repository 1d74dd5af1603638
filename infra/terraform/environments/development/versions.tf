terraform {
  required_version = ">= 1.11" # write-only arguments

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.19"
    }
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = "~> 5.20"
    }
  }
}

# Reads CLOUDFLARE_API_TOKEN. Plans without chat, and first plans, need no token.
provider "cloudflare" {}

provider "aws" {
  region = local.region

  default_tags {
    tags = {
      application = "phenom"
      environment = local.environment
      owner       = local.owner
    }
  }
}
