/**
 * An event on its way into a row: the texts, the salt and the personal hash, made before the log is locked.
 *
 * What a row cannot hold unchanged is refused here, as a mistake of the caller: the database would refuse it too, but
 * in the middle of a commit that others share.
 */
import { randomBytes } from "node:crypto"

import { type NewEvent, split } from "@rollcall/core/domain/Event"

import { hashPersonal } from "./HashChain.ts"

/** All of a row that does not depend on its place in the log. */
export interface Draft {
  readonly stream: string
  readonly type: string
  readonly effectiveOn: string | null
  readonly causation: number | null
  readonly actor: string
  readonly data: string
  readonly personal: string | null
  readonly salt: Uint8Array | null
  readonly personalHash: Uint8Array | null
}

const saltBytes = 16

export const draft = (events: ReadonlyArray<NewEvent>): ReadonlyArray<Draft> => {
  const salts = randomBytes(saltBytes * events.length)
  return events.map(({ stream, event, actor, effectiveOn, causation }, index) => {
    requireText(stream, event.type, actor)
    requireDate(effectiveOn)
    const parts = split(event)
    const personal = parts.personal === null ? null : JSON.stringify(parts.personal)
    const salt = personal === null ? null : salts.subarray(index * saltBytes, (index + 1) * saltBytes)
    const personalHash = personal === null || salt === null ? null : hashPersonal(salt, personal)
    const data = JSON.stringify(parts.data)
    return { stream, type: event.type, effectiveOn, causation, actor, data, personal, salt, personalHash }
  })
}

/** Text columns cannot hold what `json` can: a NUL or half a surrogate pair would be refused or altered. */
const requireText = (...texts: ReadonlyArray<string>) => {
  for (const text of texts) {
    if (text === "" || text.includes("\0") || !text.isWellFormed()) {
      throw new Error(`Not a name of a stream, a type or an actor: ${JSON.stringify(text)}`)
    }
  }
}

const requireDate = (date: string | null) => {
  if (date !== null && !/^\d{4}-\d{2}-\d{2}$/.test(date)) throw new Error(`Not a date YYYY-MM-DD: ${date}`)
}
