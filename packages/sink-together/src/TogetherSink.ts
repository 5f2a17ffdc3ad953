/**
 * The sink: Together as the engine sees it.
 *
 * Composes client, lane, schedule and search into core's `Sink`. Every request that was made is reported, also the ones
 * that came to nothing; after the vendor's faults have lasted longer than the configured patience, the run stops with
 * everything that was answered already recorded.
 */
import type { Lane } from "@rollcall/core/contract/Lane"
import { type Errand, Sink } from "@rollcall/core/contract/Sink"
import { Duration, Effect, Layer } from "effect"
import type { HttpClient } from "effect/http"

import { makeApply } from "./TogetherBatch.ts"
import { TogetherClient } from "./TogetherClient.ts"
import { type TogetherConfig, defaultBatchSize } from "./TogetherConfig.ts"
import { TogetherLane } from "./TogetherLane.ts"
import { makeList } from "./TogetherList.ts"
import { compose } from "./TogetherMessage.ts"
import { countUsers } from "./TogetherPage.ts"
import { makeRegister } from "./TogetherPrograms.ts"
import { plain, type Reply, TogetherMisread } from "./TogetherReply.ts"
import type { TogetherRequest } from "./TogetherRequest.ts"
import { pace } from "./TogetherSchedule.ts"

export const layer = (config: TogetherConfig): Layer.Layer<Sink, never, HttpClient.HttpClient | Lane> =>
  Layer.effect(Sink, make(config)).pipe(
    Layer.provide(TogetherClient.layer(config)),
    Layer.provide(TogetherLane.layer(config))
  )

const make = Effect.fnUntraced(function* (config: TogetherConfig) {
  const client = yield* TogetherClient
  const lane = yield* TogetherLane
  return Sink.of({
    id: "together",
    lane: lane.name,
    batchSize: config.batchSize ?? defaultBatchSize,
    requestMillis: Duration.toMillis(pace),
    check: <E, R>(probe: boolean, errand: Errand<E, R>) =>
      Effect.map(
        lane.take(checkRequest(client, probe), errand),
        ({ result }) => `credentials accepted; ${result} users in the answer to the list`
      ),
    apply: makeApply(client, lane),
    register: makeRegister(client, lane),
    compose,
    list: makeList(client, lane)
  })
})

/** The one request that changes nothing and needs no id. */
const checkRequest = (client: TogetherClient["Service"], probe: boolean): TogetherRequest<number> => ({
  operation: "check",
  members: 0,
  probe,
  patient: false,
  exchange: client.list(client.listUrl),
  understand: (reply) => {
    const known = plain(reply)
    if ("_tag" in known) return known
    const { accepted, status } = known
    return accepted ? { _tag: "Understood", status, result: countUsers(known) } : noList(known)
  }
})

const noList = ({ status }: Reply): TogetherMisread =>
  new TogetherMisread({ status, problem: `Together answered the list of users with ${status}.` })
