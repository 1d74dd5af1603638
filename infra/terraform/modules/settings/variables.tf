variable "environment" {
  description = "Short name of the environment (dev, prod)."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "domain_name" {
  description = "Public name of the load balancer. Null, not in production: plain HTTP under the load balancer's DNS name."
  type        = string

  validation {
    condition     = var.domain_name != null || var.environment != "prod"
    error_message = "domain_name is null, but production needs TLS. Set it in locals.tf to a name of yours that has a certificate in ACM."
  }

  validation {
    condition     = var.domain_name == null || !can(regex(local.example, var.domain_name))
    error_message = "domain_name is an example. Set it in locals.tf to a name of yours that has a certificate in ACM, or in development to null."
  }
}

variable "app_origins" {
  description = "Web origins of the apps."
  type        = list(string)

  validation {
    condition     = alltrue([for origin in var.app_origins : !can(regex(local.example, origin))])
    error_message = "app_origins contains an example. List the origins of your apps in locals.tf."
  }
}

variable "alarm_emails" {
  description = "E-mail addresses that receive alarms."
  type        = list(string)

  validation {
    condition     = alltrue([for address in var.alarm_emails : !can(regex(local.example, address))])
    error_message = "alarm_emails contains an example. List the addresses of your operators in locals.tf."
  }
}

variable "callback_urls" {
  description = "URLs to which the hosted sign-in may return."
  type        = list(string)

  validation {
    condition     = alltrue([for url in var.callback_urls : !can(regex(local.example, url))])
    error_message = "cognito_callback_urls contains an example. List the URLs of your apps in locals.tf."
  }
}

variable "logout_urls" {
  description = "URLs to which the hosted sign-out may return."
  type        = list(string)

  validation {
    condition     = alltrue([for url in var.logout_urls : !can(regex(local.example, url))])
    error_message = "cognito_logout_urls contains an example. List the URLs of your apps in locals.tf."
  }
}
