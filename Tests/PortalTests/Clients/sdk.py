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
for _ in range(300):
    if connections.get(GROUP, CONNECTION).connection_status == "Connected":
        break
    time.sleep(0.1)
else:
    raise SystemExit("the connection is not back with its own key")
print("done")
