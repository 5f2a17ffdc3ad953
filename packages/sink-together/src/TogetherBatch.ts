/**
 * Takes arrays of people to Together and finds out about each of them.
 *
 * The status of an array says nothing about its members when it is a refusal: the array is halved until single people
 * give their own answer. When one half went through, the other holds the culprit and is halved without asking. Called
 * by `TogetherSink` with a function that makes one request.
 */
import type { Answer, Upsert, Verdict } from "@rollcall/core/contract/Sink"
import { Effect } from "effect"

import type { Reply } from "./TogetherReply.ts"

/** Makes one request with these people, waiting out faults, and says which request it was. */
export type Ask<E, R> = (
  upserts: ReadonlyArray<Upsert>
) => Effect.Effect<{ readonly request: string; readonly reply: Reply }, E, R>

export type Report<E, R> = (answer: Answer) => Effect.Effect<void, E, R>

/** Settles everyone, in order. Succeeds with whether anybody was refused. */
export const settle = <E1, R1, E2, R2>(
  upserts: ReadonlyArray<Upsert>,
  ask: Ask<E1, R1>,
  report: Report<E2, R2>
): Effect.Effect<boolean, E1 | E2, R1 | R2> =>
  Effect.gen(function* () {
    if (upserts.length === 0) return false
    const { reply, request } = yield* ask(upserts)
    const settled = reply.accepted || upserts.length === 1
    const verdicts = settled
      ? upserts.map((upsert) => ({ upsert, verdict: verdictOf(upsert, upserts.length, reply) }))
      : []
    yield* report({ request, members: upserts.length, status: reply.status, verdicts })
    if (!settled) yield* split(upserts, ask, report)
    return !reply.accepted
  })

/** People among whom somebody is known to be refused. */
const split = <E1, R1, E2, R2>(
  upserts: ReadonlyArray<Upsert>,
  ask: Ask<E1, R1>,
  report: Report<E2, R2>
): Effect.Effect<void, E1 | E2, R1 | R2> =>
  Effect.gen(function* () {
    const middle = Math.ceil(upserts.length / 2)
    const [left, right] = [upserts.slice(0, middle), upserts.slice(middle)]
    const refusedLeft = yield* settle(left, ask, report)
    if (refusedLeft || right.length === 1) yield* settle(right, ask, report)
    else yield* split(right, ask, report)
  })

const refusals: Readonly<Record<number, "conflicted" | "gone">> = { 409: "conflicted", 410: "gone" }

/** An array's success does not tell creation from update; whether the person was known does. */
const verdictOf = ({ known }: Upsert, members: number, { accepted, status, text }: Reply): Verdict => {
  if (!accepted) {
    return {
      _tag: "Refused",
      as: refusals[status] ?? "rejected",
      status,
      ...(text === "" ? {} : { answer: reason(text) })
    }
  }
  if (status === 204) return { _tag: "Applied", as: "unchanged", status }
  const created = members === 1 ? status === 201 : !known
  return { _tag: "Applied", as: created ? "created" : "updated", status }
}

/** Enough of the body to act on; it is kept with the person. */
const reason = (text: string): string => (text.length <= 1000 ? text : `${text.slice(0, 1000).toWellFormed()}…`)
