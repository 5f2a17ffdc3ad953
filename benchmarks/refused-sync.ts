/**
 * A whole sync of 1,000 changed people of whom Together has five changed for good (409) and five deleted (410): every
 * refusal must become an event of the right person, and nobody else may lack anything; requests beside their bound.
 *
 * `npx node benchmarks/refused-sync.ts` (some three minutes: 1 request a second). Ends with exit code 1 when anything is
 * not as it must be.
 */
import { searchBound } from "@rollcall/core/sync/Budget"
import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import { Console, Effect } from "effect"

import { rowOf, siteFolder, startRollcall, writeSite } from "./Site.ts"

const people = 1000

/** Spread over the roster, so that hardly two of them share an array. */
const marks = new Map(
  Array.from({ length: 10 }, (_, n) => [String(n * 97 + 13), n % 2 === 0 ? ("conflicted" as const) : ("gone" as const)])
)

const rollcall = (here: string, ...args: ReadonlyArray<string>) =>
  Effect.map(
    Effect.promise(() => startRollcall(here, args).ended),
    ({ json }) => json
  )

const rosterOf = (title: string) => Array.from({ length: people }, (_, n) => rowOf(n, title))

const measure = Effect.gen(function* () {
  const here = yield* siteFolder
  const server = yield* TogetherSandbox.start()
  writeSite(here, rosterOf("Clerk"), { baseUrl: server.url })
  yield* rollcall(here, "sync")
  for (const [key, mark] of marks) yield* server.mark(key, mark)
  const before = (yield* server.report).requests
  writeSite(here, rosterOf("Cook"), { baseUrl: server.url })
  const planned = (yield* rollcall(here, "sync", "--dry-run"))["plan"] as Record<string, number>
  yield* rollcall(here, "sync")
  const { requests, violations } = yield* server.report
  const letters = (yield* rollcall(here, "dead-letters"))["deadLetters"] as ReadonlyArray<Record<string, string>>
  const rightLetters = letters.filter(({ employeeId, kind }) => marks.get(employeeId ?? "") === kind).length
  const right = (yield* server.users).filter(
    ({ fields, mark }) => fields["title"] === (mark === null ? "Cook" : "Clerk")
  ).length
  const made = requests - before
  const bound = searchBound(people, marks.size)
  yield* Console.log(
    `${people} people, ${marks.size} refused, arrays of 100: ${made} requests, bound ${bound.toFixed(1)}, ratio ${(made / bound).toFixed(2)}\n` +
      `the plan said ${planned["requests"]} at least and ${planned["requestsAtMost"]} at most\n` +
      `dead letters on the right people: ${rightLetters} of ${marks.size}; users right: ${right} of ${people}; violations ${JSON.stringify(violations)}`
  )
  const good = made <= bound && letters.length === marks.size && rightLetters === marks.size && right === people
  return good && made <= (planned["requestsAtMost"] ?? 0) && violations.spacing + violations.concurrency === 0
})

const good = await Effect.runPromise(Effect.scoped(measure))
console.log(good ? "kept" : "NOT KEPT")
process.exitCode = good ? 0 : 1
