mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment   = "test"
  callback_urls = ["https://app.example.org/signed-in"]
}

run "environment_is_a_short_name" {
  command = plan
  variables {
    environment = "much-too-long"
  }
  expect_failures = [var.environment]
}

run "mfa_is_one_of_three_words" {
  command = plan
  variables {
    mfa = "SOMETIMES"
  }
  expect_failures = [var.mfa]
}

run "callback_urls_are_https" {
  command = plan
  variables {
    callback_urls = ["http://app.example.org/signed-in"]
  }
  expect_failures = [var.callback_urls]
}

run "callback_urls_are_given" {
  command = plan
  variables {
    callback_urls = []
  }
  expect_failures = [var.callback_urls]
}

run "localhost_may_be_http" {
  command = plan
  variables {
    callback_urls = ["http://localhost:5173/signed-in"]
  }
}

run "logout_urls_are_https" {
  command = plan
  variables {
    logout_urls = ["http://app.example.org"]
  }
  expect_failures = [var.logout_urls]
}

run "domain_prefix_has_no_reserved_word" {
  command = plan
  variables {
    domain_prefix = "phenom-cognito"
  }
  expect_failures = [var.domain_prefix]
}

run "user_pool_tier_is_known" {
  command = plan
  variables {
    user_pool_tier = "FREE"
  }
  expect_failures = [var.user_pool_tier]
}

run "trigger_event_version_is_known" {
  command = plan
  variables {
    trigger_event_version = "V4_0"
    user_pool_tier        = "PLUS"
  }
  expect_failures = [var.trigger_event_version]
}

run "newer_events_need_a_paid_tier" {
  command = plan
  variables {
    trigger_event_version = "V2_0"
  }
  expect_failures = [var.trigger_event_version]
}

run "trigger_qualifier_is_an_alias" {
  command = plan
  variables {
    trigger_qualifier = "not an alias"
  }
  expect_failures = [var.trigger_qualifier]
}
