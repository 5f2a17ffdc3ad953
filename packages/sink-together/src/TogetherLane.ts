/**
 * The lane as this sink uses it: every request to Together goes through `take`.
 *
 * A grant of core's `Lane` comes first, from where every process sees it; then this process's own guard, a single file
 * and a whole second after its last request. `take` makes a request again after each fault, for as long as patience
 * lasts, and reports every attempt. Nothing here knows what is sent.
 */
import type { StoreError } from "@rollcall/core/contract/EventLog"
import { type GrantReply, type GrantRequest, Lane, LaneAttention } from "@rollcall/core/contract/Lane"
import type { Errand, SinkError } from "@rollcall/core/contract/Sink"
import { sha256, uuidV5 } from "@rollcall/core/domain/Digest"
import { employeeStreamPrefix } from "@rollcall/core/domain/Employee"
import type { Carried } from "@rollcall/core/domain/LaneEvent"
import { Clock, Context, Duration, Effect, Layer, Redacted, Semaphore } from "effect"

import { defaultPatienceMinutes, defaultTimeoutSeconds, type TogetherConfig } from "./TogetherConfig.ts"
import { circuitOpen, keyRefused, misread, unavailable } from "./TogetherFailure.ts"
import { monotonic, useGrant } from "./TogetherGrant.ts"
import { compose } from "./TogetherMessage.ts"
import type { TogetherFault } from "./TogetherReply.ts"
import type { TogetherRequest } from "./TogetherRequest.ts"
import { pace } from "./TogetherSchedule.ts"

/** What a request led to, and the name it has in the log. */
export interface Taken<A> {
  readonly request: string
  readonly result: A
}

export class TogetherLane extends Context.Service<
  TogetherLane,
  {
    readonly name: string
    /** Makes one request when its turn has come, and again after each fault. Every attempt is reported. */
    readonly take: <A, E, R>(
      request: TogetherRequest<A>,
      errand: Errand<E, R>
    ) => Effect.Effect<Taken<A>, SinkError | StoreError | E, R>
  }
>()("@rollcall/sink-together/TogetherLane") {
  static readonly layer = (config: TogetherConfig): Layer.Layer<TogetherLane, never, Lane> =>
    Layer.effect(TogetherLane, make(config))
}

/** UUIDv5 of "togetherplatform.com" in the DNS namespace. */
const namespace = uuidV5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "togetherplatform.com")

/**
 * Who shares the vendor's account shares the vendor's limit, so the lane is named by Together's organization id, not by
 * ours. The id itself is one of the three credentials and stays out of the log: twelve digits of a hash stand for it.
 */
export const laneName = ({ organizationId }: Pick<TogetherConfig, "organizationId">): string =>
  `together-${uuidV5(namespace, Redacted.value(organizationId)).replaceAll("-", "").slice(0, 12)}`

