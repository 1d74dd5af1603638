locals {
  nat_count = { none = 0, one = 1, per_zone = var.zone_count }[var.nat_gateways]
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = local.name }
}

resource "aws_eip" "nat" {
  count = local.nat_count

  domain = "vpc"

  tags       = { Name = "${local.name}-nat-${local.zones[count.index]}" }
  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "this" {
  count = local.nat_count

  allocation_id = aws_eip.nat[count.index].id
  subnet_id     = aws_subnet.this["public-${count.index}"].id

  tags       = { Name = "${local.name}-${local.zones[count.index]}" }
  depends_on = [aws_internet_gateway.this]
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${local.name}-public" }
}

resource "aws_route" "public_internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

# One private route table per zone, so that each zone can have its own NAT gateway.
resource "aws_route_table" "private" {
  count = var.zone_count

  vpc_id = aws_vpc.this.id

  tags = { Name = "${local.name}-private-${local.zones[count.index]}" }
}

resource "aws_route" "private_internet" {
  count = local.nat_count == 0 ? 0 : var.zone_count

  route_table_id         = aws_route_table.private[count.index].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[min(count.index, local.nat_count - 1)].id
}

# Only the VPC's local route.
resource "aws_route_table" "database" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${local.name}-database" }
}

resource "aws_route_table_association" "this" {
  for_each = local.subnets

  subnet_id = aws_subnet.this[each.key].id
  route_table_id = {
    public   = aws_route_table.public.id
    private  = aws_route_table.private[each.value.index].id
    database = aws_route_table.database.id
  }[each.value.tier]
}
