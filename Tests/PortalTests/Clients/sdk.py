"""Drives the service's own Python SDK against a server, as a runbook does. Ends with a line 'done'; an assertion that fails ends it before.

Arguments: the server's https address, the certificate, the subscription, a bearer token.
"""

import sys
import time

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.network import NetworkManagementClient

endpoint, certificate, subscription, token = sys.argv[1:]
GROUP, GATEWAY, CONNECTION = "TestRG5", "VNet5GW", "VNet5toOffice"


class Credential:
    def get_token(self, *scopes, **options):
        return AccessToken(token, int(time.time()) + 3600)


client = NetworkManagementClient(
    Credential(), subscription, base_url=endpoint, credential_scopes=[endpoint + "/.default"], connection_verify=certificate
)
gateways, connections = client.virtual_network_gateways, client.virtual_network_gateway_connections

assert [gateway.name for gateway in gateways.list(GROUP)] == [GATEWAY]
gateway = gateways.get(GROUP, GATEWAY)
assert gateway.gateway_type == "Vpn" and gateway.provisioning_state == "Succeeded", gateway
assert [item.name for item in gateways.list_connections(GROUP, GATEWAY)] == [CONNECTION]
connection = connections.get(GROUP, CONNECTION)
assert connection.connection_status == "Connected", connection.connection_status
assert connection.tunnel_connection_status[0].connection_status == "Connected"
assert [item.name for item in client.local_network_gateways.list(GROUP)] == ["office"]
assert client.virtual_networks.get(GROUP, "VNet5").address_space.address_prefixes == ["10.1.0.0/16"]
assert client.public_ip_addresses.get(GROUP, "VNet5GWIP1").ip_address == "203.0.113.10"

try:
    gateways.get(GROUP, "nope")
    raise SystemExit("a gateway that is not there was found")
except ResourceNotFoundError as error:
    assert error.error.code == "ResourceNotFound", error

# One operation at a time.
poller = gateways.begin_reset(GROUP, GATEWAY, polling_interval=1)
try:
    gateways.begin_reset(GROUP, GATEWAY, polling_interval=1)
    raise SystemExit("a second reset was taken while the first one was under way")
except HttpResponseError as error:
    assert error.status_code == 409 and error.error.code == "AnotherOperationInProgress", error
result = poller.result(timeout=120)
assert result is not None and result.name == GATEWAY, result

assert connections.begin_reset_connection(GROUP, CONNECTION, polling_interval=1).result(timeout=120) is None
associations = connections.begin_get_ike_sas(GROUP, CONNECTION, polling_interval=1).result(timeout=60)
assert "quickModeSa" in associations, associations

assert connections.get_shared_key(GROUP, CONNECTION).value == "an unlikely key Qx7731vW"
written = connections.begin_set_shared_key(GROUP, CONNECTION, {"value": "another"}, polling_interval=1).result(timeout=60)
assert written.value == "another", written
made = connections.begin_reset_shared_key(GROUP, CONNECTION, {"keyLength": 20}, polling_interval=1).result(timeout=60)
assert connections.get_shared_key(GROUP, CONNECTION).value != "another"
connections.begin_set_shared_key(GROUP, CONNECTION, {"value": "an unlikely key Qx7731vW"}, polling_interval=1).result(timeout=60)


def await_state(name, wanted):
    for _ in range(600):
        state = connections.get(GROUP, name).connection_status
        if (state == "Connected") == wanted:
            return
        time.sleep(0.1)
    raise SystemExit(f"{name} stays {state}")


def write(connection):
    """As az does: the whole connection, with what it does not tell."""
    connection.shared_key = "an unlikely key Qx7731vW"
    return connections.begin_create_or_update(GROUP, CONNECTION, connection, polling_interval=1).result(timeout=60)


await_state(CONNECTION, True)

# A policy that the site does not have takes the connection down; its own brings it back.
connection = connections.get(GROUP, CONNECTION)
connection.ipsec_policies = [
    {
        "saLifeTimeSeconds": 3600, "saDataSizeKilobytes": 102400000, "ipsecEncryption": "AES128", "ipsecIntegrity": "SHA256",
        "ikeEncryption": "AES128", "ikeIntegrity": "SHA1", "dhGroup": "DHGroup2", "pfsGroup": "None",
    }
]
written = write(connection)
assert written.ipsec_policies[0].ike_integrity == "SHA1", written
await_state(CONNECTION, False)
connection.ipsec_policies = []
write(connection)
await_state(CONNECTION, True)

# The gateway looks for the site at another address, and at its own again.
local = client.local_network_gateways.get(GROUP, "office")
for address, wanted in [("198.51.100.99", False), ("198.51.100.10", True)]:
    local.gateway_ip_address = address
    assert client.local_network_gateways.begin_create_or_update(GROUP, "office", local, polling_interval=1).result(60) is not None
    await_state(CONNECTION, wanted)

# Deleted and created again: a step of many a runbook.
connection = connections.get(GROUP, CONNECTION)
assert connections.begin_delete(GROUP, CONNECTION, polling_interval=1).result(timeout=60) is None
assert list(connections.list(GROUP)) == []
assert [item.name for item in client.local_network_gateways.list(GROUP)] == ["office"]
write(connection)
await_state(CONNECTION, True)

# The gateway goes, and with what is left another lab is built.
whole = gateways.get(GROUP, GATEWAY)
try:
    gateways.begin_delete(GROUP, GATEWAY, polling_interval=1)
    raise SystemExit("a gateway with a connection was deleted")
except HttpResponseError as error:
    assert error.status_code == 400, error
connections.begin_delete(GROUP, CONNECTION, polling_interval=1).result(timeout=60)
assert gateways.begin_delete(GROUP, GATEWAY, polling_interval=1).result(timeout=120) is None
assert list(gateways.list(GROUP)) == []
assert client.public_ip_addresses.get(GROUP, "VNet5GWIP1").ip_address == "203.0.113.10"
assert gateways.begin_create_or_update(GROUP, GATEWAY, whole, polling_interval=1).result(timeout=60).name == GATEWAY
write(connection)
await_state(CONNECTION, True)
assert gateways.begin_reset(GROUP, GATEWAY, polling_interval=1).result(timeout=180).name == GATEWAY
await_state(CONNECTION, True)
print("done")
