data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  name    = "phenom-${var.environment}-chat"
  account = data.aws_caller_identity.current.account_id
}

# Mutual TLS holds for a whole listener, so chat has a separate load balancer: on the other one it would reject the app.
resource "aws_lb" "this" {
  # checkov:skip=CKV2_AWS_20: there is no port 80: Cloudflare redirects clients, and nothing else may connect
  # checkov:skip=CKV2_AWS_28: module firewall associates the web ACL

  name               = coalesce(var.names.load_balancer, local.name)
  load_balancer_type = "application"
  internal           = false
  subnets            = var.network.subnet_ids
  security_groups    = [aws_security_group.this.id]

  enable_deletion_protection = var.deletion_protection
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "defensive"
  idle_timeout               = 120 # clients wait 30 seconds or more for the next message

  access_logs {
    bucket  = module.logs.name # waits for the bucket policy: the load balancer writes a test object immediately
    enabled = true
  }

  connection_logs { # the only log that says why a client certificate was refused
    bucket  = module.logs.name
    enabled = true
  }
}

resource "aws_lb_target_group" "this" {
  # checkov:skip=CKV_AWS_378: TLS ends at the load balancer; traffic to the tasks stays in the private subnets

  for_each = var.services

  name                 = coalesce(each.value.target_group_name, "${local.name}-${each.key}")
  vpc_id               = var.network.vpc_id
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = each.value.port
  deregistration_delay = 60

  health_check { # comes from the load balancer itself, so it needs no client certificate
    path                = each.value.health_path
    protocol            = "HTTP"
    matcher             = "200"
    interval            = 30
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_security_group" "this" {
  name        = "${local.name}-edge"
  description = "The chat load balancer"
  vpc_id      = var.network.vpc_id

  tags = { Name = "${local.name}-edge" }
}

# Open to all addresses: the client certificate decides who gets in. A list of Cloudflare's addresses becomes outdated, and
# anyone with an account there can send from them.
resource "aws_vpc_security_group_ingress_rule" "world" {
  security_group_id = aws_security_group.this.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  description       = "world-to-chat-edge"

  tags = { Name = "world-to-chat-edge" }
}

resource "aws_vpc_security_group_egress_rule" "service" {
  for_each = var.services

  security_group_id            = aws_security_group.this.id
  referenced_security_group_id = each.value.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = "chat-edge-to-${each.key}"

  tags = { Name = "chat-edge-to-${each.key}" }
}

resource "aws_vpc_security_group_ingress_rule" "service" {
  for_each = var.services

  security_group_id            = each.value.security_group_id
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = "chat-edge-to-${each.key}"

  tags = { Name = "chat-edge-to-${each.key}" }
}
