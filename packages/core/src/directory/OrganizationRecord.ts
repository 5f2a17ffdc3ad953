/**
 * Organizations as the API and the configuration tell of them: the folds of `organization:ID`.
 *
 * Pure. Two streams of that name: in the log `_directory` what has to be unique among all (`Registration`), in the
 * organization's own log what is its own business (`OrganizationRecord`).
 */
import type { OrganizationProfile } from "../contract/Organizations.ts"
import type { ConfiguredApp } from "../domain/DirectoryEvent.ts"
import type { RecordedEvent } from "../domain/Event.ts"
import type { GrantableRole } from "../domain/Role.ts"
import type { Trace } from "./EmployeeRecord.ts"
import { withChanges } from "./Profile.ts"

export const organizationPrefix = "organization:"

export const organizationStream = (id: string): string => `${organizationPrefix}${id}`

export interface Registration {
  readonly id: string
  readonly log: string
  readonly name: string
  readonly alias: string
  readonly created: Trace
  readonly version: number
}

/** Undefined: not registered. */
export const foldRegistration = (id: string, events: Iterable<RecordedEvent>): Registration | undefined => {
  let registration: Registration | undefined
  for (const { actor, event, recordedAt, version } of events) {
    if (event.type === "OrganizationRegistered") {
      const { alias, log, name } = event
      registration = { id, log, name, alias, created: { at: recordedAt, actor }, version }
    } else if (event.type === "OrganizationUpdated" && registration !== undefined) {
      const { alias, name } = event
      registration = { ...registration, name: name ?? registration.name, alias: alias ?? registration.alias, version }
    }
  }
  return registration
}

export interface KeyRecord {
  readonly id: string
  readonly name: string
  readonly salt: string
  readonly limitToRole: GrantableRole | null
  readonly createdAt: string
  readonly revoked: boolean
}

export interface AppRecord extends ConfiguredApp {
  readonly createdAt: string
}

export interface OrganizationRecord {
  readonly owner: string | null
  readonly profile: OrganizationProfile
  /** Oldest first. */
  readonly keys: ReadonlyArray<KeyRecord>
  readonly apps: ReadonlyArray<AppRecord>
  readonly version: number
}

export const foldOrganization = (events: Iterable<RecordedEvent>): OrganizationRecord => {
  let record: OrganizationRecord = { owner: null, profile: {}, keys: [], apps: [], version: 0 }
  for (const recorded of events) record = evolve(record, recorded)
  return record
}

const evolve = (before: OrganizationRecord, { event, recordedAt, version }: RecordedEvent): OrganizationRecord => {
  const record = { ...before, version }
  switch (event.type) {
    case "OrganizationProfileChanged":
      return { ...record, profile: withChanges(record.profile, event.profile) }
    case "OwnerNamed":
      return { ...record, owner: event.account }
    case "KeyCreated": {
      const { key: id, limitToRole = null, name, salt } = event
      return {
        ...record,
        keys: [...record.keys, { id, name, salt, limitToRole, createdAt: recordedAt, revoked: false }]
      }
    }
    case "KeyRevoked":
      return { ...record, keys: record.keys.map((key) => (key.id === event.key ? { ...key, revoked: true } : key)) }
    case "AppsConfigured": {
      // A plugin that stays is as old as it was.
      const since = new Map(record.apps.map(({ createdAt, id }) => [id, createdAt]))
      return { ...record, apps: event.apps.map((app) => ({ ...app, createdAt: since.get(app.id) ?? recordedAt })) }
    }
    default:
      return record
  }
}
