/**
 * The hash of an event, and how it hangs on the one before it. Pure; shared by append and verify.
 *
 * personal_hash = SHA-256(salt ‖ personal). hash = SHA-256(previous hash ‖ columns ‖ personal_hash), where each column
 * stands as `<length in bytes>:<UTF-8 text>` and a null as `-`, in the order of `columns` below; the first event has an
 * empty previous hash, an event without a personal part an empty personal_hash. Anyone can compute it again.
 */
import { createHash } from "node:crypto"

import type { KeptEvent } from "@rollcall/core/contract/EventLog"

/** A row of `events` but for its personal part: numbers in decimal, times and dates as `RecordedEvent` has them. */
export type Link = Omit<KeptEvent, "personal" | "salt" | "hash">

/** What stands before the first event. */
export const origin: Uint8Array = new Uint8Array(0)

export const hashPersonal = (salt: Uint8Array, personal: string): Uint8Array =>
  createHash("sha256").update(salt).update(personal).digest()

export const hashEvent = (previous: Uint8Array, link: Link): Uint8Array => {
  const hash = createHash("sha256").update(previous).update(columns(link))
  if (link.personalHash !== null) hash.update(link.personalHash)
  return hash.digest()
}

const columns = (link: Link): string =>
  column(link.organization) +
  column(String(link.position)) +
  column(link.stream) +
  column(String(link.version)) +
  column(link.type) +
  column(String(link.schemaVersion)) +
  column(link.recordedAt) +
  column(link.effectiveOn) +
  column(link.causation === null ? null : String(link.causation)) +
  column(link.actor) +
  column(link.data)

/** A text that cannot run into the next one. */
export const column = (text: string | null): string => (text === null ? "-" : `${Buffer.byteLength(text)}:${text}`)

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
