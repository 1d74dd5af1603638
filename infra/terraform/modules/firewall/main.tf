locals {
  name = "phenom-${var.environment}-chat"

  # One element while our own rules are in use, none while those of `rules_json` are.
  ours = var.rules_json == null ? [var.mode] : []

  # AWS's groups by priority. Rules of `always_counted` look at bodies: chat text looks like an attack to them, and every
  # upload is longer than the 8 KB that they accept. WAF ignores a name that the group does not have.
  groups = {
    known-bad-inputs = { priority = 30, group = "AWSManagedRulesKnownBadInputsRuleSet", always_counted = [] }
    common = {
      priority = 40
      group    = "AWSManagedRulesCommonRuleSet"
      always_counted = [
        "SizeRestrictions_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "EC2MetaDataSSRF_BODY", "CrossSiteScripting_BODY",
      ]
    }
  }

  # The given rules, with `mode` in place of the actions that it switches. Rules that allow or challenge keep their action.
  given = var.rules_json == null ? null : jsonencode([
    for rule in jsondecode(var.rules_json) : merge(
      rule,
      can(rule.OverrideAction) ? { OverrideAction = var.mode == "count" ? { Count = {} } : { None = {} } } : {},
      can(rule.Action.Count) || can(rule.Action.Block) ? { Action = var.mode == "count" ? { Count = {} } : { Block = {} } } : {},
    )
  ])
}

resource "aws_wafv2_web_acl" "this" {
  # checkov:skip=CKV_AWS_192: the group that finds Log4j attacks is below; it blocks when `mode` is "block"

  name        = "${local.name}-protect"
  description = "Rules in front of the chat load balancer."
  scope       = "REGIONAL"
  rule_json   = local.given

  default_action {
    allow {}
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "${local.name}-protect"
    sampled_requests_enabled   = false # samples are not redacted, and Matrix clients may send their token in the query
  }

  # The load balancer forwards no such path. This rule still holds when the load balancer's rules become wider.
  dynamic "rule" {
    for_each = local.ours

    content {
      name     = "admin-paths"
      priority = 10

      action {
        dynamic "count" {
          for_each = var.mode == "count" ? ["count"] : []
          content {}
        }

        dynamic "block" {
          for_each = var.mode == "block" ? ["block"] : []
          content {}
        }
      }

      statement {
        byte_match_statement {
          positional_constraint = "STARTS_WITH"
          search_string         = "/_synapse/admin"

          field_to_match {
            uri_path {}
          }

          text_transformation {
            priority = 0
            type     = "URL_DECODE"
          }

          text_transformation {
            priority = 1
            type     = "NORMALIZE_PATH"
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${local.name}-admin-paths"
        sampled_requests_enabled   = false
      }
    }
  }

  # All requests come from Cloudflare's addresses, so the client's address is in a header that only Cloudflare can set.
  dynamic "rule" {
    for_each = local.ours

    content {
      name     = "rate-per-client"
      priority = 20

      action {
        dynamic "count" {
          for_each = var.mode == "count" ? ["count"] : []
          content {}
        }

        dynamic "block" {
          for_each = var.mode == "block" ? ["block"] : []
          content {}
        }
      }

      statement {
        rate_based_statement {
          aggregate_key_type    = "FORWARDED_IP"
          limit                 = var.rate.requests
          evaluation_window_sec = var.rate.seconds

          forwarded_ip_config {
            header_name       = var.client_ip_header
            fallback_behavior = "NO_MATCH"
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${local.name}-rate-per-client"
        sampled_requests_enabled   = false
      }
    }
  }

  dynamic "rule" {
    for_each = length(local.ours) == 0 ? {} : local.groups

    content {
      name     = rule.key
      priority = rule.value.priority

      override_action {
        dynamic "count" {
          for_each = var.mode == "count" ? ["count"] : []
          content {}
        }

        dynamic "none" {
          for_each = var.mode == "block" ? ["block"] : []
          content {}
        }
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.value.group

          dynamic "rule_action_override" {
            for_each = rule.value.always_counted

            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${local.name}-${rule.key}"
        sampled_requests_enabled   = false
      }
    }
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  resource_arn = var.load_balancer_arn
  web_acl_arn  = aws_wafv2_web_acl.this.arn
}
