/**
 * Somebody was forgotten: the personal part of all their events is gone, and their streams take none any more.
 *
 * Written by `rollcall erase` in the transaction that takes the values; folded by `sync/Reduce` and `directory/`. Only the
 * UUID of the stream is left, by which the same person is recognised when a source names them again.
 */

interface Erased {
  /** Who said so, and why; stands in the log for good and names nobody who was erased. */
  readonly by: string
  readonly reason: string
}

/** Stands in `employee:UUID` and in the `directory-employee:UUID` of the same person. `HoldReleased` lets them come again. */
export interface EmployeeErased extends Erased {
  readonly type: "EmployeeErased"
}

/** Stands in `account:UUID`, a login of the person. */
export interface AccountErased extends Erased {
  readonly type: "AccountErased"
}

export type ErasureEvent = EmployeeErased | AccountErased
