output "domain_name" {
  description = "The checked `domain_name`."
  value       = var.domain_name
}

output "app_origins" {
  description = "The checked `app_origins`."
  value       = var.app_origins
}

output "chat" {
  description = "The checked `chat`, with defaults."
  value       = var.chat
}

output "chat_mcp" {
  description = "The checked `chat_mcp`, with defaults."
  value       = var.chat_mcp
}

output "alarm_emails" {
  description = "The checked `alarm_emails`."
  value       = var.alarm_emails
}

output "callback_urls" {
  description = "The checked `callback_urls`."
  value       = var.callback_urls
}

output "logout_urls" {
  description = "The checked `logout_urls`."
  value       = var.logout_urls
}

output "synapse" {
  description = "Synapse with all defaults, or null."
  value       = var.synapse == null ? null : merge(var.synapse, { server_name = coalesce(var.synapse.server_name, try(var.chat.host_name, null)) })
}
