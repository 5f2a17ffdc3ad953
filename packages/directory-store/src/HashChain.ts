/**
 * The hash of an event, and how it hangs on the one before it. Pure; shared by append and verify.
 *
 * personal_hash = SHA-256(salt ‖ personal). hash = SHA-256(previous hash ‖ columns ‖ personal_hash), where each column
 * stands as `<length in bytes>:<UTF-8 text>` and a null as `-`, in the order of `columns` below; the first event has an
 * empty previous hash, an event without a personal part an empty personal_hash. Anyone can compute it again.
 */
import { hash as digest } from "node:crypto"

import type { KeptEvent } from "@rollcall/core/contract/EventLog"

/** Bytes, or the same in hexadecimal. */
type Bytes = Uint8Array | string

/** A row of `events` but for its personal part: numbers in decimal, times and dates as `RecordedEvent` has them. */
export type Link = Omit<KeptEvent, "personal" | "salt" | "personalHash" | "hash"> & {
  readonly personalHash: Bytes | null
}

/** What stands before the first event. */
export const origin: Uint8Array = new Uint8Array(0)

export const hashPersonal = (salt: Bytes, personal: string): Uint8Array =>
  sha256([bytesOf(salt), Buffer.from(personal)])

export const hashEvent = (previous: Bytes, link: Link): Uint8Array =>
  sha256([bytesOf(previous), Buffer.from(columns(link)), bytesOf(link.personalHash ?? origin)])

/** At once: a hash object for each of a million events is most of what there would be to collect. */
const sha256 = (parts: ReadonlyArray<Uint8Array>): Uint8Array => digest("sha256", Buffer.concat(parts), "buffer")

const bytesOf = (bytes: Bytes): Uint8Array => (typeof bytes === "string" ? Buffer.from(bytes, "hex") : bytes)

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

export const sameBytes = (a: Bytes, b: Bytes): boolean => Buffer.compare(bytesOf(a), bytesOf(b)) === 0
