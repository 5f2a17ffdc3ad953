/**
 * The judges are shown wrong answers, because a judge who sees nothing passes everything: Prism each operation's, spoilt in
 * each way; Redocly one of each kind of answer.
 */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"

import { type Spoil, repeating, spoiling, spoils } from "./Breach.ts"
import { type Exchange, makeDriver, send } from "./Driver.ts"
import { prismBefore, respect } from "./Judges.ts"
import { operations } from "./Seed003.ts"
import { type Site, serveSite } from "./Site.ts"
import { inputsFor, tell } from "./Story.ts"

/** Of each operation the answer that says most. */
const longest = (exchanges: ReadonlyArray<Exchange>): ReadonlyArray<Exchange> =>
  Object.values(Object.groupBy(exchanges, ({ operation }) => operation)).flatMap(
    (same) => same?.toSorted((one, other) => other.text.length - one.text.length)[0] ?? []
  )

/** All members of a profile may be missing, and an answer without content has none. */
const spoilsOf = ({ operation, text }: Exchange): ReadonlyArray<readonly [string, Spoil]> =>
  Object.entries(spoils).filter(
    ([name]) => name === "saysOtherwise" || (text !== "" && !(name === "losesItsKey" && operation.endsWith("Profile")))
  )

/** Refusals that are no problem details as docs/directory.md has them. */
const poorProblems = [
  '{"type":"about:blank","status":404,"detail":"It has no title."}',
  '{"type":"about:blank","title":"Not found","status":"404","detail":"Its status is a text."}',
  '{"type":"about:blank","title":"Not found","status":404,"detail":"Poor errors.","errors":[{"name":"id"}]}'
]

const breaches: ReadonlyArray<readonly [string, keyof typeof spoils]> = [
  ["getOrganization", "losesItsKey"],
  ["createOrganizationKey", "misspells"],
  ["updateOrganizationProfile", "mistypes"],
  ["listAccounts", "losesItsKey"],
  ["listManagers", "misspells"],
  ["getGroup", "mistypes"],
  ["createGroup", "saysOtherwise"],
  ["getEntityGroups", "losesItsKey"],
  ["removeEntityFromGroup", "saysOtherwise"]
]

/** One server for both. */
class Served extends Context.Service<Served, Site>()("test/Served") {}

layer(Layer.effect(Served, serveSite()), { excludeTestServices: true, timeout: "90 seconds" })("the judges", (it) => {
  it.effect(
    "Prism sees each operation's answer spoilt, a refusal that is no problem, and a status that is not described",
    () =>
      Effect.gen(function* () {
        const site = yield* Served
        const driver = makeDriver(site.url)
        yield* Effect.promise(() => tell(driver, site, "Recorded"))
        const recorded = longest(driver.exchanges)
        assert.strictEqual(recorded.length, operations.length)
        const { url, next } = yield* repeating
        const gate = yield* prismBefore(url, "strict")
        yield* Effect.promise(async () => {
          for (const exchange of recorded) {
            const { operation, question, status } = exchange
            next(exchange)
            const clean = await send(gate, operation, question)
            assert.strictEqual(clean.status, status, `${operation} as it was: ${clean.text}`)
            for (const [how, spoil] of spoilsOf(exchange)) {
              next(spoil(exchange))
              const { status } = await send(gate, operation, question)
              assert.strictEqual(status, 500, `Prism does not see that ${operation} ${how}`)
            }
          }
          const anything = { token: "any", path: { id: "any" } }
          for (const text of poorProblems) {
            next({ status: 404, type: "application/problem+json", text })
            const { status } = await send(gate, "getGroup", anything)
            assert.strictEqual(status, 500, `Prism does not see that this is no problem: ${text}`)
          }
          next({ status: 418, type: "application/problem+json", text: "{}" })
          assert.isNotNull((await send(gate, "getGroup", anything)).violations)
        })
      }).pipe(Effect.scoped),
    { timeout: 90_000 }
  )

  it.effect.each(breaches)("Redocly sees it, and no fault elsewhere, when %s %s", ([operation, how]) =>
    Effect.gen(function* () {
      const site = yield* Served
      const wrong = yield* spoiling(site.url, operation, spoils[how])
      const inputs = yield* Effect.promise(() => inputsFor(site, `Told wrong: ${operation}`))
      const { code, steps, said } = yield* respect(wrong, inputs)
      const caught = steps.filter(({ faults }) => faults.length > 0).map(({ operation }) => operation)
      assert.deepStrictEqual(caught, [operation], said)
      assert.notStrictEqual(code, 0)
    }).pipe(Effect.scoped)
  )
})
