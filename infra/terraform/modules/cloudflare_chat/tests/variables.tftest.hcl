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

run "zone_id_must_be_hexadecimal" {
  command = plan
  variables {
    zone_id = "acme.org"
  }
  expect_failures = [var.zone_id]
}

run "host_name_must_be_lower_case" {
  command = plan
  variables {
    host_name = "Chat.acme.org"
  }
  expect_failures = [var.host_name]
}

run "elsewhere_host_must_be_another_host" {
  command = plan
  variables {
    elsewhere_host = "chat.acme.org"
  }
  expect_failures = [var.elsewhere_host]
}

run "origin_must_not_be_a_url" {
  command = plan
  variables {
    origin = "https://alb.amazonaws.com"
  }
  expect_failures = [var.origin]
}

run "path_prefixes_must_not_be_empty" {
  command = plan
  variables {
    path_prefixes = []
  }
  expect_failures = [var.path_prefixes]
}

run "path_prefixes_must_not_contain_quotes" {
  command = plan
  variables {
    path_prefixes = ["/_matrix\"/"]
  }
  expect_failures = [var.path_prefixes]
}

run "certificate_id_must_not_be_null" {
  command = plan
  variables {
    certificate_id = null
  }
  expect_failures = [var.certificate_id]
}

run "ssl_must_encrypt" {
  command = plan
  variables {
    ssl = "flexible"
  }
  expect_failures = [var.ssl]
}

run "rate_must_have_a_period_of_cloudflare" {
  command = plan
  variables {
    rate = { seconds = 30 }
  }
  expect_failures = [var.rate]
}

run "rate_paths_must_not_contain_quotes" {
  command = plan
  variables {
    rate = { paths = ["/a\" or true"] }
  }
  expect_failures = [var.rate]
}

run "rulesets_must_list_the_other_rules" {
  command = plan
  variables {
    rulesets = { redirect = {} }
  }
  expect_failures = [var.rulesets]
}

run "rulesets_must_not_take_an_empty_list_for_an_answer" {
  command = plan
  variables {
    rulesets = { redirect = { before = [], after = [] } }
  }
  expect_failures = [var.rulesets]
}

run "rulesets_must_not_contradict_themselves" {
  command = plan
  variables {
    rulesets = { redirect = { ours_only = true, before = [{ ref = "a", action = "redirect", expression = "true" }] } }
  }
  expect_failures = [var.rulesets]
}

run "rulesets_must_have_a_ref_on_each_rule" {
  command = plan
  variables {
    rulesets = { redirect = { before = [{ action = "redirect", expression = "true" }] } }
  }
  expect_failures = [var.rulesets]
}

run "rulesets_must_not_contain_our_rule" {
  command = plan
  variables {
    rulesets = { redirect = { before = [{ ref = "phenom_chat_elsewhere", action = "redirect", expression = "true" }] } }
  }
  expect_failures = [var.rulesets]
}

run "rulesets_must_not_contain_text" {
  command = plan
  variables {
    rulesets = { redirect = { before = "rules.json" } }
  }
  expect_failures = [var.rulesets]
}
