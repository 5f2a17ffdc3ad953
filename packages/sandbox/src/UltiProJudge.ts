/**
 * The judge: sees every request that reaches the server and keeps count by path, method and status, and of how many were open
 * at once. UKG publishes no rate, so it counts and calls nothing a violation; a test says what it allows.
 * Called by UltiProServer at arrival, answer and end of a request. It trusts nothing the client says about itself, is a pure
 * value under given times, and never refuses or delays a request.
 */
import { HashMap, Option } from "effect"

/** How many requests the journal of the report remembers. */
export const journalLimit = 5000

/** A request as the journal keeps it; times in monotonic milliseconds. */
export interface SeenRequest {
  readonly id: number
  readonly method: string
  readonly path: string
  /** Parameters as they came, names in their own casing. */
  readonly query: Readonly<Record<string, string>>
  readonly page: number
  readonly arrivedAt: number
  /** Null while it is open. */
  readonly endedAt: number | null
  /** Null while it is open, and for requests that were never answered. */
  readonly status: number | null
}

export interface Totals {
  readonly requests: number
  readonly byStatus: Readonly<Record<number, number>>
  readonly byPath: Readonly<Record<string, Readonly<Record<number, number>>>>
  readonly byMethod: Readonly<Record<string, number>>
  /** Requests that ended without an answer: hung, reset, or left by the client. */
  readonly unanswered: number
  readonly largestInFlight: number
}

export interface Judge {
  readonly nextId: number
  readonly open: HashMap.HashMap<number, SeenRequest>
  readonly journal: HashMap.HashMap<number, SeenRequest>
  readonly totals: Totals
}

/** What the judge has to say. */
export interface UltiProReport extends Totals {
  readonly inFlight: number
  readonly journal: ReadonlyArray<SeenRequest>
}

const noTotals: Totals = {
  requests: 0,
  byStatus: {},
  byPath: {},
  byMethod: {},
  unanswered: 0,
  largestInFlight: 0
}

export const freshJudge: Judge = { nextId: 1, open: HashMap.empty(), journal: HashMap.empty(), totals: noTotals }

/** Forgets totals and journal. Requests that are still open stay open. */
export const pardoned = (judge: Judge): Judge => ({ ...judge, journal: HashMap.empty(), totals: noTotals })

/** A request has reached the server. */
export const arrive = (
  judge: Judge,
  arrival: Omit<SeenRequest, "id" | "endedAt" | "status">
): readonly [id: number, Judge] => {
  const request: SeenRequest = { ...arrival, id: judge.nextId, endedAt: null, status: null }
  const open = HashMap.set(judge.open, request.id, request)
  const { byMethod, largestInFlight, requests } = judge.totals
  const totals = {
    ...judge.totals,
    requests: requests + 1,
    byMethod: plusOne(byMethod, request.method),
    largestInFlight: Math.max(largestInFlight, HashMap.size(open))
  }
  const journal = HashMap.remove(judge.journal, request.id - journalLimit)
  return [request.id, { nextId: request.id + 1, open, journal, totals }]
}

/** The server has sent a status. */
export const answer = (judge: Judge, id: number, status: number): Judge => {
  const request = Option.getOrUndefined(HashMap.get(judge.open, id))
  if (request === undefined) return judge
  const { byPath, byStatus } = judge.totals
  return {
    ...judge,
    open: HashMap.set(judge.open, id, { ...request, status }),
    totals: {
      ...judge.totals,
      byStatus: plusOne(byStatus, status),
      byPath: { ...byPath, [request.path]: plusOne(byPath[request.path] ?? {}, status) }
    }
  }
}

/** The request is over, answered or not. Saying it twice is harmless. */
export const end = (judge: Judge, id: number, at: number): Judge => {
  const request = Option.getOrUndefined(HashMap.get(judge.open, id))
  if (request === undefined) return judge
  const unanswered = judge.totals.unanswered + (request.status === null ? 1 : 0)
  return {
    ...judge,
    open: HashMap.remove(judge.open, id),
    journal: HashMap.set(judge.journal, id, { ...request, endedAt: at }),
    totals: { ...judge.totals, unanswered }
  }
}

export const report = (judge: Judge): UltiProReport => ({
  ...judge.totals,
  inFlight: HashMap.size(judge.open),
  journal: [...HashMap.values(judge.journal), ...HashMap.values(judge.open)].sort((a, b) => a.id - b.id)
})

const plusOne = <Key extends string | number>(counts: Readonly<Record<Key, number>>, key: Key) => ({
  ...counts,
  [key]: (counts[key] ?? 0) + 1
})
