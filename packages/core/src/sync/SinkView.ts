/**
 * What Together is known to hold of one person: the sink's half of the fold.
 *
 * Pure; called by `Reduce` with each of Together's words, in order. What follows from it is `Consider`'s to say.
 */
import type { Told } from "../domain/Event.ts"
import type { Fields } from "../domain/Field.ts"
import type {
  DriftFound,
  EntryFound,
  ProgramRefused,
  ProgramRegistered,
  UserApplied,
  UserRefused
} from "../domain/SinkEvent.ts"
import { type Opinions, opinions } from "./Opinions.ts"

export type SinkOutcome = (UserApplied | UserRefused)["type"]

/** Together's last word on the person. */
export interface LatestOutcome {
  readonly type: SinkOutcome
  readonly position: number
  readonly recordedAt: string
  readonly payloadHash: string
  readonly status: number
  /** People of the request that it was given with. */
  readonly members: number
  /** The reason given with a refusal. */
  readonly answer?: string
  /** An operator let the person be sent again. */
  readonly released?: true
}

/** Together's last word on the person in one program. */
export interface ProgramView {
  readonly registered: boolean
  readonly payloadHash: string
  readonly position: number
  readonly recordedAt: string
  readonly status: number
  readonly answer?: string
  readonly released?: true
}

export interface SinkView {
  /** The person has an entry at Together. */
  readonly known: boolean
  /** Together's id of an entry that is the person's by e-mail address and not yet tied to the key. */
  readonly userId: string | undefined
  /** What the entry is known to hold, with the position of the outcome that says so. */
  readonly applied: Opinions
  /** Where Together's own list showed another value than `applied`: that value. */
  readonly drift: Opinions
  /** What `drift` held of fields that the person's own answer then accepted a repair of. */
  readonly repaired: Opinions
  /** Together's list, read whole, did not show the entry. */
  readonly missing: boolean
  /** An array's success about this person turned out not to hold. */
  readonly doubted: boolean
  readonly latest: LatestOutcome | null
  /** When Together last took what was sent, or its list first showed the entry, ISO 8601; null before that. */
  readonly acceptedAt: string | null
  readonly programs: { readonly [programId: string]: ProgramView }
}

/** Of whom Together said nothing yet. */
export const unheard: SinkView = {
  known: false,
  userId: undefined,
  applied: {},
  drift: {},
  repaired: {},
  missing: false,
  doubted: false,
  latest: null,
  acceptedAt: null,
  programs: {}
}

const latest = (event: UserApplied | UserRefused, recorded: Told): LatestOutcome => ({
  type: event.type,
  position: recorded.position,
  recordedAt: recorded.recordedAt,
  payloadHash: event.payloadHash,
  status: event.status,
  members: event.members,
  ...("answer" in event && event.answer !== undefined ? { answer: event.answer } : {})
})

/** What was taken now is there, and so is no other value of it; a person's own answer puts doubts to rest. */
export const applied = (sink: SinkView, event: UserApplied, recorded: Told): SinkView => ({
  ...sink,
  known: true,
  userId: undefined,
  applied: { ...sink.applied, ...opinions(event.fields, recorded.position) },
  drift: without(sink.drift, event.fields),
  repaired: {
    ...without(sink.repaired, event.fields),
    ...(event.members === 1 ? among(sink.drift, event.fields) : {})
  },
  missing: false,
  doubted: sink.doubted && event.members > 1,
  latest: latest(event, recorded),
  acceptedAt: recorded.recordedAt
})

const without = (opinions: Opinions, fields: Fields): Opinions =>
  Object.fromEntries(Object.entries(opinions).filter(([name]) => !(name in fields)))

const among = (opinions: Opinions, fields: Fields): Opinions =>
  Object.fromEntries(Object.entries(opinions).filter(([name]) => name in fields))

/**
 * A conflicted entry exists, a deleted one does not; a rejected payload says nothing about the entry, unless there is
 * none of that id (404).
 */
export const refused = (sink: SinkView, event: UserRefused, recorded: Told): SinkView => ({
  ...sink,
  known: event.type === "UserConflicted" || (event.type === "UserRejected" && sink.known),
  userId: event.status === 404 ? undefined : sink.userId,
  missing: sink.missing && event.type !== "UserConflicted",
  doubted: sink.doubted && event.members > 1,
  latest: latest(event, recorded)
})

/** An entry with the person's key is theirs, with all it holds; one with their address alone is theirs to be tied. */
export const found = (sink: SinkView, event: EntryFound, recorded: Told): SinkView =>
  event.keyed
    ? {
        ...sink,
        known: true,
        userId: undefined,
        applied: opinions(event.fields, recorded.position),
        drift: {},
        missing: false,
        acceptedAt: recorded.recordedAt
      }
    : { ...sink, userId: event.userId }

export const drifted = (sink: SinkView, event: DriftFound, recorded: Told): SinkView => ({
  ...sink,
  drift: opinions(event.fields, recorded.position),
  missing: event.missing === true,
  doubted: sink.doubted || (sink.latest?.members ?? 1) > 1
})

export const inProgram = (sink: SinkView, event: ProgramRegistered | ProgramRefused, recorded: Told): SinkView => ({
  ...sink,
  programs: {
    ...sink.programs,
    [event.programId]: {
      registered: event.type === "ProgramRegistered",
      payloadHash: event.payloadHash,
      position: recorded.position,
      recordedAt: recorded.recordedAt,
      status: event.status,
      ...("answer" in event && event.answer !== undefined ? { answer: event.answer } : {})
    }
  }
})

/** Held back no more: what was refused may be sent again. Who is gone stays gone. */
export const released = (sink: SinkView): SinkView => ({
  ...sink,
  latest: sink.latest === null || sink.latest.type === "UserGone" ? sink.latest : { ...sink.latest, released: true },
  programs: Object.fromEntries(
    Object.entries(sink.programs).map(([id, view]) => [
      id,
      view.registered ? view : { ...view, released: true as const }
    ])
  )
})
