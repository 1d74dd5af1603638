# Values that the Cloudflare provider would compute, for tests without a token.
mock_data "cloudflare_authenticated_origin_pulls" {
  defaults = { enabled = true, cert_id = "2458ce5a-0c35-4c7f-82c7-8e9487d3ff60", cert_status = "active", expires_on = "2099-01-01T00:00:00Z" }
}
