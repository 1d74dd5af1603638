# In place of the examples in production's locals.tf, which stop the plan.
locals {
  domain_name           = "api.acme.org"
  app_origins           = ["https://app.acme.org"]
  alarm_emails          = ["operations@acme.org"]
  cognito_callback_urls = ["https://app.acme.org/signed-in"]
  cognito_logout_urls   = ["https://app.acme.org/"]
}
