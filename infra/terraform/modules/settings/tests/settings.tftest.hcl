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
