/**
 * The reconciliation service: for each organization its sources on their schedules, and its sender; side by side.
 *
 * Each organization has its own credentials and lane, and runs in fibers of its own: what stops one disturbs no other.
 * Whoever reads `organizations` sees how each is doing and can hurry it along.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import type { Lane } from "@rollcall/core/contract/Lane"
import { Sink } from "@rollcall/core/contract/Sink"
import { layer as together } from "@rollcall/sink-together/TogetherSink"
import { Context, DateTime, Effect, Layer } from "effect"

import type { LoadedConfiguration, Organization } from "../ConfigurationFile.ts"
import { type Alarms, makeAlarms } from "./Alarms.ts"
import { Board } from "./Condition.ts"
import { scheduleOf } from "./Schedule.ts"
import { makeSender, type Sender } from "./Sender.ts"
import { makeReader, type Reader } from "./SourceReader.ts"

/** One organization as it is served. */
export interface Served {
  readonly organization: Organization
  readonly board: Board
  readonly readers: ReadonlyArray<Reader>
  readonly sender: Sender
  readonly alarms: Alarms
  /** For requests on demand, beside the sender. */
  readonly sink: Layer.Layer<Sink, never, Lane>
}

/** Everything that is served by this process. */
export class Service extends Context.Service<Service, { readonly organizations: ReadonlyArray<Served> }>()(
  "rollcall/service/Service"
) {}

export const makeService = Effect.fn("Service.make")(function* ({ folder, organizations }: LoadedConfiguration) {
  const at = DateTime.formatIso(yield* DateTime.now)
  const served = yield* Effect.forEach(
    organizations,
    Effect.fnUntraced(function* (organization) {
      const board = new Board(organization.id, at)
      const readers = yield* Effect.forEach(Object.keys(organization.settings.sources), (name) => {
        const { schedule, written } = scheduleOf(organization, name)
        return makeReader({ organization, folder, name, schedule, written, board })
      })
      const sender = yield* makeSender(organization, board)
      const alarms = yield* makeAlarms(organization, board)
      const sink = Layer.provide(together(organization.settings.together), NodeHttpClient.layerUndici)
      const one: Served = { organization, board, readers, sender, alarms, sink }
      return one
    })
  )
  return Service.of({ organizations: served })
})

/** Does not end; ends with its scope, when each request under way was finished and recorded. */
export const runService = Effect.fn("Service.run")(function* ({ organizations }: Service["Service"]) {
  yield* Effect.forEach(
    organizations,
    ({ alarms, readers, sender }) =>
      Effect.all([...readers.map(({ run }) => run), sender.run, alarms.run], { concurrency: "unbounded" }),
    { concurrency: "unbounded", discard: true }
  )
  return yield* Effect.never
})
