/** What every lane of this package does, whatever the engine: called once for PGlite and once for PostgreSQL. */
import { randomUUID } from "node:crypto"

import { assert, layer as withLayer } from "@effect/vitest"
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import { Lane, laneStream } from "@rollcall/core/contract/Lane"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Exit, Fiber, Layer, Redacted, Stream } from "effect"
import { sql } from "kysely"

import { channel } from "../src/AppendTransaction.ts"
import { Database } from "../src/Database.ts"
import { LaneLimits } from "../src/LaneRule.ts"
import * as LaneStore from "../src/LaneStore.ts"
import { accepted, appeared, appendOf, newOrganization } from "./Given.ts"
import {
  answered,
  asking,
  canary,
  end,
  endOf,
  granted,
  insist,
  millisOf,
  newLane,
  quick,
  quickly,
  spansOf,
  take,
  waiting
} from "./GivenLane.ts"

const rows = <A>(statement: ReturnType<typeof sql<A>>) =>
  Effect.flatMap(Database, ({ query }) =>
    Effect.map(
      query((db) => statement.execute(db)),
      ({ rows }) => rows
    )
  )

const waitersOf = (lane: string) =>
  rows(sql<{ request: string }>`select request from lane_waiters where lane = ${lane}`)

const versionOf = (lane: string) => rows(sql<{ xmin: string }>`select xmin::text from lanes where lane = ${lane}`)

const rowOf = (lane: string) => rows(sql`select row_to_json(lanes)::text as row from lanes where lane = ${lane}`)

/** The head, the lane's stream and the lane's row: what a transaction that did not happen leaves as it was. */
const everything = (organization: OrganizationId, lane: string) =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const head = yield* log.head(organization)
    return { head, row: yield* rowOf(lane), events: yield* log.stream(organization, laneStream(lane)) }
  })

class Broken extends Error {}

/** A database whose transactions end in a defect at the statement of this number. */
const breakingAt = (statement: number) =>
  Layer.effect(
    Database,
    Effect.map(Database, (database) =>
      Database.of({
        ...database,
        transaction: (body, options) => {
          let statements = 0
          const count = <A, E>(effect: Effect.Effect<A, E>) =>
            Effect.suspend(() => (++statements === statement ? Effect.die(new Broken()) : effect))
          return database.transaction(
            ({ run, copy }) => body({ run: (query) => count(run(query)), copy: (...args) => count(copy(...args)) }),
            options
          )
        }
      })
    )
  )

const onBrokenDatabase = (statement: number) =>
  Effect.provide(Layer.fresh(LaneStore.layer.pipe(Layer.provide(Layer.fresh(breakingAt(statement))))))

/** Runs it on databases that break ever later, until one holds; what was broken has left no trace. */
const untilWhole = Effect.fnUntraced(function* <A>(
  organization: OrganizationId,
  lane: string,
  effect: Effect.Effect<A, StoreError, Lane>
) {
  for (let statement = 1; ; statement++) {
    const before = yield* everything(organization, lane)
    const exit = yield* Effect.exit(effect.pipe(onBrokenDatabase(statement)))
    if (Exit.isSuccess(exit)) {
      assert.isAbove(statement, 4)
      return exit.value
    }
    assert.isTrue(isBroken(exit), String(exit))
    assert.deepStrictEqual(yield* everything(organization, lane), before)
  }
})

const isBroken = (exit: Exit.Exit<unknown, unknown>) =>
  Exit.isFailure(exit) && exit.cause.reasons.some((reason) => reason._tag === "Die" && reason.defect instanceof Broken)

