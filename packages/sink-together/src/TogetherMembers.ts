/**
 * Reads what a success says of each member of an array, where it says so.
 *
 * How Together answers an array is not documented. A list in the body is believed only when it clearly speaks of these
 * members one by one: every entry belongs to one of them and says how that one fared. Anything else, such as the users
 * as they are now, leaves the status of the answer to stand for everyone. Pure; called by `TogetherBatch`.
 */
import { Predicate } from "effect"

/** What became of one member. Undecided: it was put off, and is asked again. */
export type MemberWord =
  | { readonly _tag: "Accepted"; readonly status: number }
  | { readonly _tag: "Refused"; readonly status: number; readonly text: string }
  | { readonly _tag: "Undecided" }
  /** The list names failures alone, and not this one. */
  | { readonly _tag: "Unnamed" }

interface Entry {
  readonly employeeId: string | undefined
  readonly word: MemberWord
}

const listNames = ["results", "users", "data", "members", "errors"]

/** One word for each of `employeeIds`, in their order; undefined when the text holds no such list. */
export const readMembers = (
  text: string,
  employeeIds: ReadonlyArray<string>
): ReadonlyArray<MemberWord> | undefined => {
  const body: unknown = text === "" ? null : JSON.parse(text)
  if (Array.isArray(body)) return readEntries(body, employeeIds, false)
  if (!Predicate.isObject(body)) return undefined
  for (const name of listNames) {
    const list = body[name]
    const words = Array.isArray(list) ? readEntries(list, employeeIds, name === "errors") : undefined
    if (words !== undefined) return words
  }
  return undefined
}

const readEntries = (list: ReadonlyArray<unknown>, employeeIds: ReadonlyArray<string>, failures: boolean) => {
  // A message alone may say anything; it is a failure's where only some are named.
  const messages = failures || list.length < employeeIds.length
  const entries = list.map((entry) => readEntry(entry, messages)).filter((entry) => entry !== undefined)
  if (entries.length === 0 || entries.length < list.length) return undefined
  const named = entries.filter(({ employeeId }) => employeeId !== undefined)
  if (named.length === 0 && entries.length === employeeIds.length) return entries.map(({ word }) => word)
  return named.length === entries.length ? byName(named, employeeIds) : undefined
}

const byName = (entries: ReadonlyArray<Entry>, employeeIds: ReadonlyArray<string>) => {
  const words = new Map(entries.map(({ employeeId, word }) => [employeeId, word] as const))
  const asked = new Set(employeeIds)
  if (words.size < entries.length || entries.some(({ employeeId = "" }) => !asked.has(employeeId))) return undefined
  const failuresAlone = entries.every(({ word }) => word._tag !== "Accepted")
  const other: MemberWord = { _tag: failuresAlone ? "Unnamed" : "Undecided" }
  return employeeIds.map((employeeId) => words.get(employeeId) ?? other)
}

const readEntry = (entry: unknown, messages: boolean): Entry | undefined => {
  if (!Predicate.isObject(entry)) return undefined
  const { employeeId } = entry
  if (employeeId !== undefined && employeeId !== null && !Predicate.isString(employeeId)) return undefined
  const word = readWord(entry, messages)
  return word === undefined ? undefined : { employeeId: employeeId ?? undefined, word }
}

const readWord = (entry: { readonly [member: string]: unknown }, messages: boolean): MemberWord | undefined => {
  const { error, errors, message } = entry
  const wrong = [error, errors].find(says)
  const status = [entry["status"], entry["statusCode"], entry["code"]].find(Predicate.isNumber)
  const told = wrong ?? (says(message) ? message : undefined)
  if (status !== undefined) return wordOf(status, told)
  // 400: refused, and no status says why.
  return wrong !== undefined || (messages && told !== undefined) ? wordOf(400, told) : undefined
}

const says = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== "" &&
  value !== false &&
  !(Array.isArray(value) && value.length === 0)

const refusals = new Set([400, 404, 409, 410, 413, 422])

const wordOf = (status: number, told: unknown): MemberWord | undefined => {
  if (status >= 200 && status < 300) return { _tag: "Accepted", status }
  if (refusals.has(status)) return { _tag: "Refused", status, text: textOf(told) }
  if (status === 401 || status === 403 || status === 429 || (status >= 500 && status < 600))
    return { _tag: "Undecided" }
  return undefined
}

const textOf = (told: unknown): string =>
  told === undefined ? "" : Predicate.isString(told) ? told : JSON.stringify(told)
