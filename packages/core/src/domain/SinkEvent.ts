/**
 * What Together said: of a person, of its list of users, of the credentials; and what operators did about it.
 *
 * Written by `sync/Reconcile`, `sync/Verify` and the operator's commands, folded by `sync/Reduce`.
 */
import type { Fields } from "./Field.ts"

/** What a request was decided from, so that it can be computed again byte for byte. */
export interface Basis {
  /** Position of the log's head when the request was decided: all that was known. */
  readonly decidedAt: number
  /** The clock value the decision used, ISO 8601 in UTC. */
  readonly clock: string
  /** Names the rules: those of the `ConfigurationAdopted` with this hash. */
  readonly configurationHash: string
}

/** What every answer of the sink is bound to. */
export interface Decision extends Basis {
  readonly sink: string
  /** Names the request: people of one array share it. */
  readonly request: string
  /** How many people the request carried. */
  readonly members: number
  /** SHA-256 of this person's canonical payload. */
  readonly payloadHash: string
  readonly employeeId?: string
}

/** Success. `fields` are those that the person's entry is now known to hold and was not known to hold before. */
export interface UserApplied extends Decision {
  readonly type: "UserCreated" | "UserUpdated" | "UserUnchanged"
  readonly status: number
  readonly fields: Fields
}

/** A refusal that stays: 400 until the payload changes, 409 until released, 410 for good. */
export interface UserRefused extends Decision {
  readonly type: "UserRejected" | "UserConflicted" | "UserGone"
  readonly status: number
  /** The vendor's own words; they may name the person. */
  readonly answer?: string
}

/** 401: the key is refused. Concerns the sink, not a person. */
export interface CredentialsRefused {
  readonly type: "CredentialsRefused"
  readonly sink: string
  readonly request: string
  readonly configurationHash: string
}

/** Together answered under this configuration: its credentials are known to be good. */
export interface CredentialsAccepted {
  readonly type: "CredentialsAccepted"
  readonly sink: string
  readonly configurationHash: string
}

/** Together takes no arrays: two people whose array it refused were both taken alone. Holds under this configuration. */
export interface ArraysRefused {
  readonly type: "ArraysRefused"
  readonly sink: string
  readonly configurationHash: string
}

/** Together's words about one person. */
export const outcomeTypes = [
  "UserCreated",
  "UserUpdated",
  "UserUnchanged",
  "UserRejected",
  "UserConflicted",
  "UserGone"
] as const satisfies ReadonlyArray<(UserApplied | UserRefused)["type"]>

/** One answer about one person's place in one program. */
interface ProgramOutcome extends Decision {
  readonly programId: string
  readonly status: number
}

/** The person is registered as the rule says; `payloadHash` names program, roles and match types. */
export interface ProgramRegistered extends ProgramOutcome {
  readonly type: "ProgramRegistered"
}

/** Not registered, and not asked again before the rule changes or someone releases it. */
export interface ProgramRefused extends ProgramOutcome {
  readonly type: "ProgramRefused"
  readonly answer?: string
}

/** What Together's own list shows of somebody, read by the request it names. */
interface Listed {
  readonly sink: string
  readonly request: string
}

/**
 * Together has an entry of the person that Rollcall did not make. `keyed`: it carries the person's employeeId;
 * otherwise only the e-mail address is the same, and it is tied to the person by `userId` before anything is sent.
 */
export interface EntryFound extends Listed {
  readonly type: "EntryFound"
  readonly keyed: boolean
  /** Together's own id of the entry. */
  readonly userId?: string
  readonly employeeId?: string
  /** What the entry holds. */
  readonly fields: Fields
}

/** The entry is not as Rollcall left it: all fields that differ, as Together has them. Replaces what was found before. */
export interface DriftFound extends Listed {
  readonly type: "DriftFound"
  readonly employeeId?: string
  readonly fields: Fields
  /** There is no such entry in a list that was read whole. */
  readonly missing?: true
}

/** The entry is as Rollcall left it again. */
export interface DriftResolved extends Listed {
  readonly type: "DriftResolved"
}

/** Somebody at Together who is in no source: reported, never terminated. Stands in the stream `remote:UUID`. */
export interface RemoteUserFound extends Listed {
  readonly type: "RemoteUserFound"
  readonly userId: string
  readonly employeeId?: string
}

/** People of Together's list by what they are to us. */
export interface VerificationCounts {
  readonly users: number
  readonly matched: number
  readonly drifted: number
  /** Applied before, and not in the list. */
  readonly missing: number
  /** Entries that Rollcall did not make, keyed and by e-mail address. */
  readonly found: number
  readonly linkable: number
  readonly remoteOnly: number
}

/** Together's list was read and compared. `whole` is false where nobody may be taken for missing. */
export interface VerificationCompleted extends Listed {
  readonly type: "VerificationCompleted"
  readonly run: string
  readonly whole: boolean
  readonly counts: VerificationCounts
}

/** An operator lets a person be sent again: what was refused as conflicted or rejected, or a refused registration. */
export interface HoldReleased {
  readonly type: "HoldReleased"
  readonly by: string
  readonly reason: string
}

export type SinkEvent =
  | UserApplied
  | UserRefused
  | CredentialsRefused
  | CredentialsAccepted
  | ArraysRefused
  | ProgramRegistered
  | ProgramRefused
  | EntryFound
  | DriftFound
  | DriftResolved
  | RemoteUserFound
  | VerificationCompleted
  | HoldReleased
