# In place of the examples in production's locals.tf, which stop the plan.
locals {
  domain_name           = "api.acme.org"
  app_origins           = ["https://app.acme.org"]
  alarm_emails          = ["operations@acme.org"]
  cognito_callback_urls = ["https://app.acme.org/signed-in"]
  cognito_logout_urls   = ["https://app.acme.org/"]

  chat = {
    host_name      = "chat.acme.org"
    elsewhere_host = "try.acme.org"
    client_ca_file = "../../testing/chat-client-ca.pem"
    cloudflare = {
      zone_id        = "0123456789abcdef0123456789abcdef"
      certificate_id = "2458ce5a-0c35-4c7f-82c7-8e9487d3ff60"
      rulesets       = { config = { ours_only = true }, rate = { ours_only = true }, redirect = { ours_only = true } }
    }
  }

  synapse = { client_id = "0123456789abcdefghijklmnop", app_urls = ["https://app.acme.org/"] }
}
