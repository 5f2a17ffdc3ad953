/**
 * A Together in memory behind the `Sink` seam: it keeps the users it was sent, in the order and company they came.
 *
 * Judges what it is sent, too: nobody may be tied to a manager it does not know yet, and it is never asked in vain.
 */
import { Clock, Effect } from "effect"

import type { StoreError } from "../src/contract/EventLog.ts"
import {
  type Answer,
  type Deferral,
  type ListedUser,
  type Listing,
  type Registration,
  Sink,
  type SinkError,
  type Upsert,
  type Verdict
} from "../src/contract/Sink.ts"
import { uuidV5 } from "../src/domain/Digest.ts"
import { type Fields, changedFields, fieldNames } from "../src/domain/Field.ts"

interface Script {
  readonly batchSize?: number
  /** What Together says of one person instead of taking them. */
  readonly verdict?: (upsert: Upsert) => Verdict | undefined
  /** Requests that stay without an answer, before the first that gets one. */
  readonly deferrals?: ReadonlyArray<Deferral>
  /** What Together says against a place in a program. */
  readonly refusesPlace?: (registration: Registration) => string | undefined
  /** Happens between the list and what is made of it. */
  readonly afterList?: Effect.Effect<void>
  /** Happens before the grant of the nth array, counted from 0. */
  readonly beforeGrant?: (n: number) => Effect.Effect<void, StoreError>
  /** Why nothing can be sent, or nothing more after so many requests. */
  readonly failure?: SinkError
  readonly failsAfter?: number
}

export interface MemorySink {
  readonly service: Sink["Service"]
  readonly users: ReadonlyMap<string, Fields>
  /** Who shared a request, request by request. */
  readonly requests: ReadonlyArray<ReadonlyArray<Upsert>>
  /** People who came with a manager that was not there. */
  readonly orphans: ReadonlyArray<string>
  readonly registrations: ReadonlyArray<Registration>
  /** What its list shows; set by the test. */
  readonly listed: { listing: Omit<Listing, "request"> }
}

/** What its list shows of the people it was sent. */
export const usersOf = ({ users }: MemorySink): ReadonlyArray<ListedUser & { readonly employeeId: string }> =>
  [...users].map(([employeeId, fields]) => ({ employeeId, userId: `u-${employeeId}`, fields }))

/** Lets its list show these, every field of them and nobody else; or only some fields, or not to its end. */
export const show = (
  { listed }: MemorySink,
  users: ReadonlyArray<ListedUser>,
  { shown = new Set(fieldNames), whole = true }: Partial<Omit<Listing, "users">> = {}
): void => {
  listed.listing = { users, shown, whole }
}

let named = 0

export const makeMemorySink = (script: Script = {}): MemorySink => {
  const users = new Map<string, Fields>()
  const requests: Array<ReadonlyArray<Upsert>> = []
  const orphans: Array<string> = []
  const deferrals = [...(script.deferrals ?? [])]
  const batchSize = script.batchSize ?? 100

  const take = (upsert: Upsert): Verdict => {
    const scripted = script.verdict?.(upsert)
    if (scripted !== undefined) return scripted
    const held = users.get(upsert.employeeId)
    const manager = upsert.fields.supervisorId
    if (typeof manager === "string" && !users.has(manager)) orphans.push(upsert.employeeId)
    users.set(upsert.employeeId, { ...held, ...upsert.fields })
    if (held === undefined) return { _tag: "Applied", as: "created", status: 201 }
    if (Object.keys(changedFields(held, upsert.fields)).length === 0) {
      return { _tag: "Applied", as: "unchanged", status: 204 }
    }
    return { _tag: "Applied", as: "updated", status: 200 }
  }

  const listed: { listing: Omit<Listing, "request"> } = { listing: { users: [], shown: new Set(), whole: true } }
  const registrations: Array<Registration> = []
  const answerOf = Effect.fnUntraced(function* (
    { operation, members }: Pick<Answer, "operation" | "members">,
    rest: Partial<Answer>
  ) {
    const request = uuidV5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", `request ${++named}`)
    const grant = {
      lane: "lane",
      request,
      operation,
      members,
      number: named,
      position: named,
      startsAfterMillis: 0,
      faults: 0
    }
    const endedAt = Number(yield* Clock.monotonicTimeNanos) / 1e6
    const ending = { grant, endedAt, pauseMillis: 1000, faults: 0 }
    return { request, operation, members, verdicts: [], ending, ...rest } satisfies Answer
  })

  const service = Sink.of({
    id: "together",
    lane: "lane",
    batchSize,
    requestMillis: 1000,
    check: () => Effect.succeed(""),
    compose: (cargo) => JSON.stringify(cargo),
    list: Effect.fnUntraced(function* (_expected, { report }) {
      const answer = yield* answerOf({ operation: "list", members: 0 }, { status: 200 })
      yield* report(answer)
      yield* script.afterList ?? Effect.void
      return { request: answer.request, ...listed.listing }
    }),
    register: Effect.fnUntraced(function* (registration, { report }) {
      registrations.push(registration)
      const refusal = script.refusesPlace?.(registration)
      const status = refusal === undefined ? 200 : 400
      const registered = { registration, status, ...(refusal === undefined ? {} : { refusal }) }
      yield* report(yield* answerOf({ operation: "register", members: 1 }, { status, registered }))
    }),
    apply: Effect.fnUntraced(function* (upserts, arraySize, { report }) {
      if (upserts.length === 0) return yield* Effect.die("asked to send nobody")
      for (const batch of requestsOf(upserts, Math.min(batchSize, arraySize))) {
        if (script.failure !== undefined && requests.length >= (script.failsAfter ?? 0)) {
          if (script.failure.reason._tag === "CredentialsRejected") {
            yield* report(
              yield* answerOf({ operation: "upsert", members: batch.length }, { status: 401, credentialsRefused: true })
            )
          }
          return yield* script.failure
        }
        yield* script.beforeGrant?.(requests.length) ?? Effect.void
        const head = { operation: batch[0]?.userId === undefined ? "upsert" : "link", members: batch.length } as const
        for (let deferral = deferrals.shift(); deferral !== undefined; deferral = deferrals.shift()) {
          yield* report(yield* answerOf(head, { status: 429, deferral }))
        }
        requests.push(batch)
        const verdicts = batch.map((upsert) => ({ upsert, verdict: take(upsert) }))
        yield* report(yield* answerOf(head, { status: 200, verdicts }))
      }
    })
  })
  return { service, users, requests, orphans, registrations, listed }
}

/** Whoever must go alone does; the others share. */
const requestsOf = (upserts: ReadonlyArray<Upsert>, size: number): ReadonlyArray<ReadonlyArray<Upsert>> => {
  const batches: Array<Array<Upsert>> = []
  for (const upsert of upserts) {
    const last = batches.at(-1)
    const shares = upsert.alone !== true && upsert.userId === undefined
    if (
      shares &&
      last !== undefined &&
      last.length < size &&
      last[0]?.alone !== true &&
      last[0]?.userId === undefined
    ) {
      last.push(upsert)
    } else batches.push([upsert])
  }
  return batches
}
