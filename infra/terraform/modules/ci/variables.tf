variable "environment" {
  description = "Short name of the environment (dev, prod); part of every resource name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "subject" {
  description = <<-EOT
    Prefix of the subject in the repository's tokens: repo:owner/name, or repo:owner@1/name@2 when GitHub includes the ids
    (repositories created, renamed or moved since June 2026, and repositories that opted in). Null creates no role and no
    OIDC provider, only the permissions boundary.
  EOT
  type        = string
  default     = null

  validation {
    condition = var.subject == null || can(
      regex("^repo:[A-Za-z0-9-]+(@[0-9]+)?/[A-Za-z0-9._-]+(@[0-9]+)?$", var.subject)
    )
    error_message = "subject must be repo:owner/name or repo:owner@id/name@id, without wildcards."
  }

  validation {
    condition     = var.subject == null || !can(regex("(?i)^repo:[^/]*example", var.subject))
    error_message = "subject must name your repository. Anyone could register an owner such as phenom-example and deploy."
  }
}

variable "github_environment" {
  description = "GitHub environment whose jobs may deploy."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z-]*$", var.github_environment))
    error_message = "github_environment must be lower-case letters and hyphens: a colon or wildcard would match other jobs."
  }
}

variable "private_subnet_ids" {
  description = "Ids of the only subnets in which a deployment may place functions."
  type        = list(string)

  validation {
    condition     = length(var.private_subnet_ids) > 0
    error_message = "private_subnet_ids must not be empty: the condition on the subnets would match none."
  }
}

variable "lambda_security_group_id" {
  description = "Id of the only security group that a deployment may give to functions."
  type        = string

  validation {
    condition     = var.lambda_security_group_id != ""
    error_message = "lambda_security_group_id must not be empty: functions in the VPC could not be deployed."
  }
}

variable "create_provider" {
  description = "Creates the account's OIDC provider for GitHub with the roles. Set to false when the account already has it."
  type        = bool
  default     = true
}
