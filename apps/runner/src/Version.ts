/** The version of this Rollcall: what `--version` says and what the log keeps beside each configuration. */
export const version = "0.1.0"
