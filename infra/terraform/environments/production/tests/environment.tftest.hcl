mock_provider "aws" {
  source = "../../testing"
}

mock_provider "cloudflare" {
  source = "../../testing/cloudflare"
}

# Applies with a mocked provider, so that tests/infra can read the resulting state (`terraform test -json -verbose`).
run "outputs_after_apply" {
  command = apply

  assert {
    condition = (
      keys(output.service_endpoints) == ["auth", "functions", "graphql", "storage"] &&
      alltrue([for name, url in output.service_endpoints : can(regex("^https?://[a-z0-9.-]+/api/${name}$", url))])
    )
    error_message = "A service has another URL."
  }

  assert {
    condition     = output.s3_access_key_id == null && length(output.nat_public_ips) == 2
    error_message = "There is a storage user by default, or not one NAT gateway per zone."
  }

  assert {
    condition     = output.clamd_host == "clamd.phenom-prod.internal"
    error_message = "clamd has another DNS name."
  }

  assert {
    condition = alltrue([
      for value in [output.alb_dns_name, output.database_endpoint, output.cognito_user_pool_id, output.app_secret_arn] :
      length(value) > 0
    ]) && alltrue([for name in output.ssm_parameter_names : startswith(name, "/phenom/prod/")])
    error_message = "An output is empty, or a parameter belongs to another environment."
  }
}
