locals {
  name    = "phenom-${var.environment}"
  cluster = "${local.name}-cluster"
}

resource "aws_ecs_cluster" "this" {
  name = local.cluster

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]

  default_capacity_provider_strategy {
    capacity_provider = "FARGATE"
    weight            = 100
  }
}

resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_158: encrypted with AWS's key; nothing in these logs justifies the cost of a customer managed key

  name              = "/ecs/${local.name}"
  retention_in_days = var.log_retention_days
}

# Otherwise Container Insights creates this log group without retention.
resource "aws_cloudwatch_log_group" "insights" {
  # checkov:skip=CKV_AWS_158: encrypted with AWS's key; nothing in these logs justifies the cost of a customer managed key

  name              = "/aws/ecs/containerinsights/${local.cluster}/performance"
  retention_in_days = var.log_retention_days
}

resource "aws_service_discovery_private_dns_namespace" "this" {
  name        = "${local.name}.internal"
  description = "Services of ${local.name} inside the VPC"
  vpc         = var.network.vpc_id
}

module "service" {
  source   = "../service"
  for_each = var.services

  environment = var.environment
  name        = each.key
  cluster     = { arn = aws_ecs_cluster.this.arn, name = aws_ecs_cluster_capacity_providers.this.cluster_name }
  log_group   = { arn = aws_cloudwatch_log_group.this.arn, name = aws_cloudwatch_log_group.this.name }

  container = {
    image          = each.value.image
    port           = each.value.port
    environment    = each.value.environment
    secrets        = each.value.secrets
    command        = each.value.command
    read_only_root = each.value.read_only_root
    start_seconds  = each.value.start_seconds
  }
  task_policies = each.value.task_policies

  size            = var.size
  scaling         = var.scaling
  network         = { subnet_ids = var.network.subnet_ids, security_group_id = var.network.security_group_id }
  target_group    = var.target_groups[each.key]
  discovery       = each.key == "graphql" ? { namespace_id = aws_service_discovery_private_dns_namespace.this.id } : null
  alarm_topic_arn = var.alarm_topic_arn
}
