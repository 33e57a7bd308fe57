import grpc
from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
import websockets

from . import greeter_pb2, greeter_pb2_grpc

TARGET = "greeter.internal:50051"


def greet(name):
    with grpc.insecure_channel(TARGET) as channel:
        stub = greeter_pb2_grpc.GreeterStub(channel)
        return stub.SayHello(greeter_pb2.HelloRequest(name=name))


transport = AIOHTTPTransport(url="https://countries.example.com/graphql")
client = Client(transport=transport)
QUERY = gql("{ countries { name url } }")


async def live():
    async with websockets.connect("wss://stream.example.com/v1") as socket:
        return await socket.recv()
