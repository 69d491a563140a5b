/// The format of rehearsal files as a JSON Schema (draft 2020-12), for editors and other tools.
///
/// It is made from the same description that files are read by. What needs more than one key to see, or a topology, only `Rehearsal` checks.
public enum RehearsalSchema {
    /// The schema's text, with a line break at its end.
    public static let json = RehearsalFileEntry.form.schemaText(title: "Resetlab rehearsal")
}
