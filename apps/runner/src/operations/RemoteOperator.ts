/**
 * Asks a running service through its operations API: the same questions and answers as over the log itself.
 *
 * Needs no configuration and no database. What the service says is wrong is told in its own words, with the exit code
 * that the command would have had without it.
 */
import { Effect, Schema } from "effect"
import { HttpClient, HttpClientError, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"

import { InputInvalid, ServiceRefused } from "../Failure.ts"
import { OperationsApi } from "./OperationsApi.ts"
import { ProblemBody } from "./OperationsProblem.ts"
import type { Operator } from "./Operator.ts"
import type { Server } from "./ServerFlag.ts"
import { signed } from "./Signature.ts"

/** `wanted`: the organization's name, where the service has several. */
export const remoteOperator = Effect.fn("RemoteOperator.make")(function* (server: Server, wanted: string | undefined) {
  const { organizations, people, sending } = yield* HttpApiClient.make(OperationsApi, {
    baseUrl: server.url,
    transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(server.token))
  })
  const told = <A, E>(answer: Effect.Effect<A, E>) => Effect.mapError(answer, (error) => refusal(server.url, error))
  const organization = wanted ?? (yield* theOnly(server.url, yield* told(organizations.listOrganizations())))
  const params = { organization }
  const saying = <A, E>(payload: { readonly by: string; readonly reason: string }, answer: Effect.Effect<A, E>) =>
    Effect.andThen(signed(payload), told(answer))
  const operator: Operator = {
    status: told(organizations.getStatus({ params })),
    plan: (operations) =>
      told(sending.getPlan({ params, query: { limit: String(Math.min(Math.max(1, operations), 10_000)) } })),
    holds: told(sending.listHolds({ params })),
    approve: (kind, employees, signature) => {
      const payload = { ...signature, ...(employees.length === 0 ? {} : { employees }) }
      return saying(signature, sending.approveHold({ params: { ...params, kind }, payload }))
    },
    pause: (payload) => saying(payload, sending.pause({ params, payload })),
    resume: (payload) => saying(payload, sending.resume({ params, payload })),
    employee: (employee) => told(people.getEmployee({ params: { ...params, employee } })),
    why: (asked, field) =>
      told(
        asked === undefined
          ? people.explainEverybody({ params })
          : people.explainEmployee({
              params: { ...params, employee: asked },
              query: field === undefined ? {} : { field }
            })
      ),
    deadLetters: told(people.listDeadLetters({ params })),
    release: (employee, payload) =>
      saying(payload, people.releaseEmployee({ params: { ...params, employee }, payload })),
    erase: (employees, signature) =>
      saying(signature, people.eraseEmployees({ params, payload: { ...signature, employees } })),
    erasures: told(people.listErasures({ params })),
    syncPerson: (employee) => told(people.syncEmployee({ params: { ...params, employee } }))
  }
  return operator
})

const theOnly = Effect.fnUntraced(function* (url: URL, all: ReadonlyArray<{ readonly organization: string }>) {
  const [first, ...others] = all
  if (first !== undefined && others.length === 0) return first.organization
  const names = all.map(({ organization }) => organization).join(", ")
  return yield* new InputInvalid({
    place: url.origin,
    problem:
      first === undefined ? "The token reaches no organization there." : "The service has several organizations.",
    remedy: first === undefined ? "Ask for a token of the organization." : `Choose one with --organization: ${names}.`
  })
})

/** The service's own words, where it said any. */
const refusal = (url: URL, error: unknown): ServiceRefused | InputInvalid => {
  if (Schema.is(ProblemBody)(error)) {
    const { detail, exitCode, kind, place, remedy, status } = error
    return new ServiceRefused({
      kind: kind ?? titleOf(status),
      place: place ?? url.origin,
      problem: detail,
      remedy: remedy ?? remedyOf(status),
      exitCode: exitCode ?? (status < 500 ? 2 : 3)
    })
  }
  if (Schema.isSchemaError(error)) {
    return new InputInvalid({
      place: url.origin,
      problem: `Rollcall here and there do not understand each other: ${error.message}`,
      remedy: "Compare their versions (`rollcall --version`), and what was given to the command."
    })
  }
  const status = HttpClientError.isHttpClientError(error) ? error.response?.status : undefined
  return new ServiceRefused({
    kind: "ServiceUnreachable",
    place: url.origin,
    problem:
      status === undefined
        ? "Nothing answers there."
        : `What answers there (${status}) is no Rollcall of this version.`,
    remedy: "Look whether `rollcall serve` runs there, and at its address; without --server the database is opened.",
    exitCode: 2
  })
}

const titleOf = (status: number): string =>
  status === 401 ? "TokenRefused" : status === 403 ? "RoleTooSmall" : status === 404 ? "Unknown" : "ServiceTrouble"

const remedyOf = (status: number): string => {
  if (status === 401) return "Set ROLLCALL_TOKEN to a token that is valid, or ROLLCALL_ROOT_KEY to the service's own."
  if (status === 403) return "Take a token of an ORG_ADMIN of the organization."
  if (status === 404) return "Look at the name given with --organization."
  return status < 500 ? "Correct what is named." : "Look at the service's log; try again."
}
