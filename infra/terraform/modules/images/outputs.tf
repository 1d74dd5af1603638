output "references" {
  description = "Image of each use, by digest: `REPOSITORY@sha256:…`. Null without an image."
  value = merge(var.images, {
    for use, name in local.wanted : use => "${local.registry}/phenom-${var.environment}/${name}@${local.digests[use]}"
  })
}
