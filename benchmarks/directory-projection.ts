/**
 * What the Directory's tables cost an append: people appended a thousand at a time, into an organization that nobody
 * registered and into one that is; one field of everybody changed; single changes; and the tables made anew.
 *
 * `npx node benchmarks/directory-projection.ts [PEOPLE]` (default 50000). On the PostgreSQL of TEST_DATABASE_URL, or one
 * that is started for it.
 */
import { randomUUID } from "node:crypto"

import { EventLog } from "@rollcall/core/contract/EventLog"
import { Organizations } from "@rollcall/core/contract/Organizations"
import { employeeStream } from "@rollcall/core/domain/Employee"
import type { NewEvent } from "@rollcall/core/domain/Event"
import type { Fields } from "@rollcall/core/domain/Field"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { type Policy, defaultGuard } from "@rollcall/core/domain/Policy"
import { Database } from "@rollcall/directory-store/Database"
import { layer as store } from "@rollcall/directory-store/DirectoryStore"
import { DirectoryPolicies } from "@rollcall/directory-store/Projector"
import { Upkeep } from "@rollcall/directory-store/Upkeep"
import { freshDatabase, startPostgres } from "@rollcall/testkit/PostgresForTests"
import { Effect, Layer, Redacted } from "effect"

const people = Number(process.argv[2] ?? 50_000)
const atOnce = 1000

const policy: Policy = {
  precedence: ["hr", "directory"],
  absence: { policy: "report" },
  scope: {},
  mapping: {},
  programs: [],
  drift: "repair",
  refresh: "daily",
  guard: defaultGuard,
  timezone: "UTC"
}

const of = (
  log: OrganizationId,
  n: number,
  type: "EmployeeAppeared" | "EmployeeChanged",
  fields: Fields
): NewEvent => ({
  stream: employeeStream(log, String(n)),
  actor: "source:hr",
  effectiveOn: null,
  causation: null,
  event: { type, source: "hr", run: "r", day: "2026-01-02", employeeId: String(n), locator: "hr.csv:2", fields }
})

const appears = (log: OrganizationId, n: number) =>
  of(log, n, "EmployeeAppeared", {
    firstName: `First${n % 997}`,
    lastName: `Last${n % 1009}`,
    email: `p${n}@example.com`,
    status: "active",
    title: "Clerk",
    departmentId: `D${n % 16}`,
    departmentName: `Department ${n % 16}`,
    officeId: `O${n % 40}`,
    supervisorId: n === 0 ? null : String(Math.floor((n - 1) / 8)),
    originalHireDate: "2020-01-15",
    employeeTypeCode: "REG"
  })

const seconds = Effect.fnUntraced(function* <A, E, R>(what: string, body: Effect.Effect<A, E, R>) {
  const began = performance.now()
  const result = yield* body
  console.log(`${what.padEnd(52)} ${((performance.now() - began) / 1000).toFixed(2).padStart(8)} s`)
  return result
})

const bulk = Effect.fnUntraced(function* (log: OrganizationId, event: (n: number) => NewEvent) {
  const eventLog = yield* EventLog
  for (let n = 0; n < people; n += atOnce) {
    const events = Array.from({ length: Math.min(atOnce, people - n) }, (_, i) => event(n + i))
    yield* eventLog.append(log, { appendKey: randomUUID(), events })
  }
})

const measure = Effect.gen(function* () {
  const [organizations, upkeep] = [yield* Organizations, yield* Upkeep]
  const [plain, registered] = [OrganizationId.make("plain"), OrganizationId.make("registered")]
  yield* organizations.register(registered, [])
  for (const log of [plain, registered]) {
    yield* seconds(
      `${log}: ${people} people appear`,
      bulk(log, (n) => appears(log, n))
    )
    yield* seconds(
      `${log}: the title of all changes`,
      bulk(log, (n) => of(log, n, "EmployeeChanged", { title: "Head" }))
    )
    const single = Effect.forEach(
      Array.from({ length: 200 }, (_, i) => i),
      (i) =>
        Effect.flatMap(EventLog, (eventLog) =>
          eventLog.append(log, {
            appendKey: randomUUID(),
            events: [of(log, i * 7, "EmployeeChanged", { title: `T${i}` })]
          })
        )
    )
    yield* seconds(`${log}: 200 single changes`, single)
  }
  yield* seconds("the plain one is registered", organizations.register(plain, []))
  yield* seconds("all tables made anew and compared", upkeep.rebuild("check"))
})

const main = Effect.gen(function* () {
  const server = yield* Effect.acquireRelease(Effect.promise(startPostgres), ({ stop }) => Effect.promise(stop))
  console.log(`PostgreSQL: ${server.chosen}`)
  const url = yield* freshDatabase(server.url, "projection")
  const layer = store.pipe(
    Layer.provide(Layer.succeed(DirectoryPolicies, () => policy)),
    Layer.provide(Database.layerPostgres(Redacted.make(url)))
  )
  yield* Effect.provide(measure, layer)
})

await Effect.runPromise(Effect.scoped(main))
