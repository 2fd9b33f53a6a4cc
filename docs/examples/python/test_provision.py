"""Tries the example against a cluster of its own; run.sh starts it and names its endpoint in ALLOCD_ENDPOINT."""

import os
import unittest
import uuid

import grpc

import provision


class Provisioning(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pipeline = provision.Provisioner(os.environ["ALLOCD_ENDPOINT"])
        cls.pipeline.create_network("lan", "bridge300", [("192.168.48.0/22", "192.168.48.1"), ("fd00:48::/64", "")])
        cls.pipeline.create_host("h1.example")

    def refusal(self, *arguments, **options):
        with self.assertRaises(grpc.RpcError) as raised:
            self.pipeline.allocate(*arguments, **options)
        return raised.exception, *provision.details(raised.exception)

    def test_a_lease_is_a_whole_bundle_and_a_repeat_gives_the_same(self):
        request_id = str(uuid.uuid4())
        first = self.pipeline.allocate("h1.example", "web01", "lan", request_id)
        self.assertRegex(first.mac_a, r"^([0-9a-f]{2}:){5}[0-9a-f]{2}$")
        self.assertEqual(len(first.addresses), 2)
        self.assertTrue(first.addresses[0].address.endswith("/22"), first.addresses[0].address)
        self.assertEqual(self.pipeline.allocate("h1.example", "web01", "lan", request_id), first)

    def test_all_leases_come_page_by_page_and_none_twice(self):
        for at in range(5):
            self.pipeline.allocate("h1.example", f"page{at}", "lan")
        names = [lease.name for lease in self.pipeline.all_leases(page_size=2)]
        self.assertEqual(len(names), len(set(names)))
        self.assertGreaterEqual(len(names), 5)

    def test_every_wrong_field_is_named(self):
        error, info, fields = self.refusal("h1 example", "$(reboot)", "lan")
        self.assertEqual(error.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assertEqual((info.reason, info.domain), ("INVALID_FIELDS", "allocd"))
        self.assertEqual(len(fields), 2, fields)

    def test_a_gateway_is_refused_with_its_reason(self):
        error, info, _ = self.refusal("h1.example", "gw", "lan", addresses=["192.168.48.1"])
        self.assertEqual(error.code(), grpc.StatusCode.FAILED_PRECONDITION)
        self.assertEqual(info.reason, "VALUE_EXCLUDED")

    def test_an_unknown_host_is_not_found(self):
        error, info, _ = self.refusal("nowhere.example", "web01", "lan")
        self.assertEqual(error.code(), grpc.StatusCode.NOT_FOUND)
        self.assertEqual(info.reason, "HOST_NOT_FOUND")


if __name__ == "__main__":
    unittest.main(verbosity=2)
