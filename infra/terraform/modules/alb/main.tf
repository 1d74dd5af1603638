locals {
  name = "phenom-${var.environment}"
}

resource "aws_lb" "this" {
  # checkov:skip=CKV2_AWS_28: a web ACL is a separate resource that can be associated with this load balancer's ARN

  name               = local.name
  load_balancer_type = "application"
  internal           = false
  subnets            = var.subnet_ids
  security_groups    = [var.security_group_id]

  enable_deletion_protection = var.deletion_protection
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "defensive"
  idle_timeout               = 60

  access_logs {
    bucket  = module.logs.name # waits for the bucket policy: the load balancer writes a test object immediately
    enabled = true
  }
}

resource "aws_lb_target_group" "this" {
  # checkov:skip=CKV_AWS_378: TLS ends at the load balancer; traffic to the tasks stays in the private subnets

  for_each = var.services

  name                 = "${local.name}-${each.key}"
  vpc_id               = var.vpc_id
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = each.value.port
  deregistration_delay = 60

  health_check {
    path                = "/healthz"
    protocol            = "HTTP"
    matcher             = "200"
    interval            = 30
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}
