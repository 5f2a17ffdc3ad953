import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import { Employees } from "@rollcall/core/contract/Employees"
import { EventLog } from "@rollcall/core/contract/EventLog"
import { Organizations } from "@rollcall/core/contract/Organizations"
import { employeeStream, organizationUuid } from "@rollcall/core/domain/Employee"
import { type Explanation, explanationCodes } from "@rollcall/core/sync/Explanation"
import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import { demoCredentials } from "@rollcall/sandbox/TogetherSettings"
import { csv } from "@rollcall/source-csv"
import { Effect, Layer } from "effect"

import { services } from "../src/commands/Frame.ts"
import { read } from "../src/ConfigurationFile.ts"
import { localOperator } from "../src/operations/LocalOperator.ts"
import type { Operator } from "../src/operations/Operator.ts"
import { stores } from "../src/Stores.ts"
import { syncRun } from "../src/SyncRun.ts"
import { folder, people, rollcall, writeSite } from "./Command.ts"
import { columns, platform, silent } from "./InProcess.ts"

const beside = { concurrent: true, timeout: 120_000 }

interface Row {
  readonly id: string
  readonly title?: string
  readonly boss?: string
  readonly mail?: string
  readonly status?: string
  /** The day from which the row holds. */
  readonly from?: string
}

const fileOf = (rows: ReadonlyArray<Row>): string =>
  [
    "id,first,last,mail,status,title,boss,from",
    ...rows.map(({ boss = "", from = "2020-01-01", id, mail = `${id}@example.com`, status = "A", title = "Clerk" }) =>
      [id, "First", "Last", mail, status, title, boss, from].join(",")
    )
  ].join("\n") + "\n"

const rules = {
  scope: { exclude: [{ title: "Guest" }] },
  guard: { leavers: { count: 1, percent: 0 } },
  refresh: "never"
} as const

/** One log that stays open: the file is read and sent when a test says so, and an operator is asked. */
const prepared = Effect.fnUntraced(function* (server: TogetherSandbox) {
  const here = yield* folder
  mkdirSync(here, { recursive: true })
  const settings = {
    sources: { hr: csv({ file: "people.csv", columns, effectiveOn: "from" }) },
    together: { baseUrl: server.url, ...demoCredentials, patienceMinutes: 0 },
    ...rules
  }
  const { organizations } = yield* read(join(here, "rollcall.config.ts"), settings, {})
  const organization = organizations[0]!
  const stored = stores({ data: join(here, "data"), organizations }, {})
  const context = yield* Layer.build(Layer.merge(services(organization, stored), platform))
  const syncing = { organization, folder: here, watch: silent }
  const operator = yield* localOperator(organization, syncing).pipe(Effect.provideContext(context))
  const sync = (rows: ReadonlyArray<Row>, mode: "send" | "record" = "send") =>
    Effect.suspend(() => {
      writeFileSync(join(here, "people.csv"), fileOf(rows))
      return Effect.scoped(syncRun({ ...syncing, mode }))
    }).pipe(Effect.provideContext(context))
  return { context, operator, organization, sync }
})

/** An employee of the Directory API without a number, and somebody who was forgotten. */
const besides = Effect.fnUntraced(function* ({ context, organization }: Effect.Success<ReturnType<typeof prepared>>) {
  const { id } = organization
  return yield* Effect.gen(function* () {
    const log = yield* EventLog
    yield* (yield* Organizations).register(id, organization.apps(yield* log.salt(id)))
    const details = { name: "Annie Easley", email: "ae@example.com" }
    const made = yield* (yield* Employees).create("account:a", organizationUuid(id), details)
    const event = { type: "EmployeeErased", by: "Ann", reason: "a test" } as const
    const stream = employeeStream(id, "erased")
    const entry = { stream, event, actor: "operator:Ann", effectiveOn: null, causation: null }
    yield* log.append(id, { appendKey: globalThis.crypto.randomUUID(), events: [entry] })
    return made.id
  }).pipe(Effect.provideContext(context))
})

