/** Run by LanePostgres.test.ts in a process of its own: is granted a request, says so, and never tells of its end. */
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Layer, Redacted } from "effect"

import { Database } from "../src/Database.ts"
import * as LaneStore from "../src/LaneStore.ts"
import { asking, quickly, take } from "./GivenLane.ts"

const [url = "", organization = "", lane = "", timeoutMillis = ""] = process.argv.slice(2)

const hold = Effect.gen(function* () {
  const asked = asking(OrganizationId.make(organization), lane, { timeoutMillis: Number(timeoutMillis) })
  const { number } = yield* take(asked)
  process.stdout.write(`granted ${number}\n`)
  return yield* Effect.never
})

await Effect.runPromise(
  hold.pipe(quickly, Effect.provide(LaneStore.layer.pipe(Layer.provide(Database.layerPostgres(Redacted.make(url))))))
)
