"""Network reachability, from the state after each environment's test."""

import ipaddress
import re
from dataclasses import dataclass

from tests.infra.plans import ROOT, Environment

WORLD = {"0.0.0.0/0", "::/0"}


@dataclass(frozen=True)
class Flow:
    """Traffic that a rule allows. Source and target are a security group name, an address range or a prefix list."""

    source: str
    target: str
    port: int


def group_names(environment: Environment) -> dict[str, str]:
    prefix = f"phenom-{environment.short}-"
    return {g.values["id"]: g.values["name"].removeprefix(prefix) for g in environment.state_of("aws_security_group")}


def peer(rule: dict, names: dict[str, str]) -> str:
    group = rule["referenced_security_group_id"]
    return names[group] if group else rule["cidr_ipv4"] or rule["cidr_ipv6"] or rule["prefix_list_id"]


def flows_in(environment: Environment) -> set[Flow]:
    names = group_names(environment)
    rules = [r.values for r in environment.state_of("aws_vpc_security_group_ingress_rule")]
    return {Flow(peer(rule, names), names[rule["security_group_id"]], rule["from_port"]) for rule in rules}


def flows_out(environment: Environment) -> set[Flow]:
    names = group_names(environment)
    rules = [r.values for r in environment.state_of("aws_vpc_security_group_egress_rule")]
    return {Flow(names[rule["security_group_id"]], peer(rule, names), rule["from_port"]) for rule in rules}


def test_security_groups_have_no_inline_rules(environment: Environment):
    """The tests below only see rules that are separate resources."""
    assert not environment.state_of("aws_security_group_rule")
    groups = environment.state_of("aws_security_group") + environment.state_of("aws_default_security_group")
    planned = environment.plan_of("aws_security_group") + environment.plan_of("aws_default_security_group")
    of_chat = sum(environment.locals[name] is not None for name in ("chat", "synapse"))  # the edge, and the media
    assert len(groups) == len(planned) == 8 + of_chat
    assert all(not group.values.get(kind) for group in planned for kind in ("ingress", "egress"))


def test_every_rule_allows_one_tcp_port(environment: Environment):
    kinds = ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")
    for rule in (rule for kind in kinds for rule in environment.planned if rule.type == kind):
        assert rule.values["ip_protocol"] == "tcp", rule.address
        assert rule.values["from_port"] == rule.values["to_port"], rule.address


def test_database_accepts_only_ecs_lambda_and_chat(environment: Environment):
    (database,) = environment.state_of("aws_db_instance")
    names = group_names(environment)
    groups = {names[group] for group in database.values["vpc_security_group_ids"]}
    assert {flow for flow in flows_in(environment) if flow.target in groups} == {
        Flow("ecs", "rds", 5432),
        Flow("lambda", "rds", 5432),
        Flow("chat", "rds", 5432),
    }
    assert database.values["publicly_accessible"] is False
    assert not [flow for flow in flows_out(environment) if flow.source in groups]


def test_database_subnets_have_no_route_out_of_the_vpc(environment: Environment):
    (group,) = environment.state_of("aws_db_subnet_group")
    tables = {
        association.values["route_table_id"]
        for association in environment.state_of("aws_route_table_association")
        if association.values["subnet_id"] in group.values["subnet_ids"]
    }
    assert tables
    assert not [route for route in environment.state_of("aws_route") if route.values["route_table_id"] in tables]


def test_only_load_balancers_accept_internet_traffic(environment: Environment):
    names = group_names(environment)
    balancers = environment.state_of("aws_lb")
    groups = {names[group] for balancer in balancers for group in balancer.values["security_groups"]}
    from_ranges = {flow for flow in flows_in(environment) if flow.source not in names.values()}
    of_chat = {Flow("0.0.0.0/0", "chat-edge", 443)} if environment.locals["chat"] else set()
    assert from_ranges == {Flow("0.0.0.0/0", "alb", 80), Flow("0.0.0.0/0", "alb", 443)} | of_chat
    assert groups == ({"alb", "chat-edge"} if of_chat else {"alb"})
    assert not any(balancer.values["internal"] for balancer in balancers)


def test_synapse_is_reached_only_through_the_edge_and_by_chat(environment: Environment):
    into = {flow for flow in flows_in(environment) if flow.target == "chat"}
    from_edge = {Flow("chat-edge", "chat", 8008)} if environment.locals["chat"] else set()
    assert into == {Flow("chat", "chat", 8008)} | from_edge
    assert {flow for flow in flows_out(environment) if flow.source == "chat-edge"} == from_edge


