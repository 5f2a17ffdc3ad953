/**
 * The judge: sees every request that reaches the server and says whether the client kept Together's rule of at most one
 * request a second and one at a time. It also counts the duplicates that keyless posts made.
 * Called by TogetherServer at arrival, decision, answer and end of a request. It trusts nothing the client says about
 * itself, is a pure value under given times, and never refuses or delays a request.
 */
import { HashMap, Option } from "effect"

/** The documented limit: arrivals at least this far apart. */
export const requiredSpacing = 1000

/** Timers fire and packets travel with a granularity of a few milliseconds; closer than this is not called a violation. */
export const spacingTolerance = 5

/** How many requests the journal of the report remembers. */
export const journalLimit = 5000

export type Violation = "spacing" | "concurrency"

/** When a request came: `at` in monotonic milliseconds, `wall` in milliseconds since 1970. */
export interface Arrival {
  readonly at: number
  readonly wall: number
  readonly method: string
  readonly path: string
}

/** One judged request. `status` stays null when the server never answered (hang, reset, or the client went away). */
export interface JudgedRequest {
  readonly id: number
  readonly method: string
  readonly path: string
  readonly arrivedAt: number
  readonly endedAt: number | null
  readonly status: number | null
  readonly members: number
  readonly spacing: number | null
  readonly violations: ReadonlyArray<Violation>
}

/** The sums that outlive a restart. */
export interface JudgeTotals {
  readonly requests: number
  readonly members: number
  readonly byStatus: { readonly [status: string]: number }
  readonly unanswered: number
  readonly smallestSpacing: number | null
  readonly largestInFlight: number
  readonly violations: { readonly spacing: number; readonly concurrency: number }
  readonly duplicates: number
}

export interface Judge {
  readonly nextId: number
  readonly lastArrival: { readonly at: number | null; readonly wall: number } | null
  readonly open: HashMap.HashMap<number, JudgedRequest>
  readonly journal: HashMap.HashMap<number, JudgedRequest>
  readonly totals: JudgeTotals
}

/** What the judge has to say; spacings in milliseconds, `smallestSpacing` null before the second request. */
export interface JudgeReport extends JudgeTotals {
  readonly inFlight: number
  readonly journal: ReadonlyArray<JudgedRequest>
}

const noTotals: JudgeTotals = {
  requests: 0,
  members: 0,
  byStatus: {},
  unanswered: 0,
  smallestSpacing: null,
  largestInFlight: 0,
  violations: { spacing: 0, concurrency: 0 },
  duplicates: 0
}

export const freshJudge: Judge = {
  nextId: 1,
  lastArrival: null,
  open: HashMap.empty(),
  journal: HashMap.empty(),
  totals: noTotals
}

/** A judge that goes on where another process stopped; only the wall clock connects the two. */
export const resumedJudge = (totals: JudgeTotals, lastWall: number | null): Judge => ({
  ...freshJudge,
  totals,
  lastArrival: lastWall === null ? null : { at: null, wall: lastWall }
})

/** Forgets totals and journal. Requests that are still open stay open, and the last arrival still counts. */
export const pardoned = (judge: Judge): Judge => ({ ...judge, journal: HashMap.empty(), totals: noTotals })

/** A request has reached the server. */
export const arrive = (judge: Judge, arrival: Arrival): readonly [JudgedRequest, Judge] => {
  const spacing = spacingOf(judge, arrival)
  const inFlight = HashMap.size(judge.open) + 1
  const request: JudgedRequest = {
    id: judge.nextId,
    method: arrival.method,
    path: arrival.path,
    arrivedAt: arrival.at,
    endedAt: null,
    status: null,
    members: 0,
    spacing,
    violations: violationsOf(spacing, inFlight)
  }
  const next: Judge = {
    nextId: judge.nextId + 1,
    lastArrival: { at: arrival.at, wall: arrival.wall },
    open: HashMap.set(judge.open, request.id, request),
    journal: HashMap.remove(judge.journal, request.id - journalLimit),
    totals: totalsAfter(judge.totals, request, inFlight)
  }
  return [request, next]
}

/** The server has read the body: how many users it carried and how many duplicates it made. */
export const decide = (judge: Judge, id: number, found: { members: number; duplicates: number }): Judge => ({
  ...change(judge, id, (request) => ({ ...request, members: found.members })),
  totals: {
    ...judge.totals,
    members: judge.totals.members + found.members,
    duplicates: judge.totals.duplicates + found.duplicates
  }
})

/** The server has sent a status. */
export const answer = (judge: Judge, id: number, status: number): Judge => ({
  ...change(judge, id, (request) => ({ ...request, status })),
  totals: {
    ...judge.totals,
    byStatus: { ...judge.totals.byStatus, [status]: (judge.totals.byStatus[status] ?? 0) + 1 }
  }
})

/** The request is over, answered or not. Saying it twice is harmless. */
export const end = (judge: Judge, id: number, at: number): Judge => {
  const request = Option.getOrUndefined(HashMap.get(judge.open, id))
  if (request === undefined) return judge
  return {
    ...judge,
    open: HashMap.remove(judge.open, id),
    journal: HashMap.set(judge.journal, id, { ...request, endedAt: at }),
    totals: { ...judge.totals, unanswered: judge.totals.unanswered + (request.status === null ? 1 : 0) }
  }
}

export const report = (judge: Judge): JudgeReport => ({
  ...judge.totals,
  inFlight: HashMap.size(judge.open),
  journal: [...HashMap.values(judge.journal), ...HashMap.values(judge.open)].sort((a, b) => a.id - b.id)
})

/** Null where nothing can be said: the first request ever, or a wall clock that was set back between two processes. */
const spacingOf = ({ lastArrival }: Judge, { at, wall }: Arrival): number | null => {
  if (lastArrival === null) return null
  if (lastArrival.at !== null) return at - lastArrival.at
  return wall >= lastArrival.wall ? wall - lastArrival.wall : null
}

const violationsOf = (spacing: number | null, inFlight: number): ReadonlyArray<Violation> => [
  ...(spacing !== null && spacing < requiredSpacing - spacingTolerance ? (["spacing"] as const) : []),
  ...(inFlight > 1 ? (["concurrency"] as const) : [])
]

const totalsAfter = (totals: JudgeTotals, request: JudgedRequest, inFlight: number): JudgeTotals => ({
  ...totals,
  requests: totals.requests + 1,
  smallestSpacing:
    request.spacing === null ? totals.smallestSpacing : Math.min(request.spacing, totals.smallestSpacing ?? Infinity),
  largestInFlight: Math.max(totals.largestInFlight, inFlight),
  violations: {
    spacing: totals.violations.spacing + (request.violations.includes("spacing") ? 1 : 0),
    concurrency: totals.violations.concurrency + (request.violations.includes("concurrency") ? 1 : 0)
  }
})

const change = (judge: Judge, id: number, f: (request: JudgedRequest) => JudgedRequest): Judge => {
  const request = Option.getOrUndefined(HashMap.get(judge.open, id))
  return request === undefined ? judge : { ...judge, open: HashMap.set(judge.open, id, f(request)) }
}
