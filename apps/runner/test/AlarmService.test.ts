import { writeFileSync } from "node:fs"
import { join } from "node:path"

import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodePath from "@effect/platform-node/NodePath"
import { assert, describe, it } from "@effect/vitest"
import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import { demoCredentials } from "@rollcall/sandbox/TogetherSettings"
import { csv } from "@rollcall/source-csv"
import { Effect, Layer } from "effect"

import { read } from "../src/ConfigurationFile.ts"
import { type Served, makeService, runService } from "../src/service/Service.ts"
import { stores } from "../src/Stores.ts"
import { logging, until } from "./AlarmSite.ts"
import { folder } from "./Command.ts"
import { type Human, columns, rosterOf } from "./InProcess.ts"

const platform = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, NodeHttpClient.layerUndici)

/** Nobody may leave without somebody's word. */
const written = (server: TogetherSandbox, together: object) => ({
  sources: { hr: csv({ file: "people.csv", columns }) },
  together: { baseUrl: server.url, ...demoCredentials, ...together },
  guard: { leavers: { count: 0, percent: 0 } }
})

const names = ({ alarms }: Served) => alarms.standing().map(({ alarm, key }) => `${alarm} ${key}`)

const standing = (served: Served, wanted: ReadonlyArray<string>) =>
  until(
    Effect.sync(() => names(served)),
    (seen) => seen.join() === wanted.join()
  )

describe("The alarms of several organizations", () => {
  it.live(
    "name the one whose key is revoked, and whose plan is held; the other is served as if nothing had happened",
    () => {
      const { layer: logger, lines } = logging()
      return Effect.gen(function* () {
        const here = yield* folder
        const write = (humans: ReadonlyArray<Human>) => writeFileSync(join(here, "people.csv"), rosterOf(humans))
        write([{ id: "a" }, { id: "b" }, { id: "c" }])
        const ours = yield* TogetherSandbox.start({ credentials: { ...demoCredentials, organizationId: "ours" } })
        const theirs = yield* TogetherSandbox.start({ credentials: { ...demoCredentials, organizationId: "theirs" } })
        const organizations = {
          revoked: written(theirs, { organizationId: "theirs", apiKey: "canary-revoked" }),
          served: written(ours, { organizationId: "ours" })
        }
        const known = yield* read("f", { organizations }, {})
        const configuration = { ...known, file: "", folder: here, data: join(here, "data") }
        yield* Effect.gen(function* () {
          const service = yield* makeService(configuration)
          yield* Effect.forkScoped(runService(service))
          const [revoked, served] = service.organizations as readonly [Served, Served]
          const readAll = Effect.forEach(service.organizations, ({ readers }) => readers[0]!.trigger)
          yield* readAll
          yield* standing(revoked, ["credentials-refused sink:together"])
          yield* until(ours.users, (users) => users.length === 3)
          assert.deepStrictEqual(names(served), [])
          write([{ id: "a" }, { id: "b", status: "T" }, { id: "c", status: "T" }])
          yield* readAll
          yield* standing(served, ["plan-held guard:leavers"])
          write([{ id: "a", title: "Chief" }, { id: "b" }, { id: "c" }])
          yield* readAll
          yield* standing(served, [])
          assert.deepStrictEqual(names(revoked), ["credentials-refused sink:together"])
        }).pipe(Effect.scoped, Effect.provide(Layer.merge(stores(configuration, {}), platform)))
        const alarms = lines.filter((line) => line.includes("Alarm "))
        assert.strictEqual(alarms.length, 3, alarms.join("\n"))
        assert.match(alarms[0]!, /credentials-refused \(sink:together\) of revoked/)
        assert.match(alarms[1]!, /plan-held \(guard:leavers\) of served: The guard holds 2 people/)
        assert.match(alarms[2]!, /plan-held \(guard:leavers\) of served has ended/)
        assert.notInclude(lines.join("\n"), "canary-revoked")
      }).pipe(Effect.scoped, Effect.provide(logger))
    },
    { timeout: 120_000 }
  )
})
