variable "environment" {
  description = "Short name of the environment (dev, prod); part of every resource name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "cognito" {
  description = "User pool id and ARN, and app client id."
  type        = object({ user_pool_id = string, user_pool_arn = string, client_id = string })

  validation {
    condition     = can(regex("^arn:[a-z-]+:cognito-idp:", var.cognito.user_pool_arn))
    error_message = "cognito.user_pool_arn must be the ARN of a user pool."
  }
}

variable "app_secret_arn" {
  description = "Full ARN of the app secret."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:secretsmanager:", var.app_secret_arn))
    error_message = "app_secret_arn must be the ARN of a secret."
  }
}

variable "network" {
  description = "Ids of the private subnets and of the security group of functions in the VPC."
  type        = object({ private_subnet_ids = list(string), lambda_security_group_id = string })

  validation {
    condition     = length(var.network.private_subnet_ids) > 0
    error_message = "network.private_subnet_ids needs at least one subnet."
  }
}

variable "clamd_host" {
  description = "DNS name of clamd. Null without clamd."
  type        = string
  default     = null

  validation {
    condition     = var.clamd_host == null || can(regex("^[A-Za-z0-9.-]+$", var.clamd_host))
    error_message = "clamd_host must be a host name."
  }
}

variable "alarm_topic_arn" {
  description = "SNS topic that alarms notify, also those of the SAM stack."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:sns:", var.alarm_topic_arn))
    error_message = "alarm_topic_arn must be the ARN of an SNS topic."
  }
}
