locals {
  nothing_here = jsonencode({ error = "There is nothing here." })
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = var.https == null ? "fixed-response" : "redirect"

    dynamic "redirect" {
      for_each = var.https[*]

      content {
        protocol    = "HTTPS"
        port        = "443"
        status_code = "HTTP_301"
      }
    }

    dynamic "fixed_response" {
      for_each = var.https == null ? ["404"] : []

      content {
        content_type = "application/json"
        message_body = local.nothing_here
        status_code  = fixed_response.value
      }
    }
  }
}

resource "aws_lb_listener" "https" {
  count = var.https == null ? 0 : 1

  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = var.https.certificate_arn
  ssl_policy        = var.https.ssl_policy

  routing_http_response_server_enabled                         = false
  routing_http_response_strict_transport_security_header_value = "max-age=31536000"
  routing_http_response_x_content_type_options_header_value    = "nosniff"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "application/json"
      message_body = local.nothing_here
      status_code  = "404"
    }
  }

  dynamic "mutual_authentication" {
    for_each = aws_lb_trust_store.this[*].arn

    content {
      mode            = "verify"
      trust_store_arn = mutual_authentication.value
    }
  }
}

resource "aws_lb_trust_store" "this" {
  count = var.client_certificates == null ? 0 : 1

  name                             = local.name
  ca_certificates_bundle_s3_bucket = var.client_certificates.bucket
  ca_certificates_bundle_s3_key    = var.client_certificates.key
}

# Most containers do not know the public prefix, so the load balancer rewrites paths. A rule has one rewrite, so each service
# needs two rules: one for the path itself and one for all paths below it. A service that serves its public path gets none.
locals {
  # Of the first rule; the second has the next number. A listener refuses a priority that another rule still has, so a service
  # keeps its numbers when another is added or left out. Never change or reuse them.
  priorities = { auth = 10, functions = 20, graphql = 30, storage = 40 }

  routes = merge([
    for name in keys(var.services) : {
      (name) = {
        service  = name
        priority = local.priorities[name]
        pattern  = var.services[name].path
        regex    = "^${var.services[name].path}(.*)$" # the group matches the query
        replace  = "${var.services[name].target_path}$1"
        rewrites = var.services[name].target_path != var.services[name].path
      }
      "${name}-below" = {
        service  = name
        priority = local.priorities[name] + 1
        pattern  = "${var.services[name].path}/*"
        regex    = "^${var.services[name].path}/(.*)$"
        replace  = "${var.services[name].target_prefix}$1"
        rewrites = var.services[name].target_prefix != "${var.services[name].path}/"
      }
    }
  ]...)
}

resource "aws_lb_listener_rule" "this" {
  for_each = local.routes

  listener_arn = var.https == null ? aws_lb_listener.http.arn : aws_lb_listener.https[0].arn
  priority     = each.value.priority

  condition {
    path_pattern {
      values = [each.value.pattern]
    }
  }

  dynamic "transform" {
    for_each = each.value.rewrites ? [each.value] : []

    content {
      type = "url-rewrite"

      url_rewrite_config {
        rewrite {
          regex   = transform.value.regex
          replace = transform.value.replace
        }
      }
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.value.service].arn
  }

  tags = { Name = "${local.name}-${each.key}" }
}
