mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment       = "test"
  load_balancer_arn = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/phenom-test-chat/0123456789abcdef"
}

run "four_rules_count_by_default" {
  command = apply

  assert {
    condition = { for rule in aws_wafv2_web_acl.this.rule : rule.name => rule.priority } == {
      admin-paths = 10, rate-per-client = 20, known-bad-inputs = 30, common = 40
    }
    error_message = "There are other rules, or they have another order."
  }

  assert {
    condition = alltrue([
      for rule in aws_wafv2_web_acl.this.rule :
      length(flatten([rule.action[*].block, rule.override_action[*].none])) == 0 &&
      length(flatten([rule.action[*].count, rule.override_action[*].count])) == 1
    ])
    error_message = "A rule blocks before the operators have read the log."
  }

  assert {
    condition     = length(one(aws_wafv2_web_acl.this.default_action).allow) == 1
    error_message = "Requests that match no rule are refused."
  }

  assert {
    condition = (
      aws_wafv2_web_acl_association.this.resource_arn == var.load_balancer_arn &&
      aws_wafv2_web_acl_association.this.web_acl_arn == aws_wafv2_web_acl.this.arn
    )
    error_message = "The firewall is in front of another load balancer."
  }
}

run "one_variable_blocks_all_rules" {
  command = apply
  variables {
    mode = "block"
  }

  assert {
    condition = alltrue([
      for rule in aws_wafv2_web_acl.this.rule :
      length(flatten([rule.action[*].block, rule.override_action[*].none])) == 1 &&
      length(flatten([rule.action[*].count, rule.override_action[*].count])) == 0
    ])
    error_message = "A rule still only counts."
  }

  assert {
    condition = toset(flatten([
      for rule in aws_wafv2_web_acl.this.rule : [
        for group in one(rule.statement).managed_rule_group_statement : [
          for override in group.rule_action_override : override.name if length(one(override.action_to_use).count) == 1
        ]
      ]
      ])) == toset([
      "SizeRestrictions_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "EC2MetaDataSSRF_BODY", "CrossSiteScripting_BODY",
    ])
    error_message = "Rules about bodies would refuse messages and uploads."
  }
}

run "clients_are_told_apart_by_the_header_of_cloudflare" {
  command = apply
  variables {
    rate = { requests = 600, seconds = 60 }
  }

  assert {
    condition = [
      for rate in flatten([for rule in aws_wafv2_web_acl.this.rule : one(rule.statement).rate_based_statement]) : [
        rate.aggregate_key_type, one(rate.forwarded_ip_config).header_name, one(rate.forwarded_ip_config).fallback_behavior,
        tostring(rate.limit), tostring(rate.evaluation_window_sec),
      ]
    ] == [["FORWARDED_IP", "CF-Connecting-IP", "NO_MATCH", "600", "60"]]
    error_message = "The rate is counted for Cloudflare's addresses, or the limit is another."
  }
}

run "admin_paths_are_compared_after_decoding" {
  command = apply

  assert {
    condition = [
      for transformation in one(flatten([
        for rule in aws_wafv2_web_acl.this.rule : one(rule.statement).byte_match_statement
      ])).text_transformation : transformation.type
    ] == ["URL_DECODE", "NORMALIZE_PATH"]
    error_message = "An encoded path passes the rule."
  }
}

run "given_rules_replace_ours_and_obey_the_mode" {
  command = apply
  variables {
    mode       = "block"
    rules_json = "[{\"Name\":\"a\",\"Priority\":0,\"Statement\":{\"X\":{}},\"Action\":{\"Count\":{}}},{\"Name\":\"b\",\"Priority\":1,\"Statement\":{\"Y\":{}},\"OverrideAction\":{\"Count\":{}}},{\"Name\":\"c\",\"Priority\":2,\"Statement\":{\"Z\":{}},\"Action\":{\"Allow\":{}}}]"
  }

  assert {
    condition = jsondecode(aws_wafv2_web_acl.this.rule_json) == [
      { Name = "a", Priority = 0, Statement = { X = {} }, Action = { Block = {} } },
      { Name = "b", Priority = 1, Statement = { Y = {} }, OverrideAction = { None = {} } },
      { Name = "c", Priority = 2, Statement = { Z = {} }, Action = { Allow = {} } },
    ]
    error_message = "A given rule was changed, or does not obey the mode."
  }

  assert {
    condition     = length(aws_wafv2_web_acl.this.rule) == 0
    error_message = "Our rules are there as well."
  }
}

run "given_rules_are_unchanged_in_their_own_mode" {
  command = apply
  variables {
    rules_json = "[{\"Name\":\"a\",\"Priority\":0,\"Statement\":{\"ByteMatchStatement\":{\"SearchString\":\"/_synapse/admin\"}},\"Action\":{\"Count\":{}}}]"
  }

  assert {
    condition     = jsondecode(aws_wafv2_web_acl.this.rule_json) == jsondecode(var.rules_json)
    error_message = "The plan would change a rule that is taken over as it is."
  }
}

run "log_has_no_tokens" {
  command = apply

  assert {
    condition = (
      toset(flatten([for field in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : field.single_header[*].name])) ==
      toset(["authorization", "cookie"]) &&
      length(flatten([for field in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : field.query_string])) == 1
    )
    error_message = "Tokens of clients would be in the log."
  }

  assert {
    condition     = !anytrue([for rule in aws_wafv2_web_acl.this.rule : one(rule.visibility_config).sampled_requests_enabled])
    error_message = "Sampled requests show tokens."
  }

  assert {
    condition     = startswith(aws_cloudwatch_log_group.this.name, "aws-waf-logs-")
    error_message = "WAF refuses a log group without this prefix."
  }
}

run "operators_get_the_policy" {
  command = apply
  variables {
    operator_roles = ["operations"]
  }

  assert {
    condition = (
      keys(aws_iam_role_policy_attachment.operators) == ["operations"] &&
      aws_iam_policy.association.name == "phenom-test-waf-alb-association"
    )
    error_message = "The policy is not attached to the role."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_policy.association.policy).Statement : statement.Resource
    ] == [[aws_wafv2_web_acl.this.arn, var.load_balancer_arn], var.load_balancer_arn]
    error_message = "The policy is about another web ACL or load balancer."
  }
}
