/** Run by Embedded.test.ts in a process of its own: opens the folder, appends, says so, and keeps the folder open. */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Layer } from "effect"

import { Database } from "../src/Database.ts"
import * as EventLogStore from "../src/EventLogStore.ts"
import { appendOf, employees } from "./Given.ts"

const [folder = "", rounds = "1"] = process.argv.slice(2)
const organization = OrganizationId.make("acme")

const hold = Effect.gen(function* () {
  const log = yield* EventLog
  for (let round = 0; round < Number(rounds); round++) {
    const { lastPosition } = yield* log.append(organization, appendOf(employees(organization, 10)))
    process.stdout.write(`committed ${lastPosition}\n`)
  }
  return yield* Effect.never
})

await Effect.runPromise(
  hold.pipe(Effect.provide(EventLogStore.layer.pipe(Layer.provide(Database.layerPGlite(folder)))))
)
