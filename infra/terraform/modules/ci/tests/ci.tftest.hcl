mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment        = "test"
  subject            = "repo:acme@12/phenom@34"
  github_environment = "testing"

  private_subnet_ids       = ["subnet-a", "subnet-b"]
  lambda_security_group_id = "sg-lambda"
}

run "only_jobs_in_the_github_environment_may_deploy" {
  command = apply

  assert {
    condition = jsondecode(aws_iam_role.deploy[0].assume_role_policy).Statement == [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Condition = { StringEquals = {
        "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub" = "repo:acme@12/phenom@34:environment:testing"
      } }
    }]
    error_message = "Jobs outside the GitHub environment can assume the deploy role."
  }
}

run "only_checks_of_this_repository_may_plan" {
  command = apply

  assert {
    condition = alltrue([
      for subject in jsondecode(aws_iam_role.plan[0].assume_role_policy).Statement[0].Condition.StringLike["token.actions.githubusercontent.com:sub"] :
      startswith(subject, "repo:acme@12/phenom@34:") && !strcontains(subject, ":environment:")
    ])
    error_message = "Other repositories, or jobs in a GitHub environment, can assume the plan role."
  }
}

run "without_a_repository_only_the_boundary_exists" {
  command = apply

  variables {
    subject = null
  }

  assert {
    condition = (
      length(aws_iam_openid_connect_provider.github) == 0 && length(aws_iam_role.deploy) == 0 &&
      length(aws_iam_role.plan) == 0 && length(aws_iam_role.cloudformation) == 0 &&
      length(aws_iam_role.administrator) == 0 && output.deploy_role_arn == null
    )
    error_message = "A role for GitHub exists although no repository is configured."
  }

  assert {
    condition     = aws_iam_policy.boundary.name == "phenom-test-functions"
    error_message = "The boundary is missing: samconfig.toml names it in every deployment."
  }
}

run "functions_may_use_keys_through_secrets_manager_and_dynamodb" {
  command = apply

  assert {
    condition = [
      for statement in jsondecode(aws_iam_policy.boundary.policy).Statement : statement.Condition.StringEquals
      if contains(statement.Action, "kms:Decrypt")
      ] == [{
        "kms:CallerAccount" = "111122223333"
        "kms:ViaService"    = ["dynamodb.us-east-1.amazonaws.com", "secretsmanager.us-east-1.amazonaws.com"]
    }]
    error_message = "The boundary allows keys of other services, or none."
  }
}

run "provider_is_not_created_when_the_account_has_one" {
  command = apply

  variables {
    create_provider = false
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0
    error_message = "AWS would reject a second provider with the same URL."
  }
}

run "policies_fit_iam_size_limits" {
  command = apply

  assert {
    condition = (
      alltrue([for policy in aws_iam_policy.cloudformation : length(policy.policy) <= 6144]) &&
      length(aws_iam_role_policy_attachment.cloudformation) == length(local.policies) && length(local.policies) <= 10
    )
    error_message = "IAM allows 10 managed policies per role, each of 6,144 characters."
  }

  assert {
    condition     = length(aws_iam_policy.boundary.policy) <= 6144 && length(aws_iam_role_policy.deploy[0].policy) <= 10240
    error_message = "IAM allows 6,144 characters in a managed policy and 10,240 in a role's inline policies."
  }
}

run "github_has_limits_and_administrators_have_none" {
  command = apply

  assert {
    condition = (
      contains(keys(aws_iam_role_policy_attachment.cloudformation), "limits") &&
      setsubtract(keys(local.policies), keys(aws_iam_role_policy_attachment.administrator)) == toset(["limits"])
    )
    error_message = "CloudFormation works for GitHub without its limits, or for administrators with them."
  }

  assert {
    condition     = alltrue([for statement in local.limits_statements : statement.Effect == "Deny"])
    error_message = "The limits allow something."
  }
}

run "functions_stay_in_the_subnets_of_the_environment" {
  command = apply

  assert {
    condition = [
      for statement in jsondecode(aws_iam_policy.cloudformation["functions"].policy).Statement :
      statement.Condition["ForAnyValue:StringNotEquals"] if contains(["DenyOtherSubnets", "DenyOtherSecurityGroups"], statement.Sid)
    ] == [{ "lambda:SubnetIds" = ["subnet-a", "subnet-b"] }, { "lambda:SecurityGroupIds" = ["sg-lambda"] }]
    error_message = "A deployment can place functions in other networks."
  }
}
