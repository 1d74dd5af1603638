data "aws_availability_zones" "available" {
  # checkov:skip=CKV_AWS_394: the first zones by name are used; a new zone is added after them

  state = "available"

  filter { # local zones need an opt-in and lack many services
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

data "aws_region" "current" {}
data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}

locals {
  name  = "phenom-${var.environment}"
  zones = slice(data.aws_availability_zones.available.names, 0, var.zone_count)

  # The third byte of a subnet's range is the offset of its tier plus the index of its zone.
  tiers = { public = 0, private = 10, database = 20 }
  subnets = merge([
    for tier, offset in local.tiers : {
      for index, zone in local.zones : "${tier}-${index}" => {
        tier  = tier
        index = index
        zone  = zone
        cidr  = cidrsubnet(var.vpc_cidr, 8, offset + index)
      }
    }
  ]...)
}

resource "aws_vpc" "this" {
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true # interface endpoints and service discovery need it

  tags = { Name = local.name }
}

# The default group is unused and has no rules, so a resource that gets it by mistake is isolated.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${local.name}-default-unused" }
}

resource "aws_subnet" "this" {
  for_each = local.subnets

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.value.zone
  cidr_block              = each.value.cidr
  map_public_ip_on_launch = false # public subnets only hold the load balancer and NAT, which have their own addresses

  tags = { Name = "${local.name}-${each.value.tier}-${each.value.zone}", tier = each.value.tier }
}
