/**
 * What is said when something goes wrong, and with which exit code.
 *
 * Every expected failure says what is wrong, where, and what to do next. Exit codes: 0 done; 1 a fault of Rollcall
 * itself, or the answer of an audit is no; 2 nothing was done because something handed to it is wrong (command line,
 * configuration, file, credentials, database); 3 begun but not finished (Together or a source broke off; run again); 130
 * interrupted.
 */
import { ChainBroken, StoreError } from "@rollcall/core/contract/EventLog"
import { SinkError } from "@rollcall/core/contract/Sink"
import { SourceError } from "@rollcall/core/contract/Source"
import { SandboxError } from "@rollcall/sandbox/SandboxError"
import { Cause, Schema, SchemaIssue } from "effect"

/** Something handed to Rollcall is wrong. `place` is a setting, a file, an argument. */
export class InputInvalid extends Schema.TaggedError<InputInvalid>()("InputInvalid", {
  place: Schema.String,
  problem: Schema.String,
  remedy: Schema.String,
  /** There is nothing of that name; or things stand otherwise than they would have to. */
  because: Schema.optionalKey(Schema.Literals(["unknown", "conflict"]))
}) {}

/** What a running service answered in the place of what was asked for, in its own words. */
export class ServiceRefused extends Schema.TaggedError<ServiceRefused>()("ServiceRefused", {
  kind: Schema.String,
  place: Schema.optionalKey(Schema.String),
  problem: Schema.String,
  remedy: Schema.String,
  exitCode: Schema.Literals([1, 2, 3])
}) {}

/** Another program listens there, or nobody may. */
export const portTaken = (host: string, port: number, cause: unknown): InputInvalid =>
  new InputInvalid({
    place: `${host}:${port}`,
    problem: `Nothing can listen there: ${cause instanceof Error ? cause.message : String(cause)}.`,
    remedy: "Name another port with --port (0 takes a free one), or another address with --host."
  })

export interface Failure {
  readonly kind: string
  readonly place?: string
  readonly problem: string
  readonly remedy: string
  readonly exitCode: 1 | 2 | 3 | 130
}

/** The plan's budget of requests was made use of; what is left is for the next run. */
export class BudgetSpent extends Schema.TaggedError<BudgetSpent>()("BudgetSpent", {
  left: Schema.Int,
  most: Schema.Int
}) {}

/** The guard holds people back; the rest was sent. */
export class PlanIsHeld extends Schema.TaggedError<PlanIsHeld>()("PlanIsHeld", {
  problem: Schema.String,
  holds: Schema.Array(Schema.String)
}) {}

/** People are erased; the files of the tables still hold what they held. */
export class ErasureUnswept extends Schema.TaggedError<ErasureUnswept>()("ErasureUnswept", {
  problem: Schema.String
}) {}

/** `audit rate` found requests that came too early: a fault of Rollcall's. */
export class LimitExceeded extends Schema.TaggedError<LimitExceeded>()("LimitExceeded", {
  violations: Schema.Int
}) {}

/** `audit decisions` computed other requests than were sent. */
export class DecisionsDiffer extends Schema.TaggedError<DecisionsDiffer>()("DecisionsDiffer", {
  different: Schema.Int
}) {}

/** A source broke off after its first message: what came before is in the log. */
const begun = new Set(["RateLimited", "Unavailable", "Malformed", "Truncated"])