const reasonOf = (operator: Operator, id: string) => Effect.map(operator.why(id), ({ reasons }) => reasons[0]!)

const before: ReadonlyArray<Row> = [
  ...["settled", "mover1", "mover2", "mover3", "absent", "conflicted", "gone", "stale"].map((id) => ({ id })),
  { id: "leaver1" },
  { id: "leaver2" },
  { id: "report" },
  { id: "guest", title: "Guest" },
  { id: "visitor", title: "Guest" }
]

const leftOut = ["absent", "visitor"]

/** One person for each reason, and three who move. */
const after: ReadonlyArray<Row> = [
  ...before
    .filter(({ id }) => !leftOut.includes(id))
    .map((row): Row => {
      if (row.id.startsWith("leaver")) return { ...row, status: "T" }
      if (row.id === "conflicted" || row.id === "gone") return { ...row, title: "Cook" }
      if (row.id === "stale") return { ...row, from: "31/31/2026" }
      return row.id === "report" ? { ...row, boss: "guest" } : row
    }),
  { id: "spoilt", from: "31/31/2026" },
  { id: "ahead", from: "2999-01-01" },
  { id: "incomplete", mail: "" },
  { id: "rejected", mail: "rejected@nowhere" }
]

const moved = after.map((row) => (row.id.startsWith("mover") ? { ...row, title: "Cook" } : row))

type Some<E> = E extends Explanation ? Partial<E> & Pick<E, "code"> : never

type Told = Some<Explanation>

/** The first gate of each, with what is told of it. */
const expected: Readonly<Record<string, Told>> = {
  settled: { code: "up-to-date" },
  visitor: { code: "not-in-any-source" },
  spoilt: { code: "row-rejected" },
  stale: { code: "row-rejected" },
  ahead: { code: "waits-for-date", from: "2999-01-01" },
  absent: { code: "absent" },
  guest: { code: "out-of-scope", rule: "scope.exclude[0]" },
  incomplete: { code: "required-missing", fields: ["email"] },
  leaver1: { code: "held", kind: "leavers", people: 2, limit: 1 },
  leaver2: { code: "held", kind: "leavers", people: 2, limit: 1 },
  report: { code: "waits-for-manager", managerId: "guest" },
  conflicted: { code: "conflicted", status: 409 },
  gone: { code: "gone", status: 410 },
  rejected: { code: "rejected", status: 400 },
  erased: { code: "erased" }
}

