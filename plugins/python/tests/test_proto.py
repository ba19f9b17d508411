"""What is generated is of the protocol as it is now."""

import os
import shutil
import subprocess
import tempfile
import unittest

from joust import optimizer_pb2 as pb

from . import hosts

PROTO = os.path.join(os.path.dirname(hosts.ROOT), "protocol", "optimizer.proto")


class TestProto(unittest.TestCase):
    def test_the_messages_are_those_of_the_protocol(self):
        protoc = shutil.which("protoc", path="/usr/bin:" + os.environ.get("PATH", ""))
        self.assertIsNotNone(protoc, "no protoc: apt install protobuf-compiler")
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "set")
            subprocess.run(
                [protoc, f"-Ijoust={os.path.dirname(PROTO)}", f"--descriptor_set_out={out}", "joust/optimizer.proto"], check=True
            )
            from google.protobuf import descriptor_pb2

            with open(out, "rb") as f:
                [want] = descriptor_pb2.FileDescriptorSet.FromString(f.read()).file
        got = descriptor_pb2.FileDescriptorProto()
        pb.DESCRIPTOR.CopyToProto(got)
        for file in (got, want):
            for message in file.message_type:  # filled in by protoc, and by no other
                for field in message.field:
                    field.ClearField("json_name")
        self.assertEqual(got, want, "generate it again: see README.md")
