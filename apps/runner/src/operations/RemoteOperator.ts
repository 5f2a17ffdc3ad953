/**
 * Asks a running service through its operations API: the same questions and answers as over the log itself.
 *
 * Needs no configuration and no database. What the service says is wrong is told in its own words, with the exit code
 * that the command would have had without it.
 */
import { mint } from "@rollcall/directory-api/Token"
import { Duration, Effect, Option, Redacted, Result, Schema } from "effect"
import { HttpClient, HttpClientError, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"

import { InputInvalid, ServiceRefused } from "../Failure.ts"
import { rootKeyIn } from "../RootKeyVariable.ts"
import type { Environment } from "../Secrets.ts"
import { OperationsApi } from "./OperationsApi.ts"
import { ProblemBody } from "./OperationsProblem.ts"
import type { Operator } from "./Operator.ts"
import { signed } from "./Signature.ts"

export interface Server {
  readonly url: URL
  readonly token: Redacted.Redacted
}

interface ServerInput {
  readonly server: Option.Option<string>
  readonly token: Option.Option<string>
}

/** The running service that is meant; undefined: none, and the database is opened. */
export const serverOf = Effect.fnUntraced(function* ({ server, token }: ServerInput, environment: Environment) {
  const written = Option.getOrUndefined(server) ?? environment["ROLLCALL_SERVER"]
  if (written === undefined || written === "") return undefined
  const url = yield* Result.try(() => new URL(written)).pipe(
    Effect.fromResult,
    Effect.mapError(() => notAnAddress(written))
  )
  if (!/^https?:$/u.test(url.protocol)) return yield* notAnAddress(written)
  const given = Option.getOrUndefined(token) ?? environment["ROLLCALL_TOKEN"]
  const found: Server = {
    url,
    token: Redacted.make(given === undefined || given === "" ? yield* minted(environment) : given)
  }
  return found
})

const notAnAddress = (place: string) =>
  new InputInvalid({
    place,
    problem: "This is no address of a service.",
    remedy: "Say --server http://HOST:PORT, as `rollcall serve` announces it."
  })

/** Long enough for one question. */
const lifetime = Duration.minutes(5)

const minted = Effect.fnUntraced(function* (environment: Environment) {
  const rootKey = yield* rootKeyIn(environment).pipe(Effect.mapError(() => noToken))
  return yield* mint(rootKey, { key: null, role: "SUPER_ADMIN", lifetime })
})

const noToken = new InputInvalid({
  place: "--token",
  problem: "There is no token for the service, and no root key to make one with.",
  remedy: "Set ROLLCALL_TOKEN to a token of an ORG_ADMIN (`rollcall token` makes one), or ROLLCALL_ROOT_KEY."
})

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