export const laneContract = (name: string, database: Layer.Layer<Database, StoreError>) =>
  withLayer(LaneStore.layerWithLog.pipe(Layer.provideMerge(database)), {
    excludeTestServices: true,
    timeout: "60 seconds"
  })(name, (it) => {
    it.effect("begins with a full second of pause, for nobody knows who sent last", () =>
      Effect.gen(function* () {
        const lane = yield* Lane
        const asked = asking(newOrganization(), newLane())
        const { millis, because } = waiting(yield* lane.grant(asked))
        assert.strictEqual(because, "pace")
        assert.isTrue(millis > 500 && millis <= 980, `${millis}`)
        assert.isNull(yield* lane.state(asked.lane))
      })
    )

    it.effect("records whom a request carries and what that was decided from, the hash apart as personal", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        yield* log.append(organization, appendOf([1, 2, 3].map((n) => appeared(`employee:${n}`))))
        const people = [randomUUID(), randomUUID()]
        const basis = { decidedAt: 3, clock: "2026-01-05T12:00:00.000Z", configurationHash: "c" }
        const asked = asking(organization, newLane(), { carried: { ...basis, people, requestHash: "h" } })
        assert.strictEqual((yield* take(asked)).position, 4)
        const [recorded] = yield* log.stream(organization, laneStream(asked.lane))
        assert.deepInclude(recorded?.event, { ...basis, people, requestHash: "h" })
        const parts = sql<{ data: string; personal: string }>`select data, personal from events
          where organization_id = ${organization} and position = 4`
        const [row] = yield* rows(parts)
        assert.strictEqual(row?.personal, '{"requestHash":"h"}')
        assert.notInclude(row?.data, "requestHash")
      }).pipe(quickly)
    )

    it.effect("grants a request and records what it granted", () =>
      Effect.gen(function* () {
        const [log, lane] = [yield* EventLog, yield* Lane]
        const organization = newOrganization()
        const asked = asking(organization, newLane())
        const grant = yield* take(asked)
        const { startsAfterMillis, ...rest } = grant
        const { request, operation, members } = asked
        assert.deepStrictEqual(rest, {
          lane: asked.lane,
          request,
          operation,
          members,
          number: 1,
          position: 1,
          faults: 0
        })
        assert.isTrue(Number.isInteger(startsAfterMillis) && startsAfterMillis >= 0 && startsAfterMillis <= 10)
        const [recorded] = yield* log.stream(organization, laneStream(asked.lane))
        assert.deepInclude(recorded, { actor: "sink:together", effectiveOn: null, causation: null, position: 1 })
        assert.deepStrictEqual(recorded?.event, {
          type: "RequestGranted",
          sink: "together",
          lane: asked.lane,
          grant: 1,
          request,
          operation,
          members,
          run: "run-1",
          startsAfterMillis,
          endsWithinMillis: startsAfterMillis + asked.timeoutMillis + quick.marginMillis
        })
        const commits = sql<{ run_id: string }>`select run_id from commits where organization_id = ${organization}`
        assert.deepStrictEqual(yield* rows(commits), [{ run_id: "run-1" }])
        const state = (yield* lane.state(asked.lane)) ?? assert.fail()
        assert.deepInclude(state, { grants: 1, faults: 0, circuit: null })
        const [span] = yield* spansOf(organization, asked.lane)
        assert.approximately(millisOf(state.busyUntil ?? ""), span?.deadline ?? 0, 0.01)
        assert.isNull(yield* log.verify(organization))
      }).pipe(quickly)
    )

    it.effect("wakes up those who follow the log", () =>
      Effect.gen(function* () {
        const { listen } = yield* Database
        const organization = newOrganization()
        const heard = yield* listen(channel).pipe(
          Stream.filter((payload) => payload === organization),
          Stream.take(2),
          Stream.runCollect,
          Effect.forkChild({ startImmediately: true })
        )
        const grant = yield* take(asking(organization, newLane()))
        yield* end(organization, grant)
        assert.strictEqual((yield* Fiber.join(heard)).length, 2)
      }).pipe(quickly)
    )

    it.effect("grants nothing while a request is under way", () =>
      Effect.gen(function* () {
        const lane = yield* Lane
        const organization = newOrganization()
        const name = newLane()
        yield* take(asking(organization, name, { timeoutMillis: 10_000 }))
        for (const urgency of ["routine", "on-demand", "routine"] as const) {
          const { millis, because } = waiting(yield* lane.grant(asking(organization, name, { urgency })))
          assert.deepStrictEqual([millis, because], [quick.pollMillis, "busy"])
        }
        assert.isNotNull((yield* lane.state(name))?.busyUntil)
        assert.strictEqual((yield* spansOf(organization, name)).length, 1)
      }).pipe(quickly)
    )

    it.effect("does not grant a request twice that asks again, and does once its first grant is over", () =>
      Effect.gen(function* () {
        const lane = yield* Lane
        const asked = asking(newOrganization(), newLane(), { timeoutMillis: 150 })
        assert.strictEqual((yield* take(asked)).number, 1)
        assert.strictEqual(waiting(yield* lane.grant(asked)).because, "busy")
        assert.strictEqual((yield* take(asked)).number, 2)
      }).pipe(quickly)
    )

    for (const endedMillisAgo of [0, 25, 300]) {
      it.effect(`grants the next a full pause after the end, told of ${endedMillisAgo} ms late`, () =>
        Effect.gen(function* () {
          const lane = yield* Lane
          const organization = newOrganization()
          const name = newLane()
          const first = yield* take(asking(organization, name, { timeoutMillis: 1000 }))
          yield* Effect.sleep(endedMillisAgo)
          const pauseMillis = 150
          const told = yield* end(organization, first, { endedMillisAgo, pauseMillis })
          const state = yield* lane.state(name)
          assert.deepInclude(state, { grants: 1, busyUntil: null, faults: 0 })
          const opens = told - endedMillisAgo + pauseMillis
          const notBefore = state?.notBefore ?? null
          if (notBefore !== null) assert.approximately(millisOf(notBefore), opens, 0.01)
          const reply = yield* lane.grant(asking(organization, name))
          if (endedMillisAgo === 0) assert.strictEqual(waiting(reply).because, "pace")
          const grant = reply._tag === "Granted" ? reply.grant : yield* take(asking(organization, name))
          assert.strictEqual(grant.number, 2)
          const starts = (yield* spansOf(organization, name))[1]?.starts ?? 0
          assert.isAtLeast(starts, opens - 0.01)
          if (endedMillisAgo === 300) assert.strictEqual(grant.startsAfterMillis, 0)
        }).pipe(quickly)
      )
    }

    it.effect("grants a little ahead, so that the request starts when the pause is over and not before", () =>
      Effect.gen(function* () {
        const organization = newOrganization()
        const name = newLane()
        const told = yield* end(organization, yield* take(asking(organization, name)), { pauseMillis: 200 })
        yield* take(asking(organization, name))
        const second = (yield* spansOf(organization, name))[1]
        assert.isBelow(second?.recorded ?? 0, told + 200)
        assert.isTrue((second?.starts ?? 0) >= told + 200 - 0.01 && (second?.starts ?? 0) < told + 200 + 150)
      }).pipe(Effect.provideService(LaneLimits, { ...quick, leadMillis: 150 }))
    )

    it.effect("takes a grant whose process died for over at its deadline, and pauses from there", () =>
      Effect.gen(function* () {
        const lane = yield* Lane
        const { beginPauseMillis } = yield* LaneLimits
        const organization = newOrganization()
        const name = newLane()
        yield* take(asking(organization, name, { timeoutMillis: 30 }))
        assert.strictEqual((yield* take(asking(organization, name, { timeoutMillis: 30 }))).number, 2)
        const [died, next] = yield* spansOf(organization, name)
        assert.isAtLeast(next?.starts ?? 0, (died?.deadline ?? Infinity) + beginPauseMillis - 0.01)
        const busy = asking(organization, name)
        yield* lane.grant(busy).pipe(
          Effect.tap((reply) =>
            waiting(reply).because === "busy" ? Effect.sleep(waiting(reply).millis) : Effect.void
          ),
          Effect.repeat({ while: (reply) => waiting(reply).because === "busy" })
        )
        const state = (yield* lane.state(name)) ?? assert.fail()
        assert.isNull(state.busyUntil)
        assert.approximately(millisOf(state.notBefore ?? ""), (next?.deadline ?? 0) + beginPauseMillis, 0.01)
      }).pipe(Effect.provideService(LaneLimits, { ...quick, beginPauseMillis: 250 }))
    )

    it.effect("never gives a number twice, whatever becomes of the grants", () =>
      Effect.gen(function* () {
        const lane = yield* Lane
        const organization = newOrganization()
        const name = newLane()
        const numbers: Array<number> = []
        const ask = () =>
          Effect.tap(take(asking(organization, name, { timeoutMillis: 10 })), ({ number }) =>
            Effect.sync(() => numbers.push(number))
          )
        yield* end(organization, yield* ask(), { pauseMillis: 0 })
        const stale = asking(organization, name, { expectedVersions: new Map([["employee:a", 9]]) })
        yield* Effect.flip(lane.grant(stale))
        yield* ask()
        yield* end(organization, yield* ask(), { faults: 1, pauseMillis: 0 })
        yield* ask()
        assert.deepStrictEqual(numbers, [1, 2, 3, 4])
        assert.deepStrictEqual(
          (yield* spansOf(organization, name)).map(({ number }) => number),
          numbers
        )
      }).pipe(quickly)
    )

    it.effect("records what a request led to whose lane was lost, and leaves the lane alone", () =>
      Effect.gen(function* () {
        const [log, lane] = [yield* EventLog, yield* Lane]
        const organization = newOrganization()
        const name = newLane()
        const lost = yield* take(asking(organization, name, { timeoutMillis: 5 }))
        const holder = yield* take(asking(organization, name, { timeoutMillis: 5000 }))
        const before = yield* rowOf(name)
        const release = endOf(lost, { faults: 7, pauseMillis: 9000, circuit: { _tag: "open", reason: "401" } })
        const append = { ...answered(lost), events: [...answered(lost).events, accepted("sink:together")] }
        assert.isFalse((yield* lane.release(organization, release, append)).replayed)
        assert.deepStrictEqual(yield* rowOf(name), before)
        assert.strictEqual((yield* log.head(organization)).position, 4)
        yield* end(organization, holder)
        assert.deepInclude(yield* lane.state(name), { busyUntil: null, faults: 0, circuit: null })
      }).pipe(quickly)
    )

    it.effect("is freed by who comes late, as long as nobody else has it", () =>
      Effect.gen(function* () {
        const lane = yield* Lane
        const organization = newOrganization()
        const name = newLane()
        const late = yield* take(asking(organization, name, { timeoutMillis: 1 }))
        yield* Effect.sleep(quick.marginMillis + 20)
        yield* end(organization, late, { endedMillisAgo: 0, pauseMillis: 1 })
        assert.strictEqual(granted(yield* lane.grant(asking(organization, name))).number, 2)
      }).pipe(quickly)
    )

    it.effect("records and frees once, however often it is told", () =>
      Effect.gen(function* () {
        const [log, lane] = [yield* EventLog, yield* Lane]
        const organization = newOrganization()
        const name = newLane()
        const grant = yield* take(asking(organization, name))
        const append = answered(grant)
        const first = yield* lane.release(organization, endOf(grant, { pauseMillis: 400, faults: 2 }), append)
        const kept = yield* rowOf(name)
        const again = endOf(grant, { endedMillisAgo: 5, pauseMillis: 900, faults: 3 })
        assert.deepStrictEqual(yield* lane.release(organization, again, append), { ...first, replayed: true })
        assert.deepStrictEqual(yield* rowOf(name), kept)
        assert.strictEqual((yield* log.head(organization)).position, 2)
        const other = { ...append, events: answered(grant, 99).events }
        const { reason } = yield* Effect.flip(lane.release(organization, endOf(grant), other))
        assert.strictEqual(reason._tag, "AppendKeyReused")
      }).pipe(quickly)
    )

    it.effect("does not open earlier through a release than it was to open anyway", () =>
      Effect.gen(function* () {
        const lane = yield* Lane
        const organization = newOrganization()
        const name = newLane()
        const told = yield* end(organization, yield* take(asking(organization, name)), { pauseMillis: 300 })
        const nothing = yield* take(asking(organization, name))
        yield* lane.release(organization, endOf(nothing, { endedMillisAgo: 250, pauseMillis: 0 }), appendOf([]))
        yield* take(asking(organization, name))
        assert.isAtLeast((yield* spansOf(organization, name)).at(-1)?.starts ?? 0, told + 300 - 0.01)
      }).pipe(Effect.provideService(LaneLimits, { ...quick, leadMillis: 290 }))
    )

    it.effect("keeps to a backoff after a restart", () =>
      Effect.gen(function* () {
        const organization = newOrganization()
        const name = newLane()
        const told = yield* end(organization, yield* take(asking(organization, name)), { pauseMillis: 250, faults: 3 })
        yield* Effect.gen(function* () {
          const lane = yield* Lane
          const { millis, because } = waiting(yield* lane.grant(asking(organization, name)))
          assert.strictEqual(because, "backoff")
          assert.isTrue(millis > 0 && millis <= 250 - quick.leadMillis, `${millis}`)
          assert.strictEqual((yield* lane.state(name))?.faults, 3)
          assert.strictEqual((yield* take(asking(organization, name))).faults, 3)
          assert.isAtLeast((yield* spansOf(organization, name))[1]?.starts ?? 0, told + 250 - 0.01)
        }).pipe(Effect.provide(Layer.fresh(LaneStore.layer)))
      }).pipe(quickly)
    )

    it.effect("lets nothing out with credentials that were refused, but a probe and other credentials", () =>
      Effect.gen(function* () {
        const lane = yield* Lane
        const organization = newOrganization()
        const name = newLane()
        const good = { credentials: Redacted.make("another key") }
        const open = { pauseMillis: 1, circuit: { _tag: "open", reason: "401 Unauthorized" } } as const
        const told = yield* end(organization, yield* take(asking(organization, name)), open)
        const refused = yield* insist(asking(organization, name))
        assert.deepInclude(refused, { _tag: "CircuitOpen", reason: "401 Unauthorized" })
        const since = refused._tag === "CircuitOpen" ? refused.since : ""
        assert.approximately(millisOf(since), told, 0.01)
        assert.deepStrictEqual((yield* lane.state(name))?.circuit, { since, reason: "401 Unauthorized" })
        assert.strictEqual((yield* insist(asking(organization, name, { urgency: "on-demand" })))._tag, "CircuitOpen")

        yield* end(organization, yield* take(asking(organization, name, good)), { pauseMillis: 1 })
        assert.strictEqual((yield* insist(asking(organization, name)))._tag, "CircuitOpen")

        const probe = yield* take(asking(organization, name, { probe: true }))
        yield* end(organization, probe, { pauseMillis: 1, circuit: { _tag: "open", reason: "403" } })
        assert.deepStrictEqual((yield* lane.state(name))?.circuit, { since, reason: "403" })

        const proof = yield* take(asking(organization, name, { probe: true }))
        yield* end(organization, proof, { pauseMillis: 1, circuit: { _tag: "close" } })
        assert.isNull((yield* lane.state(name))?.circuit)
        yield* take(asking(organization, name))
      }).pipe(quickly)
    )

    it.effect("keeps a salted hash of credentials, and the credentials nowhere", () =>
      Effect.gen(function* () {
        const organization = newOrganization()
        const [one, other] = [newLane(), newLane()]
        for (const name of [one, other]) {
          const refused = yield* take(asking(organization, name))
          yield* end(organization, refused, { circuit: { _tag: "open", reason: "401" } })
          yield* take(asking(organization, name, { probe: true }))
        }
        const tables = yield* rows(
          sql<{ name: string }>`select table_name as name from information_schema.tables where table_schema = 'public'`
        )
        assert.isAbove(tables.length, 7)
        const hex = Buffer.from(canary).toString("hex")
        const base64 = Buffer.from(canary).toString("base64")
        for (const { name } of tables) {
          const found = yield* rows(
            sql`select 1 from ${sql.table(name)} as t
              where position(${canary} in t::text) + position(${hex} in t::text) + position(${base64} in t::text) > 0`
          )
          assert.deepStrictEqual(found, [], name)
        }
        const hashes = yield* rows(
          sql<{ hash: string; used: boolean }>`
            select encode(circuit_credentials, 'hex') as hash, circuit_credentials = grant_credentials as used
            from lanes where lane in (${one}, ${other})`
        )
        assert.deepStrictEqual(
          hashes.map(({ used }) => used),
          [true, true]
        )
        assert.match(hashes[0]?.hash ?? "", /^[0-9a-f]{64}$/)
        assert.notStrictEqual(hashes[0]?.hash, hashes[1]?.hash)
      }).pipe(quickly)
    )

    it.effect("forgets the hash when the request was answered", () =>
      Effect.gen(function* () {
        const organization = newOrganization()
        const name = newLane()
        yield* end(organization, yield* take(asking(organization, name)))
        const kept = sql`select grant_credentials, circuit_credentials from lanes where lane = ${name}`
        assert.deepStrictEqual(yield* rows(kept), [{ grant_credentials: null, circuit_credentials: null }])
      }).pipe(quickly)
    )

    it.effect("lets a request on demand overtake the routine", () =>
      Effect.gen(function* () {
        const lane = yield* Lane
        const organization = newOrganization()
        const name = newLane()
        const [routine, urgent] = [asking(organization, name), asking(organization, name, { urgency: "on-demand" })]
        const first = yield* take(asking(organization, name))
        yield* lane.grant(routine)
        assert.strictEqual(waiting(yield* lane.grant(urgent)).because, "busy")
        yield* end(organization, first, { pauseMillis: 0 })
        assert.deepStrictEqual(yield* lane.grant(routine), {
          _tag: "Wait",
          millis: quick.overtakenMillis,
          because: "overtaken"
        })
        const second = granted(yield* lane.grant(urgent))
        assert.deepStrictEqual(yield* waitersOf(name), [])
        yield* end(organization, second, { pauseMillis: 0 })
        granted(yield* lane.grant(routine))
      }).pipe(quickly)
    )

    it.effect("does not wait for a request on demand that asks no more, and forgets it", () =>
      Effect.gen(function* () {
        const lane = yield* Lane
        const organization = newOrganization()
        const name = newLane()
        const first = yield* take(asking(organization, name))
        const gone = asking(organization, name, { urgency: "on-demand" })
        yield* lane.grant(gone)
        yield* end(organization, first, { pauseMillis: 0 })
        assert.deepStrictEqual(yield* waitersOf(name), [{ request: gone.request }])
        const routine = asking(organization, name)
        assert.strictEqual(waiting(yield* lane.grant(routine)).because, "overtaken")
        yield* take(routine)
        assert.deepStrictEqual(yield* waitersOf(name), [])
      }).pipe(quickly)
    )

    it.effect("remembers a request on demand through a wait that is longer than its memory", () =>
      Effect.gen(function* () {
        const lane = yield* Lane
        const organization = newOrganization()
        const name = newLane()
        yield* end(organization, yield* take(asking(organization, name)), { faults: 1, pauseMillis: 300 })
        const urgent = asking(organization, name, { urgency: "on-demand" })
        yield* Effect.sleep(waiting(yield* lane.grant(urgent)).millis)
        assert.strictEqual(waiting(yield* lane.grant(asking(organization, name))).because, "overtaken")
        granted(yield* lane.grant(urgent))
      }).pipe(quickly)
    )

    it.effect("writes nothing for the routine that waits", () =>
      Effect.gen(function* () {
        const lane = yield* Lane
        const organization = newOrganization()
        const name = newLane()
        const first = yield* take(asking(organization, name))
        const before = [yield* versionOf(name), yield* everything(organization, name)]
        yield* lane.grant(asking(organization, name))
        assert.deepStrictEqual([yield* versionOf(name), yield* everything(organization, name)], before)
        yield* end(organization, first, { pauseMillis: 500 })
        const paused = yield* versionOf(name)
        yield* lane.grant(asking(organization, name))
        assert.deepStrictEqual(yield* versionOf(name), paused)
        assert.deepStrictEqual(yield* waitersOf(name), [])
      }).pipe(quickly)
    )

    it.effect("refuses a request whose person has news since it was decided, and nothing has happened", () =>
      Effect.gen(function* () {
        const [log, lane] = [yield* EventLog, yield* Lane]
        const organization = newOrganization()
        const name = newLane()
        yield* log.append(organization, appendOf([appeared("employee:a"), appeared("employee:a")]))
        yield* end(organization, yield* take(asking(organization, name)), { pauseMillis: 0 })
        const before = yield* everything(organization, name)
        const decidedFrom = (version: number) =>
          asking(organization, name, { expectedVersions: new Map([["employee:a", version]]) })
        const { reason } = yield* Effect.flip(lane.grant(decidedFrom(1)))
        assert.deepInclude(reason, { _tag: "VersionConflict", stream: "employee:a", expected: 1, actual: 2 })
        assert.deepStrictEqual(yield* everything(organization, name), before)
        assert.strictEqual(granted(yield* lane.grant(decidedFrom(2))).number, 2)
      }).pipe(quickly)
    )

    it.effect("changes the lane and the log together or not at all, whichever statement breaks", () =>
      Effect.gen(function* () {
        const organization = newOrganization()
        const name = newLane()
        const free = asking(organization, name, { timeoutMillis: 60_000 })
        yield* end(organization, yield* take(asking(organization, name)), { pauseMillis: 0 })
        const grant = Effect.flatMap(Lane, (lane) => lane.grant(free))
        const reply = yield* untilWhole(organization, name, grant)
        const release = Effect.flatMap(Lane, (lane) =>
          lane.release(organization, endOf(granted(reply), { pauseMillis: 0 }), append)
        )
        const append = answered(granted(reply))
        assert.isFalse((yield* untilWhole(organization, name, release)).replayed)
        assert.strictEqual((yield* spansOf(organization, name))[1]?.number, 2)
        assert.strictEqual((yield* take(asking(organization, name))).number, 3)
      }).pipe(quickly)
    )

    it.effect("holds organizations that share the lane to one limit and one circuit", () =>
      Effect.gen(function* () {
        const lane = yield* Lane
        const [one, other] = [newOrganization(), newOrganization()]
        const name = newLane()
        const first = yield* take(asking(one, name))
        assert.strictEqual(waiting(yield* lane.grant(asking(other, name))).because, "busy")
        const told = yield* end(one, first, { pauseMillis: 150 })
        assert.strictEqual(waiting(yield* lane.grant(asking(other, name))).because, "pace")
        const second = yield* take(asking(other, name))
        assert.strictEqual(second.number, 2)
        assert.isAtLeast((yield* spansOf(other, name))[0]?.starts ?? 0, told + 150 - 0.01)
        yield* end(other, second, { pauseMillis: 1, circuit: { _tag: "open", reason: "401" } })
        assert.strictEqual((yield* insist(asking(one, name)))._tag, "CircuitOpen")
      }).pipe(quickly)
    )

    it.effect("waits where the clock was set back, until it is where the log was", () =>
      Effect.gen(function* () {
        const [log, lane] = [yield* EventLog, yield* Lane]
        const organization = newOrganization()
        const name = newLane()
        const first = yield* take(asking(organization, name))
        const ahead = sql`update log_heads set recorded_at = clock_timestamp() + interval '300 milliseconds'
          where organization_id = ${organization}`
        yield* rows(ahead)
        const until = (yield* log.head(organization)).recordedAt ?? ""
        yield* end(organization, first, { endedMillisAgo: 20, pauseMillis: 1 })
        const { millis, because } = waiting(yield* lane.grant(asking(organization, name)))
        assert.strictEqual(because, "pace")
        assert.isTrue(millis > 0 && millis <= 300, `${millis}`)
        yield* take(asking(organization, name))
        const [clock] = yield* rows(
          sql<{ passed: boolean }>`select clock_timestamp() >= ${until}::timestamptz as passed`
        )
        assert.isTrue(clock?.passed)
        assert.isNull(yield* log.verify(organization))
      }).pipe(quickly)
    )

    it.effect("knows nothing of a lane that nobody was granted", () =>
      Effect.gen(function* () {
        const lane = yield* Lane
        assert.isNull(yield* lane.state(newLane()))
        const grant = { lane: newLane(), request: randomUUID(), operation: "check", members: 0, number: 1 } as const
        const orphan = { ...grant, position: 1, startsAfterMillis: 0, faults: 0 }
        const organization = newOrganization()
        assert.isFalse((yield* lane.release(organization, endOf(orphan), answered(orphan))).replayed)
        assert.isNull(yield* lane.state(grant.lane))
      })
    )
  })
