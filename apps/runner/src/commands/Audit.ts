/**
 * `rollcall audit`: what can be proved from the log alone, each in a command of its own.
 */
import { Command } from "effect/cli"

import { auditDecisions } from "./AuditDecisions.ts"
import { auditExport } from "./AuditExport.ts"
import { auditRate } from "./AuditRate.ts"
import { auditVerify } from "./AuditVerify.ts"

export const audit = Command.make("audit").pipe(
  Command.withDescription("Prove things from the log alone"),
  Command.withSubcommands([auditRate, auditDecisions, auditVerify, auditExport])
)
