mock_provider "aws" {
  source = "../../testing"
}

# Applied to nothing, so that tests/infra can read what depends on what (`terraform test -json -verbose`).
run "as_applied" {
  command = apply

  assert {
    condition = output.service_endpoints == {
      graphql   = "https://api.phenom.example/api/graphql"
      auth      = "https://api.phenom.example/api/auth"
      storage   = "https://api.phenom.example/api/storage"
      functions = "https://api.phenom.example/api/functions"
    }
    error_message = "A service is served elsewhere."
  }

  assert {
    condition     = output.s3_access_key_id == null && length(output.nat_public_ips) == 2
    error_message = "There is a user nobody asked for, or not a NAT gateway for each zone."
  }

  assert {
    condition     = output.clamd_host == "clamd.phenom-prod.internal"
    error_message = "clamd is found elsewhere."
  }

  assert {
    condition = alltrue([
      for value in [output.alb_dns_name, output.database_endpoint, output.cognito_user_pool_id, output.app_secret_arn] :
      length(value) > 0
    ]) && alltrue([for name in output.ssm_parameter_names : startswith(name, "/phenom/prod/")])
    error_message = "An output is empty, or a parameter belongs to another environment."
  }
}
