import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import type { EmployeeStatus, FieldName, Fields } from "@rollcall/core/domain/Field"
import { UltiProSandbox } from "@rollcall/sandbox/UltiProServer"
import { demoUltiPro, pagingModes, togetherScopes, type UltiProSandboxOptions } from "@rollcall/sandbox/UltiProSettings"
import type { TruePerson } from "@rollcall/sandbox/UltiProTruth"
import { DateTime, Effect, Fiber, Layer, Option } from "effect"
import { TestClock } from "effect/testing"

import {
  canary,
  type Encoded,
  everyForm,
  isComplete,
  openOn,
  records,
  rejections,
  type Said,
  saidBy,
  valueOf
} from "./Tenant.ts"

/** The source in front of a stand-in of its own, on the stand-in's day. */
const withSandbox = Effect.fnUntraced(function* (options: UltiProSandboxOptions = {}, more: Partial<Encoded> = {}) {
  const sandbox = yield* UltiProSandbox.start({ canary, ...options })
  const { customerApiKey, password, userApiKey, username } = options.credentials ?? demoUltiPro
  const http = Layer.succeedContext(yield* Layer.build(NodeHttpClient.layerUndici))
  const account = { rootUrl: sandbox.url, username, password, customerApiKey, userApiKey }
  const source = yield* openOn(http, { ...account, patienceMinutes: 0, ...more })
  const read = Effect.gen(function* () {
    const day = yield* sandbox.today
    yield* TestClock.setTime(DateTime.toEpochMillis(DateTime.makeUnsafe(`${day}T12:00:00Z`)))
    return yield* saidBy(source)
  })
  return { sandbox, source, read }
})

const statusOf: Readonly<Record<TruePerson["statusCode"], EmployeeStatus>> = {
  A: "active",
  O: "active",
  L: "leave",
  S: "leave",
  R: "leave",
  T: "terminated"
}

const same: ReadonlyArray<Exclude<FieldName & keyof TruePerson, "status" | "alternateEmails">> = [
  "firstName",
  "middleName",
  "lastName",
  "preferredName",
  "email",
  "supervisorId",
  "title",
  "departmentId",
  "departmentName",
  "officeId",
  "officeAddress",
  "addressState",
  "addressCountry",
  "employeeTypeCode",
  "fullTimeOrPartTimeCode",
  "gender",
  "dateOfBirth",
  "originalHireDate",
  "lastHireDate",
  "dateOfTermination",
  "dateOfSeniority",
  "dateInJob"
]

/** What a record of this person has to hold. */
const expected = (truth: TruePerson): Fields => ({
  ...Object.fromEntries(same.map((name) => [name, truth[name]])),
  status: statusOf[truth.statusCode],
  alternateEmails: truth.alternateEmails.length === 0 ? null : truth.alternateEmails
})

/** Everybody is said as they are, from the day on from which they are, and nobody else. */
const isTrue = (said: Said, truth: ReadonlyArray<TruePerson>, day: string): void => {
  assert.deepStrictEqual(rejections(said), [], day)
  assert.deepInclude(said.messages.at(-1), { _tag: "Complete", total: truth.length }, day)
  const last = new Map(records(said).map((record) => [record.key, record]))
  assert.strictEqual(last.size, truth.length, day)
  for (const person of truth) {
    const record = last.get(person.employeeId)
    assert.deepStrictEqual(record?.fields, expected(person), day)
    const from = person.status !== "terminated" && person.lastHireDate >= day ? person.lastHireDate : undefined
    assert.strictEqual(record?.effectiveOn, from, `${person.employeeId} on ${day}`)
  }
}

