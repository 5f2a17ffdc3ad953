/**
 * The rules of an append, on the values it needs and without I/O.
 *
 * A ledger is what the locked log looks like now. Requests are admitted to it one after the other; each sees what those
 * before it have added, and one that is refused leaves the ledger as it was. What was added is then written at once.
 */
import { createHash, createHmac } from "node:crypto"

import {
  type Append,
  AppendKeyReused,
  type Appended,
  CursorConflict,
  type SeenRecord,
  StoreError,
  VersionConflict
} from "@rollcall/core/contract/EventLog"
import { join, type RecordedEvent, schemaVersion } from "@rollcall/core/domain/Event"
import { Result } from "effect"

import { type Draft, draft } from "./Draft.ts"
import { column, hashEvent, sameBytes } from "./HashChain.ts"

/** An append with everything that can be made of it before the log is locked. */
export interface Request {
  readonly append: Append
  readonly drafts: ReadonlyArray<Draft>
  readonly contents: Uint8Array
}

export interface Row extends Draft {
  readonly position: number
  readonly version: number
  readonly recordedAt: string
  readonly hash: Uint8Array
}

export interface Commit {
  readonly commitNo: number
  readonly runId: string | null
  readonly appendKey: string
  /** Null: an erasure took it. */
  readonly digest: Uint8Array | null
  readonly appended: Appended
}

export interface Ledger {
  readonly organization: string
  readonly salt: Uint8Array
  /** Of every row that is added now. */
  readonly recordedAt: string
  position: number
  hash: Uint8Array
  commitNo: number
  readonly versions: Map<string, number>
  /** Of the streams concerned, those that take no personal part. */
  readonly erased: Set<string>
  readonly cursors: Map<string, string>
  /** By append key: earlier ones that are asked for again, and those of this ledger. */
  readonly commits: Map<string, Commit>
  readonly added: {
    readonly rows: Array<Row>
    readonly commits: Array<Commit>
    readonly cursors: Map<string, string>
    readonly seen: Map<string, SeenRecord>
    /** By stream: the position of its erasure; null where it was lifted. */
    readonly erasures: Map<string, number | null>
  }
}

/** As reading the row gives it. */
export const recordedOf = (row: Row): RecordedEvent => {
  const { actor, causation, data, effectiveOn, personal, position, recordedAt, stream, type, version } = row
  const parts = { data: parse(data), personal: personal === null ? null : parse(personal) }
  return { stream, event: join(type, parts), actor, effectiveOn, causation, position, version, recordedAt }
}

const parse = (text: string) => JSON.parse(text) as Record<string, unknown>

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export const makeRequest = (append: Append): Request => {
  const appendKey = append.appendKey.toLowerCase()
  if (!uuid.test(appendKey)) throw new Error(`Not a UUID: append key ${append.appendKey}`)
  const drafts = draft(append.events)
  return { append: { ...append, appendKey }, drafts, contents: digestContents(append, drafts) }
}

export const streamsOf = ({ append, drafts }: Request): ReadonlyArray<string> => [
  ...drafts.map(({ stream }) => stream),
  ...(append.expectedVersions?.keys() ?? [])
]

/** Streams of which something would be kept that may be personal. */
export const writtenStreams = ({ append, drafts }: Request): ReadonlyArray<string> => [
  ...drafts.map(({ stream }) => stream),
  ...(append.seen ?? []).map(({ stream }) => stream)
]

export const admit = (ledger: Ledger, request: Request): Result.Result<Appended, StoreError> => {
  const { append } = request
  const digest = createHmac("sha256", ledger.salt).update(request.contents).digest()
  const known = ledger.commits.get(append.appendKey)
  if (known !== undefined) return answerAgain(known, digest)
  const refusal = refuse(ledger, append)
  if (refusal !== null) return Result.fail(new StoreError({ reason: refusal }))
  return Result.succeed(add(ledger, request, digest))
}

