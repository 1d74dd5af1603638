# References to container images by digest. phenom/images/image_list.py computes the same tags.
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  folder   = "${path.module}/../../../../images"
  list     = jsondecode(file("${local.folder}/images.json"))
  registry = "${data.aws_caller_identity.current.account_id}.dkr.ecr.${data.aws_region.current.region}.${data.aws_partition.current.dns_suffix}"
  wanted   = { for use, image in var.images : use => image if image != null && can(local.list[image]) }

  # The source's tag, with the start of the digest when the list fixes it.
  copied_tags = { for name, image in local.list : name => join("-", concat(
    regex("[^:]+$", image.source)[*], image.digest == null ? [] : [substr(image.digest, 7, 12)]
  )) if can(image.source) }

  # The start of a hash over the base, and the names and contents of all files of the folder.
  bases = { for name, image in local.list : name => local.list[image.base] if can(image.base) }
  built_tags = { for name, base in local.bases : name => substr(sha256(join("\n", concat(
    [base.digest == null ? base.source : "${base.source}@${base.digest}"],
    [
      for file in sort(fileset("${local.folder}/${name}", "**")) : "${file} ${filesha256("${local.folder}/${name}/${file}")}"
      if !strcontains(file, "node_modules/")
    ]
  ))), 0, 16) }

  tags = merge(local.copied_tags, local.built_tags)

  # The list decides where it has a digest, so that no other image under that tag can run.
  digests = { for use, image in data.aws_ecr_image.pushed : use => coalesce(
    try(local.list[local.wanted[use]].digest, null), image.image_digest
  ) }
}

# Terraform prints the first line of this block when an image is missing.
data "aws_ecr_image" "pushed" { # couldn't find resource? Run: .venv/bin/phenom push-images ENVIRONMENT
  for_each = local.wanted

  repository_name = "phenom-${var.environment}/${each.value}"
  image_tag       = local.tags[each.value]
}
