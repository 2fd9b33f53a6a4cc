"""Provisions jails on an allocd cluster from Python: allocate, list, and read what a refusal says.

The messages are generated from proto/ by grpcio-tools (see run.sh). Any member may be asked: give one of its endpoints.

    python provision.py 127.0.0.1:7421
"""

import sys
import uuid

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from allocd.v1 import (
    allocation_pb2,
    holder_pb2,
    host_pb2,
    host_service_pb2,
    host_service_pb2_grpc,
    lease_service_pb2,
    lease_service_pb2_grpc,
    network_pb2,
    network_service_pb2,
    network_service_pb2_grpc,
)

DEADLINE_SECONDS = 10


class Provisioner:
    """A pipeline's view of the cluster. Every call that changes something has a request id, so that it may be repeated."""

    def __init__(self, endpoint):
        channel = grpc.insecure_channel(endpoint)
        self.networks = network_service_pb2_grpc.NetworkServiceStub(channel)
        self.hosts = host_service_pb2_grpc.HostServiceStub(channel)
        self.leases = lease_service_pb2_grpc.LeaseServiceStub(channel)
        self.call = {"timeout": DEADLINE_SECONDS, "metadata": [("allocd-caller", "python-example")]}

    def create_network(self, name, bridge, subnets):
        network = network_pb2.Network(
            name=name,
            bridge=bridge,
            subnets=[network_pb2.Subnet(prefix=prefix, gateway=gateway) for prefix, gateway in subnets],
        )
        request = network_service_pb2.CreateNetworkRequest(request_id=str(uuid.uuid4()), network=network)
        return self.networks.CreateNetwork(request, **self.call).network

    def create_host(self, name):
        request = host_service_pb2.CreateHostRequest(request_id=str(uuid.uuid4()), host=host_pb2.Host(name=name))
        return self.hosts.CreateHost(request, **self.call).host

    def allocate(self, host, jail, network, request_id=None, addresses=()):
        allocation = allocation_pb2.Allocation(
            holder=holder_pb2.Holder(host=host, jail=jail),
            network=network,
            pins=allocation_pb2.Pins(addresses=addresses),
        )
        request = lease_service_pb2.AllocateLeaseRequest(
            request_id=request_id or str(uuid.uuid4()), allocation=allocation
        )
        return self.leases.AllocateLease(request, **self.call).lease

    def all_leases(self, page_size=2):
        token = ""
        while True:
            request = lease_service_pb2.ListLeasesRequest(page_size=page_size, page_token=token)
            page = self.leases.ListLeases(request, **self.call)
            yield from page.leases
            token = page.next_page_token
            if not token:
                return


def details(error):
    """The ErrorInfo and all wrong fields of a refusal."""
    info, fields = error_details_pb2.ErrorInfo(), []
    for detail in rpc_status.from_call(error).details:
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            detail.Unpack(info)
        elif detail.Is(error_details_pb2.BadRequest.DESCRIPTOR):
            wrong = error_details_pb2.BadRequest()
            detail.Unpack(wrong)
            fields = [(violation.field, violation.description) for violation in wrong.field_violations]
    return info, fields


def main(endpoint):
    pipeline = Provisioner(endpoint)
    pipeline.create_network("lan", "bridge300", [("192.168.48.0/22", "192.168.48.1"), ("fd00:48::/64", "")])
    pipeline.create_host("h1.example")
    for jail in ("web01", "web02", "db01"):
        lease = pipeline.allocate("h1.example", jail, "lan")
        addresses = " ".join(held.address for held in lease.addresses)
        print(f"{lease.name}: {jail} has {lease.ifname_b} {lease.mac_b} {addresses}")
    print(f"{len(list(pipeline.all_leases()))} leases in all")
    try:
        pipeline.allocate("h1.example", "thief", "lan", addresses=["192.168.48.1"])
    except grpc.RpcError as error:
        info, _ = details(error)
        print(f"refused as {info.reason}: {error.details()}")


if __name__ == "__main__":
    main(sys.argv[1])
