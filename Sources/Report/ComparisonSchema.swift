/// The JSON Schema (2020-12) of a comparison, which the project's documentation holds as `comparison.schema.json`.
public enum ComparisonSchema {
    /// Ends with a newline.
    public static let json = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "Resetlab comparison of two reports",
          "type": "object",
          "additionalProperties": false,
          "required": ["schema", "flows", "differences", "isRegression"],
          "properties": {
            "schema": {"const": "resetlab.comparison/1", "description": "This format. A new number means that readers must change."},
            "flows": {
              "type": "array",
              "description": "In the new report's order, then those that vanished.",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["connection", "direction", "change", "oldNotRecovered", "newNotRecovered"],
                "properties": {
                  "connection": {"type": "string"},
                  "direction": {"enum": ["site-to-gateway", "gateway-to-site"]},
                  "change": {
                    "enum": ["worse", "better", "same", "appeared", "vanished"],
                    "description": "'same' is no evidence of a change."
                  },
                  "old_ms": {"type": "number", "description": "The median outage by frame loss, before."},
                  "new_ms": {"type": "number", "description": "The same, now."},
                  "bound_ms": {"type": "number", "description": "Both resolutions and the tolerance: a smaller difference says nothing."},
                  "chance": {"type": "number", "description": "Of such ranks without a change; absent without several trials."},
                  "oldNotRecovered": {"type": "boolean"},
                  "newNotRecovered": {"type": "boolean"}
                }
              }
            },
            "differences": {"type": "array", "description": "What else differs, in words.", "items": {"type": "string"}},
            "isRegression": {"type": "boolean", "description": "Whether anything is worse."}
          }
        }

        """#
}
