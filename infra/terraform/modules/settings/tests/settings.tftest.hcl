variables {
  environment   = "prod"
  domain_name   = "api.acme.org"
  app_origins   = ["https://app.acme.org"]
  alarm_emails  = ["operations@acme.org"]
  callback_urls = ["https://app.acme.org/signed-in"]
  logout_urls   = ["https://app.acme.org/"]
}

run "own_names_are_accepted" {
  command = plan

  assert {
    condition = (
      output.domain_name == "api.acme.org" && output.app_origins == tolist(["https://app.acme.org"]) &&
      output.alarm_emails == tolist(["operations@acme.org"]) &&
      output.callback_urls == tolist(["https://app.acme.org/signed-in"]) && output.logout_urls == tolist(["https://app.acme.org/"])
    )
    error_message = "An output differs from its variable."
  }
}

run "names_that_only_contain_the_word_are_accepted" {
  command = plan
  variables {
    domain_name  = "example.acme.org"
    app_origins  = ["https://examples.acme.org:8443", "https://example.company.org"]
    alarm_emails = ["example@acme.org"]
  }
}

run "development_needs_no_domain" {
  command = plan
  variables {
    environment   = "dev"
    domain_name   = null
    app_origins   = ["http://localhost:5173"]
    alarm_emails  = []
    callback_urls = ["http://localhost:3000"]
    logout_urls   = []
  }

  assert {
    condition     = output.domain_name == null
    error_message = "There is a domain."
  }
}

run "production_needs_a_domain" {
  command = plan
  variables {
    domain_name = null
  }
  expect_failures = [var.domain_name]
}

run "environment_must_be_short" {
  command = plan
  variables {
    environment = "Development"
  }
  expect_failures = [var.environment]
}

run "domain_name_must_be_no_example" {
  command = plan
  variables {
    domain_name = "api.phenom.example"
  }
  expect_failures = [var.domain_name]
}

run "domain_name_must_be_no_example_in_development" {
  command = plan
  variables {
    environment = "dev"
    domain_name = "example.com"
  }
  expect_failures = [var.domain_name]
}

run "app_origins_must_be_no_examples" {
  command = plan
  variables {
    app_origins = ["https://app.acme.org", "https://app.phenom.example:8443"]
  }
  expect_failures = [var.app_origins]
}

run "alarm_emails_must_be_no_examples" {
  command = plan
  variables {
    alarm_emails = ["operations@example.net"]
  }
  expect_failures = [var.alarm_emails]
}

run "callback_urls_must_be_no_examples" {
  command = plan
  variables {
    callback_urls = ["https://app.phenom.example/signed-in"]
  }
  expect_failures = [var.callback_urls]
}

run "logout_urls_must_be_no_examples" {
  command = plan
  variables {
    logout_urls = ["https://example.org"]
  }
  expect_failures = [var.logout_urls]
}

run "chat_may_be_left_out" {
  command = plan

  assert {
    condition     = output.chat == null
    error_message = "There is a chat edge by default."
  }
}

run "own_names_of_chat_are_accepted_with_defaults" {
  command = plan
  variables {
    chat = {
      host_name      = "chat.acme.org"
      elsewhere_host = "try.acme.org"
      firewall       = { rules = [{ Name = "a" }, { Name = "b", Priority = 1 }] }
      cloudflare     = { zone_id = "0123456789abcdef0123456789abcdef", rulesets = { redirect = { before = [{ ref = "a" }, { ref = "b", enabled = true }] } } }
    }
    chat_mcp = { image = "registry.example.org/mcp@sha256:0", port = 9000, path = "/mcp/" }
  }

  assert {
    condition = (
      output.chat.mutual_tls == "verify" && output.chat.firewall.mode == "count" && output.chat.cloudflare.ssl == "strict" &&
      output.chat.firewall.rules[1] == { Name = "b", Priority = 1 } &&
      output.chat.cloudflare.rulesets.redirect.before[1] == { ref = "b", enabled = true } && output.chat_mcp.health_path == "/health"
    )
    error_message = "A default is wrong, or a rule was changed."
  }
}

run "chat_must_have_no_example_name" {
  command = plan
  variables {
    chat = { host_name = "chat.phenom.example", elsewhere_host = "try.acme.org", cloudflare = { zone_id = "0123456789abcdef0123456789abcdef", rulesets = {} } }
  }
  expect_failures = [var.chat]
}

run "chat_must_have_its_own_zone" {
  command = plan
  variables {
    chat = { host_name = "chat.acme.org", elsewhere_host = "try.acme.org", cloudflare = { zone_id = "example", rulesets = {} } }
  }
  expect_failures = [var.chat]
}

run "chat_mcp_must_not_use_the_port_of_synapse" {
  command = plan
  variables {
    chat_mcp = { image = "registry.example.org/mcp@sha256:0", port = 8008 }
  }
  expect_failures = [var.chat_mcp]
}

run "chat_mcp_needs_chat_for_a_public_path" {
  command = plan
  variables {
    chat_mcp = { image = "registry.example.org/mcp@sha256:0", port = 9000, path = "/mcp/" }
  }
  expect_failures = [var.chat_mcp]
}

run "synapse_takes_the_host_name_of_chat" {
  command = plan
  variables {
    chat = {
      host_name      = "chat.acme.org"
      elsewhere_host = "try.acme.org"
      cloudflare     = { zone_id = "0123456789abcdef0123456789abcdef", rulesets = {} }
    }
    synapse = {}
  }

  assert {
    condition     = output.synapse.server_name == "chat.acme.org" && output.synapse.max_upload_mb == 50
    error_message = "Synapse has another name, or no defaults."
  }
}

run "synapse_without_chat_must_have_a_name" {
  command = plan
  variables {
    synapse = {}
  }
  expect_failures = [var.synapse]
}

run "synapse_without_chat_must_not_use_cognito" {
  command = plan
  variables {
    synapse = { server_name = "chat.acme.internal", client_id = "0123" }
  }
  expect_failures = [var.synapse]
}
