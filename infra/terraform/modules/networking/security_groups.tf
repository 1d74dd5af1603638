locals {
  groups = {
    alb       = "The public load balancer"
    ecs       = "Tasks of the ECS services"
    rds       = "The PostgreSQL database"
    clamd     = "The virus scanner"
    chat      = "Chat: Synapse and its tools"
    lambda    = "Functions in the VPC"
    endpoints = "Interface endpoints of AWS services"
  }

  # Allowed traffic between groups. Each flow creates one egress rule and one ingress rule; there are no others.
  flows = merge(
    { for name, port in var.service_ports : "alb-to-${name}" => { from = "alb", to = "ecs", port = port } },
    {
      ecs-to-graphql     = { from = "ecs", to = "ecs", port = var.service_ports["graphql"] }
      ecs-to-database    = { from = "ecs", to = "rds", port = 5432 }
      lambda-to-database = { from = "lambda", to = "rds", port = 5432 }
      lambda-to-clamd    = { from = "lambda", to = "clamd", port = 3310 }
      chat-to-database   = { from = "chat", to = "rds", port = 5432 }
      chat-to-synapse    = { from = "chat", to = "chat", port = 8008 } # module chat_edge adds the way from its load balancer
    },
    length(var.interface_endpoints) == 0 ? {} : {
      for from in ["ecs", "clamd", "lambda", "chat"] : "${from}-to-endpoints" => { from = from, to = "endpoints", port = 443 }
    },
  )

  # Traffic to gateway endpoints, which are addressed by prefix lists.
  gateway_flows = {
    ecs-to-s3          = { from = "ecs", service = "s3" }
    clamd-to-s3        = { from = "clamd", service = "s3" }
    chat-to-s3         = { from = "chat", service = "s3" }
    lambda-to-s3       = { from = "lambda", service = "s3" }
    lambda-to-dynamodb = { from = "lambda", service = "dynamodb" }
  }
}

resource "aws_security_group" "this" {
  # checkov:skip=CKV2_AWS_5: other modules attach them through the output security_group_ids

  for_each = local.groups

  name        = "${local.name}-${each.key}"
  description = each.value
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${local.name}-${each.key}" }
}

resource "aws_vpc_security_group_ingress_rule" "flow" {
  for_each = local.flows

  security_group_id            = aws_security_group.this[each.value.to].id
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = each.key

  tags = { Name = each.key }
}

resource "aws_vpc_security_group_egress_rule" "flow" {
  for_each = local.flows

  security_group_id            = aws_security_group.this[each.value.from].id
  referenced_security_group_id = aws_security_group.this[each.value.to].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = each.key

  tags = { Name = each.key }
}

resource "aws_vpc_security_group_egress_rule" "gateway" {
  for_each = local.gateway_flows

  security_group_id = aws_security_group.this[each.value.from].id
  prefix_list_id    = aws_vpc_endpoint.gateway[each.value.service].prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  description       = each.key

  tags = { Name = each.key }
}

# Only the load balancer is reachable from the internet. With a certificate, port 80 only redirects.
resource "aws_vpc_security_group_ingress_rule" "world" {
  # checkov:skip=CKV_AWS_260: on 80 the load balancer redirects to HTTPS

  for_each = { http = 80, https = 443 }

  security_group_id = aws_security_group.this["alb"].id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
  description       = "world-to-${each.key}"

  tags = { Name = "world-to-${each.key}" }
}

# Mail servers have no fixed addresses either. All services share the group, so all tasks may connect to this port.
resource "aws_vpc_security_group_egress_rule" "smtp" {
  count = var.smtp_port == null ? 0 : 1

  security_group_id = aws_security_group.this["ecs"].id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = var.smtp_port
  to_port           = var.smtp_port
  description       = "ecs-to-mail-server"

  tags = { Name = "ecs-to-mail-server" }
}

# ECR's API, Cognito and ClamAV's mirrors have no fixed addresses. Functions do not need them.
resource "aws_vpc_security_group_egress_rule" "internet" {
  for_each = toset(var.nat_gateways == "none" ? [] : ["ecs", "clamd", "chat"])

  security_group_id = aws_security_group.this[each.key].id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  description       = "${each.key}-to-internet"

  tags = { Name = "${each.key}-to-internet" }
}
