/**
 * Whether the service can do its work now, and what is in the way.
 *
 * Asked by `/readyz`, without a token: names of organizations and of checks, counts, and nothing of anybody. The database
 * is looked at no more than once a second, whoever asks how often.
 */
import type { StoreError } from "@rollcall/core/contract/EventLog"
import type { Upkeep } from "@rollcall/directory-store/Upkeep"
import { Clock, Effect } from "effect"

import type { Served } from "../service/Service.ts"

export interface Check {
  readonly name: "database" | "migrations" | "projection" | "sender"
  readonly organization?: string
  readonly ready: boolean
  /** What is in the way. */
  readonly problem?: string
  /** Events that the Directory's tables are behind the log. */
  readonly lag?: number
}

/** What can be looked at once the database is open and the service is made. */
export interface Subject {
  readonly upkeep: Upkeep["Service"]
  readonly organizations: ReadonlyArray<Served>
}

export interface Readiness {
  readonly checks: Effect.Effect<ReadonlyArray<Check>>
  /** From here on there is something to be looked at. */
  readonly begin: (subject: Subject) => void
}

const patience = "5 seconds"

/** Tables may be behind for as long as others write by other rules, or much at once; they are brought up every 5 s. */
const behindMillis = 30_000

export const makeReadiness = Effect.gen(function* () {
  let subject: Subject | undefined
  /** Since when an organization's tables have been behind. */
  const behindSince = new Map<string, number>()
  const look = Effect.suspend(() => (subject === undefined ? Effect.succeed(starting) : lookAt(subject, behindSince)))
  const checks = yield* Effect.cachedWithTTL(look, "1 second")
  const readiness: Readiness = {
    checks,
    begin: (begun) => {
      subject = begun
    }
  }
  return readiness
})

const starting: ReadonlyArray<Check> = [
  { name: "database", ready: false, problem: "It is not open yet." },
  { name: "migrations", ready: false, problem: "They wait for the database." }
]

const lookAt = Effect.fnUntraced(function* (
  { organizations, upkeep }: Subject,
  behindSince: Map<string, number>
): Effect.fn.Return<ReadonlyArray<Check>> {
  const now = yield* Clock.currentTimeMillis
  const senders = organizations.map(({ board }) => senderOf(board.condition))
  const seen = yield* Effect.all([upkeep.difference, upkeep.progress]).pipe(
    Effect.timeout(patience),
    Effect.catch((error) => Effect.succeed(awayOf(error)))
  )
  if ("name" in seen) return [seen, ...senders]
  const [difference, progress] = seen
  const projections = progress.map(({ organization, position, projected }): Check => {
    const lag = position - projected
    if (lag === 0) behindSince.delete(organization)
    const since = lag === 0 ? now : (behindSince.get(organization) ?? now)
    if (lag > 0) behindSince.set(organization, since)
    const ready = now - since < behindMillis
    const problem = ready ? {} : { problem: "The Directory's tables stay behind the log." }
    return { name: "projection", organization, ready, lag, ...problem }
  })
  return [{ name: "database", ready: true }, migrationsOf(difference), ...projections, ...senders]
})

const awayOf = (error: StoreError | { readonly _tag: "TimeoutError" }): Check => ({
  name: "database",
  ready: false,
  problem: error._tag === "StoreError" ? "It cannot be reached; the log says why." : `It gave no answer in ${patience}.`
})

const migrationsOf = ({
  missing,
  unknown
}: {
  readonly missing: ReadonlyArray<string>
  readonly unknown: ReadonlyArray<string>
}): Check => {
  if (missing.length > 0) return { name: "migrations", ready: false, problem: `Missing: ${missing.join(", ")}.` }
  if (unknown.length > 0)
    return { name: "migrations", ready: false, problem: `Made by a newer Rollcall: ${unknown.join(", ")}.` }
  return { name: "migrations", ready: true }
}

const senderOf = ({ organization, sending }: Served["board"]["condition"]): Check =>
  sending.doing === "starting"
    ? { name: "sender", organization, ready: false, problem: "It is still starting." }
    : { name: "sender", organization, ready: true }
