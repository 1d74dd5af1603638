locals {
  is_host = "http.host eq \"${var.host_name}\""

  # The load balancer compares the path as the client sent it (`raw`). Cloudflare also has the normalized path: without dot
  # segments, repeated slashes and needless encodings. A client path begins with the same prefix in both.
  path = "raw.http.request.uri.path"
  is_client = join(" or ", [
    for prefix in var.path_prefixes :
    "(starts_with(${local.path}, \"${prefix}\") and starts_with(http.request.uri.path, \"${prefix}\"))"
  ])

  # The same paths as the rule for dot segments of module chat_edge.
  has_dot_segment = join(" or ", concat(
    [for part in ["\\\\", "/..", "/.%2e", "/%2e", "/./"] : "lower(${local.path}) contains \"${part}\""],
    ["ends_with(${local.path}, \"/.\")"],
  ))

  rate_expression = var.rate.paths == null ? local.is_host : format(
    "http.request.uri.path in {%s}", join(" ", [for path in coalesce(var.rate.paths, []) : "\"${path}\""])
  )

  ours = {
    config = {
      ref               = "phenom_chat_ssl"
      description       = "TLS between Cloudflare and ${var.host_name}"
      expression        = local.is_host
      action            = "set_config"
      action_parameters = { ssl = var.ssl }
      enabled           = true
    }
    rate = {
      ref         = "phenom_chat_rate"
      description = "Requests of one client address to ${var.host_name}"
      expression  = local.rate_expression
      action      = "block"
      enabled     = true
      ratelimit = { # written completely: the provider reports an inconsistent result when one of these is missing
        characteristics     = ["cf.colo.id", "ip.src"]
        period              = var.rate.seconds
        requests_per_period = var.rate.requests
        mitigation_timeout  = var.rate.block_seconds
        requests_to_origin  = false
      }
    }
    redirect = {
      ref         = "phenom_chat_elsewhere"
      description = "Everything on ${var.host_name} that is not for chat clients"
      expression  = "(${local.is_host}) and (not (${local.is_client}) or ${local.has_dot_segment})"
      action      = "redirect"
      enabled     = true
      action_parameters = {
        from_value = {
          status_code           = 302
          preserve_query_string = false
          target_url            = { value = "https://${var.elsewhere_host}/" }
        }
      }
    }
  }

  phases = { config = "http_config_settings", rate = "http_ratelimit", redirect = "http_request_dynamic_redirect" }

  # The API prints rules with these members, which the resource sets itself.
  computed = ["id", "version", "last_updated"]
  others = {
    for name, found in var.rulesets : name => {
      for place in ["before", "after"] : place => try( # null; the variable's checks refuse everything else that fails here
        [for rule in found[place] : { for key, value in rule : key => value if !contains(local.computed, key) }], []
      )
    }
  }
}

resource "cloudflare_dns_record" "this" {
  zone_id = var.zone_id
  name    = var.host_name
  type    = "CNAME"
  content = var.origin
  proxied = true
  ttl     = 1 # automatic, the only value of a proxied record
}

# Cloudflare sends the client certificate only for host names that are enabled here; the zone's setting does not matter.
# `phenom origin-certificate` uploaded it: as a resource, its private key would be in the state.
resource "cloudflare_authenticated_origin_pulls" "this" {
  zone_id = var.zone_id
  config  = [{ hostname = var.host_name, cert_id = var.certificate_id, enabled = true }]
}

# One ruleset holds all rules of a phase of the zone: an apply deletes every rule that is not listed here.
resource "cloudflare_ruleset" "this" {
  for_each = { for name, found in var.rulesets : name => found if found != null }

  zone_id = var.zone_id
  name    = "default"
  kind    = "zone"
  phase   = local.phases[each.key]
  rules   = concat(local.others[each.key].before, [local.ours[each.key]], local.others[each.key].after)
}

# Terraform does not read back what `config` above has set. A failed check warns and stops nothing, so plans also work
# without a token, and before the first apply.
check "origin_pulls" {
  data "cloudflare_authenticated_origin_pulls" "this" {
    zone_id  = var.zone_id
    hostname = var.host_name
  }

  assert {
    condition     = data.cloudflare_authenticated_origin_pulls.this.enabled == true
    error_message = "Cloudflare does not send its client certificate for ${var.host_name}: the load balancer refuses all clients. Authenticated origin pulls were turned off by hand; apply again."
  }

  assert {
    condition     = data.cloudflare_authenticated_origin_pulls.this.cert_id == var.certificate_id
    error_message = "Cloudflare uses another certificate for ${var.host_name} than certificate_id. Apply again."
  }

  assert {
    condition     = try(timecmp(data.cloudflare_authenticated_origin_pulls.this.expires_on, timeadd(plantimestamp(), "720h")) > 0, false)
    error_message = "The certificate that Cloudflare sends for ${var.host_name} expires within 30 days, or gives no date: rotate it (docs/chat.md, Rotation)."
  }
}