export const failureOf = (cause: Cause.Cause<unknown>): Failure => {
  if (Cause.hasInterruptsOnly(cause)) {
    return {
      kind: "Interrupted",
      problem: "Interrupted.",
      remedy: "Run the command again; it goes on from there.",
      exitCode: 130
    }
  }
  const error = Cause.squash(cause)
  if (Schema.is(InputInvalid)(error)) {
    const { place, problem, remedy } = error
    return { kind: "InputInvalid", place, problem, remedy, exitCode: 2 }
  }
  if (Schema.is(ServiceRefused)(error)) {
    const { exitCode, kind, place, problem, remedy } = error
    return { kind, problem, remedy, exitCode, ...(place === undefined ? {} : { place }) }
  }
  if (Schema.is(BudgetSpent)(error)) {
    return {
      kind: "BudgetSpent",
      place: "together",
      problem: `The plan's ${error.most} requests are made, and ${error.left} operations are left: more people were refused than it allows for.`,
      remedy: "Look at `rollcall dead-letters`; run `rollcall sync` again and it goes on from there.",
      exitCode: 3
    }
  }
  if (Schema.is(PlanIsHeld)(error)) {
    return {
      kind: "PlanIsHeld",
      place: "guard",
      problem: error.problem,
      remedy: `Look at \`rollcall plan\`, mend the source if it is wrong, or let them go: rollcall approve ${error.holds.join(" | ")} --by NAME --reason TEXT`,
      exitCode: 3
    }
  }
  if (Schema.is(ErasureUnswept)(error)) {
    return {
      kind: "ErasureUnswept",
      place: "database",
      problem: `The people are erased, but files of the database may still hold their values. ${error.problem}`,
      remedy: "Run the same command again: it takes nothing twice, and rewrites the files.",
      exitCode: 3
    }
  }
  if (Schema.is(LimitExceeded)(error)) {
    return {
      kind: "LimitExceeded",
      place: "log",
      problem: `${error.violations} requests came too early.`,
      remedy: "Stop Rollcall, keep the log, and report this: it must not happen.",
      exitCode: 1
    }
  }
  if (Schema.is(DecisionsDiffer)(error)) {
    return {
      kind: "DecisionsDiffer",
      place: "log",
      problem: `${error.different} requests cannot be computed again from what is recorded of them.`,
      remedy:
        "Run `rollcall audit verify`: if the log was altered, that names where. If it was not, this Rollcall decides otherwise than the one that sent them (its version stands in ConfigurationAdopted): report it.",
      exitCode: 1
    }
  }
  if (Schema.is(ChainBroken)(error)) return ofChain(error)
  if (Schema.is(SourceError)(error)) return ofSource(error)
  if (Schema.is(SinkError)(error)) return ofSink(error)
  if (Schema.is(StoreError)(error)) return ofStore(error)
  if (Schema.is(SandboxError)(error)) {
    return { kind: "SandboxError", problem: error.message, remedy: "", exitCode: 2 }
  }
  return {
    kind: "Fault",
    problem: `Rollcall itself failed: ${Cause.pretty(cause)}`,
    remedy: "This is a fault of Rollcall. Report it with the lines above; the log is intact.",
    exitCode: 1
  }
}

/** Not a fault of Rollcall's, but no less grave: the answer of the audit is no. */
const ofChain = ({ organization, position, problem }: ChainBroken): Failure => ({
  kind: "ChainBroken",
  place: `log ${organization}, event ${position}`,
  problem,
  remedy:
    "Somebody changed the database past Rollcall. Stop Rollcall and keep the database as evidence; find the newest backup that `rollcall audit verify --manifest` confirms (docs/proof.md).",
  exitCode: 1
})

const ofSource = ({ source, reason }: SourceError): Failure => {
  const { _tag: kind, problem, remedy } = reason
  const at = reason._tag === "ConfigInvalid" ? `.${reason.path}` : "locator" in reason ? ` (${reason.locator})` : ""
  return { kind, place: `sources.${source}${at}`, problem, remedy, exitCode: begun.has(kind) ? 3 : 2 }
}

const ofSink = ({ reason }: SinkError): Failure => ({
  kind: reason._tag,
  place: "together",
  problem: reason.problem,
  remedy: reason.remedy,
  exitCode: reason._tag === "CredentialsRejected" ? 2 : 3
})

const ofStore = (error: StoreError): Failure => {
  const { reason } = error
  const kind = reason._tag
  if (reason._tag === "StoreLocked") {
    const remedy = `Where that is \`rollcall serve\`, ask it with --server URL (docs/operations-api.md). ${reason.remedy}`
    return { kind, place: "database", problem: reason.problem, remedy, exitCode: 2 }
  }
  if ("problem" in reason)
    return { kind, place: "database", problem: reason.problem, remedy: reason.remedy, exitCode: 2 }
  return { kind, place: "database", problem: error.message, remedy: "Run the command again.", exitCode: 3 }
}

/** What a schema found wrong, each with the path of the setting. */
export const faultsOf = (
  issue: SchemaIssue.Issue
): ReadonlyArray<{ readonly path: ReadonlyArray<string>; readonly message: string }> =>
  SchemaIssue.makeFormatterStandardSchemaV1()(issue).issues.map(({ message, path = [] }) => ({
    path: path.map((part) => String(typeof part === "object" ? part.key : part)),
    message
  }))
