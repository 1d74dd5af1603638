variable "environment" {
  description = "Part of every name, so that environments never meet."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "mfa" {
  description = "Second factor by an authenticator app: OFF, OPTIONAL or ON."
  type        = string
  default     = "OPTIONAL"

  validation {
    condition     = contains(["OFF", "OPTIONAL", "ON"], var.mfa)
    error_message = "mfa must be OFF, OPTIONAL or ON."
  }
}

variable "self_registration" {
  description = "Whether people may register themselves. Else an administrator creates every user."
  type        = bool
  default     = false
  nullable    = false
}

variable "callback_urls" {
  description = "Where the hosted sign-in may return to. https, or http://localhost for developers."
  type        = list(string)

  validation {
    condition = length(var.callback_urls) > 0 && alltrue([
      for url in var.callback_urls : can(regex("^(https://[^#*\\s]+|http://localhost(:[0-9]+)?(/[^#*\\s]*)?)$", url))
    ])
    error_message = "callback_urls needs at least one URL; each must be https (or http://localhost), without # or *."
  }
}

variable "logout_urls" {
  description = "Where the hosted sign-out may return to."
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
  description = "Whether the client may also use OAuth's implicit flow, which puts tokens into URLs. For old clients only."
  type        = bool
  default     = false
  nullable    = false
}

variable "domain_prefix" {
  description = "Prefix of the hosted sign-in's domain (<prefix>.auth.<region>.amazoncognito.com). Null for no hosted sign-in."
  type        = string
  default     = null

  validation {
    condition = var.domain_prefix == null || (
      can(regex("^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", var.domain_prefix)) &&
      !can(regex("aws|amazon|cognito", var.domain_prefix))
    )
    error_message = "domain_prefix must be lower-case letters, digits and hyphens, and may not hold aws, amazon or cognito."
  }
}

variable "user_pool_tier" {
  description = "Cognito's feature plan: LITE, ESSENTIALS or PLUS. Trigger events from V2_0 on need ESSENTIALS or PLUS."
  type        = string
  default     = "LITE"

  validation {
    condition     = contains(["LITE", "ESSENTIALS", "PLUS"], var.user_pool_tier)
    error_message = "user_pool_tier must be LITE, ESSENTIALS or PLUS."
  }
}

variable "trigger_event_version" {
  description = "Version of the pre-token-generation event: V1_0 (ID token), V2_0 (and access token) or V3_0 (and machines)."
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
  description = "Alias of the trigger functions that Cognito calls: live, as template.yaml has it. Null for the unpublished version."
  type        = string
  default     = null

  validation {
    condition     = var.trigger_qualifier == null || can(regex("^[A-Za-z][A-Za-z0-9_-]{0,127}$", var.trigger_qualifier))
    error_message = "trigger_qualifier must be the name of a function alias."
  }
}

variable "deletion_protection" {
  description = "Whether Cognito refuses to delete the pool. Its users cannot be brought back."
  type        = bool
  default     = true
  nullable    = false
}