describe("rollcall why", () => {
  it.live(
    "is right for one prepared person per reason of the closed list",
    () =>
      Effect.gen(function* () {
        const server = yield* TogetherSandbox.start()
        const site = yield* prepared(server)
        const { operator, sync } = site
        const seen = new Set<string>()
        const codeOf = Effect.fnUntraced(function* (id: string) {
          const { code, reason } = yield* reasonOf(operator, id)
          seen.add(code)
          assert.strictEqual(reason?.code ?? code, code)
          return code
        })
        const directoryId = yield* besides(site)
        yield* sync(before)
        yield* server.mark("conflicted", "conflicted")
        yield* server.mark("gone", "gone")
        yield* sync(after)

        for (const [id, told] of Object.entries(expected)) {
          assert.strictEqual(yield* codeOf(id), told.code, id)
          assert.deepInclude((yield* reasonOf(operator, id)).reason, told, id)
        }
        assert.strictEqual(yield* codeOf(directoryId), "no-key")
        const stale = yield* reasonOf(operator, "stale")
        assert.deepInclude(stale.rejections?.[0], { source: "hr", locator: "people.csv:8", reason: "date-ambiguous" })
        assert.match(stale.why, /refused at people.csv:8: /)
        assert.match((yield* reasonOf(operator, "rejected")).why, /email must be an e-mail address/)
        assert.match((yield* reasonOf(operator, "gone")).remedy, /support/)

        yield* sync(moved, "record")
        const { operations } = yield* operator.plan(100)
        for (const [i, { employeeId }] of operations.entries()) {
          assert.strictEqual(yield* codeOf(employeeId), "queued")
          const { reason, why } = yield* reasonOf(operator, employeeId)
          assert.deepInclude(reason, { place: i + 1, of: 3, request: 1 })
          assert.match(why, /^queued \(send title\): person \d of 3, in request 1, at /)
        }
        assert.strictEqual(operations.length, 3)

        yield* operator.pause({ by: "Ann", reason: "a look" })
        assert.strictEqual(yield* codeOf("mover1"), "paused")
        assert.strictEqual(yield* codeOf("settled"), "up-to-date")
        assert.deepInclude((yield* reasonOf(operator, "mover1")).reason, { by: "Ann", because: "a look" })
        yield* operator.resume({ by: "Ann", reason: "seen" })

        yield* server.inject({ fault: { kind: "status", status: 401 }, times: 9 })
        assert.strictEqual((yield* Effect.flip(sync(moved)))._tag, "SinkError")
        assert.strictEqual(yield* codeOf("mover1"), "circuit-open")
        assert.strictEqual(yield* codeOf("leaver1"), "held", "nothing of them would be sent anyway")
        assert.sameMembers([...seen], [...explanationCodes])

        const listed = new Map(
          (yield* operator.why(undefined)).reasons.map(({ code, employeeId }) => [employeeId, code])
        )
        for (const id of ["spoilt", "report", "leaver2", "gone", "guest"]) {
          assert.strictEqual(listed.get(id), expected[id]?.code)
        }
      }).pipe(Effect.scoped),
    beside
  )

  it.live(
    "follows a value from its line to Together's answer, and back, in processes of their own",
    () =>
      Effect.gen(function* () {
        const here = yield* folder
        const server = yield* TogetherSandbox.start()
        writeSite(here, { baseUrl: server.url })
        const json = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
          const ended = yield* rollcall(here, [...args, "--json"])
          assert.strictEqual(ended.code, 0, ended.stdout)
          // oxlint-disable-next-line typescript/no-explicit-any
          return ended.json as any
        })
        yield* json("sync")
        writeFileSync(join(here, "people.csv"), people.replace("Engineer", "Rear Admiral"))
        yield* json("sync", "--no-send")

        const [{ code, value }] = (yield* json("why", "0002", "--field", "title")).reasons
        assert.strictEqual(code, "queued")
        const said = { source: "hr", value: "Rear Admiral", locator: "people.csv:3", standing: "believed" }
        assert.deepInclude(value.words[0], said)
        assert.deepInclude(value, { sent: "Rear Admiral", settled: false, treatment: "as-is" })
        assert.deepInclude(value.together, { value: "Engineer", type: "UserCreated", status: 201 })
        const { timeline } = yield* json("employee", "0002")
        const [appeared, created, changed] = timeline
        const carried = { field: "title", fate: "sent", position: created.position, request: value.together.request }
        assert.deepInclude(
          appeared.went.find(({ field }: { readonly field: string }) => field === "title"),
          { ...carried, type: "UserCreated", status: 201 }
        )
        assert.deepStrictEqual(changed.went, [{ field: "title", fate: "not-sent" }])
        assert.deepInclude(created.request, { id: value.together.request })
        assert.deepInclude(created.came, {
          field: "title",
          from: "source",
          position: appeared.position,
          source: "hr",
          locator: "people.csv:3"
        })

        const wrong = yield* rollcall(here, ["why", "0002", "--field", "tytle"])
        assert.strictEqual(wrong.code, 2)
        assert.match(wrong.stderr, /no field "tytle"[^]*Did you mean title\?/)
      }).pipe(Effect.scoped),
    beside
  )
})
