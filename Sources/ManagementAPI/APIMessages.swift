/// A request, whatever has carried it here.
public struct APIRequest: Sendable {
    public var method: String
    /// Without the query, percent-decoded.
    public var path: String
    /// By lower-case name; of several the last.
    public var query: [String: String]
    /// By lower-case name.
    public var headers: [String: String]
    public var body: [UInt8]

    public init(
        _ method: String, _ path: String, query: [String: String] = [:], headers: [String: String] = [:], body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }
}

public struct APIResponse: Sendable, Equatable {
    public var status: Int
    public var headers: [String: String]
    public var body: [UInt8]

    public init(_ status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public static func json(_ value: JSONValue, status: Int = 200, headers: [String: String] = [:]) -> APIResponse {
        APIResponse(
            status, headers: headers.merging(["Content-Type": "application/json; charset=utf-8"]) { first, _ in first }, body: value.bytes)
    }
}

/// What the service answers where it does not do what was asked.
public struct APIError: Error, Equatable, Sendable {
    public var status: Int
    /// As the service spells it: `ResourceNotFound`, `AnotherOperationInProgress`.
    public var code: String
    public var message: String
    public var target: String?

    public init(_ status: Int, _ code: String, _ message: String, target: String? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.target = target
    }

    /// The documented body of errors.
    public var json: JSONValue {
        var error: [String: JSONValue] = ["code": .string(code), "message": .string(message), "details": []]
        if let target { error["target"] = .string(target) }
        return ["error": .object(error)]
    }

    var response: APIResponse {
        .json(json, status: status, headers: status == 401 ? ["WWW-Authenticate": "Bearer"] : [:])
    }

    static func notFound(_ type: String, _ name: String, in group: String) -> APIError {
        APIError(
            404, "ResourceNotFound",
            "The Resource 'Microsoft.Network/\(type)/\(name)' under resource group '\(group)' was not found.")
    }

    public static func badRequest(_ message: String, target: String? = nil) -> APIError {
        APIError(400, "InvalidRequestFormat", message, target: target)
    }
}
