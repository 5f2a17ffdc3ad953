/**
 * Registers a person in a program: `POST /public/:organizationId/registerUser`.
 *
 * A refusal is the program's or the person's and is handed on in the vendor's words. Called by `TogetherSink`.
 */
import type { StoreError } from "@rollcall/core/contract/EventLog"
import type { Answer, Errand, Registration, SinkError } from "@rollcall/core/contract/Sink"
import { Effect } from "effect"

import type { TogetherClient } from "./TogetherClient.ts"
import type { TogetherLane } from "./TogetherLane.ts"
import { plain, type Reply, wordsOf } from "./TogetherReply.ts"
import type { TogetherRequest } from "./TogetherRequest.ts"

/** `register` of core's `Sink`. */
export const makeRegister =
  (client: TogetherClient["Service"], lane: TogetherLane["Service"]) =>
  <E, R>(registration: Registration, errand: Errand<E, R>): Effect.Effect<void, SinkError | StoreError | E, R> =>
    Effect.asVoid(lane.take(requestFor(client, registration), errand))

const requestFor = (client: TogetherClient["Service"], registration: Registration): TogetherRequest<void> => ({
  operation: "register",
  members: 1,
  expectedVersions: new Map([[registration.stream, registration.version]]),
  cargo: { registration },
  exchange: client.register(registration),
  understand: (reply) => {
    const known = plain(reply)
    if ("_tag" in known) return known
    const { status } = known
    return { _tag: "Understood", status, registered: registered(registration, known), result: undefined }
  }
})

const registered = (
  registration: Registration,
  { accepted, status, text }: Reply
): NonNullable<Answer["registered"]> => {
  if (accepted) return { registration, status }
  return { registration, status, refusal: text === "" ? `Together answered ${status}.` : wordsOf(text) }
}
