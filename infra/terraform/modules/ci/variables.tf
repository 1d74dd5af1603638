variable "environment" {
  description = "Part of every name, so that environments never meet."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "subject" {
  description = <<-EOT
    How the subject of the repository's tokens begins: repo:owner/name, or repo:owner@1/name@2 with the ids of both, where
    GitHub puts them in (repositories made, renamed or moved since June 2026, and those that chose to).
  EOT
  type        = string

  validation {
    condition     = can(regex("^repo:[A-Za-z0-9-]+(@[0-9]+)?/[A-Za-z0-9._-]+(@[0-9]+)?$", var.subject))
    error_message = "subject must be repo:owner/name or repo:owner@id/name@id, without any wildcard."
  }
}

variable "github_environment" {
  description = "Environment on GitHub whose jobs may deploy."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z-]*$", var.github_environment))
    error_message = "github_environment must be lower-case letters and hyphens: a colon or a wildcard would let others in."
  }
}

variable "create_provider" {
  description = "Whether to make the account's provider for GitHub. False where the account has it already."
  type        = bool
  default     = true
}
