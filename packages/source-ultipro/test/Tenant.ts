/**
 * A tenant that answers at once and in this process, and the source `ultipro` opened on it.
 *
 * Used by every test of this package that does not need a real server; what takes minutes runs under TestClock. Credentials
 * and what must not be known of people hold a canary: it must turn up in nothing that can be read.
 */
import { inspect } from "node:util"

import { assert } from "@effect/vitest"
import { type Source, type SourceError, SourceError as SourceErrorClass } from "@rollcall/core/contract/Source"
import type { FieldName } from "@rollcall/core/domain/Field"
import {
  Cause,
  Clock,
  DateTime,
  Effect,
  Exit,
  Fiber,
  FileSystem,
  Layer,
  Option,
  Path,
  Schema,
  type Scope,
  Stream
} from "effect"
import { HttpClient, HttpClientError, type HttpClientRequest, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"

import type { UltiProMessage } from "../src/UltiProPeople.ts"
import { ultipro, UltiProConfig } from "../src/UltiProSource.ts"

export const canary = "canary-7c1e9a"

export type Encoded = (typeof UltiProConfig)["Encoded"]

export const given: Encoded = {
  rootUrl: "https://service4.ultipro.example",
  username: `TogetherIntegration-${canary}`,
  password: canary,
  customerApiKey: canary,
  userApiKey: canary
}

export const configOf = (more: Partial<Encoded> = {}): UltiProConfig =>
  Schema.decodeSync(UltiProConfig)({ ...given, ...more }, { onExcessProperty: "error" })

export type Json = Readonly<Record<string, unknown>>

/** A person as UltiPro lists them, with what nobody asked for. */
export const person = (n: number, more: Json = {}): Json => ({
  employeeId: `EMP${n}`,
  companyId: "HOME1",
  firstName: `First${n}`,
  middleName: null,
  lastName: `Last${n}`,
  preferredName: "",
  emailAddress: `Person${n}@Example.com `,
  emailAddressAlternate: null,
  dateOfBirth: "1990-02-28T00:00:00",
  gender: "F",
  addressLine1: `${canary} Street 1`,
  addressState: "TX",
  addressCountry: "USA",
  ssn: canary,
  nationalId: canary,
  homePhone: canary,
  ethnicity: canary,
  i9Verified: canary,
  ...more
})

/** An employment as UltiPro lists it. */
export const employment = (n: number, more: Json = {}): Json => ({
  employeeID: `EMP${n}`,
  companyID: "HOME1",
  companyCode: "ACME",
  companyName: "Acme Inc.",
  employeeNumber: "000012",
  employeeStatusCode: "A",
  employeeTypeCode: "REG",
  fullTimeOrPartTimeCode: "F",
  primaryJobCode: "ENG",
  jobTitle: null,
  jobDescription: "Engineer",
  orgLevel1Code: "EAST",
  orgLevel2Code: "SALES ",
  orgLevel3Code: "Z",
  orgLevel4Code: null,
  primaryWorkLocationCode: "HQ",
  supervisorID: null,
  originalHireDate: "2020-01-06T00:00:00",
  lastHireDate: "2020-01-06T00:00:00",
  dateOfTermination: null,
  dateOfSeniority: "2020-01-06T00:00:00",
  dateInJob: "2021-09-20T00:00:00.16",
  termReason: null,
  annualSalary: canary,
  workPhoneNumber: canary,
  ...more
})

export const orgLevels: ReadonlyArray<Json> = [
  { level: 1, levelDescription: "Region", code: "EAST", description: "East" },
  { level: 1, levelDescription: "Region", code: "SALES", description: "A region called sales" },
  { level: 2, levelDescription: "Department", code: "SALES", description: "Sales" }
]

export const jobs: ReadonlyArray<Json> = [{ jobCode: "ENG", title: "Engineer of jobs" }]

export const locations: ReadonlyArray<Json> = [
  {
    locationCode: "HQ",
    description: "Headquarters",
    addressLine1: "1 Main Street",
    addressLine2: " ",
    city: "Weston",
    state: "FL",
    zipOrPostalCode: "33326",
    countryCode: "USA"
  },
  { locationCode: "RMT", description: "Remote - US" }
]

export interface Lists {
  readonly "person-details": ReadonlyArray<unknown>
  readonly "employment-details": ReadonlyArray<unknown>
  readonly "org-levels": ReadonlyArray<unknown>
  readonly jobs: ReadonlyArray<unknown>
  readonly locations: ReadonlyArray<unknown>
}

/** A tenant with people 1 to `count`, each with one employment. */
export const tenant = (count: number, more: Partial<Lists> = {}): Lists => ({
  "person-details": Array.from({ length: count }, (_, i) => person(i + 1)),
  "employment-details": Array.from({ length: count }, (_, i) => employment(i + 1)),
  "org-levels": orgLevels,
  jobs,
  locations,
  ...more
})

/** An answer; one without a status is a connection that breaks. */
export interface Line {
  readonly status?: number
  readonly text?: string
  readonly rows?: ReadonlyArray<unknown>
  readonly headers?: Record<string, string>
  /** It comes after so many milliseconds. */
  readonly after?: number
}

export interface Asked {
  readonly at: number
  readonly request: HttpClientRequest.HttpClientRequest
  readonly url: URL
  readonly list: string
  readonly page: number
  readonly size: number
}

/** What a server does instead of answering a request as it should. */
export type Instead = (asked: Asked, before: ReadonlyArray<Asked>) => Line | undefined

export const silent: Instead = () => undefined

/** A server over some lists, without Link headers, unless it does something else instead. */
export const serve = (lists: Lists | (() => Lists), instead: Instead = silent) => {
  const asked: Array<Asked> = []
  let inFlight = 0
  let mostInFlight = 0
  const http = HttpClient.make((request, url) =>
    Effect.gen(function* () {
      const list = url.pathname.split("/").at(-1) ?? ""
      const page = Number(url.searchParams.get("page") ?? 1)
      const size = Number(url.searchParams.get("per_Page") ?? 10_000)
      const ask: Asked = { at: yield* Clock.currentTimeMillis, request, url, list, page, size }
      const line = instead(ask, [...asked]) ?? rowsOf(typeof lists === "function" ? lists() : lists, ask)
      asked.push(ask)
      mostInFlight = Math.max(mostInFlight, ++inFlight)
      yield* Effect.ensuring(
        Effect.sleep(line.after ?? 0),
        Effect.sync(() => inFlight--)
      )
      if (line.status === undefined && line.text === undefined && line.rows === undefined) {
        const cause = Object.assign(new Error(`socket hang up ${canary}`), { code: "ECONNRESET", headers: { canary } })
        return yield* new HttpClientError.HttpClientError({
          reason: new HttpClientError.TransportError({ request, cause })
        })
      }
      const init = { status: line.status ?? 200, ...(line.headers === undefined ? {} : { headers: line.headers }) }
      const response = HttpClientResponse.fromWeb(request, new Response(null, init))
      // A body that is there at once: TestClock does not wait for promises.
      const text = line.text ?? JSON.stringify(line.rows ?? [])
      return Object.defineProperty(response, "text", { value: Effect.succeed(text) })
    })
  )
  return { asked, http: Layer.succeed(HttpClient.HttpClient, http), mostInFlight: () => mostInFlight }
}

const rowsOf = (lists: Lists, { list, page, size, url }: Asked): Line => {
  const id = url.searchParams.get("employeeId")
  const all = (lists as unknown as Record<string, ReadonlyArray<unknown>>)[list]
  if (all === undefined) return { status: 404 }
  const rows = id === null ? all : all.filter((row) => Object.values(row as Json).includes(id))
  return { rows: list.endsWith("-details") ? rows.slice((page - 1) * size, page * size) : rows }
}

/** What a snapshot said, and how it broke off. */
export interface Said {
  readonly messages: ReadonlyArray<UltiProMessage>
  readonly exit: Exit.Exit<void, SourceError>
  readonly failure: SourceError["reason"] | undefined
}

export const openOn = (
  http: Layer.Layer<HttpClient.HttpClient>,
  more: Partial<Encoded> = {}
): Effect.Effect<Source<never>, SourceError, Scope.Scope> =>
  ultipro.plugin
    .open(configOf(more), { name: "hr", folder: "." })
    .pipe(Effect.provide(Layer.mergeAll(http, FileSystem.layerNoop({}), Path.layer)))

/** Runs it to its end, however many hours that takes. */
export const inTheEnd = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(effect)
  yield* TestClock.adjust("1 day")
  return yield* Fiber.await(fiber)
})

