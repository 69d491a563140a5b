/// The JSON Schema (2020-12) of a calibration's report, which the project's documentation holds as `calibration.schema.json`.
public enum CalibrationSchema {
    /// Ends with a newline.
    public static let json = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "Resetlab calibration report",
          "description": "How far measured outages are from known ones. Times are exact decimals in the unit of the key's suffix.",
          "type": "object",
          "additionalProperties": false,
          "required": ["schema", "version", "backend", "clock", "seed", "kernel", "injected", "groups", "verdict"],
          "properties": {
            "schema": {"const": "resetlab.calibration/1", "description": "This format. A new number means that readers must change."},
            "version": {"type": "string", "description": "Resetlab's version."},
            "backend": {
              "enum": ["host", "guest"],
              "description": "Whether the link was in the machine's own kernel or in a virtual machine's."
            },
            "clock": {"enum": ["real", "virtual"], "description": "Real time, or time that counts instructions and skips idling."},
            "seed": {"type": "integer", "minimum": 0, "description": "What durations and phases are derived from. Up to 64 bits."},
            "kernel": {"type": "string", "description": "The release of the kernel that carried the link."},
            "injected": {
              "type": "object",
              "description": "The known outages.",
              "additionalProperties": false,
              "required": ["trials", "shortest_ms", "longest_ms", "means", "uncertainty_ms", "irregularity_ms"],
              "properties": {
                "trials": {"type": "integer", "minimum": 1, "description": "How many there were. Each rate's probes measured all."},
                "shortest_ms": {"type": "number", "description": "The beginning of the durations' range; they are log-spaced."},
                "longest_ms": {"type": "number", "description": "Its end."},
                "means": {
                  "enum": ["netem", "link-state"],
                  "description": "A netem that loses everything, as rehearsals cut links, or the sender's interface taken down and up."
                },
                "uncertainty_ms": {
                  "type": "number",
                  "description": "The most that any true duration may be off: half of the time of the two requests that made the outage."
                },
                "irregularity_ms": {
                  "type": "number",
                  "description": "The greatest difference of send delays among the probes at any outage's edges."
                }
              }
            },
            "groups": {
              "type": "array",
              "description": "By rate: all outages first, then decade by decade.",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["rate_pps", "interval_ms", "trials", "withoutLoss", "unsent", "frameLoss", "timestamp"],
                "properties": {
                  "rate_pps": {"type": "number", "description": "Probes per second.", "exclusiveMinimum": 0},
                  "interval_ms": {"type": "number", "description": "The interval between two probes."},
                  "from_ms": {"type": "number", "description": "The decade's beginning; absent for all outages."},
                  "to_ms": {"type": "number", "description": "The decade's end, not included; absent for all outages."},
                  "trials": {"type": "integer", "minimum": 1, "description": "Outages whose intended duration is in the range."},
                  "withoutLoss": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Those that fell between two probes: no loss, an error of their own length."
                  },
                  "unsent": {"type": "integer", "minimum": 0, "description": "Probes that the sender had no time for."},
                  "frameLoss": {"$ref": "#/$defs/errors"},
                  "timestamp": {"$ref": "#/$defs/errors"}
                }
              }
            },
            "verdict": {"enum": ["passed", "failed"], "description": "Whether every error is within its bound."}
          },
          "$defs": {
            "errors": {
              "type": "object",
              "description": "What one of RFC 6201's methods measured, less what is true.",
              "additionalProperties": false,
              "required": ["min_ms", "median_ms", "mean_ms", "p95_ms", "max_ms", "withinInterval", "withinBound"],
              "properties": {
                "min_ms": {"type": "number", "description": "Minimum."},
                "median_ms": {"type": "number", "description": "Median."},
                "mean_ms": {"type": "number", "description": "Arithmetic mean."},
                "p95_ms": {"type": "number", "description": "95th percentile, by nearest rank."},
                "max_ms": {"type": "number", "description": "Maximum."},
                "withinInterval": {
                  "type": "integer",
                  "minimum": 0,
                  "description": "Trials whose error is at most one interval and the truth's uncertainty."
                },
                "withinBound": {
                  "type": "integer",
                  "minimum": 0,
                  "description": "The same with the method's bias taken off (timestamps: one interval) and uneven sending allowed for."
                }
              }
            }
          }
        }

        """#
}
