variable "environment" {
  description = "Part of every name, so that environments never meet."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "hasura_endpoint" {
  description = "URL that user_sync posts GraphQL to."
  type        = string

  validation {
    condition     = can(regex("^https?://[^\\s?#]+$", var.hasura_endpoint))
    error_message = "hasura_endpoint must be an http(s) URL without query."
  }
}

variable "database" {
  description = "Where Hasura's database is, and the role that Hasura has there (module database_role makes it)."
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
    Counts how often the values were made. A larger number makes new ones at the next apply; what to restart then is in
    docs/environments.md.
  EOT
  type        = number
  default     = 1

  validation {
    condition     = var.generation >= 1 && var.generation == floor(var.generation)
    error_message = "generation must be a whole number from 1."
  }
}

variable "recovery_window_days" {
  description = "How long a deleted secret can be brought back. 0 deletes at once and frees the name."
  type        = number
  default     = 30

  validation {
    condition     = var.recovery_window_days == 0 || (var.recovery_window_days >= 7 && var.recovery_window_days <= 30)
    error_message = "recovery_window_days must be 0, or 7 to 30."
  }
}

variable "rotation" {
  description = "Function that rotates the secret by Secrets Manager's protocol, and how often. Null for rotation by hand."
  type        = object({ function_arn = string, days = optional(number, 30) })
  default     = null

  validation {
    condition = var.rotation == null || (
      can(regex("^arn:[a-z-]+:lambda:", var.rotation.function_arn)) && try(var.rotation.days >= 1 && var.rotation.days <= 90, false)
    )
    error_message = "rotation.function_arn must be the ARN of a function, and rotation.days 1 to 90."
  }
}