/** The first day of every test, unless it says another. */
export const today = "2026-01-05"

export const saidBy = Effect.fnUntraced(function* (source: Source<never>) {
  const messages: Array<UltiProMessage> = []
  const exit = yield* source.snapshot(Option.none()).pipe(
    Stream.runForEach((message) => Effect.sync(() => messages.push(message))),
    Effect.exit
  )
  const error = Exit.isFailure(exit) ? Option.getOrUndefined(Exit.findErrorOption(exit)) : undefined
  const said: Said = { messages, exit, failure: error instanceof SourceErrorClass ? error.reason : undefined }
  return said
})

/** Everything that a snapshot of this server says on `today`. */
export const read = Effect.fnUntraced(function* (
  server: { readonly http: Layer.Layer<HttpClient.HttpClient> },
  more: Partial<Encoded> = {}
) {
  yield* TestClock.setTime(DateTime.toEpochMillis(DateTime.makeUnsafe(`${today}T09:00:00Z`)))
  const source = yield* Effect.orDie(openOn(server.http, more))
  return yield* yield* inTheEnd(saidBy(source))
}, Effect.scoped)

/** The same of a tenant that serves everything as it should. */
export const readTenant = (lists: Lists, more: Partial<Encoded> = {}) => read(serve(lists), more)

