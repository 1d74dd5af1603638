locals {
  port = 3310

  configuration = <<-EOT
    ${trimspace(var.configuration)}
    TCPSocket ${local.port}
    TCPAddr 0.0.0.0
    DatabaseDirectory /var/lib/clamav
    TemporaryDirectory /tmp
  EOT
}

module "service" {
  source = "../service"

  environment = var.environment
  name        = "clamd"
  cluster     = var.cluster
  size        = { cpu = 1024, memory = 4096 } # definitions take 1.3 GB, and twice that while they are renewed
  scaling     = { min = var.scaling.min, max = var.scaling.max, memory_percent = 90 }

  container = {
    image          = var.image
    port           = local.port
    user           = "clamav"
    read_only_root = false # definitions, and files under scan, need room that their owner can write
    entry_point    = ["/bin/sh", "-c"]
    command        = [file("${path.module}/start.sh")]
    environment    = { CLAMD_CONF = local.configuration, FRESHCLAM_CHECKS = "1" }
    health_command = ["CMD-SHELL", "clamdscan --config-file=/tmp/clamd.conf --ping 1"]
    start_seconds  = 300 # ECS's most; loading the definitions takes half a minute, fetching them a few
  }

  network         = var.network
  discovery       = { namespace_id = var.namespace.id }
  log_group       = var.log_group
  alarm_topic_arn = var.alarm_topic_arn
}
