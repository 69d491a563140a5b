import LabPlan

/// The applications as written.
struct ApplicationsEntry: Sendable {
    var messages: MessagesEntry?
    var requests: RequestsEntry?
    var userTimeout: Duration?

    /// With the usual values for what is not written.
    var plan: ApplicationPlan {
        let standard = ApplicationPlan()
        return ApplicationPlan(
            messageRate: messages?.rate ?? standard.messageRate, messageSize: messages?.size ?? standard.messageSize,
            requestRate: requests?.rate ?? standard.requestRate, requestSize: requests?.size ?? standard.requestSize,
            answerSize: requests?.answer ?? standard.answerSize, requestTimeout: requests?.timeout ?? standard.requestTimeout,
            userTimeout: userTimeout)
    }
}

struct MessagesEntry: Sendable {
    var rate: Double?
    var size: Int?
}

struct RequestsEntry: Sendable {
    var rate: Double?
    var size: Int?
    var answer: Int?
    var timeout: Duration?
}

extension ApplicationsEntry {
    private static let standard = ApplicationPlan()

    static let messages = Key.optional(
        "messages", MessagesEntry.form, "A TCP connection that stays open, with messages in both directions at a steady rate.")
    static let requests = Key.optional(
        "requests", RequestsEntry.form, "Another one on which the site sends requests, each when the one before was answered or given up.")
    static let userTimeout = Key.optional(
        "userTimeout", .duration(.seconds(1) ... .seconds(86_400)),
        "How long TCP waits for an acknowledgement before it gives a connection up (RFC 5482). Default: the system's patience, about a quarter of an "
            + "hour.")

    static let form = Form<ApplicationsEntry>.word(
        "standard", ApplicationsEntry(),
        orMapping: .mapping(
            "applications", "What uses each connection besides the probes, so that the report tells what an outage is to it.",
            keys: [messages, requests, userTimeout]
        ) {
            ApplicationsEntry(messages: $0[messages], requests: $0[requests], userTimeout: $0[userTimeout])
        })
}

extension MessagesEntry {
    private static let standard = ApplicationPlan()

    static let rate = Key.optional(
        "rate", .number(RehearsalRule.applicationRates), "Messages per second, in each direction. Default: \(standard.messageRate.short).")
    static let size = Key.optional(
        "size", .integer(RehearsalRule.applicationSizes), "Bytes of a message. Default: \(standard.messageSize).")

    static let form = Form<MessagesEntry>.mapping("messages", "Messages at a steady rate.", keys: [rate, size]) {
        MessagesEntry(rate: $0[rate], size: $0[size])
    }
}

extension RequestsEntry {
    private static let standard = ApplicationPlan()

    static let rate = Key.optional(
        "rate", .number(RehearsalRule.applicationRates), "Requests per second. Default: \(standard.requestRate.short).")
    static let size = Key.optional(
        "size", .integer(RehearsalRule.applicationSizes), "Bytes of a request. Default: \(standard.requestSize).")
    static let answer = Key.optional(
        "answer", .integer(RehearsalRule.applicationSizes), "Bytes of an answer. Default: \(standard.answerSize).")
    static let timeout = Key.optional(
        "timeout", .duration(.milliseconds(100) ... .seconds(3_600)),
        "How long a request may wait for its turn, and once it is sent for its answer; then it is given up, the latter with its TCP connection. "
            + "Default: \(standard.requestTimeout.text).")

    static let form = Form<RequestsEntry>.mapping("requests", "Requests at a steady rate.", keys: [rate, size, answer, timeout]) {
        RequestsEntry(rate: $0[rate], size: $0[size], answer: $0[answer], timeout: $0[timeout])
    }
}
