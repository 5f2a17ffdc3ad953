import { spawn } from "node:child_process"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import type { EventLog, StoreError } from "@rollcall/core/contract/EventLog"
import { type Grant, Lane } from "@rollcall/core/contract/Lane"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { type Context, Effect, Layer, Redacted, type Scope } from "effect"
import { Client } from "pg"

import { AppendLimits } from "../src/AppendTransaction.ts"
import { Database } from "../src/Database.ts"
import * as LaneStore from "../src/LaneStore.ts"
import { newOrganization } from "./Given.ts"
import { asking, end, granted, millisOf, newLane, quick, quickly, spansOf, take, waiting } from "./GivenLane.ts"
import { newDatabase } from "./OnPostgres.ts"

/** What another process would have: connections of its own. */
const open = (url: string): Effect.Effect<Context.Context<EventLog | Lane>, StoreError, Scope.Scope> =>
  Layer.build(
    Layer.fresh(LaneStore.layerWithLog.pipe(Layer.provide(Layer.fresh(Database.layerPostgres(Redacted.make(url))))))
  )

/** A connection that is not ours, to stand in the way with. */
const outsider = (url: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const client = new Client({ connectionString: url, application_name: "outsider" })
      client.on("error", () => {})
      await client.connect()
      return (text: string) => Effect.promise(() => client.query<Record<string, unknown>>(text))
    }),
    (query) => Effect.ignore(query("rollback"))
  )

/** Another process that is granted a request and killed at once. */
const grantedAndKilled = (url: string, organization: string, lane: string, timeoutMillis: number) =>
  Effect.callback<string>((resume) => {
    const file = join(import.meta.dirname, "LaneHolder.ts")
    const child = spawn(process.execPath, [file, url, organization, lane, String(timeoutMillis)])
    let said = ""
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()))
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString()
      child.kill("SIGKILL")
    })
    child.on("exit", () => resume(Effect.succeed(said)))
  })

const pauseMillis = 30

describe("Lane on PostgreSQL, with others about", () => {
  it.live("never has two requests under way, nor two closer than the pause, whoever asks and whoever dies", () =>
    Effect.gen(function* () {
      const url = yield* newDatabase("hammered")
      const [here, there] = [yield* open(url), yield* open(url)]
      const [one, other] = [newOrganization(), newOrganization()]
      const lane = newLane()
      let underWay: Grant | null = null
      const useLane = (organization: OrganizationId, dies: boolean) =>
        Effect.gen(function* () {
          const grant = yield* take(asking(organization, lane, { timeoutMillis: 300 }))
          assert.isNull(underWay)
          if (dies) return
          underWay = grant
          yield* Effect.sleep(grant.startsAfterMillis + 5)
          underWay = null
          yield* end(organization, grant, { endedMillisAgo: 0, pauseMillis })
        })
      yield* Effect.forEach(
        Array.from({ length: 8 }, (_, index) => index),
        (index) =>
          useLane(index % 4 < 2 ? one : other, index === 5).pipe(Effect.provide(index % 2 === 0 ? here : there)),
        { concurrency: "unbounded", discard: true }
      )
      const both = Effect.all([spansOf(one, lane), spansOf(other, lane)])
      const spans = (yield* Effect.provide(both, here)).flat().toSorted((a, b) => a.number - b.number)
      assert.deepStrictEqual(
        spans.map(({ number }) => number),
        [1, 2, 3, 4, 5, 6, 7, 8]
      )
      for (const [index, { ends, deadline }] of spans.slice(0, -1).entries()) {
        const free = ends === null ? deadline + quick.beginPauseMillis : ends + pauseMillis
        assert.isAtLeast(spans[index + 1]?.starts ?? 0, free - 0.01)
      }
    }).pipe(quickly)
  )

  it.live("leaves the lane of a process that was killed to its deadline", () =>
    Effect.gen(function* () {
      const url = yield* newDatabase("killed")
      const context = yield* open(url)
      const organization = newOrganization()
      const name = newLane()
      assert.strictEqual(yield* grantedAndKilled(url, organization, name, 500), "granted 1\n")
      yield* Effect.gen(function* () {
        const lane = yield* Lane
        const [died] = yield* spansOf(organization, name)
        const state = yield* lane.state(name)
        assert.approximately(millisOf(state?.busyUntil ?? ""), died?.deadline ?? 0, 0.01)
        assert.strictEqual(waiting(yield* lane.grant(asking(organization, name))).because, "busy")
        assert.strictEqual((yield* take(asking(organization, name))).number, 2)
        const next = (yield* spansOf(organization, name))[1]
        assert.isAtLeast(next?.starts ?? 0, (died?.deadline ?? Infinity) + quick.beginPauseMillis - 0.01)
      }).pipe(Effect.provide(context))
    }).pipe(quickly)
  )

  it.live("gives up on a lane that an idle writer holds, in a typed way, and other lanes go on", () =>
    Effect.gen(function* () {
      const url = yield* newDatabase("held")
      const context = yield* open(url)
      const organization = newOrganization()
      const [held, free] = [newLane(), newLane()]
      yield* Effect.gen(function* () {
        const lane = yield* Lane
        const first = yield* take(asking(organization, held))
        const idle = yield* outsider(url)
        yield* idle("begin")
        yield* idle(`select * from lanes where lane = '${held}' for update`)
        const limits = { lockTimeout: "100ms", statementTimeout: "60s", copyFrom: 500, gather: 500 }
        const impatient = Effect.provideService(AppendLimits, limits)
        const refusals = [
          yield* Effect.flip(impatient(lane.grant(asking(organization, held)))),
          yield* Effect.flip(impatient(end(organization, first)))
        ]
        for (const { reason } of refusals) assert.deepInclude(reason, { _tag: "StoreUnavailable", isRetryable: true })
        yield* end(organization, yield* take(asking(organization, free)))
        yield* idle("rollback")
        yield* end(organization, first, { pauseMillis: 0 })
        granted(yield* lane.grant(asking(organization, held)))
      }).pipe(Effect.provide(context))
    }).pipe(quickly)
  )
})
