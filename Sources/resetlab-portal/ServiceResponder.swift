import HTTPTypes
import Hummingbird
import ManagementAPI
import NIOCore

/// Hands requests to the management API and to the portal.
struct ServiceResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let service: ManagementService
    let portal: Portal

    /// In bytes; a deployment's template is the largest that a client sends.
    static let largestBody = 1 << 20
    /// In bytes of the path with its query.
    static let longestTarget = 8_192

    func respond(to request: Request, context: Context) async throws -> Response {
        guard request.uri.string.utf8.count <= Self.longestTarget else {
            return Self.response(error(414, "RequestUriTooLong", "The request's target is longer than \(Self.longestTarget) bytes."))
        }
        let body: [UInt8]
        do {
            var buffer = try await request.body.collect(upTo: Self.largestBody)
            body = buffer.readBytes(length: buffer.readableBytes) ?? []
        } catch is NIOTooManyBytesError {
            return Self.response(error(413, "RequestContentTooLarge", "The request's body is larger than \(Self.largestBody) bytes."))
        }
        guard let path = request.uri.path.removingPercentEncoding else {
            return Self.response(error(400, "InvalidRequestFormat", "The request's path is not percent-encoded UTF-8."))
        }
        var query: [String: String] = [:]
        for parameter in request.uri.queryParameters {
            query[String(parameter.key).lowercased()] = String(parameter.value)
        }
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        if headers["host"] == nil, let authority = request.head.authority { headers["host"] = authority }
        let asked = APIRequest(request.method.rawValue, path, query: query, headers: headers, body: body)
        if let response = await portal.respond(to: asked) { return response }
        return Self.response(await service.respond(to: asked), isHead: request.method == .head)
    }

    private func error(_ status: Int, _ code: String, _ message: String) -> APIResponse {
        .json(APIError(status, code, message).json, status: status)
    }

    static func response(_ answer: APIResponse, isHead: Bool = false) -> Response {
        var headers = HTTPFields()
        for (name, value) in answer.headers.sorted(by: { $0.key < $1.key }) {
            if let field = HTTPField.Name(name) { headers[field] = value }
        }
        headers[.cacheControl] = "no-store"
        if let nosniff = HTTPField.Name("X-Content-Type-Options") { headers[nosniff] = "nosniff" }
        let body = ByteBuffer(bytes: isHead ? [] : answer.body)
        return Response(status: .init(code: answer.status), headers: headers, body: .init(byteBuffer: body))
    }
}
