/// The JSON Schema (2020-12) of a rehearsal's report, which the project's documentation holds as `report.schema.json`.
public enum ReportSchema {
    /// Ends with a newline.
    public static let json = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "Resetlab rehearsal report",
          "description": "Times count from the measured part's start, in the unit of the key's suffix, as exact decimals.",
          "type": "object",
          "additionalProperties": false,
          "required": [
            "schema",
            "version",
            "topology",
            "backend",
            "clock",
            "seed",
            "kernel",
            "measuredFrom_s",
            "lab",
            "rehearsal",
            "timing",
            "events",
            "flows",
            "ledger",
            "encryption",
            "health",
            "characterization",
            "checks",
            "expectations",
            "verdict"
          ],
          "properties": {
            "schema": {"const": "resetlab.rehearsal/3", "description": "This format. A new number means that readers must change."},
            "version": {"type": "string", "description": "Resetlab's version."},
            "topology": {"type": "string", "description": "The topology's file name."},
            "backend": {
              "enum": ["host", "guest"],
              "description": "Whether the lab ran in the machine's own kernel or in a virtual machine's."
            },
            "clock": {"enum": ["real", "virtual"], "description": "Real time, or time that counts instructions and skips idling."},
            "seed": {"type": "integer", "minimum": 0, "description": "What all randomness of the lab is derived from. Up to 64 bits."},
            "kernel": {"type": "string", "description": "The release of the kernel that carried the lab."},
            "measuredFrom_s": {"type": "number", "description": "The kernel's uptime at the measured part's start."},
            "lab": {
              "type": "object",
              "description": "The lab that was rehearsed in.",
              "additionalProperties": false,
              "required": ["gateway", "isActiveActive", "recovery", "instances", "addresses", "prefixes", "sites"],
              "properties": {
                "gateway": {"type": "string", "description": "The gateway's name."},
                "isActiveActive": {"type": "boolean", "description": "Whether both instances forward."},
                "recovery": {
                  "enum": ["negotiate", "same-spi", "state-sync"],
                  "description": "How tunnels come back on the instance that takes over."
                },
                "instances": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["name", "addresses"],
                    "properties": {
                      "name": {"type": "string"},
                      "addresses": {
                        "type": "array",
                        "description": "Its own internet addresses, of an active-active gateway's instances.",
                        "items": {"type": "string"}
                      }
                    }
                  }
                },
                "addresses": {
                  "type": "array",
                  "description": "The virtual internet addresses, which move with a failover.",
                  "items": {"type": "string"}
                },
                "prefixes": {"type": "array", "description": "Behind the gateway.", "items": {"type": "string"}},
                "sites": {
                  "type": "array",
                  "description": "In the connections' order.",
                  "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["name", "connection", "address", "prefixes", "suite"],
                    "properties": {
                      "name": {"type": "string"},
                      "connection": {"type": "string", "description": "The connection's name."},
                      "address": {"type": "string", "description": "The site's internet address."},
                      "prefixes": {"type": "array", "description": "Behind the site.", "items": {"type": "string"}},
                      "suite": {"type": "string", "description": "ESP encryption and integrity."},
                      "toSite": {"type": "string", "description": "What the line does to packets towards the site."},
                      "fromSite": {"type": "string", "description": "The same for packets from it."}
                    }
                  }
                }
              }
            },
            "rehearsal": {
              "type": "object",
              "description": "How the outage was brought about and measured.",
              "additionalProperties": false,
              "required": ["name", "duration_s", "steps", "probeRate_pps", "probePayload_bytes"],
              "properties": {
                "name": {"type": "string", "description": "The rehearsal's name: a built-in's, or that of a file."},
                "duration_s": {"type": "number", "description": "How long was measured."},
                "steps": {
                  "type": "array",
                  "description": "What was done, in order and in words.",
                  "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["start", "action"],
                    "properties": {
                      "start": {"type": "string", "description": "When: a time, an event, or 'then' for right after the step before."},
                      "action": {"type": "string", "description": "What."}
                    }
                  }
                },
                "probeRate_pps": {
                  "type": "number",
                  "description": "Probes per second in each direction of each connection.",
                  "exclusiveMinimum": 0
                },
                "probePayload_bytes": {"type": "integer", "minimum": 0, "description": "A probe's UDP payload in bytes."},
                "applications": {
                  "type": "object",
                  "description": "What used each connection besides the probes, both over TCP; absent where nothing did.",
                  "additionalProperties": false,
                  "required": [
                    "messageRate_pps", "messageSize_bytes", "requestRate_pps", "requestSize_bytes", "answerSize_bytes", "requestTimeout_s"
                  ],
                  "properties": {
                    "messageRate_pps": {"type": "number", "exclusiveMinimum": 0, "description": "Messages per second in each direction."},
                    "messageSize_bytes": {"type": "integer", "minimum": 1},
                    "requestRate_pps": {"type": "number", "exclusiveMinimum": 0, "description": "Requests per second."},
                    "requestSize_bytes": {"type": "integer", "minimum": 1},
                    "answerSize_bytes": {"type": "integer", "minimum": 1},
                    "requestTimeout_s": {"type": "number", "description": "How long a request waited for its turn, or for its answer, until it was given up."},
                    "userTimeout_s": {"type": "number", "description": "TCP's patience (RFC 5482); absent for the system's own."}
                  }
                }
              }
            },
            "timing": {
              "type": "object",
              "description": "How long the steps of the failover were set to take.",
              "additionalProperties": false,
              "required": ["profile", "failovers", "boot_s", "announcements", "keyExchange", "sources"],
              "properties": {
                "profile": {"type": "string", "description": "The timing profile, or 'custom'."},
                "failovers": {
                  "type": "array",
                  "description": "The steps that follow a trigger, for the triggers that the rehearsal has.",
                  "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["trigger", "detection_s", "takeover_s"],
                    "properties": {
                      "trigger": {"enum": ["reset", "maintenance", "failure"], "description": "What ended the instance."},
                      "detection_s": {"type": "number", "description": "From the instance's end to its peer's notice of it."},
                      "takeover_s": {"type": "number", "description": "From the notice to the move of the addresses."}
                    }
                  }
                },
                "boot_s": {"type": "number", "description": "From an instance's restart until it is back as standby."},
                "announcements": {
                  "type": "object",
                  "description": "How the new holder announces an address (gratuitous ARP, unsolicited neighbour advertisement).",
                  "additionalProperties": false,
                  "required": ["count", "interval_s"],
                  "properties": {
                    "count": {"type": "integer", "minimum": 0, "description": "How often."},
                    "interval_s": {"type": "number", "description": "How far apart."}
                  }
                },
                "keyExchange": {
                  "type": "object",
                  "description": "When a request of the key exchange is repeated: the n-th wait is timeout times base to the power of n.",
                  "additionalProperties": false,
                  "required": ["timeout_s", "base", "tries"],
                  "properties": {
                    "timeout_s": {"type": "number", "description": "The first wait."},
                    "base": {"type": "number", "description": "The growth of the waits."},
                    "tries": {"type": "integer", "minimum": 0, "description": "Repetitions before it is given up."}
                  }
                },
                "sources": {"type": "array", "description": "The documents that the durations come from.", "items": {"type": "string"}}
              }
            },
            "events": {
              "type": "array",
              "description": "What happened, in order of time.",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["at_s", "kind", "subject"],
                "properties": {
                  "at_s": {"type": "number", "description": "When."},
                  "kind": {"type": "string", "description": "What: lower-case words joined by hyphens."},
                  "subject": {"type": "string", "description": "To which gateway, instance or connection."},
                  "detail": {"type": "string", "description": "What else there is to know."}
                }
              }
            },
            "flows": {"type": "array", "description": "Both directions of every connection.", "items": {"$ref": "#/$defs/flow"}},
            "exchangeQueue": {
              "type": "object",
              "description": "The key exchanges that had to wait for others at the gateway; absent where none did.",
              "additionalProperties": false,
              "required": ["limit", "waited", "longestWait_s"],
              "properties": {
                "limit": {"type": "integer", "minimum": 1, "description": "How many of an instance go forward at once."},
                "waited": {"type": "integer", "minimum": 1, "description": "How many waited for their turn."},
                "longestWait_s": {"type": "number", "description": "For how long, at the most."}
              }
            },
            "applications": {
              "type": "array",
              "description": "What the applications on each connection went through; absent where none ran.",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["connection", "messages", "breaks", "requests"],
                "properties": {
                  "connection": {"type": "string"},
                  "messages": {
                    "type": "array",
                    "description": "Both directions of one TCP connection that stays open.",
                    "items": {
                      "type": "object",
                      "additionalProperties": false,
                      "required": ["direction", "due", "delivered", "lost", "unsent", "retransmissions", "stalls"],
                      "properties": {
                        "direction": {"$ref": "#/$defs/direction"},
                        "due": {"type": "integer", "minimum": 0, "description": "Messages that were to be sent."},
                        "delivered": {"type": "integer", "minimum": 0, "description": "Messages that were read whole."},
                        "lost": {"type": "integer", "minimum": 0, "description": "Messages that died with their connection."},
                        "unsent": {"type": "integer", "minimum": 0, "description": "Messages due while there was no connection."},
                        "retransmissions": {"type": "integer", "minimum": 0, "description": "Segments sent again (tcpi_total_retrans)."},
                        "stalls": {"$ref": "#/$defs/stalls"},
                        "delay": {"$ref": "#/$defs/delay", "description": "From when a message was due until it was read."}
                      }
                    }
                  },
                  "breaks": {"$ref": "#/$defs/breaks"},
                  "requests": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["answered", "failed", "open", "retransmissions", "breaks", "stalls"],
                    "properties": {
                      "answered": {"type": "integer", "minimum": 0},
                      "failed": {"type": "integer", "minimum": 0, "description": "Given up."},
                      "open": {"type": "integer", "minimum": 0, "description": "Neither, when the measurement ended."},
                      "retransmissions": {"type": "integer", "minimum": 0, "description": "Segments sent again, by both ends."},
                      "breaks": {"$ref": "#/$defs/breaks"},
                      "stalls": {"$ref": "#/$defs/stalls"},
                      "latencyBefore": {
                        "$ref": "#/$defs/delay",
                        "description": "From when a request was due until it was answered: of those due before the first disruption."
                      },
                      "latencyAfter": {"$ref": "#/$defs/delay", "description": "The same of those due from then on."}
                    }
                  }
                }
              }
            },
            "trials": {
              "type": "object",
              "description": "Several rehearsals that differ in their seeds alone; all else in the report is the first one's. Absent for one.",
              "additionalProperties": false,
              "required": ["seeds", "verdicts", "flows"],
              "properties": {
                "seeds": {"type": "array", "items": {"type": "integer", "minimum": 0}},
                "verdicts": {"type": "array", "description": "Whether every expectation held.", "items": {"enum": ["passed", "failed"]}},
                "flows": {
                  "type": "array",
                  "description": "In the report's order of flows.",
                  "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["connection", "direction", "frameLoss_ms", "timestamp_ms", "backgroundLost", "frameLossSummary"],
                    "properties": {
                      "connection": {"type": "string"},
                      "direction": {"$ref": "#/$defs/direction"},
                      "frameLoss_ms": {"type": "array", "description": "Trial by trial; 0 is no loss.", "items": {"type": "number"}},
                      "timestamp_ms": {
                        "type": "array",
                        "description": "Trial by trial; null where it was not over.",
                        "items": {"type": ["number", "null"]}
                      },
                      "backgroundLost": {"type": "array", "items": {"type": "integer", "minimum": 0}},
                      "frameLossSummary": {"$ref": "#/$defs/summary"},
                      "timestampSummary": {"$ref": "#/$defs/summary"}
                    }
                  }
                }
              }
            },
            "ledger": {
              "type": "object",
              "description": "Whether the kernel's counters account for the lost probes.",
              "additionalProperties": false,
              "required": ["lost", "explained", "unexplained", "counters"],
              "properties": {
                "lost": {"type": "integer", "minimum": 0, "description": "Lost probes of all flows."},
                "explained": {"type": "integer", "minimum": 0, "description": "Those that a counter accounts for."},
                "unexplained": {"type": "integer", "minimum": 0, "description": "Those that none does."},
                "counters": {
                  "type": "array",
                  "description": "The counters that rose.",
                  "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["counter", "cause", "explanation", "delta", "explained"],
                    "properties": {
                      "counter": {"type": "string", "description": "The kernel's name of it, and its place after '@'."},
                      "cause": {"type": "string", "description": "Its meaning in a few words."},
                      "explanation": {"type": "string", "description": "Its meaning in a sentence."},
                      "delta": {"type": "integer", "minimum": 0, "description": "By how much it rose."},
                      "explained": {"type": "integer", "minimum": 0, "description": "How many lost probes it accounts for."}
                    }
                  }
                },
                "drops": {
                  "type": "object",
                  "description": "The kernel's own reasons for dropping the lab's packets, where they were asked for.",
                  "additionalProperties": false,
                  "required": ["reasons", "missed"],
                  "properties": {
                    "reasons": {
                      "type": "array",
                      "description": "Most packets first. A frame that a bridge floods is counted at each port where it died.",
                      "items": {
                        "type": "object",
                        "additionalProperties": false,
                        "required": ["packets"],
                        "properties": {
                          "reason": {"type": "string", "description": "As the kernel names it (enum skb_drop_reason)."},
                          "function": {"type": "string", "description": "The kernel function that freed the packets."},
                          "place": {"type": "string", "description": "Node and interface that they came in by."},
                          "packets": {"type": "integer", "minimum": 1, "description": "How many."}
                        }
                      }
                    },
                    "missed": {"type": "integer", "minimum": 0, "description": "Drops that the kernel could not tell of."}
                  }
                }
              }
            },
            "characterization": {
              "type": "array",
              "description": "What RFC 6201 §1.4 asks a report for, and the factors of its §3.",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["item", "value"],
                "properties": {"item": {"type": "string"}, "value": {"type": "string"}}
              }
            },
            "encryption": {
              "type": "object",
              "description": "Whether the probes crossed the internet encrypted.",
              "additionalProperties": false,
              "required": ["verdict", "clearText", "reasons", "flows"],
              "properties": {
                "verdict": {
                  "enum": ["encrypted", "clear", "unproven"],
                  "description": "Whether the counts of both ends' security associations prove it."
                },
                "clearText": {
                  "type": "integer",
                  "minimum": 0,
                  "description": "Probes, and packets of applications, seen in clear on the internet."
                },
                "segments": {
                  "type": "array",
                  "description": "What the applications' TCP added, of all connections together; absent where none ran.",
                  "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["direction", "sent", "arrived"],
                    "properties": {
                      "direction": {"$ref": "#/$defs/direction"},
                      "sent": {"type": "integer", "minimum": 0, "description": "At least as many as left."},
                      "arrived": {"type": "integer", "minimum": 0, "description": "At most as many as came."}
                    }
                  }
                },
                "reasons": {"type": "array", "description": "Why the verdict is not 'encrypted'.", "items": {"type": "string"}},
                "flows": {
                  "type": "array",
                  "description": "Packets by flow: the counts can only fall from left to right.",
                  "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["connection", "direction", "sent", "sealed", "opened", "arrived"],
                    "properties": {
                      "connection": {"type": "string", "description": "The connection's name."},
                      "direction": {"$ref": "#/$defs/direction"},
                      "sent": {"type": "integer", "minimum": 0, "description": "Probes that entered the network."},
                      "sealed": {"type": "integer", "minimum": 0, "description": "Packets that the sending end sealed."},
                      "opened": {"type": "integer", "minimum": 0, "description": "Packets that the receiving end opened."},
                      "arrived": {"type": "integer", "minimum": 0, "description": "Probes that arrived, duplicates included."}
                    }
                  }
                }
              }
            },
            "health": {
              "type": "array",
              "description": "How available the gateway and each connection were, and why, as the service's Resource Health tells it.",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["resource", "kind", "since_s", "availability", "reason"],
                "properties": {
                  "resource": {"type": "string", "description": "The gateway's or the connection's name."},
                  "kind": {"enum": ["gateway", "connection"]},
                  "since_s": {"type": "number"},
                  "until_s": {"type": "number", "description": "When the resource's next entry began; absent for the last."},
                  "availability": {"enum": ["Available", "Degraded", "Unavailable", "Unknown"]},
                  "reason": {"type": "string", "description": "In words."},
                  "cause": {
                    "enum": ["PlatformInitiated", "UserInitiated"],
                    "description": "Absent where neither the platform nor a user of the gateway is behind it."
                  },
                  "isPlanned": {"type": "boolean", "description": "Whether it was announced before; absent where that is no question."}
                }
              }
            },
            "checks": {
              "type": "array",
              "description": "Differences between both sides of connections that were found before, and passed over on request.",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["connection", "site", "items"],
                "properties": {
                  "connection": {"type": "string", "description": "The connection's name."},
                  "site": {"type": "string", "description": "The site's name."},
                  "items": {
                    "type": "array",
                    "description": "What differs. No key is part of it.",
                    "items": {
                      "type": "object",
                      "additionalProperties": false,
                      "required": ["name", "site", "gateway", "verdict"],
                      "properties": {
                        "name": {"type": "string", "description": "What was compared."},
                        "site": {"type": "string", "description": "The site's value."},
                        "gateway": {"type": "string", "description": "The gateway's value."},
                        "verdict": {"enum": ["ok", "differs", "note"]},
                        "remark": {"type": "string", "description": "What it means."}
                      }
                    }
                  }
                }
              }
            },
            "expectations": {
              "type": "array",
              "description": "What had to hold.",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["text", "holds", "found"],
                "properties": {
                  "text": {"type": "string", "description": "The expectation."},
                  "holds": {"type": "boolean"},
                  "found": {"type": "string", "description": "What was found."}
                }
              }
            },
            "verdict": {"enum": ["passed", "failed"], "description": "Whether all expectations hold."}
          },
          "$defs": {
            "direction": {"enum": ["site-to-gateway", "gateway-to-site"], "description": "Which way the probes cross the tunnel."},
            "causes": {
              "type": "object",
              "description": "Lost packets by the counter that accounts for them, or 'unexplained'. They add up to 'lost'.",
              "additionalProperties": {"type": "integer", "minimum": 1}
            },
            "flow": {
              "type": "object",
              "description": "One direction of one connection.",
              "additionalProperties": false,
              "required": [
                "connection",
                "direction",
                "rate_pps",
                "sent",
                "unsent",
                "received",
                "lost",
                "duplicates",
                "reordered",
                "lossPeriods",
                "outage",
                "breakdowns"
              ],
              "properties": {
                "connection": {"type": "string", "description": "The connection's name."},
                "direction": {"$ref": "#/$defs/direction"},
                "rate_pps": {"type": "number", "description": "Offered probes per second.", "exclusiveMinimum": 0},
                "sent": {"type": "integer", "minimum": 0, "description": "Probes that entered the network."},
                "unsent": {
                  "type": "integer",
                  "minimum": 0,
                  "description": "Probes that did not, for the sender's own reasons. They are not lost."
                },
                "received": {"type": "integer", "minimum": 0, "description": "Probes that arrived, each counted once."},
                "lost": {"type": "integer", "minimum": 0, "description": "Probes sent that did not arrive."},
                "duplicates": {"type": "integer", "minimum": 0, "description": "Arrivals of probes that had arrived before."},
                "reordered": {"type": "integer", "minimum": 0, "description": "Arrivals after a later probe's (RFC 4737)."},
                "lossPeriods": {
                  "type": "array",
                  "description": "Maximal runs of lost probes (RFC 3357).",
                  "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["start_s", "end_s", "lost", "frameLoss_ms", "causes"],
                    "properties": {
                      "start_s": {"type": "number", "description": "When the first lost probe was sent."},
                      "end_s": {"type": "number", "description": "When the last lost probe was sent."},
                      "lost": {"type": "integer", "minimum": 0, "description": "Lost probes."},
                      "frameLoss_ms": {"type": "number", "description": "Lost probes over the offered rate (RFC 6201)."},
                      "timestamp_ms": {
                        "type": "number",
                        "description": "From the last arrival before to the first one after (RFC 6201); absent where there is none."
                      },
                      "causes": {"$ref": "#/$defs/causes"}
                    }
                  }
                },
                "outage": {
                  "type": "object",
                  "description": "The losses that the reset caused, as against background loss.",
                  "additionalProperties": false,
                  "required": ["state", "disruptions", "lost", "frameLoss_ms", "resolution_ms", "minimumRun", "backgroundLost", "causes"],
                  "properties": {
                    "state": {
                      "enum": ["none", "recovered", "unconfirmed", "not-recovered"],
                      "description": "'unconfirmed': recovery had not yet held for the longer of 5 s and 5 probes (RFC 6412)."
                    },
                    "disruptions": {
                      "type": "integer",
                      "minimum": 0,
                      "description": "Separate disruptions; between two of them a recovery held."
                    },
                    "start_s": {"type": "number", "description": "When the first lost probe was sent."},
                    "end_s": {"type": "number", "description": "When the last lost probe was sent."},
                    "recovery_s": {"type": "number", "description": "When the first probe after the outage arrived."},
                    "lost": {"type": "integer", "minimum": 0, "description": "Lost probes."},
                    "frameLoss_ms": {"type": "number", "description": "Lost probes over the offered rate (RFC 6201). 0 is 'no loss'."},
                    "timestamp_ms": {
                      "type": "number",
                      "description": "As of a loss period, summed over the disruptions; absent where one is open."
                    },
                    "resolution_ms": {"type": "number", "description": "The resolution of both, plus or minus."},
                    "minimumRun": {
                      "type": "integer",
                      "minimum": 0,
                      "description": "How many consecutive losses made a run count as an outage."
                    },
                    "backgroundLost": {"type": "integer", "minimum": 0, "description": "Lost probes outside the outage."},
                    "causes": {"$ref": "#/$defs/causes"}
                  }
                },
                "delay": {"$ref": "#/$defs/delay", "description": "Of all probes; absent when nothing arrived."},
                "delayByPhase": {
                  "type": "object",
                  "description": "Of the probes sent before, in and after the outage; absent without one.",
                  "additionalProperties": false,
                  "properties": {
                    "before": {"$ref": "#/$defs/delay"},
                    "during": {"$ref": "#/$defs/delay"},
                    "after": {"$ref": "#/$defs/delay"}
                  }
                },
                "delaySeries": {
                  "type": "object",
                  "description": "The delay over time, in bins by when probes were sent; null where none arrived. Absent when nothing did.",
                  "additionalProperties": false,
                  "required": ["binWidth_s", "median_ms", "max_ms"],
                  "properties": {
                    "binWidth_s": {"type": "number", "description": "The first bin begins with the measured part."},
                    "median_ms": {"type": "array", "items": {"type": ["number", "null"]}},
                    "max_ms": {"type": "array", "items": {"type": ["number", "null"]}}
                  }
                },
                "breakdowns": {
                  "type": "array",
                  "description": "What each disruption consisted of.",
                  "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["marks"],
                    "properties": {
                      "trigger": {"type": "string", "description": "The kind of the event that brought it about; absent where none did."},
                      "marks": {
                        "type": "array",
                        "description": "In order of time. Moments that did not come about are left out.",
                        "items": {
                          "type": "object",
                          "additionalProperties": false,
                          "required": ["moment", "at_s", "source"],
                          "properties": {
                            "moment": {
                              "enum": [
                                "trigger", "active-down", "first-loss", "detected", "address-moved", "neighbour-updated", "peer-dead",
                                "exchange-queued", "key-exchange-started", "site-installed", "gateway-installed", "key-exchange-done", "traffic-moved",
                                "first-arrival", "sustained"
                              ],
                              "description": "Of several in one disruption: the one that led to recovery."
                            },
                            "at_s": {"type": "number", "description": "When."},
                            "source": {
                              "enum": ["kernel", "lab", "probes"],
                              "description": "Who told: the kernel's own notification, the lab that did it, the probes."
                            }
                          }
                        }
                      }
                    }
                  }
                }
              }
            },
            "stalls": {
              "type": "array",
              "description": "Pauses of more than three times the interval at which something was due.",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["start_s", "length_ms"],
                "properties": {
                  "start_s": {"type": "number", "description": "When the last thing before came."},
                  "end_s": {"type": "number", "description": "When the next one came; absent where none did."},
                  "length_ms": {"type": "number", "description": "Between both, or to the measurement's end."}
                }
              }
            },
            "breaks": {
              "type": "array",
              "description": "Ends of TCP connections, and failures to connect.",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["at_s", "times", "reason"],
                "properties": {
                  "at_s": {"type": "number", "description": "When, the first time."},
                  "times": {"type": "integer", "minimum": 1, "description": "How often in a row."},
                  "reason": {"type": "string", "description": "The kernel's error, or 'given up' by the application."}
                }
              }
            },
            "summary": {
              "type": "object",
              "description": "Over all trials that have a value, by nearest rank.",
              "additionalProperties": false,
              "required": ["min_ms", "median_ms", "mean_ms", "p95_ms", "max_ms"],
              "properties": {
                "min_ms": {"type": "number"},
                "median_ms": {"type": "number"},
                "mean_ms": {"type": "number"},
                "p95_ms": {"type": "number"},
                "max_ms": {"type": "number"}
              }
            },
            "delay": {
              "type": "object",
              "description": "One-way delay (RFC 7679): exact order statistics by nearest rank.",
              "additionalProperties": false,
              "required": ["count", "min_ms", "median_ms", "p95_ms", "p99_ms", "p99.9_ms", "max_ms"],
              "properties": {
                "count": {"type": "integer", "minimum": 1, "description": "Of how many probes."},
                "min_ms": {"type": "number", "description": "Minimum."},
                "median_ms": {"type": "number", "description": "Median."},
                "p95_ms": {"type": "number", "description": "95th percentile."},
                "p99_ms": {"type": "number", "description": "99th percentile."},
                "p99.9_ms": {"type": "number", "description": "99.9th percentile."},
                "max_ms": {"type": "number", "description": "Maximum."}
              }
            }
          }
        }

        """#
}
