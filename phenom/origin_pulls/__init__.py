"""Cloudflare's connections to the load balancer of chat: their client certificate, and whether others get in."""
