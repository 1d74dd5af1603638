mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
  images = {
    synapse = "111122223333.dkr.ecr.us-east-1.amazonaws.com/phenom-test/synapse@sha256:0123"
    proxy   = "111122223333.dkr.ecr.us-east-1.amazonaws.com/phenom-test/nginx@sha256:0123"
  }
  server = { name = "chat.example.org", public_url = "https://chat.example.org/" }
  database = {
    host       = "db.example.org", port = 5432, name = "synapse", user = "synapse"
    secret_arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:phenom-test-chat-database-AbCdEf"
  }
  sign_in = { issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Test00001", client_id = "0123abcd" }
  network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"], security_group_id = "sg-1" }
  ecs = {
    cluster   = { arn = "arn:aws:ecs:us-east-1:111122223333:cluster/phenom-test-cluster", name = "phenom-test-cluster" }
    namespace = { id = "ns-1", name = "phenom-test.internal" }
    log_group = { arn = "arn:aws:logs:us-east-1:111122223333:log-group:/ecs/phenom-test", name = "/ecs/phenom-test" }
  }
  target_group = {
    arn                      = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/phenom-test-chat/1"
    arn_suffix               = "targetgroup/phenom-test-chat/1"
    load_balancer_arn_suffix = "app/phenom-test-chat/1"
  }
  alarm_topic_arn = "arn:aws:sns:us-east-1:111122223333:alarms"
}

run "environment_must_be_a_short_name" {
  command = plan
  variables {
    environment = "x"
  }
  expect_failures = [var.environment]
}

run "images_must_not_have_a_tag" {
  command = plan
  variables {
    images = { synapse = "matrixdotorg/synapse:v1", proxy = "nginx:1" }
  }
  expect_failures = [var.images]
}

run "server_name_must_be_a_host_name" {
  command = plan
  variables {
    server = { name = "Chat", public_url = "https://chat.example.org/" }
  }
  expect_failures = [var.server]
}

run "server_public_url_must_end_with_a_slash" {
  command = plan
  variables {
    server = { name = "chat.example.org", public_url = "https://chat.example.org" }
  }
  expect_failures = [var.server]
}

run "server_uploads_must_not_exceed_cloudflares_limit" {
  command = plan
  variables {
    server = { name = "chat.example.org", public_url = "https://chat.example.org/", max_upload_mb = 101 }
  }
  expect_failures = [var.server]
}

run "server_client_paths_must_not_include_the_admin_api" {
  command = plan
  variables {
    server = { name = "chat.example.org", public_url = "https://chat.example.org/", client_paths = ["/_synapse/"] }
  }
  expect_failures = [var.server]
}

run "server_client_paths_must_not_be_of_the_admin_api" {
  command = plan
  variables {
    server = { name = "chat.example.org", public_url = "https://chat.example.org/", client_paths = ["/_synapse/admin/v1/"] }
  }
  expect_failures = [var.server]
}

run "server_client_paths_must_not_be_everything" {
  command = plan
  variables {
    server = { name = "chat.example.org", public_url = "https://chat.example.org/", client_paths = ["/"] }
  }
  expect_failures = [var.server]
}

run "database_must_have_a_secret" {
  command = plan
  variables {
    database = { host = "db.example.org", port = 5432, name = "synapse", user = "synapse", secret_arn = "password" }
  }
  expect_failures = [var.database]
}

run "sign_in_must_be_encrypted" {
  command = plan
  variables {
    sign_in = { issuer = "http://example.org/pool", client_id = "0123abcd" }
  }
  expect_failures = [var.sign_in]
}

run "sign_in_claim_must_be_a_name" {
  command = plan
  variables {
    sign_in = { issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Test00001", client_id = "0123abcd", user_claim = "sub'] }}" }
  }
  expect_failures = [var.sign_in]
}

run "sign_in_client_urls_must_not_be_open_ended" {
  command = plan
  variables {
    sign_in = { issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Test00001", client_id = "0123abcd", client_urls = ["https://app.example.org"] }
  }
  expect_failures = [var.sign_in]
}

run "network_must_have_subnets" {
  command = plan
  variables {
    network = { vpc_id = "vpc-1", subnet_ids = [], security_group_id = "sg-1" }
  }
  expect_failures = [var.network]
}

run "ecs_must_have_arns" {
  command = plan
  variables {
    ecs = {
      cluster   = { arn = "cluster", name = "cluster" }
      namespace = { id = "ns-1", name = "phenom-test.internal" }
      log_group = { arn = "arn:aws:logs:us-east-1:111122223333:log-group:/ecs/phenom-test", name = "/ecs/phenom-test" }
    }
  }
  expect_failures = [var.ecs]
}

run "target_group_must_have_an_arn" {
  command = plan
  variables {
    target_group = { arn = "chat", arn_suffix = "chat", load_balancer_arn_suffix = "app" }
  }
  expect_failures = [var.target_group]
}

run "size_must_be_enough_for_synapse" {
  command = plan
  variables {
    size = { cpu = 256, memory = 512 }
  }
  expect_failures = [var.size]
}

run "secret_generation_must_be_whole" {
  command = plan
  variables {
    secret = { generation = 0 }
  }
  expect_failures = [var.secret]
}

run "secret_recovery_must_be_what_aws_accepts" {
  command = plan
  variables {
    secret = { recovery_window_days = 3 }
  }
  expect_failures = [var.secret]
}

run "alarm_topic_arn_must_be_a_topic" {
  command = plan
  variables {
    alarm_topic_arn = "alarms"
  }
  expect_failures = [var.alarm_topic_arn]
}