const make = Effect.fnUntraced(function* (config: TogetherConfig) {
  const lane = yield* Lane
  const attention = yield* LaneAttention
  const name = laneName(config)
  const single = yield* Semaphore.make(1)
  const timeoutMillis = (config.timeoutSeconds ?? defaultTimeoutSeconds) * 1000
  const credentials = Redacted.make(
    [config.organizationId, config.clientId, config.apiKey].map(Redacted.value).join("\n"),
    { label: "credentials" }
  )
  let opensAt = -Infinity

  /** One look at the lane and, if it is free, one request: neither a grant nor an answer is lost to an interruption. */
  const look = <A, E, R>(id: string, request: TogetherRequest<A>, errand: Errand<E, R>) =>
    Effect.gen(function* () {
      const { organization, run, urgency } = errand
      const { members, operation, probe = false, expectedVersions } = request
      yield* attention.begin(name)
      const asked = { organization, lane: name, sink: "together", run, request: id, operation, members, urgency }
      const more = { ...(expectedVersions === undefined ? {} : { expectedVersions }), ...carriedIn(request, errand) }
      const askedAt = yield* monotonic
      const reply = yield* lane.grant({ ...asked, credentials, probe, timeoutMillis, ...more })
      if (reply._tag !== "Granted") return reply
      const { grant, opensInMillis = grant.startsAfterMillis } = reply
      const granted = { grant, askedAt, timeoutMillis }
      const receivedAt = yield* monotonic
      return yield* useGrant(
        { ...granted, opensAt: Math.max(receivedAt + opensInMillis, opensAt) },
        request,
        errand.report,
        attention.end(name),
        (endedAt) => {
          opensAt = endedAt + Duration.toMillis(pace)
        }
      )
    }).pipe(Effect.ensuring(attention.end(name)), Effect.uninterruptible, single.withPermits(1))

  const take = Effect.fnUntraced(function* <A, E, R>(request: TogetherRequest<A>, errand: Errand<E, R>) {
    const patience = makePatience(config, request, attention.begin(name))
    for (let id = newRequest(); ;) {
      const came = yield* look(id, request, errand)
      if (came._tag === "Understood") return { request: id, result: came.result }
      if (came._tag === "Wait") {
        yield* patience.wait(came)
        continue
      }
      if (came._tag === "CircuitOpen") return yield* circuitOpen(came)
      if (came._tag === "TogetherKeyRefused") return yield* keyRefused(came)
      if (came._tag === "TogetherMisread") return yield* misread(came)
      if (came._tag === "TogetherFault") yield* patience.met(came)
      id = newRequest()
    }
  })

  return TogetherLane.of({ name, take })
})

/** For the grant's event: whom the request carries, what that was decided from, and a hash of the request itself. */
const carriedIn = (
  { cargo }: TogetherRequest<unknown>,
  { basis }: Pick<Errand<unknown, unknown>, "basis">
): Pick<GrantRequest, "carried"> => {
  if (cargo === undefined || basis === undefined) return {}
  const people = "upserts" in cargo ? cargo.upserts : [cargo.registration]
  const carried: Carried = {
    ...basis,
    people: people.map(({ stream }) => stream.slice(employeeStreamPrefix.length)),
    ...("registration" in cargo ? { programId: cargo.registration.programId } : {}),
    requestHash: sha256(compose(cargo))
  }
  return { carried }
}

/** Names a request in the log; unique over runs and processes. */
const newRequest = (): string => globalThis.crypto.randomUUID()

/** So long before its turn a request is announced to whoever should stand aside. */
const leadMillis = 25

/**
 * How long one request is tried. `almost` is done just before each turn. Its time runs from the first fault, or from the first wait for a backoff that others
 * left behind; turns that are waited for cost nothing.
 */
const makePatience = (
  config: TogetherConfig,
  { patient = true }: TogetherRequest<unknown>,
  almost: Effect.Effect<void>
) => {
  const patience = Duration.minutes(patient ? (config.patienceMinutes ?? defaultPatienceMinutes) : 0)
  let endsAt: number | undefined
  let fault: TogetherFault | undefined

  const begin = Effect.map(monotonic, (now) => (endsAt ??= now + Duration.toMillis(patience)))

  const met = (met: TogetherFault) => {
    fault = met
    return begin
  }

  const wait = Effect.fnUntraced(function* ({ because, millis }: GrantReply & { readonly _tag: "Wait" }) {
    // After a grant that came to nothing the lane calls its pause of a second a backoff, if one was under way.
    if (because === "backoff" && millis > Duration.toMillis(pace)) {
      if ((yield* monotonic) + millis > (yield* begin)) {
        return yield* unavailable(fault, yield* Clock.currentTimeMillis, millis, patience)
      }
    } else if (endsAt !== undefined) endsAt += millis
    yield* Effect.sleep(Math.max(0, millis - leadMillis))
    yield* almost
    yield* Effect.sleep(Math.min(millis, leadMillis))
  })

  return { met, wait }
}
