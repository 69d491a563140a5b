/// The format of topology files as a JSON Schema (draft 2020-12), for editors and other tools.
///
/// It is made from the same description that files are read by. What needs more than one key to see, such as overlapping prefixes, only
/// `Topology.load` checks.
public enum TopologySchema {
    /// The schema's text, with a line break at its end.
    public static let json: String = {
        let form = TopologyEntry.form
        var definitions: [JSONValue.Member] = []
        for definition in form.definitions where !definitions.contains(where: { $0.name == definition.name }) {
            definitions.append(definition)
        }
        let schema: JSONValue = [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Resetlab topology",
        ]
        return schema.adding(form.schema.members + [.init(name: "$defs", value: .object(definitions))]).text + "\n"
    }()
}
