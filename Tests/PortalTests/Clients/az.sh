#!/usr/bin/env bash
# Drives az against a server, with nothing but what the server has written for a shell, as the article's runbook does. Prints 'done' at its end.
#
# Arguments: the file with the environment, the server's https address, the folder of az.
set -euo pipefail
# shellcheck source=/dev/null
source "$1"
PATH=$3/bin:$PATH
group=TestRG5 gateway=VNet5GW connection=VNet5toOffice

expect() { # TEXT COMMAND...
    local wanted=$1 found
    shift
    found=$("$@" 2>&1) || true
    case "$found" in
    *"$wanted"*) ;;
    *)
        echo "$*: expected '$wanted', found: $found" >&2
        exit 1
        ;;
    esac
}

az cloud register -n lab --endpoint-resource-manager "$2" >/dev/null
az cloud set -n lab >/dev/null 2>&1
az login --identity >/dev/null 2>&1
expect '"VNet5GW"' az network vnet-gateway show -n "$gateway" -g "$group" --query name
expect '"Connected"' az network vpn-connection show -n "$connection" -g "$group" --query connectionStatus
expect 'office' az network local-gateway list -g "$group" --query '[].name' -o tsv
# The article's own command: it waits until the gateway is back, and prints it.
expect '"Succeeded"' az network vnet-gateway reset -n "$gateway" -g "$group" --query provisioningState
az network vnet-gateway reset -n "$gateway" -g "$group" --no-wait
expect 'AnotherOperationInProgress' az network vnet-gateway reset -n "$gateway" -g "$group"
az network vnet-gateway wait -n "$gateway" -g "$group" --updated --interval 1 --timeout 120
expect '(ResourceNotFound)' az network vnet-gateway show -n nope -g "$group"
expect '(ResourceGroupNotFound)' az network vnet-gateway list -g nope
id=/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$group/providers/Microsoft.Network/connections/$connection
az resource invoke-action --action resetconnection --ids "$id" --api-version 2024-05-01 >/dev/null
sleep 8
expect '"another"' az network vpn-connection shared-key update --connection-name "$connection" -g "$group" --value another --query value
expect '"Succeeded"' az network vpn-connection update -n "$connection" -g "$group" --shared-key 'an unlikely key Qx7731vW' --query provisioningState
expect 'availabilityState' az rest --method get --url "$2$id/providers/Microsoft.ResourceHealth/availabilityStatuses/current?api-version=2020-05-01"
await_state() { # CONNECTION PATTERN
    local state
    for _ in $(seq 30); do
        state=$(az network vpn-connection show -n "$1" -g "$group" --query connectionStatus -o tsv)
        # shellcheck disable=SC2053
        [[ $state == $2 ]] && return
        sleep 1
    done
    echo "$1: expected $2, found $state" >&2
    exit 1
}
# A policy that the site does not have takes the connection down, its own brings it back.
await_state "$connection" Connected
az network vpn-connection ipsec-policy add -g "$group" --connection-name "$connection" --dh-group DHGroup2 --ike-encryption AES128 \
    --ike-integrity SHA1 --ipsec-encryption AES128 --ipsec-integrity SHA256 --pfs-group None --sa-lifetime 3600 --sa-max-size 102400000 >/dev/null
await_state "$connection" '[!C]*'
az network vpn-connection ipsec-policy clear -g "$group" --connection-name "$connection" >/dev/null
await_state "$connection" Connected
# Deleted and created again.
az network vpn-connection delete -n "$connection" -g "$group"
expect '(ResourceNotFound)' az network vpn-connection show -n "$connection" -g "$group"
az network vpn-connection create -n "$connection" -g "$group" --vnet-gateway1 "$gateway" --local-gateway2 office \
    --shared-key 'an unlikely key Qx7731vW' >/dev/null
await_state "$connection" Connected
# A new connection, which az sends as a deployment: its site is built, and connects.
az network local-gateway create -n depot -g "$group" --gateway-ip-address 198.51.100.77 --local-address-prefixes 10.77.0.0/16 >/dev/null
az network vpn-connection create -n VNet5toDepot -g "$group" --vnet-gateway1 "$gateway" --local-gateway2 depot --shared-key 'a key for it' >/dev/null
for _ in $(seq 20); do
    state=$(az network vpn-connection show -n VNet5toDepot -g "$group" --query connectionStatus -o tsv)
    [ "$state" = Connected ] && break
    sleep 1
done
expect '"Connected"' az network vpn-connection show -n VNet5toDepot -g "$group" --query connectionStatus
expect 'VNet5toDepot' az network vpn-connection list -g "$group" --query '[].name' -o tsv
# What overlaps with a site that stands is none.
az network local-gateway create -n twin -g "$group" --gateway-ip-address 198.51.100.78 --local-address-prefixes 10.77.1.0/24 >/dev/null
expect 'overlap' az network vpn-connection create -n VNet5toTwin -g "$group" --vnet-gateway1 "$gateway" --local-gateway2 twin --shared-key x
# After a reset the new one is back like the others.
expect '"Succeeded"' az network vnet-gateway reset -n "$gateway" -g "$group" --query provisioningState
expect '"Connected"' az network vpn-connection show -n VNet5toDepot -g "$group" --query connectionStatus
# A gateway of its own, from its network on; its lab is built with the first connection.
az network vnet create -n hub -g "$group" --address-prefixes 10.9.0.0/16 --subnet-name GatewaySubnet --subnet-prefixes 10.9.255.0/27 >/dev/null
az network public-ip create -n front -g "$group" --sku Standard >/dev/null
az network vnet-gateway create -n hubgw -g "$group" --vnet hub --public-ip-addresses front --gateway-type Vpn --sku VpnGw2AZ >/dev/null
az network local-gateway create -n branch -g "$group" --gateway-ip-address 198.51.100.80 --local-address-prefixes 10.80.0.0/16 >/dev/null
az network vpn-connection create -n hubToBranch -g "$group" --vnet-gateway1 hubgw --local-gateway2 branch --shared-key 'one more' >/dev/null
await_state hubToBranch Connected
expect '"Succeeded"' az network vnet-gateway reset -n hubgw -g "$group" --query provisioningState
az network vpn-connection delete -n hubToBranch -g "$group"
az network vnet-gateway delete -n hubgw -g "$group"
expect 'front' az network public-ip list -g "$group" --query '[].name' -o tsv
echo done
