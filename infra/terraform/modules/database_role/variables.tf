variable "environment" {
  description = "Short name of the environment (dev, prod); part of every resource name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
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

variable "app_secret_arn" {
  description = "Full ARN of the app secret. Its databaseUrl contains the role and its password."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:secretsmanager:", var.app_secret_arn))
    error_message = "app_secret_arn must be the ARN of a secret."
  }
}

variable "master_secret_arn" {
  description = "Full ARN of the secret in which RDS stores the master user's password."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:", var.master_secret_arn))
    error_message = "master_secret_arn must be the ARN of a secret."
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
