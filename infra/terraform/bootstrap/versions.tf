terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.19"
    }
  }
}

provider "aws" {
  region = "us-east-1"

  default_tags {
    tags = {
      application = "phenom"
      environment = var.environment
      owner       = "platform"
    }
  }
}
