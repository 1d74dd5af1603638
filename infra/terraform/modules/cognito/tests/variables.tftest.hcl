mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment   = "test"
  callback_urls = ["https://app.example.org/signed-in"]
}

run "environment_must_be_a_short_name" {
  command = plan
  variables {
    environment = "much-too-long"
  }
  expect_failures = [var.environment]
}

run "mfa_must_be_a_known_value" {
  command = plan
  variables {
    mfa = "SOMETIMES"
  }
  expect_failures = [var.mfa]
}

run "callback_urls_must_be_https" {
  command = plan
  variables {
    callback_urls = ["http://app.example.org/signed-in"]
  }
  expect_failures = [var.callback_urls]
}

run "callback_urls_must_not_be_empty" {
  command = plan
  variables {
    callback_urls = []
  }
  expect_failures = [var.callback_urls]
}

run "localhost_callback_url_may_be_http" {
  command = plan
  variables {
    callback_urls = ["http://localhost:3000", "http://localhost:5173/signed-in"]
  }
}

run "logout_urls_must_be_https" {
  command = plan
  variables {
    logout_urls = ["http://app.example.org"]
  }
  expect_failures = [var.logout_urls]
}

run "domain_prefix_must_have_no_reserved_word" {
  command = plan
  variables {
    domain_prefix = "phenom-cognito"
  }
  expect_failures = [var.domain_prefix]
}

run "user_pool_tier_must_be_a_known_value" {
  command = plan
  variables {
    user_pool_tier = "FREE"
  }
  expect_failures = [var.user_pool_tier]
}

run "trigger_event_version_must_be_a_known_value" {
  command = plan
  variables {
    trigger_event_version = "V4_0"
    user_pool_tier        = "PLUS"
  }
  expect_failures = [var.trigger_event_version]
}

run "newer_event_versions_need_a_higher_tier" {
  command = plan
  variables {
    trigger_event_version = "V2_0"
  }
  expect_failures = [var.trigger_event_version]
}

run "trigger_qualifier_must_be_an_alias" {
  command = plan
  variables {
    trigger_qualifier = "not an alias"
  }
  expect_failures = [var.trigger_qualifier]
}
