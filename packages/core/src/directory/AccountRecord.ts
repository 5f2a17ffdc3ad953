/**
 * One account: the fold of its stream `account:ID`, in the log of the organization it belongs to or in `_directory`.
 *
 * Pure. What of it a caller sees is the store's to say.
 */
import type { RecordedEvent } from "../domain/Event.ts"
import type { GrantableRole } from "../domain/Role.ts"
import type { Trace } from "./EmployeeRecord.ts"

export const accountPrefix = "account:"

export const accountStream = (id: string): string => `${accountPrefix}${id}`

export interface GrantRecord {
  readonly organization: string
  readonly role: GrantableRole
  readonly employee: string | null
}

export interface AccountRecord {
  readonly id: string
  readonly email: string
  readonly name: string | null
  readonly created: Trace
  /** One an organization, the latest. */
  readonly grants: ReadonlyArray<GrantRecord>
  readonly version: number
}

/** Undefined: never created, or erased. */
export const foldAccount = (id: string, events: Iterable<RecordedEvent>): AccountRecord | undefined => {
  let record: AccountRecord | undefined
  for (const { actor, event, recordedAt, version } of events) {
    if (event.type === "AccountCreated") {
      const email = event.details?.["email"]
      if (email == null) continue
      const created = { at: recordedAt, actor }
      record = { id, email, name: event.details?.["name"] ?? null, created, grants: [], version }
    } else if (event.type === "AccountErased") record = undefined
    else if (record === undefined) continue
    else if (event.type === "AccountUpdated") {
      const { email, name } = event.details ?? {}
      record = { ...record, email: email ?? record.email, name: name === undefined ? record.name : name, version }
    } else if (event.type === "RoleGranted") {
      const { employee = null, organization, role } = event
      const others = record.grants.filter((grant) => grant.organization !== organization)
      record = { ...record, grants: [...others, { organization, role, employee }], version }
    }
  }
  return record
}
