/**
 * A Together in memory behind the `Sink` seam: it keeps the users it was sent, in the order and company they came.
 *
 * Judges what it is sent, too: nobody may be tied to a manager it does not know yet, and it is never asked in vain.
 */
import { Effect } from "effect"

import { type Deferral, Sink, type SinkError, type Upsert, type Verdict } from "../src/contract/Sink.ts"
import { type Fields, changedFields } from "../src/domain/Field.ts"

interface Script {
  readonly batchSize?: number
  /** What Together says of one person instead of taking them. */
  readonly verdict?: (upsert: Upsert) => Verdict | undefined
  /** Requests that stay without an answer, before the first that gets one. */
  readonly deferrals?: ReadonlyArray<Deferral>
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

  const service = Sink.of({
    id: "together",
    batchSize,
    requestMillis: 1000,
    check: Effect.succeed({ summary: "", findings: [] }),
    apply: Effect.fnUntraced(function* (upserts, report) {
      if (upserts.length === 0) return yield* Effect.die("asked to send nobody")
      for (let i = 0; i < upserts.length; i += batchSize) {
        if (script.failure !== undefined && requests.length >= (script.failsAfter ?? 0)) return yield* script.failure
        const batch = upserts.slice(i, i + batchSize)
        for (let deferral = deferrals.shift(); deferral !== undefined; deferral = deferrals.shift()) {
          yield* report({ request: `q${++named}`, members: batch.length, status: 429, deferral, verdicts: [] })
        }
        requests.push(batch)
        const verdicts = batch.map((upsert) => ({ upsert, verdict: take(upsert) }))
        yield* report({ request: `q${++named}`, members: batch.length, status: 200, verdicts })
      }
    })
  })
  return { service, users, requests, orphans }
}
