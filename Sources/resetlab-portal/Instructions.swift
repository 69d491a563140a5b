import Foundation
import ManagementAPI

/// What a user pastes to point the real tools at the server.
struct Instructions {
    var identity: ServiceIdentity
    /// nil where plain http is not served.
    var httpPort: Int?
    var host: String
    var certificate: String
    var folder: String
    /// The portal's address with its secret.
    var portal: String
    var labs: [ManagedLab]

    /// Shell text that sets everything up; it can be sourced again.
    var environment: String {
        let identityEndpoint = httpPort.map { "http://\(host):\($0)/msi/token" } ?? "\(identity.endpoint)/msi/token"
        return """
            export AZURE_CONFIG_DIR='\(folder)/azure' REQUESTS_CA_BUNDLE='\(certificate)'
            export IDENTITY_ENDPOINT='\(identityEndpoint)' IDENTITY_HEADER=resetlab
            export ARM_ENDPOINT='\(identity.endpoint)' AZURE_SUBSCRIPTION_ID='\(identity.subscription)'
            export AZURE_CORE_COLLECT_TELEMETRY=no AZURE_CORE_INSTANCE_DISCOVERY=false

            """
    }

    private var setUp: String {
        """
        az cloud register -n resetlab --endpoint-resource-manager \(identity.endpoint)
        az cloud set -n resetlab
        az login --identity

        """
    }

    var text: String {
        let gateways = labs.map { "az network vnet-gateway reset -n \($0.gatewayName) -g \($0.resourceGroup)\n" }.joined()
        let api = httpPort.map { "\(identity.endpoint) and http://\(host):\($0)" } ?? identity.endpoint
        return """
            The API is at \(api); the portal is at
              \(portal)

            Point az at it:

            \((environment + setUp + gateways).split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))


            """
    }
}
