import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { folder } from "../Command.ts"
import { collector } from "./Collector.ts"
import { parse, valueOf } from "./Exposition.ts"
import { serving, until } from "./Serving.ts"
import { type Human, writePeople, writeSite } from "./Site.ts"
import { together } from "./Together.ts"

const people: ReadonlyArray<Human> = [
  {
    id: "PELICAN-1",
    first: "Canaria",
    last: "Finchley",
    mail: "canaria@finchley.example",
    born: "1961-02-03",
    state: "Sparrowshire"
  },
  { id: "PELICAN-2", first: "Rejecta", last: "Warbler", mail: "rejecta@warbler.example", title: "400" },
  { id: "PELICAN-3", first: "Conflictus", last: "Heron", mail: "conflictus@heron.example", title: "409" }
]

/** A value that no status is: the row is refused. */
const bad: Human = {
  id: "PELICAN-4",
  first: "Badrow",
  last: "Osprey",
  mail: "badrow@osprey.example",
  status: "Ptarmigan"
}

const names = (humans: ReadonlyArray<Human>) =>
  humans.flatMap(({ born, first, id, last, mail, state }) => [id, first, last, mail, born ?? id, state ?? id])

const secrets = {
  ROLLCALL_ROOT_KEY: "nightingale root key of a canary, long enough",
  CANARY_ORGANIZATION: "goldfinch-organization",
  CANARY_CLIENT: "goldfinch-client",
  CANARY_KEY: "goldfinch-api-key",
  OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer goldfinch-collector",
  UNRELATED_SECRET: "goldfinch-unrelated"
}

describe("what the service says of itself", () => {
  it.live(
    "holds nothing of anybody and no secret: not in its log, its metrics, its readiness or its telemetry",
    () =>
      Effect.gen(function* () {
        const here = yield* folder
        const vendor = yield* together
        const otlp = yield* collector
        writeSite(here, vendor.url, {
          organizationId: { env: "CANARY_ORGANIZATION" },
          clientId: { env: "CANARY_CLIENT" },
          apiKey: { env: "CANARY_KEY" }
        })
        writePeople(here, [...people, bad])
        const environment = { ...secrets, OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url, OTEL_BSP_SCHEDULE_DELAY: "500" }
        const service = yield* serving(here, environment, ["--log-level", "all"])
        yield* until(
          () => vendor.heard.length === 3,
          () => service.said.stderr
        )
        // Somebody asks for a person by name, with a wrong token and a trace of their own.
        yield* service.ask("/api/v1/employee/by-name/Canaria%20Finchley?mail=canaria@finchley.example", {
          headers: {
            authorization: "Bearer goldfinch-token",
            traceparent: "00-11111111111111111111111111111111-2222222222222222-01"
          }
        })
        // A header with a person in it: the reading fails.
        writePeople(here, people, "id,first,Finchley,Canaria,x,y,z,s")
        yield* until(
          () => service.said.stderr.includes("The source could not be read"),
          () => service.said.stderr
        )
        yield* Effect.sleep("1 second")
        const metrics = (yield* service.ask("/metrics")).text
        const ready = (yield* service.ask("/readyz")).text
        yield* service.stop

        // All of it happened.
        assert.strictEqual(valueOf(parse(metrics), "rollcall_outcomes_total", { outcome: "rejected" }), 1)
        assert.strictEqual(valueOf(parse(metrics), "rollcall_outcomes_total", { outcome: "conflicted" }), 1)
        for (const name of names(people)) assert.include(vendor.heard.join(), name)
        assert.include(vendor.said.join(), "Rejecta")
        assert.isAbove(otlp.spans().length, 10)
        assert.isAbove(otlp.logs().length, 5)
        assert.match(service.said.stderr, /"level":"debug"/u)

        const all = { ...service.said, metrics, ready, otlp: otlp.heard.map(({ text }) => text).join("\n") }
        const canaries = [...names([...people, bad]), "Ptarmigan", "goldfinch", "nightingale"]
        for (const [where, text] of Object.entries(all)) {
          for (const canary of canaries) {
            const at = text.toLowerCase().indexOf(canary.toLowerCase())
            assert.strictEqual(at, -1, `${canary} in ${where}: ${text.slice(Math.max(0, at - 200), at + 100)}`)
          }
        }
        assert.isFalse(
          otlp.spans().some(({ traceId }) => /^1+$/u.test(traceId)),
          "somebody else's trace"
        )
      }).pipe(Effect.scoped),
    120_000
  )
})
