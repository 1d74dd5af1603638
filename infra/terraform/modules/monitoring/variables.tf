variable "environment" {
  description = "Short name of the environment (dev, prod); part of every resource name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "alarm_emails" {
  description = "E-mail addresses that receive alarms. Each must confirm its subscription once."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.alarm_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "alarm_emails must be e-mail addresses."
  }
}

variable "monthly_budget_usd" {
  description = "Monthly budget in US dollars. AWS Budgets notifies the topic at 80 % actual and 100 % forecast cost."
  type        = number

  validation {
    condition     = var.monthly_budget_usd > 0
    error_message = "monthly_budget_usd must be greater than 0."
  }
}

variable "load_balancer_arn_suffix" {
  description = "ARN suffix of the load balancer: its name in CloudWatch metrics."
  type        = string

  validation {
    condition     = length(var.load_balancer_arn_suffix) > 0 && !startswith(var.load_balancer_arn_suffix, "arn:")
    error_message = "load_balancer_arn_suffix must be the last part of the ARN: app/<name>/<id>."
  }
}

variable "cluster_name" {
  description = "Name of the ECS cluster."
  type        = string

  validation {
    condition     = length(var.cluster_name) > 0
    error_message = "cluster_name must be the name of a cluster."
  }
}

variable "service_names" {
  description = "Names of the ECS services on the dashboard."
  type        = list(string)

  validation {
    condition     = length(var.service_names) > 0
    error_message = "service_names needs at least one service."
  }
}

variable "database_identifier" {
  description = "Identifier of the database instance."
  type        = string

  validation {
    condition     = length(var.database_identifier) > 0
    error_message = "database_identifier must be the identifier of an instance."
  }
}

variable "user_pool" {
  description = "Ids of the user pool and app client whose sign-ins are monitored."
  type        = object({ id = string, client_id = string })

  validation {
    condition     = length(var.user_pool.id) > 0
    error_message = "user_pool.id must be the id of a user pool."
  }
}
