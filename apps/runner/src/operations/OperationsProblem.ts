/**
 * Problem details (RFC 9457) of the operations API: what a command would have said, word for word.
 *
 * Beside RFC 9457's members stand the command line's own: kind, place, remedy, exit code. A client that is a command shows
 * them as if it had met the trouble itself.
 */
import { FieldProblem, documentedAs, Problem, type ProblemStatus, toResponse } from "@rollcall/directory-api/Problem"
import { Cause, Effect, Schema } from "effect"
import type { HttpServerResponse } from "effect/http"

import { type Failure, failureOf } from "../Failure.ts"
import type { Trouble } from "./Operator.ts"

export const ProblemBody = Schema.Struct({
  type: Schema.String.annotate({ examples: ["about:blank"] }),
  title: Schema.String,
  status: Schema.Int,
  detail: Schema.String.annotate({ description: "What is wrong." }),
  errors: Schema.optionalKey(Schema.Array(FieldProblem)),
  kind: Schema.optionalKey(Schema.String),
  place: Schema.optionalKey(Schema.String),
  remedy: Schema.optionalKey(Schema.String.annotate({ description: "What to do." })),
  exitCode: Schema.optionalKey(
    Schema.Literals([1, 2, 3]).annotate({ description: "What a command ends with that meets this." })
  )
}).annotate({ identifier: "Problem", description: "Problem details (RFC 9457)" })

const documented = documentedAs(ProblemBody)

/** What every operation may answer. */
export const commonProblems = [
  documented(400, "A parameter or a field of the body is missing or wrong, or the body is no JSON"),
  documented(401, "No token, or one that is refused"),
  documented(403, "The role is too small"),
  documented(404, "There is nothing of that name, or it belongs to another organization"),
  documented(500, "The service is in trouble"),
  documented(503, "The database is away; try again")
] as const

/** What an operation may answer that says something. */
export const sayingProblems = [
  documented(409, "Things stand otherwise than they would have to: look again"),
  documented(413, "The body is larger than 256 KiB"),
  documented(415, "The body is not application/json")
] as const

/** What an operation may answer that asks an HR system or Together. */
export const outsideProblems = [
  documented(409, "Things stand otherwise than they would have to: look again"),
  documented(502, "An HR system or Together did not do its part")
] as const

const statusOf = (error: Trouble): ProblemStatus => {
  switch (error._tag) {
    case "InputInvalid":
      return error.because === "unknown" ? 404 : error.because === "conflict" ? 409 : 400
    case "StoreError":
      return error.reason._tag === "VersionConflict" ? 409 : error.isRetryable ? 503 : 500
    case "SourceError":
    case "SinkError":
    case "ServiceRefused":
      return 502
  }
}

const problemOf = (error: Trouble, { exitCode, kind, place, problem, remedy }: Failure): Problem => {
  const more = { kind, remedy, exitCode, ...(place === undefined ? {} : { place }) }
  return new Problem({ status: statusOf(error), detail: problem, more })
}

/** The end of every handler. What is no fault of the client is logged, by its kind alone. */
export const answered = <A, R>(
  effect: Effect.Effect<A, Trouble | Problem, R>
): Effect.Effect<A | HttpServerResponse.HttpServerResponse, never, R> => effect.pipe(Effect.catch(told))

const told = Effect.fnUntraced(function* (error: Trouble | Problem) {
  if (error._tag === "Problem") return toResponse(error)
  const failure = failureOf(Cause.fail(error))
  const problem = problemOf(error, failure)
  if (problem.status >= 500) yield* Effect.logWarning(`An operator could not be answered: ${failure.kind}.`)
  return toResponse(problem)
})