/** Messages in few words: `Record EMP1`, `Rejected EMP2 email`, `Complete 2`. */
export const inShort = ({ failure, messages }: Said): ReadonlyArray<string> => [
  ...messages.map((message) => {
    switch (message._tag) {
      case "Record":
        return `Record ${message.key}${message.effectiveOn === undefined ? "" : ` from ${message.effectiveOn}`}`
      case "Rejected":
        return `Rejected ${message.key ?? "nobody"}${message.field === undefined ? "" : ` ${message.field}`} ${message.reason}`
      case "Expected":
        return `Expected ${message.count}`
      case "Complete":
        return `Complete ${message.total}`
      default:
        return message._tag
    }
  }),
  ...(failure === undefined ? [] : [failure._tag])
]

export const records = ({ messages }: Said) =>
  messages.flatMap((message) => (message._tag === "Record" ? [message] : []))

export const rejections = ({ messages }: Said) =>
  messages.flatMap((message) => (message._tag === "Rejected" ? [message] : []))

export const notices = ({ messages }: Said): ReadonlyArray<string> =>
  messages.flatMap((message) => (message._tag === "Noticed" ? [message.message] : []))

export const isComplete = ({ messages }: Said): boolean => messages.some(({ _tag }) => _tag === "Complete")

/** The first record's value of a field. */
export const valueOf = (said: Said, field: FieldName) => records(said)[0]?.fields[field]

/** Every form in which a failure may be printed, logged or stored. */
export const everyForm = (exit: Exit.Exit<unknown, unknown>): string => {
  if (Exit.isSuccess(exit)) return assert.fail("it succeeded")
  const errors = exit.cause.reasons.map((reason) =>
    reason._tag === "Fail" ? reason.error : reason._tag === "Die" ? reason.defect : undefined
  )
  const forms = errors.flatMap((error) => [
    String(error),
    JSON.stringify(error),
    inspect(error, { depth: 20, showHidden: true }),
    error instanceof Error ? `${error.message} ${error.stack}` : ""
  ])
  return [...forms, Cause.pretty(exit.cause), String(exit.cause), JSON.stringify(exit), inspect(exit)].join("\n")
}

/** Nothing of it can be read, and there is something to read. */
export const keepsSecrets = (exit: Exit.Exit<unknown, unknown>): void => {
  const forms = everyForm(exit)
  assert.isAbove(forms.length, 50)
  assert.notInclude(forms, canary)
  assert.notInclude(forms, Buffer.from(`TogetherIntegration-${canary}:${canary}`).toString("base64"))
}
