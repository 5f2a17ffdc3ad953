/**
 * Problem details (RFC 9457): the one form of every answer that is not what was asked for.
 *
 * Handlers and `Admission` fail with a `Problem`, or with what the Directory's services fail with; `answered` turns all of
 * that into the response. What happens outside of any operation is `Fault`'s. No detail repeats what the client sent.
 */
import type { DirectoryRefused } from "@rollcall/core/contract/Directory"
import type { StoreError } from "@rollcall/core/contract/EventLog"
import { Effect, Schema } from "effect"
import { HttpServerResponse, ProblemDetails } from "effect/http"
import { HttpApiSchema } from "effect/http-api"

/** `field` is a path into the body (`name`, `0.groupId`), a query parameter, or a member of the token. */
export const FieldProblem = Schema.Struct({
  field: Schema.String.annotate({ examples: ["email"] }),
  problem: Schema.String.annotate({ examples: ["must be an e-mail address"] })
}).annotate({ identifier: "FieldProblem" })

export type FieldProblem = typeof FieldProblem.Type

const titles = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable"
} as const

export type ProblemStatus = keyof typeof titles

const statuses = Object.keys(titles).map(Number) as ReadonlyArray<ProblemStatus>

export class Problem extends Schema.TaggedError<Problem>()("Problem", {
  status: Schema.Literals(statuses),
  detail: Schema.String,
  errors: Schema.optionalKey(Schema.Array(FieldProblem)),
  /** Members beside RFC 9457's own. */
  more: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json))
}) {}

/** As it stands in the OpenAPI document. */
const ProblemBody = Schema.Struct({
  type: Schema.String.annotate({ examples: [ProblemDetails.blankType] }),
  title: Schema.String,
  status: Schema.Int,
  detail: Schema.String,
  errors: Schema.optionalKey(Schema.Array(FieldProblem))
}).annotate({ identifier: "Problem", description: "Problem details (RFC 9457)" })

/** How an answer of this status stands in the OpenAPI document. */
export const documentedAs =
  <Body extends Schema.Top>(body: Body) =>
  (status: ProblemStatus, description: string) =>
    body
      .annotate({ description })
      .pipe(HttpApiSchema.asJson({ contentType: ProblemDetails.contentType }), HttpApiSchema.status(status))

const documented = documentedAs(ProblemBody)

/** What every operation may answer. */
export const commonProblems = [
  documented(400, "A parameter or a field of the body is missing or wrong, or the body is no JSON"),
  documented(401, "No token, or one that is refused"),
  documented(403, "The role is too small"),
  documented(404, "There is nothing of that id, or it belongs to another organization"),
  documented(500, "The service is in trouble"),
  documented(503, "The database is away; try again")
] as const

/** What an operation may answer that writes. */
export const conflictProblem = documented(
  409,
  "Taken (address, alias, employee number), a circle of managers or groups, or HR's to say"
)

/** What an operation may answer that has a body. */
export const bodyProblems = [
  documented(413, "The body is larger than 256 KiB"),
  documented(415, "The body is not application/json")
] as const

export const unauthorized = new Problem({
  status: 401,
  detail: "A token is needed (Authorization: Bearer TOKEN), and there is none here that is valid."
})

export const forbidden = (detail: string) => new Problem({ status: 403, detail })

export const notFound = (what: string) => new Problem({ status: 404, detail: `There is no such ${what}.` })

export const invalid = (field: string, problem: string) =>
  new Problem({ status: 400, detail: `${field} ${problem}.`, errors: [{ field, problem }] })

/** Seconds. The store looks for its database again at once; nobody gains from asking more often. */
const retryAfter = "5"

const headers: { readonly [status in ProblemStatus]?: Readonly<Record<string, string>> } = {
  401: { "www-authenticate": "Bearer" },
  503: { "retry-after": retryAfter }
}

export const toResponse = ({ status, detail, errors, more }: Problem): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.setHeaders(
    ProblemDetails.toResponse({
      type: ProblemDetails.blankType,
      title: titles[status],
      status,
      detail,
      ...(errors === undefined ? {} : { errors }),
      ...more
    }),
    headers[status] ?? {}
  )

type Failure = Problem | DirectoryRefused | StoreError

const problemOf = (failure: Failure): Problem => {
  switch (failure._tag) {
    case "Problem":
      return failure
    case "DirectoryRefused":
      return refused(failure)
    case "StoreError":
      return failure.isRetryable
        ? new Problem({ status: 503, detail: "The database is away. Try again." })
        : new Problem({ status: 500, detail: "The database cannot be used. Its service's log says why." })
  }
}

const refused = ({ reason, message }: DirectoryRefused): Problem => {
  if (reason._tag === "NotFound") return notFound(reason.what)
  const { field, problem } = reason
  return new Problem({
    status: reason._tag === "Invalid" ? 400 : 409,
    detail: message,
    errors: [{ field, problem }]
  })
}

/** The end of every handler. */
export const answered = <A, R>(
  effect: Effect.Effect<A, Failure, R>
): Effect.Effect<A | HttpServerResponse.HttpServerResponse, never, R> =>
  effect.pipe(
    Effect.catch((failure) =>
      Effect.as(
        failure._tag === "StoreError"
          ? Effect.logWarning(`A request could not be answered: ${failure.message}`)
          : Effect.void,
        toResponse(problemOf(failure))
      )
    )
  )
