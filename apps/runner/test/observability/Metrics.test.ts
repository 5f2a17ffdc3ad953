import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { folder } from "../Command.ts"
import { type Family, parse, valueOf } from "./Exposition.ts"
import { serving, until } from "./Serving.ts"
import { writePeople, writeSite } from "./Site.ts"
import { together } from "./Together.ts"

const person = (id: string, title?: string) => ({
  id,
  first: "Ada",
  last: `Byron ${id}`,
  mail: `${id}@example.com`,
  ...(title === undefined ? {} : { title })
})

const organization = "default"

describe("/metrics, /readyz and /healthz", () => {
  it.live(
    "tell what the service did, in the text format and without a token",
    () =>
      Effect.gen(function* () {
        const here = yield* folder
        const vendor = yield* together
        writeSite(here, vendor.url)
        writePeople(here, [person("1"), person("2"), person("3", "400"), person("4", "409")])
        const service = yield* serving(here)
        let families: ReadonlyMap<string, Family> = new Map()
        const scrape = Effect.gen(function* () {
          const { status, text, type } = yield* service.ask("/metrics")
          assert.strictEqual(status, 200)
          assert.match(type, /^text\/plain; version=0\.0\.4/u)
          families = parse(text)
        })
        const value = (name: string, labels = {}) => valueOf(families, name, labels)
        yield* Effect.repeat(Effect.andThen(Effect.sleep("300 millis"), scrape), {
          until: () => value("rollcall_dead_letters") === 2 && value("rollcall_sender_state", { state: "idle" }) === 1,
          times: 150
        })
        assert.strictEqual(value("rollcall_outcomes_total", { organization, outcome: "created", status: "201" }), 2)
        assert.strictEqual(value("rollcall_outcomes_total", { outcome: "rejected", status: "400" }), 1)
        assert.strictEqual(value("rollcall_outcomes_total", { outcome: "conflicted", status: "409" }), 1)
        assert.strictEqual(value("rollcall_requests_total", { operation: "upsert", status: "201" }), 2)
        assert.strictEqual(value("rollcall_requests_total", { operation: "check", status: "200" }), 1)
        assert.strictEqual(value("rollcall_request_duration_seconds_count", { operation: "upsert" }), 4)
        assert.strictEqual(value("rollcall_sender_state", { state: "idle" }), 1)
        assert.strictEqual(value("rollcall_queue_operations", { class: "joiner" }), 0)
        assert.strictEqual(value("rollcall_oldest_change_age_seconds"), 0)
        assert.strictEqual(value("rollcall_source_people", { source: "hr" }), 4)
        assert.strictEqual(value("rollcall_source_failures", { source: "hr" }), 0)
        assert.isBelow(value("rollcall_source_age_seconds", { source: "hr" })!, 10)
        assert.strictEqual(value("rollcall_database_up"), 1)
        assert.strictEqual(value("rollcall_projection_lag_events"), 0)
        assert.isAbove(value("rollcall_log_position")!, 10)
        assert.isAbove(value("process_resident_memory_bytes")!, 1e7)
        // Four people one at a time: in use but for the moments of recording, which a busy machine stretches.
        assert.isAbove(value("rollcall_lane_backlog_seconds_total")!, 3)
        assert.isAbove(value("rollcall_lane_utilization_ratio")!, 0.5)
        assert.isAtMost(value("rollcall_lane_utilization_ratio")!, 1)
        for (const { help, name, samples, type } of families.values()) {
          assert.notStrictEqual(help, "", name)
          assert.include(["counter", "gauge", "histogram"], type)
          assert.strictEqual(type === "counter", name.endsWith("_total"), name)
          if (!name.startsWith("rollcall_") || name === "rollcall_database_up") continue
          for (const { labels } of samples) assert.strictEqual(labels["organization"], organization, name)
        }

        const alive = yield* service.ask("/healthz")
        assert.deepStrictEqual([alive.status, JSON.parse(alive.text)], [200, { status: "alive" }])
        const ready = yield* service.ask("/readyz")
        assert.strictEqual(ready.status, 200, ready.text)
        const { checks } = JSON.parse(ready.text) as {
          readonly checks: ReadonlyArray<{ readonly name: string; readonly ready: boolean }>
        }
        assert.deepStrictEqual(
          checks.map(({ name, ready }) => [name, ready]),
          [
            ["database", true],
            ["migrations", true],
            ["projection", true],
            ["sender", true]
          ]
        )
        assert.strictEqual((yield* service.ask("/metrics", { method: "POST" })).status, 405)
        assert.strictEqual((yield* service.ask("/healthz/more")).status, 404)
        assert.strictEqual((yield* service.ask("/metrics?x=1")).status, 200)

        // A file that cannot be read any more.
        writePeople(here, [], "nothing,of,it")
        yield* Effect.repeat(Effect.andThen(Effect.sleep("300 millis"), scrape), {
          until: () => value("rollcall_alarms_active", { alarm: "source-failing" }) === 1,
          times: 100
        })
        assert.isAtLeast(value("rollcall_source_failures", { source: "hr" })!, 2)
        assert.isAbove(value("rollcall_source_age_seconds", { source: "hr" })!, 2)
        assert.strictEqual(yield* service.stop, 130)
        yield* until(
          () => service.said.stdout.endsWith("Stopped.\n"),
          () => service.said.stdout
        )
        for (const line of service.said.stderr.trimEnd().split("\n")) {
          const said = JSON.parse(line) as Record<string, unknown>
          assert.includeMembers(Object.keys(said), ["time", "level", "message"])
        }
        assert.match(service.said.stderr, /"level":"warn","message":"The source could not be read: /u)
      }).pipe(Effect.scoped),
    120_000
  )
})
