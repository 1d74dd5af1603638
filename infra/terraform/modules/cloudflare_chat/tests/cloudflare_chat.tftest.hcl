mock_provider "cloudflare" {
  source = "../../testing/cloudflare"
}

variables {
  zone_id        = "0123456789abcdef0123456789abcdef"
  host_name      = "chat.acme.org"
  elsewhere_host = "try.acme.org"
  origin         = "phenom-test-chat-1.us-east-1.elb.amazonaws.com"
  path_prefixes  = ["/_matrix/", "/_synapse/client/"]
  certificate_id = "2458ce5a-0c35-4c7f-82c7-8e9487d3ff60"
  rulesets       = { config = { ours_only = true }, rate = { ours_only = true }, redirect = { ours_only = true } }
}

run "host_name_points_to_the_load_balancer_through_cloudflare" {
  command = apply

  assert {
    condition = (
      cloudflare_dns_record.this.name == "chat.acme.org" && cloudflare_dns_record.this.type == "CNAME" &&
      cloudflare_dns_record.this.content == var.origin && cloudflare_dns_record.this.proxied && cloudflare_dns_record.this.ttl == 1
    )
    error_message = "Clients would not reach the load balancer, or would reach it without Cloudflare."
  }
}

run "certificate_is_sent_for_the_host_name_only" {
  command = apply

  assert {
    condition = [
      for one in cloudflare_authenticated_origin_pulls.this.config : [one.hostname, one.cert_id, tostring(one.enabled)]
    ] == [["chat.acme.org", "2458ce5a-0c35-4c7f-82c7-8e9487d3ff60", "true"]]
    error_message = "Cloudflare sends no certificate, another one, or also for other host names."
  }
}

run "each_phase_has_one_rule_with_a_ref" {
  command = apply

  assert {
    condition = {
      for name, ruleset in cloudflare_ruleset.this : ruleset.phase => [for rule in ruleset.rules : rule.ref]
      } == {
      http_config_settings          = ["phenom_chat_ssl"]
      http_ratelimit                = ["phenom_chat_rate"]
      http_request_dynamic_redirect = ["phenom_chat_elsewhere"]
    }
    error_message = "A rule is missing or has no ref."
  }

  assert {
    condition = (
      cloudflare_ruleset.this["config"].rules[0].action_parameters.ssl == "strict" &&
      cloudflare_ruleset.this["config"].rules[0].expression == "http.host eq \"chat.acme.org\""
    )
    error_message = "The certificate of the load balancer is not verified, or the rule holds for other host names."
  }

  assert {
    condition = (
      cloudflare_ruleset.this["rate"].rules[0].ratelimit.requests_per_period == 200 &&
      cloudflare_ruleset.this["rate"].rules[0].ratelimit.period == 10 &&
      cloudflare_ruleset.this["rate"].rules[0].ratelimit.mitigation_timeout == 10 &&
      cloudflare_ruleset.this["rate"].rules[0].ratelimit.requests_to_origin == false
    )
    error_message = "The rate limit is another, or is not written completely."
  }

  assert {
    condition = (
      cloudflare_ruleset.this["redirect"].rules[0].action_parameters.from_value.target_url.value == "https://try.acme.org/" &&
      cloudflare_ruleset.this["redirect"].rules[0].action_parameters.from_value.status_code == 302 &&
      cloudflare_ruleset.this["redirect"].rules[0].action_parameters.from_value.preserve_query_string == false
    )
    error_message = "The redirect leads elsewhere, is permanent, or takes the query along."
  }
}

run "other_rules_keep_their_place_and_their_content" {
  command = apply

  variables {
    rulesets = {
      redirect = {
        before = [
          {
            id                = "1", version = "3", last_updated = "2026-01-01T00:00:00Z", ref = "shop", description = "Shop", action = "redirect", enabled = true
            expression        = "http.host eq \"shop.acme.org\""
            action_parameters = { from_value = { status_code = 301, target_url = { value = "https://acme.org/shop" } } }
          },
          {
            ref               = "old", action = "redirect", enabled = false, expression = "http.host eq \"old.acme.org\""
            action_parameters = { from_value = { status_code = 308, preserve_query_string = true, target_url = { expression = "concat(\"https://new.acme.org\", http.request.uri.path)" } } }
          },
        ]
        after = [{ ref = "last", action = "redirect", enabled = true, expression = "true", action_parameters = { from_value = { target_url = { value = "https://acme.org/" } } } }]
      }
    }
  }

  assert {
    condition     = [for rule in cloudflare_ruleset.this["redirect"].rules : rule.ref] == ["shop", "old", "phenom_chat_elsewhere", "last"]
    error_message = "A rule is lost or in another place."
  }

  assert {
    condition = (
      cloudflare_ruleset.this["redirect"].rules[0].action_parameters.from_value.target_url.value == "https://acme.org/shop" &&
      cloudflare_ruleset.this["redirect"].rules[1].action_parameters.from_value.target_url.expression == "concat(\"https://new.acme.org\", http.request.uri.path)" &&
      cloudflare_ruleset.this["redirect"].rules[1].enabled == false
    )
    error_message = "A rule of another site was changed."
  }

  assert {
    condition     = keys(cloudflare_ruleset.this) == ["redirect"] && output.managed_phases == tolist(["http_request_dynamic_redirect"])
    error_message = "A phase is managed that was left out."
  }
}

run "rate_without_host_for_the_free_plan" {
  command = apply

  variables {
    rate = { requests = 20, paths = ["/_matrix/client/v3/login", "/_matrix/client/r0/login"] }
  }

  assert {
    condition     = cloudflare_ruleset.this["rate"].rules[0].expression == "http.request.uri.path in {\"/_matrix/client/v3/login\" \"/_matrix/client/r0/login\"}"
    error_message = "The free plan refuses the expression."
  }
}

run "certificate_that_expires_soon_is_reported" {
  command = plan

  override_data {
    target = data.cloudflare_authenticated_origin_pulls.this
    values = { enabled = true, cert_id = "2458ce5a-0c35-4c7f-82c7-8e9487d3ff60", expires_on = "2020-01-01T00:00:00Z" }
  }

  expect_failures = [check.origin_pulls]
}

run "origin_pulls_that_were_turned_off_are_reported" {
  command = plan

  override_data {
    target = data.cloudflare_authenticated_origin_pulls.this
    values = { enabled = false, cert_id = "2458ce5a-0c35-4c7f-82c7-8e9487d3ff60", expires_on = "2099-01-01T00:00:00Z" }
  }

  expect_failures = [check.origin_pulls]
}

run "another_certificate_is_reported" {
  command = plan

  override_data {
    target = data.cloudflare_authenticated_origin_pulls.this
    values = { enabled = true, cert_id = "00000000-0c35-4c7f-82c7-8e9487d3ff60", expires_on = "2099-01-01T00:00:00Z" }
  }

  expect_failures = [check.origin_pulls]
}
