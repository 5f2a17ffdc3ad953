/**
 * Every variable of the environment that Rollcall knows by itself; docs/environment.md is made of this list.
 *
 * Others are named by the configuration (`env("NAME")`). A test sees that no source reads a variable that is not here.
 */
export interface EnvironmentVariable {
  readonly name: string
  readonly meaning: string
  /** What holds without it. */
  readonly otherwise: string
  readonly secret?: true
}

export const environmentVariables: Readonly<Record<string, ReadonlyArray<EnvironmentVariable>>> = {
  Rollcall: [
    {
      name: "DATABASE_URL",
      meaning:
        "PostgreSQL 15 or later: `postgres://user:password@host:5432/database`, special characters percent-encoded.",
      otherwise: "embedded, in `data` beside the configuration",
      secret: true
    },
    {
      name: "ROLLCALL_ROOT_KEY",
      meaning:
        "The secret that tokens of the APIs begin with: 32 bytes or more. Another one revokes every key and token made with it.",
      otherwise: "`serve` and `token` do not begin",
      secret: true
    },
    {
      name: "ROLLCALL_SERVER",
      meaning: "Address of a running `serve` that commands ask in the place of the database, like `--server`.",
      otherwise: "the database is opened"
    },
    {
      name: "ROLLCALL_TOKEN",
      meaning: "A token for it, like `--token`.",
      otherwise: "one is made with the root key",
      secret: true
    }
  ],
  "OpenTelemetry (`serve`)": [
    {
      name: "OTEL_EXPORTER_OTLP_ENDPOINT",
      meaning: "Where traces, metrics and logs are sent by OTLP over HTTP, such as `http://collector:4318`.",
      otherwise: "nothing is sent"
    },
    ...["TRACES", "METRICS", "LOGS"].map((signal) => ({
      name: `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`,
      meaning: `The whole address for ${signal.toLowerCase()} alone.`,
      otherwise: "`OTEL_EXPORTER_OTLP_ENDPOINT` with the signal's path"
    })),
    {
      name: "OTEL_EXPORTER_OTLP_PROTOCOL",
      meaning: "`http/json` or `http/protobuf`; gRPC is not spoken.",
      otherwise: "`http/json`"
    },
    {
      name: "OTEL_EXPORTER_OTLP_HEADERS",
      meaning: "Headers for the collector: `name=value,name=value`, values percent-encoded.",
      otherwise: "none",
      secret: true
    },
    { name: "OTEL_EXPORTER_OTLP_COMPRESSION", meaning: "`gzip` or `none`.", otherwise: "`none`" },
    { name: "OTEL_SERVICE_NAME", meaning: "The name of the service.", otherwise: "`rollcall`" },
    {
      name: "OTEL_RESOURCE_ATTRIBUTES",
      meaning: "More about the service: `deployment.environment=production,...`.",
      otherwise: "none"
    },
    ...["TRACES", "METRICS", "LOGS"].map((signal) => ({
      name: `OTEL_${signal}_EXPORTER`,
      meaning: `\`none\` leaves ${signal.toLowerCase()} out.`,
      otherwise: "`otlp`"
    })),
    { name: "OTEL_BSP_SCHEDULE_DELAY", meaning: "Milliseconds between two exports of traces.", otherwise: "5000" },
    { name: "OTEL_BLRP_SCHEDULE_DELAY", meaning: "Milliseconds between two exports of logs.", otherwise: "1000" },
    {
      name: "OTEL_METRIC_EXPORT_INTERVAL",
      meaning: "Milliseconds between two exports of metrics.",
      otherwise: "60000"
    },
    { name: "OTEL_SDK_DISABLED", meaning: "`true`: nothing is sent, whatever else is set.", otherwise: "`false`" }
  ]
}
