output "host_name" {
  description = "Public name of chat."
  value       = cloudflare_dns_record.this.name
}

output "managed_phases" {
  description = "Phases of the zone whose rules Terraform owns."
  value       = sort([for ruleset in cloudflare_ruleset.this : ruleset.phase])
}