def test_media_are_mounted_by_chat_only(environment: Environment):
    into = {flow for flow in flows_in(environment) if flow.port == 2049}
    assert into == ({Flow("chat", "synapse-files", 2049)} if environment.locals["synapse"] else set())


def test_only_load_balancer_and_nat_have_public_addresses(environment: Environment):
    assert not any(subnet.values["map_public_ip_on_launch"] for subnet in environment.plan_of("aws_subnet"))
    for service in environment.plan_of("aws_ecs_service"):
        assert service.values["network_configuration"][0]["assign_public_ip"] is False, service.address
    assert len(environment.plan_of("aws_eip")) == len(environment.plan_of("aws_nat_gateway"))


def test_clamd_accepts_only_functions(environment: Environment):
    assert {flow for flow in flows_in(environment) if flow.target == "clamd"} == {Flow("lambda", "clamd", 3310)}


def test_functions_cannot_call_the_internet(environment: Environment):
    """They parse untrusted files: a compromised function must not be able to send data out."""
    targets = {flow.target for flow in flows_out(environment) if flow.source == "lambda"}
    assert not targets & WORLD
    assert {"rds", "clamd", "endpoints"} <= targets


def test_only_tasks_call_the_internet_and_only_over_https(environment: Environment):
    outward = {flow for flow in flows_out(environment) if flow.target in WORLD}
    assert outward == {Flow(name, "0.0.0.0/0", 443) for name in ("ecs", "clamd", "chat")}


def test_every_flow_has_an_egress_and_an_ingress_rule(environment: Environment):
    names = set(group_names(environment).values())
    between = {flow for flow in flows_out(environment) if flow.target in names}
    assert between == {flow for flow in flows_in(environment) if flow.source in names}


def test_load_balancer_reaches_the_ports_of_the_services(environment: Environment):
    allowed = {flow.port for flow in flows_in(environment) if flow.source == "alb"}
    groups = [g for g in environment.plan_of("aws_lb_target_group") if g.address.startswith("module.alb.")]
    services = [s for s in environment.plan_of("aws_ecs_service") if s.address.startswith("module.ecs.")]
    assert allowed == {group.values["port"] for group in groups}
    assert allowed == {block["container_port"] for s in services for block in s.values["load_balancer"]}


def test_subnets_do_not_overlap_and_span_two_zones(environment: Environment):
    ranges = [ipaddress.ip_network(subnet.values["cidr_block"]) for subnet in environment.plan_of("aws_subnet")]
    assert {str(found) for found in ranges} == {f"10.0.{third}.0/24" for third in (0, 1, 10, 11, 20, 21)}
    assert len({subnet.values["availability_zone"] for subnet in environment.plan_of("aws_subnet")}) == 2


def test_services_are_created_after_everything_that_their_tasks_reach(environment: Environment):
    """ECS gives up a service for good when its first tasks can reach neither the registry nor the endpoints."""
    services = [address for address in environment.dependencies if address.endswith(".aws_ecs_service.this")]
    assert len(services) == 4, "graphql and its siblings, clamd, Synapse, and the chat MCP"
    needed = (
        "aws_nat_gateway.this",
        "aws_route.private_internet",
        "aws_route.public_internet",
        "aws_route_table_association.this",
        "aws_vpc_endpoint.gateway",
        "aws_vpc_endpoint.interface",
        "aws_vpc_security_group_egress_rule.flow",
        "aws_vpc_security_group_egress_rule.gateway",
        "aws_vpc_security_group_egress_rule.internet",
        "aws_vpc_security_group_ingress_rule.flow",
    )
    for service in services:
        assert {f"module.networking.{name}" for name in needed} <= environment.created_before(service), service


def test_the_documented_restart_covers_every_service(environment: Environment):
    text = (ROOT / "docs/environments.md").read_text()
    restarted = " ".join(re.findall(r"for service in ([a-z ]+); do", text))
    names = {service.values["name"] for service in environment.plan_of("aws_ecs_service")}
    if environment.locals["synapse"]:
        assert "--service phenom-<env>-synapse" in (ROOT / "docs/operations/synapse.md").read_text()
        restarted += " synapse"
    assert names <= {f"phenom-{environment.short}-{name}" for name in restarted.split()}