describe("UltiProSource in front of the stand-in", () => {
  it.effect(
    "says for thirty days of everybody what is true, field by field",
    () =>
      Effect.gen(function* () {
        const { read, sandbox } = yield* withSandbox({ population: 300, seed: 3 }, { departmentLevel: 2, pageSize: 90 })
        const seen = { transfers: 0, rehires: 0, leavers: 0, future: 0 }
        for (let n = 0; n < 30; n++) {
          const [day, truth] = [yield* sandbox.today, yield* sandbox.truth]
          isTrue(yield* read, truth, day)
          seen.future = Math.max(seen.future, truth.filter(({ status }) => status === "future").length)
          seen.leavers = truth.filter(({ status }) => status === "terminated").length
          seen.transfers = truth.filter(({ companies, status }) => companies > 1 && status !== "terminated").length
          seen.rehires = truth.filter((p) => p.lastHireDate > p.originalHireDate && p.status === "active").length
          yield* sandbox.advance()
        }
        for (const [what, count] of Object.entries(seen)) assert.isAbove(count, 0, what)
        const { byMethod, byStatus, largestInFlight, requests } = yield* sandbox.report
        assert.deepStrictEqual(byMethod, { GET: requests })
        assert.deepStrictEqual(byStatus, { 200: requests })
        assert.strictEqual(largestInFlight, 1)
      }).pipe(Effect.scoped),
    { timeout: 120_000 }
  )

  it.effect.each(pagingModes)("reads everybody or fails where the tenant pages as %s", (paging) =>
    Effect.gen(function* () {
      const options = { population: 60, paging, maxPerPage: 25 } as const
      const { read, sandbox } = yield* withSandbox(options, { departmentLevel: 2, pageSize: 20 })
      const said = yield* read
      if (paging === "ignores-page" || paging === "no-end") {
        assert.strictEqual(said.failure?._tag, "Malformed")
        assert.isFalse(isComplete(said))
      } else isTrue(said, yield* sandbox.truth, yield* sandbox.today)
    }).pipe(Effect.scoped)
  )

  it.effect("reads everybody where the server cuts pages short without a word", () =>
    Effect.gen(function* () {
      const options = { population: 120, paging: "clamp", maxPerPage: 25 } as const
      const { read, sandbox } = yield* withSandbox(options, { departmentLevel: 2, pageSize: 1000 })
      isTrue(yield* read, yield* sandbox.truth, yield* sandbox.today)
    }).pipe(Effect.scoped)
  )

  it.effect("understands jobs in either casing and a user API key that is asked for", () =>
    Effect.gen(function* () {
      const options = { population: 40, jobCodeField: "code", userApiKeyHeader: "x-api-key" } as const
      const { read, sandbox } = yield* withSandbox(options, { departmentLevel: 2, userApiKeyHeader: "X-Api-Key" })
      isTrue(yield* read, yield* sandbox.truth, yield* sandbox.today)
    }).pipe(Effect.scoped)
  )

  it.effect("finds the department by its name", () =>
    Effect.gen(function* () {
      const { read, source } = yield* withSandbox({ population: 40, departmentLevel: 3 })
      const said = yield* read
      assert.match(String(valueOf(said, "departmentId")), /^3:|^null$/)
      assert.match((yield* source.check).findings.join(), /Org level 3 \(".*epartment.*"\) is read as the department/i)
    }).pipe(Effect.scoped)
  )

  it.effect("looks up everybody as a snapshot says them", () =>
    Effect.gen(function* () {
      const { read, source } = yield* withSandbox({ population: 40, emptyList: "404" })
      const said = records(yield* read)
      const first = new Map(said.toReversed().map((record) => [record.key, record]))
      for (const [key, { effectiveOn, fields }] of first) {
        const found = Option.getOrThrow(yield* source.lookup?.(key) ?? Effect.succeedNone)
        assert.deepStrictEqual(found._tag === "Record" ? [found.fields, found.effectiveOn] : found, [
          fields,
          effectiveOn
        ])
      }
      assert.isTrue(Option.isNone(yield* source.lookup?.("NOBODY000000") ?? Effect.succeedNone))
    }).pipe(Effect.scoped)
  )
})

