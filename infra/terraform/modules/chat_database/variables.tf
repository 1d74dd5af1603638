variable "environment" {
  description = "Short name of the environment (dev, prod); part of every resource name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "name" {
  description = "Name of the database and of its role, such as synapse. Staging needs another name than production, whose chat must never be there."
  type        = string

  validation {
    condition = can(regex("^[a-z][a-z0-9_]{1,40}$", var.name)) && !contains(
      ["postgres", "template0", "template1", "rdsadmin", "phenom", "hasura"], var.name
    )
    error_message = "name must be 2 to 41 lower-case letters, digits and underscores, and no database or role that exists for something else."
  }
}

variable "image" {
  description = "Image, by digest, with psql and a shell, such as the official postgres."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@\\S+$", var.image))
    error_message = "image must be REPOSITORY@sha256:…: a tag can change."
  }
}

variable "server" {
  description = "The PostgreSQL server, 16 or later, and the full ARN of the secret with its master user's name and password."
  type        = object({ host = string, port = optional(number, 5432), master_secret_arn = string })

  validation {
    condition     = can(regex("^[A-Za-z0-9.-]+$", var.server.host)) && can(regex("^arn:[a-z-]+:", var.server.master_secret_arn))
    error_message = "server.host must be a host name, and server.master_secret_arn the ARN of a secret."
  }
}

variable "secret" {
  description = "Increment `generation` for a new password. `recovery_window_days`: a deleted secret can be restored for so long; 0 deletes it immediately."
  type        = object({ generation = optional(number, 1), recovery_window_days = optional(number, 30) })
  default     = {}
  nullable    = false

  validation {
    condition     = var.secret.generation >= 1 && var.secret.generation == floor(var.secret.generation)
    error_message = "secret.generation must be a positive whole number."
  }

  validation {
    condition     = var.secret.recovery_window_days == 0 || (var.secret.recovery_window_days >= 7 && var.secret.recovery_window_days <= 30)
    error_message = "secret.recovery_window_days must be 0, or 7 to 30."
  }
}

variable "log_group" {
  description = "Log group of the task."
  type        = object({ arn = string, name = string })

  validation {
    condition     = can(regex("^arn:[a-z-]+:logs:", var.log_group.arn))
    error_message = "log_group.arn must be the ARN of a log group."
  }
}

variable "run" {
  description = "Cluster, private subnets and security group for the output `command`."
  type        = object({ cluster_name = string, subnet_ids = list(string), security_group_id = string })

  validation {
    condition     = length(var.run.subnet_ids) > 0
    error_message = "run.subnet_ids needs at least one subnet."
  }
}
