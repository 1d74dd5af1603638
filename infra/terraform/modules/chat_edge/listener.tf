locals {
  # Segments "." and "..", also encoded, and backslashes: a program behind could resolve them to a path that is not for
  # clients. Only segments that begin so: names of media may contain dots. Cloudflare refuses the same (cloudflare_chat).
  dot_segments = "^.*(\\\\|/(\\.\\.|\\.?%2[eE]|\\.(/|$))).*$"

  elsewhere = { host = var.elsewhere_host, path = "/", query = "", protocol = "HTTPS", port = "443", status_code = "HTTP_302" }
}

resource "aws_lb_listener" "this" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = var.certificate_arn
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"

  routing_http_response_server_enabled = false

  default_action {
    type = "redirect"

    redirect {
      host        = local.elsewhere.host
      path        = local.elsewhere.path
      query       = local.elsewhere.query
      protocol    = local.elsewhere.protocol
      port        = local.elsewhere.port
      status_code = local.elsewhere.status_code
    }
  }

  # All arguments are written, because AWS returns them and Terraform would otherwise see a difference. Never
  # "passthrough": it forwards every certificate unverified.
  dynamic "mutual_authentication" {
    for_each = var.mutual_tls == "verify" ? [aws_lb_trust_store.this.arn] : []

    content {
      mode                             = "verify"
      trust_store_arn                  = mutual_authentication.value
      ignore_client_certificate_expiry = false
      advertise_trust_store_ca_names   = "off"
    }
  }

  dynamic "mutual_authentication" {
    for_each = var.mutual_tls == "off" ? ["off"] : []

    content {
      mode = mutual_authentication.value
    }
  }
}

resource "aws_lb_listener_rule" "dot_segments" {
  listener_arn = aws_lb_listener.this.arn
  priority     = 1

  condition {
    path_pattern {
      regex_values = [local.dot_segments]
    }
  }

  action {
    type = "redirect"

    redirect {
      host        = local.elsewhere.host
      path        = local.elsewhere.path
      query       = local.elsewhere.query
      protocol    = local.elsewhere.protocol
      port        = local.elsewhere.port
      status_code = local.elsewhere.status_code
    }
  }

  tags = { Name = "${local.name}-dot-segments" }
}

# Paths reach the service as the client sent them: Synapse compares signatures and ids over the encoded path.
resource "aws_lb_listener_rule" "service" {
  for_each = var.services

  listener_arn = aws_lb_listener.this.arn
  priority     = each.value.priority

  condition {
    host_header {
      values = [var.host_name]
    }
  }

  condition {
    path_pattern {
      values = [for prefix in each.value.path_prefixes : "${prefix}*"]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.key].arn
  }

  tags = { Name = "${local.name}-${each.key}" }
}