describe("UltiProSource in front of a stand-in in trouble", () => {
  it.effect.each([
    ["html", { kind: "html" }, "Malformed"],
    ["truncated", { kind: "truncated" }, "Truncated"],
    ["repeat-page", { kind: "repeat-page" }, "Malformed"],
    ["object", { kind: "object" }, "Malformed"],
    ["foreign-next", { kind: "foreign-next", origin: "https://elsewhere.example" }, "Malformed"],
    ["reset", { kind: "reset" }, "Unavailable"],
    ["404", { kind: "status", status: 404 }, "Truncated"],
    ["500", { kind: "status", status: 500 }, "Unavailable"],
    ["429", { kind: "status", status: 429, retryAfter: 60 }, "RateLimited"],
    ["401", { kind: "status", status: 401 }, "AuthRefused"],
    ["403", { kind: "status", status: 403 }, "PermissionMissing"]
  ] as const)("never says that this was everyone after %s in the middle", ([, fault, tag]) =>
    Effect.gen(function* () {
      for (const path of ["person-details", "employment-details"]) {
        const { read, sandbox } = yield* withSandbox({ population: 60 }, { pageSize: 20 })
        yield* sandbox.inject({ fault, path, page: 2 })
        const said = yield* read
        assert.strictEqual(said.failure?._tag, tag)
        assert.isFalse(isComplete(said))
        const forms = everyForm(said.exit)
        for (const secret of [canary, demoUltiPro.password, demoUltiPro.customerApiKey])
          assert.notInclude(forms, secret)
      }
    }).pipe(Effect.scoped)
  )

  it.effect("gets through troubles that pass", () =>
    Effect.gen(function* () {
      const { read, sandbox } = yield* withSandbox(
        { population: 60 },
        { pageSize: 20, departmentLevel: 2, patienceMinutes: 5 }
      )
      yield* sandbox.inject([
        { fault: { kind: "status", status: 500 }, path: "person-details", page: 2, times: 1 },
        { fault: { kind: "reset" }, path: "employment-details", page: 2 },
        { fault: { kind: "status", status: 429, retryAfter: 0 }, path: "jobs" }
      ])
      const fiber = yield* Effect.forkChild(read)
      // Real answers come in their own time, waits in the test's.
      while (fiber.pollUnsafe() === undefined) {
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        yield* TestClock.adjust("1 second")
      }
      const said = yield* Fiber.join(fiber)
      assert.isTrue(isComplete(said))
      assert.lengthOf(new Set(records(said).map(({ key }) => key)), (yield* sandbox.truth).length)
    }).pipe(Effect.scoped)
  )

  it.effect("names the permission that is missing", () =>
    Effect.gen(function* () {
      for (const scope of togetherScopes) {
        const { sandbox, source, read } = yield* withSandbox({ population: 20 })
        yield* sandbox.setScopes(togetherScopes.filter((other) => other !== scope))
        const { reason } = yield* Effect.flip(source.check)
        assert.deepInclude(reason, { _tag: "PermissionMissing", permission: scope })
        assert.deepInclude((yield* read).failure, { _tag: "PermissionMissing", permission: scope })
      }
    }).pipe(Effect.scoped)
  )

  it.effect("says whom to ask when the credentials were changed", () =>
    Effect.gen(function* () {
      const { read, sandbox, source } = yield* withSandbox({ population: 20 })
      yield* sandbox.setCredentials({ ...demoUltiPro, password: "another" })
      assert.strictEqual((yield* read).failure?._tag, "AuthRefused")
      assert.strictEqual((yield* Effect.flip(source.check)).reason._tag, "AuthRefused")
    }).pipe(Effect.scoped)
  )

  it.effect("reports nothing that nobody may know", () =>
    Effect.gen(function* () {
      const { read } = yield* withSandbox({ population: 200 })
      const said = yield* read
      assert.isTrue(isComplete(said))
      assert.notInclude(JSON.stringify(said.messages), canary)
    }).pipe(Effect.scoped)
  )
})
