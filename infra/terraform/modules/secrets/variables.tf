variable "environment" {
  description = "Short name of the environment (dev, prod); part of every resource name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "hasura_endpoint" {
  description = "URL to which user_sync sends GraphQL requests."
  type        = string

  validation {
    condition     = can(regex("^https?://[^\\s?#]+$", var.hasura_endpoint))
    error_message = "hasura_endpoint must be an http or https URL without query."
  }
}

variable "cognito_jwt" {
  description = "How Hasura verifies the user pool's tokens (JSON of HASURA_GRAPHQL_JWT_SECRET): the first entry of hasuraJwtSecrets."
  type        = string

  validation {
    condition     = can(jsondecode(var.cognito_jwt).issuer)
    error_message = "cognito_jwt must be a JSON object with an issuer: Hasura tells the entries apart by it."
  }
}

variable "database" {
  description = "Hasura's database, and Hasura's role in it (created by module database_role)."
  type = object({
    host = string
    name = string
    port = optional(number, 5432)
    role = optional(string, "hasura")
  })

  validation {
    condition = can(regex("^[a-z_][a-z0-9_]{0,62}$", var.database.role)) && can(
      regex("^[a-z_][a-z0-9_]{0,62}$", var.database.name)
    )
    error_message = "database.name and database.role must be plain lower-case PostgreSQL names."
  }
}

variable "generation" {
  description = <<-EOT
    Increment to generate new values in the next apply. docs/environments.md says what to restart afterwards.
  EOT
  type        = number
  default     = 1

  validation {
    condition     = var.generation >= 1 && var.generation == floor(var.generation)
    error_message = "generation must be a positive whole number."
  }
}

variable "recovery_window_days" {
  description = "Days for which a deleted secret can be restored. 0 deletes it immediately and frees the name."
  type        = number
  default     = 30

  validation {
    condition     = var.recovery_window_days == 0 || (var.recovery_window_days >= 7 && var.recovery_window_days <= 30)
    error_message = "recovery_window_days must be 0, or 7 to 30."
  }
}

variable "rotation" {
  description = "Function that implements Secrets Manager's rotation protocol, and the interval in days. Null: rotated by hand."
  type        = object({ function_arn = string, days = optional(number, 30) })
  default     = null

  validation {
    condition = var.rotation == null || (
      can(regex("^arn:[a-z-]+:lambda:", var.rotation.function_arn)) && try(var.rotation.days >= 1 && var.rotation.days <= 90, false)
    )
    error_message = "rotation.function_arn must be the ARN of a function, and rotation.days 1 to 90."
  }
}
