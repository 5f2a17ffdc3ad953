/**
 * The bare replay: every person of a log from the viewpoint of its head, on today's day; counted and thrown away.
 *
 * `node benchmarks/ReplayStep.ts URL ORGANIZATION`, a process of its own; ends with one line of JSON.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { defaultGuard } from "@rollcall/core/domain/Policy"
import { momentIn } from "@rollcall/core/sync/Moment"
import { replayEverybody } from "@rollcall/core/sync/Replaying"
import { Database } from "@rollcall/directory-store/Database"
import { layerNoMigrate } from "@rollcall/directory-store/EventLogStore"
import { Effect, Layer, Redacted, Stream } from "effect"

const [url = "", organization = ""] = process.argv.slice(2)

const policy = {
  precedence: ["hr", "directory"],
  absence: { policy: "report" },
  scope: {},
  mapping: {},
  programs: [],
  drift: "repair",
  refresh: "daily",
  guard: defaultGuard,
  timezone: "UTC"
} as const

const step = Effect.gen(function* () {
  const log = yield* EventLog
  const id = OrganizationId.make(organization)
  const known = yield* momentIn(policy.timezone)
  const { position } = yield* log.head(id)
  let [events, people, fields] = [0, 0, 0]
  yield* replayEverybody(id, { position, known, effectiveOn: known.day, policy }).pipe(
    Stream.runForEachArray((some) =>
      Effect.sync(() => {
        for (const replayed of some) {
          events += replayed.events
          people += 1
          fields += Object.keys(replayed.found?.fields ?? {}).length
        }
      })
    )
  )
  console.log(JSON.stringify({ events, people, fields }))
})

await Effect.runPromise(Effect.provide(step, Layer.provide(layerNoMigrate, Database.layerPostgres(Redacted.make(url)))))
