data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  name      = "clamd"
  full_name = "phenom-${var.environment}-${local.name}"
  port      = 3310

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
  name        = local.name
  cluster     = var.cluster
  size        = { cpu = 1024, memory = 4096 } # definitions take 1.3 GB, twice as much during an update
  scaling     = { min = var.scaling.min, max = var.scaling.max, memory_percent = 90 }

  container = {
    image          = var.image
    port           = local.port
    user           = "clamav"
    read_only_root = false # the user clamav writes definitions and temporary files of scans
    entry_point    = ["/bin/sh", "-c"]
    command        = [file("${path.module}/start.sh")]
    environment = merge(
      {
        CLAMD_CONF    = local.configuration
        WAIT_SECONDS  = "120"                                 # and loading the definitions, within start_seconds
        CHECK_SECONDS = var.mirror == null ? "21600" : "3600" # the public mirror allows one request an hour
        RETRY_SECONDS = var.mirror == null ? "3600" : "300"
      },
      var.mirror == null ? {} : { MIRROR_URL = local.mirror_url },
    )
    health_command = ["CMD-SHELL", "clamdscan --config-file=/tmp/clamd.conf --ping 1"]
    start_seconds  = 300 # ECS's maximum; downloading the definitions takes minutes, loading them 30 s
  }

  network         = var.network
  discovery       = { namespace_id = var.namespace.id }
  log_group       = var.log_group
  alarm_topic_arn = var.alarm_topic_arn
}
