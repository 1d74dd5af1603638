variable "zone_id" {
  description = "Id of the Cloudflare zone."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{32}$", var.zone_id))
    error_message = "zone_id must be the 32 hexadecimal digits on the zone's overview page."
  }
}

variable "host_name" {
  description = "Public name of chat, in the zone."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+[.])+[a-z]+$", var.host_name))
    error_message = "host_name must be a host name in lower case, such as chat.example.org."
  }
}

variable "elsewhere_host" {
  description = "Host to whose root everything is redirected that is not for chat clients."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+[.])+[a-z]+$", var.elsewhere_host)) && var.elsewhere_host != var.host_name
    error_message = "elsewhere_host must be another host name in lower case, such as www.example.org."
  }
}

variable "origin" {
  description = "DNS name of the load balancer."
  type        = string

  validation {
    condition     = can(regex("^([A-Za-z0-9-]+[.])+[a-z]+$", var.origin))
    error_message = "origin must be the DNS name of a load balancer."
  }
}

variable "path_prefixes" {
  description = "Path prefixes of chat clients: output of module `chat_edge`."
  type        = list(string)

  validation {
    condition     = length(var.path_prefixes) > 0 && alltrue([for prefix in var.path_prefixes : can(regex("^/([A-Za-z0-9._-]+/)+$", prefix))])
    error_message = "path_prefixes must be paths that begin and end with a slash, such as /_matrix/."
  }
}

variable "certificate_id" {
  description = "Id of the client certificate that Cloudflare sends to the load balancer. `phenom origin-certificate` prints it."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f-]{32,36}$", var.certificate_id))
    error_message = "certificate_id must be the id of an uploaded certificate. Create one: .venv/bin/phenom origin-certificate production"
  }
}

variable "ssl" {
  description = "TLS to the load balancer: `strict` verifies its certificate, `full` does not."
  type        = string
  default     = "strict"
  nullable    = false

  validation {
    condition     = contains(["strict", "full"], var.ssl)
    error_message = "ssl must be strict or full: the load balancer has no port 80, and mutual TLS needs TLS."
  }
}

variable "rate" {
  description = <<-EOT
    Requests of one client address in a period, and for how long Cloudflare then blocks it. `paths` limits the rule to
    these paths, on all host names of the zone: Cloudflare's free plan knows no host in such rules, and only 10 seconds.
  EOT
  type = object({
    requests      = optional(number, 200)
    seconds       = optional(number, 10)
    block_seconds = optional(number, 10)
    paths         = optional(list(string))
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.rate.requests >= 1 && contains([10, 60, 120, 300, 600, 3600], var.rate.seconds) && var.rate.block_seconds >= 10
    error_message = "rate.seconds must be 10, 60, 120, 300, 600 or 3600, rate.requests at least 1, and rate.block_seconds at least 10."
  }

  validation {
    condition     = var.rate.paths == null || try(length(var.rate.paths) > 0 && alltrue([for path in var.rate.paths : can(regex("^/[A-Za-z0-9._/-]*$", path))]), false)
    error_message = "rate.paths must be paths such as /_matrix/client/v3/login, or null."
  }
}

variable "rulesets" {
  description = <<-EOT
    What the zone already has in each phase in which chat needs a rule: `before` and `after` are the rules around ours, as
    Cloudflare's API prints them. Terraform then owns the phase, and deletes every other rule in it. `ours_only` confirms
    that the zone has no other rule there. Null: Terraform does not manage this phase.
  EOT
  type = object({
    config   = optional(object({ before = optional(any), after = optional(any), ours_only = optional(bool, false) }))
    rate     = optional(object({ before = optional(any), after = optional(any), ours_only = optional(bool, false) }))
    redirect = optional(object({ before = optional(any), after = optional(any), ours_only = optional(bool, false) }))
  })
  nullable = false

  validation {
    condition = alltrue([
      for found in var.rulesets :
      found == null || try(found.ours_only, false) || try(length(found.before), 0) + try(length(found.after), 0) > 0
    ])
    error_message = "rulesets: a phase lists no other rule, so the apply would delete all rules of the zone in it. List them in before or after (docs/chat.md, Adoption), or confirm with ours_only = true that the zone has no other rule there."
  }

  validation {
    condition = alltrue([
      for found in var.rulesets :
      found == null || !(try(found.ours_only, false) && try(length(found.before), 0) + try(length(found.after), 0) > 0)
    ])
    error_message = "rulesets: a phase lists other rules and says ours_only. Remove one of the two."
  }

  validation {
    condition = alltrue(flatten([
      for found in var.rulesets : found == null ? [true] : [
        for place in ["before", "after"] : found[place] == null || try(alltrue([
          for rule in found[place] :
          length(rule.ref) > 0 && !startswith(rule.ref, "phenom_chat_") && length(rule.expression) > 0 && length(rule.action) > 0
        ]), false)
      ]
    ]))
    error_message = "rulesets: every other rule needs ref, expression and action, and no ref may begin with phenom_chat_. Without its ref, Cloudflare gives a rule a new id at every change."
  }
}
