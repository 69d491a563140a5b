/// The format of topology files as a JSON Schema (draft 2020-12), for editors and other tools.
///
/// It is made from the same description that files are read by. What needs more than one key to see, such as overlapping prefixes, only
/// `Topology.load` checks.
public enum TopologySchema {
    /// The schema's text, with a line break at its end.
    public static let json = TopologyEntry.form.schemaText(title: "Resetlab topology")
}

extension Form {
    /// A document's schema, with a line break at its end.
    func schemaText(title: String) -> String {
        var all: [JSONValue.Member] = []
        for definition in definitions where !all.contains(where: { $0.name == definition.name }) { all.append(definition) }
        let document: JSONValue = ["$schema": "https://json-schema.org/draft/2020-12/schema", "title": .string(title)]
        return document.adding(schema.members + [.init(name: "$defs", value: .object(all))]).text + "\n"
    }
}
