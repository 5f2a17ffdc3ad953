/**
 * The Directory API before two judges who know the customer's document and nothing of our server: Prism between a client
 * and `rollcall serve`, and Redocly as a client of its own. Each must see all 52 operations succeed, on both engines.
 */
import { assert, describe, inject, it } from "@effect/vitest"
import { freshDatabase } from "@rollcall/testkit/PostgresForTests"
import { Effect, type Scope } from "effect"

import { makeDriver } from "./Driver.ts"
import { hrsPeople } from "./HrStory.ts"
import { prismBefore, respect } from "./Judges.ts"
import { begin } from "./OrganizationStory.ts"
import { refusals, refusedAtTheDoor } from "./Refusals.ts"
import { operations } from "./Seed003.ts"
import { type Site, serveSite } from "./Site.ts"
import { inputsFor, tell } from "./Story.ts"

const all = operations.map(({ name }) => name)

/** Before Prism: the driver's whole story, what HR lists, and what is refused. The operations that were a success. */
const beforePrism = Effect.fnUntraced(function* (site: Site) {
  const gates = [prismBefore(site.url, "strict"), prismBefore(site.url, "lenient")] as const
  const [strict, lenient] = yield* Effect.all(gates, { concurrency: 2 })
  const driver = makeDriver(strict)
  yield* Effect.promise(async () => {
    const configured = await tell(driver, site, "Judged by Prism")
    await hrsPeople(driver, site.rootKey, configured)
    const wrong = makeDriver(lenient)
    const scene = await begin(wrong, site.rootKey, "Refused before Prism")
    await refusals(wrong, site.rootKey, scene)
    await refusedAtTheDoor(site.url, scene)
  })
  return [...new Set(driver.exchanges.map(({ operation }) => operation))]
})

/** Before Redocly: its own story, of which no step has a fault. The operations that were a success. */
const beforeRedocly = Effect.fnUntraced(function* (site: Site) {
  const inputs = yield* Effect.promise(() => inputsFor(site, "Told by Redocly"))
  const { code, said, steps } = yield* respect(site.url, inputs)
  const wrong = steps.filter(({ faults }) => faults.length > 0)
  assert.deepStrictEqual(wrong, [], said)
  assert.strictEqual(code, 0, said)
  return steps.map(({ operation }) => operation).filter((name) => all.includes(name))
})

/** What the server says of itself has the customer's paths and methods, and no others. */
const describesItself = async ({ url }: Site): Promise<void> => {
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  }
  const methods = new Set(["get", "post", "patch", "put", "delete"])
  const said = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((method) => methods.has(method))
      .map((method) => `${method.toUpperCase()} ${path}`)
  )
  assert.sameMembers(
    said,
    operations.map(({ method, path }) => `${method} ${path}`)
  )
}

type Database = Readonly<Record<string, string>>

const engines: ReadonlyArray<readonly [string, () => Effect.Effect<Database, never, Scope.Scope>]> = [
  ["PGlite", () => Effect.succeed({})],
  ["PostgreSQL", () => Effect.map(freshDatabase(inject("postgresUrl"), "judge"), (url) => ({ DATABASE_URL: url }))]
]

describe.each(engines)("the Directory API on %s", (_, database) => {
  it.live(
    "passes both judges with all 52 operations",
    () =>
      Effect.gen(function* () {
        const site = yield* serveSite(yield* database())
        assert.sameMembers(yield* beforePrism(site), all)
        assert.sameMembers([...new Set(yield* beforeRedocly(site))], all)
        yield* Effect.promise(() => describesItself(site))
      }).pipe(Effect.scoped),
    { timeout: 90_000 }
  )
})
