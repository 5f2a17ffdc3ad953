/**
 * What the API was told of one group: the fold of its stream `group:ID`.
 *
 * Pure. HR's groups have such a record only where somebody gave them a profile or put them into another group.
 */
import type { GroupProfile } from "../contract/Groups.ts"
import type { RecordedEvent } from "../domain/Event.ts"
import type { MembershipLink, Trace } from "./EmployeeRecord.ts"
import { withChanges } from "./Profile.ts"

export interface GroupRecord {
  readonly id: string
  /** Null: the API did not make it. */
  readonly created: Trace | null
  readonly name: string
  readonly kind: string
  /** Emptied members are left out. */
  readonly profile: GroupProfile
  /** Groups it is in. */
  readonly memberships: ReadonlyArray<MembershipLink>
  readonly version: number
}

export const groupPrefix = "group:"

export const groupStream = (id: string): string => `${groupPrefix}${id}`

export const foldGroup = (id: string, events: Iterable<RecordedEvent>): GroupRecord => {
  let record: GroupRecord = { id, created: null, name: "", kind: "", profile: {}, memberships: [], version: 0 }
  for (const recorded of events) record = evolveGroup(record, recorded)
  return record
}

const evolveGroup = (before: GroupRecord, { actor, event, recordedAt, version }: RecordedEvent): GroupRecord => {
  const record = { ...before, version }
  switch (event.type) {
    case "GroupCreated":
      return { ...record, name: event.name, kind: event.kind, created: { at: recordedAt, actor } }
    case "GroupUpdated":
      return { ...record, name: event.name ?? record.name, kind: event.kind ?? record.kind }
    case "GroupProfileChanged":
      return { ...record, profile: withChanges(record.profile, event.profile) }
    case "MembershipsSet":
      return { ...record, memberships: event.memberships }
    default:
      return record
  }
}
