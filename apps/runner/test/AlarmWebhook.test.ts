import { createHmac } from "node:crypto"
import { mkdirSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import { EventLog } from "@rollcall/core/contract/EventLog"
import { Clock, Effect, Latch, Stream } from "effect"

import { stores } from "../src/Stores.ts"
import {
  failTwice,
  logging,
  makeToy,
  organizationAt,
  person,
  running,
  secret,
  succeed,
  told,
  until
} from "./AlarmSite.ts"
import { folder } from "./Command.ts"

interface Heard {
  readonly path: string
  readonly signature: string
  readonly text: string
}

interface Posted {
  readonly id: string
  readonly alarm: string
  readonly state: string
}

/** Answers as told by the number of the request, `null` never; writes down what it hears. */
const receiver = Effect.fnUntraced(function* (answer: (n: number) => number | null = () => 204, port = 0) {
  const heard: Array<Heard> = []
  const latches = new Map<number, Latch.Latch>()
  const latch = (count: number) => {
    const known = latches.get(count) ?? Latch.makeUnsafe(heard.length >= count)
    latches.set(count, known)
    return known
  }
  const server = createServer((request, response) => {
    let text = ""
    request.on("data", (chunk: Buffer) => (text += chunk.toString()))
    request.on("end", () => {
      heard.push({ path: request.url ?? "", signature: String(request.headers["rollcall-signature"]), text })
      const status = answer(heard.length)
      if (status !== null) {
        response.writeHead(status, { location: "/elsewhere" }).end(status === 200 ? "thank you" : undefined)
      }
      latch(heard.length).openUnsafe()
    })
  })
  yield* Effect.acquireRelease(
    Effect.promise(() => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve))),
    () =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      })
  )
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=canary-token`
  /** Until so many requests came. */
  const came = (count: number) => Effect.suspend(() => latch(count).await)
  return { url, heard, came, port: (server.address() as AddressInfo).port }
})

/** As docs/alarms.md tells receivers. */
const isSigned = ({ signature, text }: Heard, key: string, now: number): boolean => {
  const [, seconds = "", given = ""] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? []
  const fresh = Math.abs(now - Number(seconds)) <= 300
  return fresh && createHmac("sha256", key).update(`${seconds}.${text}`).digest("hex") === given
}

const seconds = Effect.map(Clock.currentTimeMillis, (millis) => millis / 1000)

const bodies = (heard: ReadonlyArray<Heard>) => heard.map(({ text }) => JSON.parse(text) as Posted)

/** Until the alarms have nothing left to tell. */
const settled = (owed: () => number) => until(Effect.sync(owed), (count) => count === 0)

describe("The alarms' webhook", () => {
  it.live("is posted each alarm and its end, signed so that a receiver can tell them from forged and old ones", () => {
    const { layer, toy } = makeToy()
    const { layer: logger, lines } = logging()
    return Effect.gen(function* () {
      const { came, heard, url } = yield* receiver(() => 200)
      const { alarms, board } = yield* running(yield* organizationAt(url))
      failTwice(board)
      yield* came(1)
      yield* succeed(board)
      yield* came(2)
      yield* settled(alarms.owed)
      const now = yield* seconds
      for (const one of heard) {
        assert.isTrue(isSigned(one, secret, now))
        assert.isFalse(isSigned(one, "another secret", now))
        assert.isFalse(isSigned({ ...one, text: one.text.replace("hr", "xx") }, secret, now))
        assert.isFalse(isSigned(one, secret, now + 301))
      }
      const [raised, ended] = bodies(heard)
      assert.hasAllKeys(raised as object, [
        "id",
        "organization",
        "alarm",
        "key",
        "state",
        "at",
        "problem",
        "remedy",
        "since"
      ])
      assert.deepInclude(raised as object, {
        organization: "default",
        alarm: "source-failing",
        key: "source:hr",
        state: "raised"
      })
      assert.deepInclude(ended as object, { alarm: "source-failing", key: "source:hr", state: "ended" })
      assert.notStrictEqual(raised!.id, ended!.id)
      assert.sameMembers(
        [...told(toy.events)],
        ["+source-failing source:hr", "AlarmDelivered", "-source-failing source:hr", "AlarmDelivered"]
      )
      const said = JSON.stringify([lines, toy.events, heard.map(({ text }) => text)])
      for (const canary of [secret, "canary-token", "canary-key", person]) assert.notInclude(said, canary)
    }).pipe(Effect.scoped, Effect.provide([layer, logger]))
  })

  it.live("gets everything in its order, each until it took it, and the same again for a repetition", () => {
    const { layer, toy } = makeToy()
    const { layer: logger, lines } = logging()
    return Effect.gen(function* () {
      const { came, heard, url } = yield* receiver((n) => (n === 1 ? 500 : n === 2 ? 302 : 204))
      const { alarms, board } = yield* running(yield* organizationAt(url))
      failTwice(board)
      yield* came(1)
      yield* succeed(board)
      yield* came(4)
      yield* settled(alarms.owed)
      assert.deepStrictEqual(
        bodies(heard).map(({ state }) => state),
        ["raised", "raised", "raised", "ended"]
      )
      assert.strictEqual(new Set(heard.slice(0, 3).map(({ text }) => text)).size, 1)
      assert.isTrue(heard.every(({ path }) => path.startsWith("/hook")))
      // It did not wait for the receiver.
      assert.deepStrictEqual(told(toy.events).slice(0, 2), ["+source-failing source:hr", "-source-failing source:hr"])
      const about = lines.filter((line) => line.includes("webhook"))
      assert.strictEqual(about.length, 2)
      assert.match(about[0]!, /did not take an alarm \(it answered 500\)/)
      assert.match(about[1]!, /took the alarm after 3 tries/)
      const said = JSON.stringify(lines)
      for (const canary of [secret, "canary-token"]) assert.notInclude(said, canary)
    }).pipe(Effect.scoped, Effect.provide([layer, logger]))
  })

  it.live("is given up on after ten seconds without an answer, and tried again", () => {
    const { layer, toy } = makeToy()
    const { layer: logger, lines } = logging()
    return Effect.gen(function* () {
      const { came, heard, url } = yield* receiver((n) => (n === 1 ? null : 204))
      const { alarms, board } = yield* running(yield* organizationAt(url))
      failTwice(board)
      yield* came(1)
      const before = yield* seconds
      yield* succeed(board)
      yield* came(2)
      assert.isAtLeast((yield* seconds) - before, 9)
      yield* settled(alarms.owed)
      assert.deepStrictEqual(
        bodies(heard).map(({ state }) => state),
        ["raised", "raised", "ended"]
      )
      assert.deepStrictEqual(told(toy.events).slice(0, 2), ["+source-failing source:hr", "-source-failing source:hr"])
      assert.include(lines.join("\n"), "no answer within 10 seconds")
    }).pipe(Effect.scoped, Effect.provide([layer, logger]))
  })

  it.live("is told of a database that is away, which the log cannot be", () => {
    const { layer, toy } = makeToy()
    return Effect.gen(function* () {
      const { heard, url } = yield* receiver()
      toy.away = true
      const { board } = yield* running(yield* organizationAt(url, { databaseAwaySeconds: 0.01 }))
      const hurried = Effect.sync(() => board.sending({}))
      yield* until(
        Effect.andThen(
          hurried,
          Effect.sync(() => heard.length)
        ),
        (count) => count > 0
      )
      assert.deepStrictEqual(
        bodies(heard).map(({ alarm, state }) => [alarm, state]),
        [["database-away", "raised"]]
      )
      assert.deepStrictEqual(toy.events, [])
    }).pipe(Effect.scoped, Effect.provide([layer, logging().layer]))
  })

  it.live("that was down is told after a restart, once, and nothing that it took before", () => {
    const { layer: logger, lines } = logging()
    return Effect.gen(function* () {
      const here = yield* folder
      mkdirSync(join(here, "data"))
      const { port, url } = yield* Effect.scoped(receiver())
      const organization = yield* organizationAt(url)
      const database = stores({ data: join(here, "data"), organizations: [organization] }, {})
      yield* Effect.gen(function* () {
        const log = yield* EventLog
        const types = Effect.map(Stream.runCollect(log.read(organization.id)), told)
        const first = yield* running(organization)
        failTwice(first.board)
        yield* until(types, (events) => events.length > 0)
        yield* until(
          Effect.sync(() => lines.join()),
          (said) => said.includes("did not take")
        )
        yield* first.stop
        const { came, heard } = yield* receiver(() => 204, port)
        const second = yield* running(organization)
        yield* came(1)
        yield* settled(second.alarms.owed)
        yield* until(types, (events) => events.includes("AlarmDelivered"))
        yield* second.stop
        const third = yield* running(organization)
        yield* until(Effect.sync(third.alarms.standing), ({ length }) => length > 0)
        yield* succeed(third.board)
        yield* came(2)
        assert.deepStrictEqual(
          bodies(heard).map(({ state }) => state),
          ["raised", "ended"]
        )
        const notice = (yield* log.stream(organization.id, "alarms"))[0]?.event
        assert.strictEqual(notice?.type === "AlarmRaised" ? notice.notice : "", bodies(heard)[0]?.id)
        assert.strictEqual(yield* log.verify(organization.id), null)
        assert.match(lines.join("\n"), /did not take an alarm \(it cannot be reached\)/)
        assert.notInclude(lines.join("\n"), "canary")
      }).pipe(Effect.provide(database))
    }).pipe(Effect.scoped, Effect.provide(logger))
  })
})