const answerAgain = ({ appended, appendKey, digest }: Commit, asked: Uint8Array) =>
  digest === null || sameBytes(digest, asked)
    ? Result.succeed({ ...appended, replayed: true })
    : Result.fail(new StoreError({ reason: new AppendKeyReused({ appendKey }) }))

const refuse = (ledger: Ledger, { cursor, expectedVersions }: Append): CursorConflict | VersionConflict | null => {
  if (cursor !== undefined && (ledger.cursors.get(cursor.source) ?? null) !== cursor.expected) {
    return new CursorConflict({ source: cursor.source })
  }
  for (const [stream, expected] of expectedVersions ?? []) {
    const actual = ledger.versions.get(stream) ?? 0
    if (actual !== expected) return new VersionConflict({ stream, expected, actual })
  }
  return null
}

const add = (ledger: Ledger, { append, drafts }: Request, contents: Uint8Array): Appended => {
  const { recordedAt, added, erased } = ledger
  const firstPosition = ledger.position + 1
  let isTaken = false
  for (const one of drafts) {
    const isErased = erased.has(one.stream)
    isTaken ||= isErased && one.personal !== null
    const row = chain(ledger, isErased ? withoutPersonal(one) : one)
    added.rows.push(row)
    turn(ledger, row)
  }
  if (append.cursor !== undefined) {
    ledger.cursors.set(append.cursor.source, append.cursor.next)
    added.cursors.set(append.cursor.source, append.cursor.next)
  }
  for (const record of append.seen ?? []) {
    const isErased = erased.has(record.stream) && record.digest !== null
    isTaken ||= isErased
    added.seen.set(JSON.stringify([record.source, record.stream]), isErased ? { ...record, digest: null } : record)
  }
  const appended = { firstPosition, lastPosition: ledger.position, recordedAt, replayed: false }
  ledger.commitNo += 1
  const { appendKey, runId = null } = append
  const digest = isTaken ? null : contents
  const commit = { commitNo: ledger.commitNo, runId, appendKey, digest, appended }
  ledger.commits.set(appendKey, commit)
  added.commits.push(commit)
  return appended
}

/** An answer that was under way, a reader that knew no better: neither brings back what an erasure took. */
const withoutPersonal = (one: Draft): Draft => ({ ...one, personal: null, salt: null, personalHash: null })

/** An erasure holds from its event on, up to the one that lifts it. */
const turn = ({ added, erased }: Ledger, { position, stream, type }: Row): void => {
  if (type === "EmployeeErased" || type === "AccountErased") {
    erased.add(stream)
    added.erasures.set(stream, position)
  } else if (type === "HoldReleased" && erased.delete(stream)) added.erasures.set(stream, null)
}

const chain = (ledger: Ledger, one: Draft): Row => {
  const version = (ledger.versions.get(one.stream) ?? 0) + 1
  const { organization, recordedAt } = ledger
  const place = { position: ledger.position + 1, version, recordedAt }
  const hash = hashEvent(ledger.hash, { organization, schemaVersion, ...place, ...one })
  ledger.versions.set(one.stream, version)
  ledger.position += 1
  ledger.hash = hash
  return { ...one, ...place, hash }
}

/** Equal for the same append asked for again; the log's salt is mixed in before it is kept. */
const digestContents = (
  { expectedVersions, cursor, seen, runId }: Append,
  drafts: ReadonlyArray<Draft>
): Uint8Array => {
  const hash = createHash("sha256")
  const expected = [...(expectedVersions ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1))
  hash.update(JSON.stringify([runId ?? null, cursor ?? null, seen ?? [], expected, drafts.length]))
  for (const { stream, type, effectiveOn, causation, actor, data, personal } of drafts) {
    const columns = [stream, type, effectiveOn, causation === null ? null : String(causation), actor, data, personal]
    hash.update(columns.map(column).join(""))
  }
  return hash.digest()
}
