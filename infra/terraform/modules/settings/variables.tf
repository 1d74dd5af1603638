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

variable "chat" {
  description = <<-EOT
    Chat behind Cloudflare, or null: names, the file with the clients' certificate authorities, `mutual_tls`, `names` of
    existing resources, `firewall`, and `cloudflare`. Modules chat_edge, firewall and cloudflare_chat explain the values.
  EOT
  type = object({
    host_name      = string
    elsewhere_host = string
    client_ca_file = optional(string, "chat-client-ca.pem")
    mutual_tls     = optional(string, "verify")
    names          = optional(object({ load_balancer = optional(string), trust_store = optional(string), target_group = optional(string) }), {})
    firewall = optional(object({
      mode           = optional(string, "count")
      rate           = optional(object({ requests = optional(number, 2000), seconds = optional(number, 300) }), {})
      rules          = optional(any)
      operator_roles = optional(set(string), [])
    }), {})
    cloudflare = object({
      zone_id        = string
      certificate_id = optional(string)
      ssl            = optional(string, "strict")
      rate           = optional(object({ requests = optional(number, 200), seconds = optional(number, 10), block_seconds = optional(number, 10), paths = optional(list(string)) }), {})
      rulesets       = any
    })
  })
  default = null

  validation {
    condition = var.chat == null || alltrue([
      for name in try([var.chat.host_name, var.chat.elsewhere_host, var.chat.cloudflare.zone_id], []) : !can(regex(local.example, name))
    ])
    error_message = "chat contains an example. Set host_name, elsewhere_host and cloudflare.zone_id in locals.tf, or chat to null."
  }
}

variable "chat_mcp" {
  description = <<-EOT
    The chat MCP, or null: its `image` (REPOSITORY@sha256:…), the `port` that it listens on, and the `path` below chat's host
    name under which it is public. Without a path, only tasks of chat reach it. `health_path` must answer 200.
  EOT
  type        = object({ image = string, port = number, path = optional(string), health_path = optional(string, "/health") })
  default     = null

  validation {
    condition     = var.chat_mcp == null || try(var.chat_mcp.port >= 1024 && var.chat_mcp.port < 65536 && var.chat_mcp.port != 8008, false)
    error_message = "chat_mcp.port must be from 1024 to 65535, and not 8008, which is Synapse's."
  }

  validation {
    condition     = try(var.chat_mcp.path, null) == null || var.chat != null
    error_message = "chat_mcp.path needs chat: without it, there is no load balancer for chat. Set the path to null."
  }
}

variable "synapse" {
  description = <<-EOT
    Synapse, or null. `server_name` ends every user's and room's id and can never change; null: chat's host name. Without the id
    of Cognito's app client (`client_id`), users sign in with passwords of Synapse. Module chat explains the rest.
  EOT
  type = object({
    server_name   = optional(string)
    client_id     = optional(string)
    user_claim    = optional(string, "sub")
    app_urls      = optional(list(string), [])
    max_upload_mb = optional(number, 50)
    size          = optional(object({ cpu = optional(number, 512), memory = optional(number, 1024) }), {})
  })
  default = null

  validation {
    condition     = var.synapse == null || var.chat != null || try(var.synapse.server_name, null) != null
    error_message = "synapse.server_name must be set without chat: there is no host name to take it from."
  }

  validation {
    condition     = try(var.synapse.client_id, null) == null || var.chat != null
    error_message = "synapse.client_id needs chat: Cognito returns users to https addresses only. Set it to null."
  }
}
