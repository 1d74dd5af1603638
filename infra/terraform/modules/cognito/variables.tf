variable "environment" {
  description = "Short name of the environment (dev, prod); part of every resource name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "mfa" {
  description = "Multi-factor authentication by authenticator app: OFF, OPTIONAL or ON."
  type        = string
  default     = "OPTIONAL"

  validation {
    condition     = contains(["OFF", "OPTIONAL", "ON"], var.mfa)
    error_message = "mfa must be OFF, OPTIONAL or ON."
  }
}

variable "self_registration" {
  description = "Lets users register themselves. Otherwise an administrator creates every user."
  type        = bool
  default     = false
  nullable    = false
}

variable "callback_urls" {
  description = "Exact URLs to which the hosted sign-in may return: https, or http://localhost for developers."
  type        = list(string)

  validation {
    condition = length(var.callback_urls) > 0 && alltrue([
      for url in var.callback_urls : can(regex("^(https://[^#*\\s]+|http://localhost(:[0-9]+)?(/[^#*\\s]*)?)$", url))
    ])
    error_message = "callback_urls needs at least one URL; each must be https (or http://localhost), without # or *."
  }
}

variable "logout_urls" {
  description = "Exact URLs to which the hosted sign-out may return: https, or http://localhost for developers."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([
      for url in var.logout_urls : can(regex("^(https://[^#*\\s]+|http://localhost(:[0-9]+)?(/[^#*\\s]*)?)$", url))
    ])
    error_message = "logout_urls must be https (or http://localhost), without # or *."
  }
}

variable "allow_implicit_flow" {
  description = "Allows the implicit flow, which puts tokens into URLs, in addition to code with PKCE. Never in production."
  type        = bool
  default     = false
  nullable    = false
}

variable "domain_prefix" {
  description = "Prefix of the sign-in domain `<prefix>.auth.<region>.amazoncognito.com`. Null: no hosted sign-in page."
  type        = string
  default     = null

  validation {
    condition = var.domain_prefix == null || (
      can(regex("^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", var.domain_prefix)) &&
      !can(regex("aws|amazon|cognito", var.domain_prefix))
    )
    error_message = "domain_prefix must be lower-case letters, digits and hyphens, without the words aws, amazon or cognito."
  }
}

variable "user_pool_tier" {
  description = "Cognito's feature plan: LITE, ESSENTIALS or PLUS. Event versions V2_0 and V3_0 need ESSENTIALS or PLUS."
  type        = string
  default     = "LITE"

  validation {
    condition     = contains(["LITE", "ESSENTIALS", "PLUS"], var.user_pool_tier)
    error_message = "user_pool_tier must be LITE, ESSENTIALS or PLUS."
  }
}

variable "trigger_event_version" {
  description = "Pre token generation event: V1_0 (ID token), V2_0 (also access token), V3_0 (also client credentials)."
  type        = string
  default     = "V1_0"

  validation {
    condition     = contains(["V1_0", "V2_0", "V3_0"], var.trigger_event_version)
    error_message = "trigger_event_version must be V1_0, V2_0 or V3_0."
  }

  validation {
    condition     = var.trigger_event_version == "V1_0" || var.user_pool_tier != "LITE"
    error_message = "trigger_event_version V2_0 and V3_0 need user_pool_tier ESSENTIALS or PLUS."
  }
}

variable "trigger_qualifier" {
  description = "Alias of the trigger functions, `live` in template.yaml. Null invokes the unpublished version."
  type        = string
  default     = null

  validation {
    condition     = var.trigger_qualifier == null || can(regex("^[A-Za-z][A-Za-z0-9_-]{0,127}$", var.trigger_qualifier))
    error_message = "trigger_qualifier must be the name of a function alias."
  }
}

variable "deletion_protection" {
  description = "Protects the pool from deletion. Users of a deleted pool cannot be restored."
  type        = bool
  default     = true
  nullable    = false
}
