/**
 * What goes wrong outside of any handler: no such path, a body that cannot be read, a defect of ours.
 *
 * `DirectoryServer` asks it for the answer to every cause that leaves the router. What is no fault of the client is logged
 * by name and place: a message could hold a value of somebody's.
 */
import { Cause, Effect, Predicate, SchemaAST, SchemaIssue } from "effect"
import { HttpRouter, HttpServerError, type HttpServerResponse } from "effect/http"
import { HttpApiError } from "effect/http-api"

import { type FieldProblem, Problem, toResponse } from "./Problem.ts"
import type { Unrouted } from "./Unrouted.ts"

/** Interruptions stay what they are: the client has gone. */
export const responseOf =
  (unrouted: Unrouted) =>
  (cause: Cause.Cause<unknown>): Effect.Effect<HttpServerResponse.HttpServerResponse> => {
    const reasons = cause.reasons.flatMap((reason) =>
      Cause.isFailReason(reason) ? [reason.error] : Cause.isDieReason(reason) ? [reason.defect] : []
    )
    const [first] = reasons
    if (reasons.length === 0) return Effect.interrupt
    if (HttpServerError.isHttpServerError(first) && first.reason._tag === "RouteNotFound") {
      return Effect.succeed(unrouted(first.request))
    }
    const problem = problemOf(first)
    return problem === undefined ? Effect.as(report(first), toResponse(trouble)) : Effect.succeed(toResponse(problem))
  }

const trouble = new Problem({ status: 500, detail: "Something went wrong in the service. Its log says what." })

const problemOf = (error: unknown): Problem | undefined => {
  if (HttpApiError.HttpApiSchemaError.is(error)) return ofRequest(error)
  if (!HttpServerError.isHttpServerError(error)) return undefined
  const { reason } = error
  if (reason._tag !== "RequestParseError") return undefined
  return reason.reason === "BodyTooLarge"
    ? new Problem({ status: 413, detail: "The body is larger than 256 KiB." })
    : new Problem({ status: 400, detail: "The body cannot be read." })
}

/** A part of the request that is not as the definition has it. An answer that is not so is our fault. */
const ofRequest = ({ kind, cause }: HttpApiError.HttpApiSchemaError): Problem | undefined => {
  switch (kind) {
    case "Params":
      return new Problem({ status: 404, detail: "There is nothing that could be called so." })
    case "Query":
    case "Headers":
    case "Payload":
      return ofIssue(cause.issue)
    default:
      return undefined
  }
}

/** More are of no use to anybody. */
const most = 50

const ofIssue = (issue: SchemaIssue.Issue): Problem => {
  const errors = fieldProblems(issue, []).slice(0, most)
  const [first] = errors
  if (first === undefined || first.field === "") {
    const problem = first?.problem ?? wrong
    return new Problem({ status: 400, detail: problem === wrong ? "The body is no JSON." : `The body ${problem}.` })
  }
  return new Problem({ status: 400, detail: `${first.field} ${first.problem}.`, errors })
}

const wrong = "is wrong"

type Path = ReadonlyArray<PropertyKey>

const fieldProblems = (issue: SchemaIssue.Issue, path: Path, said?: string): ReadonlyArray<FieldProblem> => {
  switch (issue._tag) {
    case "Filter":
      return fieldProblems(issue.issue, path, said ?? messageIn(issue.filter.annotations))
    case "Encoding":
      return fieldProblems(issue.issue, path, said)
    case "Pointer":
      return fieldProblems(issue.issue, [...path, ...issue.path], said)
    case "Composite":
      return issue.issues.flatMap((inner) => fieldProblems(inner, path, said))
    case "AnyOf":
      return issue.issues.length > 0
        ? issue.issues.flatMap((inner) => fieldProblems(inner, path, said))
        : [{ field: fieldOf(path), problem: said ?? expectation(issue.ast) }]
    default:
      return [{ field: fieldOf(path), problem: said ?? problemOfLeaf(issue) }]
  }
}

const problemOfLeaf = (issue: SchemaIssue.Leaf): string => {
  switch (issue._tag) {
    case "MissingKey":
      return "is missing"
    case "InvalidType":
      return expectation(issue.ast)
    case "InvalidValue":
      return messageIn(issue.annotations) ?? wrong
    default:
      return wrong
  }
}

const messageIn = (annotations: { readonly message?: unknown } | undefined): string | undefined =>
  Predicate.isString(annotations?.message) ? annotations.message : undefined

const fieldOf = (path: Path): string => path.map(String).join(".")

const expectation = (ast: SchemaAST.AST): string => `must be ${nameOf(ast)}`

const nameOf = (ast: SchemaAST.AST): string => {
  switch (ast._tag) {
    case "String":
      return "a string"
    case "Number":
      return "a number"
    case "Boolean":
      return "true or false"
    case "Null":
      return "null"
    case "Objects":
      return "an object"
    case "Arrays":
      return "an array"
    case "Literal":
      return String(ast.literal)
    case "Union":
      return ast.types.map(nameOf).join(" or ")
    default:
      return "something else"
  }
}

/** The route in place of the address, and where in place of what. */
const report = Effect.fnUntraced(function* (error: unknown) {
  const context = yield* Effect.context()
  const route = context.mapUnsafe.get(HttpRouter.RouteContext.key) as HttpRouter.RouteContext["Service"] | undefined
  const where = route === undefined ? "outside of any route" : `${route.route.method} ${route.route.path}`
  yield* Effect.logError(`A request failed (${where}): ${inWords(error)}`)
})

const inWords = (error: unknown): string => {
  if (!Predicate.isError(error)) return "a defect that is no Error"
  const code = Predicate.hasProperty(error, "code") && Predicate.isString(error.code) ? ` ${error.code}` : ""
  const frames = (error.stack ?? "").split("\n").filter((frame) => /^\s+at /u.test(frame))
  return [`${error.name}${code}`, ...frames.slice(0, 10)].join("\n")
}
