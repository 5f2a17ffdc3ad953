/**
 * What somebody has to be told about an organization, each thing once, and its end. Stands in the stream `alarms`.
 *
 * Written by the service, folded by `sync/AlarmBook`, so that a restart raises nothing twice. One stream an organization:
 * the order of its events is the order in which they are told. What is said is made of settings' names, counts, times and
 * closed words: nothing of a person can stand in it.
 */

/** `docs/alarms.md` says of each what it means and what to do. */
export const alarmKinds = [
  /** The guard holds a plan back. */
  "plan-held",
  /** Together or a source refused the credentials. */
  "credentials-refused",
  /** Nothing goes out to Together since a refusal, and this process did not meet it itself. */
  "circuit-open",
  /** A source could not be read twice in a row. */
  "source-failing",
  /** A source was not read, or nothing was settled at Together, for too long. */
  "silence",
  /** What waits cannot be worked off in time. */
  "backlog",
  /** Together refused many people within a day. */
  "dead-letters",
  "database-away",
  "vendor-away"
] as const

export type AlarmKind = (typeof alarmKinds)[number]

/** What it concerns: `source:NAME`, `sink:NAME`, `guard:KIND`, `database`. One alarm of a kind stands for a key at a time. */
interface OfAlarm {
  readonly alarm: AlarmKind
  readonly key: string
  /** A UUID: names what is told, the same however often it has to be sent. */
  readonly notice: string
  /** When it was told; recorded later than that where the database was away. ISO 8601 in UTC. */
  readonly at: string
  /** A webhook was configured then: it is owed this notice until `AlarmDelivered`. */
  readonly owed?: true
}

export interface AlarmRaised extends OfAlarm {
  readonly type: "AlarmRaised"
  /** Since when it is so, as far as is known. */
  readonly since: string
  readonly problem: string
  readonly remedy: string
}

/** It is no longer so. */
export interface AlarmEnded extends OfAlarm {
  readonly type: "AlarmEnded"
}

/** The webhook's receiver took the notice. */
export interface AlarmDelivered {
  readonly type: "AlarmDelivered"
  readonly notice: string
}

export type AlarmEvent = AlarmRaised | AlarmEnded | AlarmDelivered
