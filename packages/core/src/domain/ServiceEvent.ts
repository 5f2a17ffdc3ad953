/**
 * What operators said about the running of an organization's service. Stands in the stream `service:SINK`.
 *
 * Folded by whoever is about to send: while it is paused, sources are read and nothing goes out.
 */

export interface SyncPaused {
  readonly type: "SyncPaused"
  readonly by: string
  readonly reason: string
}

export interface SyncResumed {
  readonly type: "SyncResumed"
  readonly by: string
  readonly reason: string
}

export type ServiceEvent = SyncPaused | SyncResumed
