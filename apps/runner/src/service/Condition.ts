/**
 * How an organization's service is doing at the moment: its sources, its lane, what waits.
 *
 * Written by `SourceReader` and `Sender`, read by the alarms, the operations API and the metrics. It is a picture of
 * this process, made anew at each start from what the log says; nothing is decided by it.
 */
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import type { Held } from "@rollcall/core/sync/Guard"
import type { Pause } from "@rollcall/core/sync/Pause"
import type { OperationClass } from "@rollcall/core/sync/Plan"

/** How the last reading of a source ended. Times are ISO 8601 in UTC. */
export interface LastRun {
  readonly at: string
  readonly outcome: "complete" | "incomplete" | "failed"
  readonly people: number
  readonly problem?: string
  /** The tag of what made it fail. */
  readonly kind?: string
}

export interface SourceCondition {
  readonly name: string
  readonly schedule: string
  readonly running: boolean
  /** When it is read next; null: only on demand. */
  readonly next: string | null
  readonly last: LastRun | null
  /** When it was last read to its end. */
  readonly succeededAt: string | null
  /** Failures since then. */
  readonly failures: number
}

/** `refused`: the vendor refused the credentials; `vendor-away`: it does not answer. */
export const doings = [
  "starting",
  "idle",
  "planning",
  "sending",
  "paused",
  "refused",
  "vendor-away",
  "database-away"
] as const

export type Doing = (typeof doings)[number]

export interface SendingCondition {
  readonly doing: Doing
  readonly since: string
  /** Operations by class that the last plan had, less those settled since. */
  readonly queue: Readonly<Partial<Record<OperationClass, number>>>
  /** Milliseconds that the rest of the plan takes at least. */
  readonly leastMillis: number
  readonly held: ReadonlyArray<Omit<Held, "members">>
  readonly pause: Pause | null
  readonly problem: string | null
  /** When the log's newest change that waits was learned; null: nothing waits. */
  readonly oldestChange: string | null
  /** When a plan was last worked off to its end. */
  readonly settledAt: string | null
  readonly deadLetters: number
  /** Of these, the refusals of the last day; null: not counted yet. */
  readonly freshLetters: number | null
  readonly requests: number
}

export interface Condition {
  readonly organization: OrganizationId
  readonly sources: ReadonlyArray<SourceCondition>
  readonly sending: SendingCondition
}

/** The picture of one organization, which its parts draw on. */
export class Board {
  #condition: Condition
  readonly #watchers = new Set<(condition: Condition) => void>()

  constructor(organization: OrganizationId, at: string) {
    const sending: SendingCondition = {
      doing: "starting",
      since: at,
      queue: {},
      leastMillis: 0,
      held: [],
      pause: null,
      problem: null,
      oldestChange: null,
      settledAt: null,
      deadLetters: 0,
      freshLetters: null,
      requests: 0
    }
    this.#condition = { organization, sources: [], sending }
  }

  get condition(): Condition {
    return this.#condition
  }

  sending(change: Partial<SendingCondition>): void {
    this.#set({ ...this.#condition, sending: { ...this.#condition.sending, ...change } })
  }

  /** `at` counts where the state is another one than before. */
  doing(doing: Doing, at: string, problem: string | null = null): void {
    const { sending } = this.#condition
    this.sending({ doing, problem, since: sending.doing === doing ? sending.since : at })
  }

  source(name: string, change: Partial<SourceCondition>): void {
    const { sources } = this.#condition
    const blank = { name, schedule: "", running: false, next: null, last: null, succeededAt: null, failures: 0 }
    const known = sources.find((source) => source.name === name) ?? blank
    const others = sources.filter((source) => source.name !== name)
    const next = [...others, { ...known, ...change }].toSorted((a, b) => (a.name < b.name ? -1 : 1))
    this.#set({ ...this.#condition, sources: next })
  }

  get watchers(): number {
    return this.#watchers.size
  }

  /** Called with each change; answers with what ends it. */
  watch(watcher: (condition: Condition) => void): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  #set(condition: Condition): void {
    this.#condition = condition
    for (const watcher of this.#watchers) watcher(condition)
  }
}
