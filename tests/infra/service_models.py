"""AWS's rules on values from botocore's service models: enums, lengths, ranges and patterns."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape

# By resource type: service, API call, and Terraform attribute → member of the call's input. A dot enters a block; lists
# are traversed.
CALLS: dict[str, tuple[str, str, dict[str, str]]] = {
    "aws_appautoscaling_policy": (
        "application-autoscaling",
        "PutScalingPolicy",
        {
            "name": "PolicyName",
            "policy_type": "PolicyType",
            "scalable_dimension": "ScalableDimension",
            "service_namespace": "ServiceNamespace",
            "target_tracking_scaling_policy_configuration.predefined_metric_specification.predefined_metric_type": (
                "TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.PredefinedMetricType"
            ),
        },
    ),
    "aws_budgets_budget": (
        "budgets",
        "CreateBudget",
        {
            "name": "Budget.BudgetName",
            "budget_type": "Budget.BudgetType",
            "time_unit": "Budget.TimeUnit",
            "limit_amount": "Budget.BudgetLimit.Amount",
            "notification.notification_type": "NotificationsWithSubscribers.Notification.NotificationType",
            "notification.comparison_operator": "NotificationsWithSubscribers.Notification.ComparisonOperator",
            "notification.threshold": "NotificationsWithSubscribers.Notification.Threshold",
            "notification.threshold_type": "NotificationsWithSubscribers.Notification.ThresholdType",
        },
    ),
    "aws_cloudwatch_log_group": ("logs", "CreateLogGroup", {"name": "logGroupName"}),
    "aws_cloudwatch_metric_alarm": (
        "cloudwatch",
        "PutMetricAlarm",
        {
            "alarm_name": "AlarmName",
            "alarm_description": "AlarmDescription",
            "namespace": "Namespace",
            "metric_name": "MetricName",
            "statistic": "Statistic",
            "extended_statistic": "ExtendedStatistic",
            "comparison_operator": "ComparisonOperator",
            "period": "Period",
            "evaluation_periods": "EvaluationPeriods",
            "datapoints_to_alarm": "DatapointsToAlarm",
            "treat_missing_data": "TreatMissingData",
        },
    ),
    "aws_cognito_user_pool": (
        "cognito-idp",
        "CreateUserPool",
        {
            "name": "PoolName",
            "mfa_configuration": "MfaConfiguration",
            "user_pool_tier": "UserPoolTier",
            "deletion_protection": "DeletionProtection",
            "username_attributes": "UsernameAttributes",
            "auto_verified_attributes": "AutoVerifiedAttributes",
            "password_policy.minimum_length": "Policies.PasswordPolicy.MinimumLength",
            "password_policy.temporary_password_validity_days": "Policies.PasswordPolicy.TemporaryPasswordValidityDays",
            "account_recovery_setting.recovery_mechanism.name": "AccountRecoverySetting.RecoveryMechanisms.Name",
            "lambda_config.post_authentication": "LambdaConfig.PostAuthentication",
            "lambda_config.pre_token_generation_config.lambda_arn": "LambdaConfig.PreTokenGenerationConfig.LambdaArn",
            "lambda_config.pre_token_generation_config.lambda_version": (
                "LambdaConfig.PreTokenGenerationConfig.LambdaVersion"
            ),
        },
    ),
    "aws_cognito_user_pool_client": (
        "cognito-idp",
        "CreateUserPoolClient",
        {
            "name": "ClientName",
            "explicit_auth_flows": "ExplicitAuthFlows",
            "allowed_oauth_flows": "AllowedOAuthFlows",
            "allowed_oauth_scopes": "AllowedOAuthScopes",
            "callback_urls": "CallbackURLs",
            "logout_urls": "LogoutURLs",
            "prevent_user_existence_errors": "PreventUserExistenceErrors",
            "id_token_validity": "IdTokenValidity",
            "access_token_validity": "AccessTokenValidity",
            "refresh_token_validity": "RefreshTokenValidity",
            "token_validity_units.id_token": "TokenValidityUnits.IdToken",
            "token_validity_units.refresh_token": "TokenValidityUnits.RefreshToken",
        },
    ),
    "aws_cognito_user_pool_domain": ("cognito-idp", "CreateUserPoolDomain", {"domain": "Domain"}),
    "aws_ecs_service": (
        "ecs",
        "CreateService",
        {
            "propagate_tags": "propagateTags",
            "availability_zone_rebalancing": "availabilityZoneRebalancing",
            "capacity_provider_strategy.base": "capacityProviderStrategy.base",
            "capacity_provider_strategy.weight": "capacityProviderStrategy.weight",
        },
    ),
    "aws_ecs_task_definition": (
        "ecs",
        "RegisterTaskDefinition",
        {
            "network_mode": "networkMode",
            "requires_compatibilities": "requiresCompatibilities",
            "runtime_platform.cpu_architecture": "runtimePlatform.cpuArchitecture",
            "runtime_platform.operating_system_family": "runtimePlatform.operatingSystemFamily",
        },
    ),
    "aws_flow_log": (
        "ec2",
        "CreateFlowLogs",
        {"traffic_type": "TrafficType", "log_destination_type": "LogDestinationType"},
    ),
    "aws_iam_role": ("iam", "CreateRole", {"name": "RoleName", "description": "Description"}),
    "aws_iam_role_policy": ("iam", "PutRolePolicy", {"name": "PolicyName"}),
    "aws_kms_alias": ("kms", "CreateAlias", {"name": "AliasName"}),
    "aws_lb": ("elbv2", "CreateLoadBalancer", {"load_balancer_type": "Type", "ip_address_type": "IpAddressType"}),
    "aws_lb_listener": (
        "elbv2",
        "CreateListener",
        {
            "port": "Port",
            "protocol": "Protocol",
            "default_action.type": "DefaultActions.Type",
            "default_action.redirect.status_code": "DefaultActions.RedirectConfig.StatusCode",
            "default_action.fixed_response.status_code": "DefaultActions.FixedResponseConfig.StatusCode",
            "default_action.fixed_response.message_body": "DefaultActions.FixedResponseConfig.MessageBody",
            "default_action.fixed_response.content_type": "DefaultActions.FixedResponseConfig.ContentType",
        },
    ),
    "aws_lb_listener_rule": (
        "elbv2",
        "CreateRule",
        {
            "priority": "Priority",
            "action.type": "Actions.Type",
            "transform.type": "Transforms.Type",
            "transform.url_rewrite_config.rewrite.regex": "Transforms.UrlRewriteConfig.Rewrites.Regex",
            "transform.url_rewrite_config.rewrite.replace": "Transforms.UrlRewriteConfig.Rewrites.Replace",
            "condition.path_pattern.values": "Conditions.PathPatternConfig.Values",
        },
    ),
    "aws_lb_target_group": (
        "elbv2",
        "CreateTargetGroup",
        {
            "port": "Port",
            "protocol": "Protocol",
            "target_type": "TargetType",
            "health_check.path": "HealthCheckPath",
            "health_check.protocol": "HealthCheckProtocol",
            "health_check.interval": "HealthCheckIntervalSeconds",
            "health_check.timeout": "HealthCheckTimeoutSeconds",
            "health_check.healthy_threshold": "HealthyThresholdCount",
            "health_check.unhealthy_threshold": "UnhealthyThresholdCount",
        },
    ),
    "aws_s3_bucket_lifecycle_configuration": (
        "s3",
        "PutBucketLifecycleConfiguration",
        {
            "rule.status": "LifecycleConfiguration.Rules.Status",
            "rule.transition.storage_class": "LifecycleConfiguration.Rules.Transitions.StorageClass",
        },
    ),
    "aws_s3_bucket_ownership_controls": (
        "s3",
        "PutBucketOwnershipControls",
        {"rule.object_ownership": "OwnershipControls.Rules.ObjectOwnership"},
    ),
    "aws_secretsmanager_secret": ("secretsmanager", "CreateSecret", {"name": "Name", "description": "Description"}),
    "aws_service_discovery_private_dns_namespace": (
        "servicediscovery",
        "CreatePrivateDnsNamespace",
        {"name": "Name", "description": "Description"},
    ),
    "aws_service_discovery_service": (
        "servicediscovery",
        "CreateService",
        {
            "name": "Name",
            "dns_config.routing_policy": "DnsConfig.RoutingPolicy",
            "dns_config.dns_records.type": "DnsConfig.DnsRecords.Type",
            "dns_config.dns_records.ttl": "DnsConfig.DnsRecords.TTL",
        },
    ),
    "aws_ssm_parameter": ("ssm", "PutParameter", {"name": "Name", "type": "Type", "description": "Description"}),
    "aws_vpc_endpoint": ("ec2", "CreateVpcEndpoint", {"vpc_endpoint_type": "VpcEndpointType"}),
}
# Rules from AWS's documentation that the service models lack.
PATTERNS = {
    ("aws_lb", "name"): r"(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?",
    ("aws_lb_target_group", "name"): r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?",
    ("aws_security_group", "name"): r"(?!sg-)[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}",
    ("aws_security_group", "description"): r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}",
    ("aws_vpc_security_group_ingress_rule", "description"): r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}",
    ("aws_vpc_security_group_egress_rule", "description"): r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}",
    ("aws_s3_bucket", "bucket"): r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    ("aws_db_instance", "identifier"): r"[a-z](?:-?[a-z0-9]){0,62}",
    ("aws_db_instance", "db_name"): r"[A-Za-z][A-Za-z0-9_]{0,62}",
    ("aws_db_instance", "final_snapshot_identifier"): r"[A-Za-z](?:-?[A-Za-z0-9]){0,254}",
    ("aws_ecs_service", "name"): r"[A-Za-z0-9_-]{1,255}",
    ("aws_ecs_task_definition", "family"): r"[A-Za-z0-9_-]{1,255}",
    ("aws_ecs_cluster", "name"): r"[A-Za-z0-9_-]{1,255}",
    ("aws_sns_topic", "name"): r"[A-Za-z0-9_-]{1,256}",
    ("aws_cloudwatch_dashboard", "dashboard_name"): r"[A-Za-z0-9_-]{1,255}",
}


@cache
def service(name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def member(shape: Shape, path: str) -> Shape:
    """Returns the shape at a dotted path; for a list, the shape of its items.

    Raises KeyError if the service has no such member.
    """
    for name in path.split("."):
        while shape.type_name == "list":
            shape = shape.member
        shape = shape.members[name]
    while shape.type_name == "list":
        shape = shape.member
    return shape


def values_at(values: Any, path: list[str]) -> Iterator[Any]:
    """Yields every known value at a path, including all items of lists."""
    if isinstance(values, list):
        for item in values:
            yield from values_at(item, path)
    elif values is None:
        return
    elif path:
        yield from values_at(values.get(path[0]), path[1:])
    else:
        yield values


def problems(shape: Shape, value: Any) -> Iterator[str]:
    """Yields the reasons for which the service would reject the value."""
    if shape.type_name == "string":
        text = str(value)
        enum, pattern = shape.enum, shape.metadata.get("pattern")
        if enum and text not in enum:
            yield f"{text!r} is not one of {enum}"
        if not shape.metadata.get("min", 0) <= len(text) <= shape.metadata.get("max", len(text)):
            yield f"{text!r} has {len(text)} characters"
        if pattern and (compiled := python_pattern(pattern)) and not compiled.fullmatch(text):
            yield f"{text!r} does not match {pattern}"
    elif shape.type_name in {"integer", "long", "double", "float"}:
        number = float(value)
        if not shape.metadata.get("min", number) <= number <= shape.metadata.get("max", number):
            yield f"{value} is out of range"


def python_pattern(pattern: str) -> re.Pattern[str] | None:
    """Converts AWS's Java pattern, with approximate Unicode classes. Returns None if Python cannot compile it."""
    classes = {r"\p{L}": r"\w", r"\p{M}": "", r"\p{S}": r"$+<=>^`|~", r"\p{N}": r"\d", r"\p{P}": r"!-/:-@\[-_{}"}
    for java, python in classes.items():
        pattern = pattern.replace(java, python)
    try:
        return re.compile(pattern)
    except re.error:
        return None
