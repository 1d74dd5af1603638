# The registry of the environment: one repository for each image of images/images.json. It is here, because the images must
# be in it before the first plan of the environment. `phenom push-images` fills it.
locals {
  images = keys(jsondecode(file("${path.module}/../../../images/images.json")))
}

resource "aws_ecr_repository" "this" {
  # checkov:skip=CKV_AWS_136: images hold no secrets, and a key would cost more than the images
  for_each = toset(local.images)

  name                 = "phenom-${var.environment}/${each.key}"
  image_tag_mutability = "IMMUTABLE" # a tag never gets another image

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "AES256"
  }
}

# ECR does not know which images ECS runs, and a service whose image is gone cannot start a task. Only a fiftieth newer
# image removes one that is in use, and `phenom push-images` makes it again from the same commit. Untagged images are kept:
# they are the platforms of a tagged image.
resource "aws_ecr_lifecycle_policy" "this" {
  for_each = aws_ecr_repository.this

  repository = each.value.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Keep the newest 50 images."
      selection = {
        tagStatus      = "tagged"
        tagPatternList = ["*"]
        countType      = "imageCountMoreThan"
        countNumber    = 50
      }
      action = { type = "expire" }
    }]
  })
}
