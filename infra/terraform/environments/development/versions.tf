terraform {
  required_version = ">= 1.11" # write-only arguments

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.19"
    }
  }
}

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
