/**
 * Reads Together's list to its end, page by page, each a request of its own.
 *
 * It follows what a page says about the next one. Where nothing is said and somebody who should be there is missing, it
 * tries whether the server pages in silence. Called by `TogetherSink`; never takes a part of the list for the whole.
 */
import type { StoreError } from "@rollcall/core/contract/EventLog"
import type { Errand, ListedUser, Listing, SinkError } from "@rollcall/core/contract/Sink"
import type { EmployeeId } from "@rollcall/core/domain/Employee"
import { type FieldName, fieldEntries } from "@rollcall/core/domain/Field"
import { Effect } from "effect"

import type { TogetherClient } from "./TogetherClient.ts"
import type { TogetherLane } from "./TogetherLane.ts"
import { type Page, pageUrl, readPage } from "./TogetherPage.ts"
import { plain, type Reply, type TogetherError, TogetherMisread, undocumented } from "./TogetherReply.ts"
import type { TogetherRequest } from "./TogetherRequest.ts"
import { fromWire } from "./TogetherWire.ts"

/** What was read so far: one value a call, and it grows, for a list may have a million entries. */
interface Reading {
  readonly users: Map<string, ListedUser>
  readonly shown: Set<FieldName>
  readonly urls: Set<string>
  total: number
}

interface Step {
  readonly url: string
  /** The page of this number is a guess: it may well not be there. */
  readonly probe?: number
}

/** What comes after a page: another one, or the end. */
type Progress = { readonly _tag: "Next"; readonly step: Step } | { readonly _tag: "End"; readonly whole: boolean }

const nothing = (): Reading => ({ users: new Map(), shown: new Set(), urls: new Set(), total: 0 })

const mostPages = 10_000

/** `list` of core's `Sink`. */
export const makeList = (client: TogetherClient["Service"], lane: TogetherLane["Service"]) =>
  Effect.fnUntraced(function* <E, R>(
    expected: ReadonlySet<EmployeeId>,
    errand: Errand<E, R>
  ): Effect.fn.Return<Listing, SinkError | StoreError | E, R> {
    const reading = nothing()
    for (let step: Step = { url: client.listUrl }; ;) {
      const { request, result } = yield* lane.take(pageRequest(client, reading, step, expected), errand)
      if (result._tag === "End") {
        return { request, users: [...reading.users.values()], shown: reading.shown, whole: result.whole }
      }
      step = result.step
    }
  })

const pageRequest = (
  client: TogetherClient["Service"],
  reading: Reading,
  step: Step,
  expected: ReadonlySet<EmployeeId>
): TogetherRequest<Progress> => ({
  operation: "list",
  members: 0,
  exchange: client.list(step.url),
  understand: (reply) => {
    const result = progress(reading, step, reply, expected, client.listUrl)
    const { status } = reply
    return result._tag === "Next" || result._tag === "End" ? { _tag: "Understood", status, result } : result
  }
})

const progress = (
  reading: Reading,
  step: Step,
  reply: Reply,
  expected: ReadonlySet<EmployeeId>,
  listUrl: string
): Progress | TogetherError => {
  const known = plain(reply)
  if ("_tag" in known) return known
  if (!reply.accepted) return step.probe === undefined ? undocumented(reply.status) : end(reading, true)
  const page = readPage(reply, step.url, listUrl)
  if (page instanceof TogetherMisread) return page
  const news = readOn(reading, step.url, page)
  if (!news && reading.urls.size > 1) {
    return end(reading, page.users.length === 0 ? page.next?.sure !== true : page.next === undefined)
  }
  const next = nextStep(reading, step, page, expected, listUrl)
  if (next === undefined) return end(reading, true)
  if (!reading.urls.has(next.url) && reading.urls.size < mostPages) return { _tag: "Next", step: next }
  return new TogetherMisread({ status: reply.status, problem: "Together's list of users leads in a circle." })
}

/** Whoever says that there are more users than were shown has not shown them all. */
const end = ({ users, total }: Reading, whole: boolean): Progress => ({
  _tag: "End",
  whole: whole && total <= users.size
})

/** Takes a page in, and says whether there was anybody new on it. */
const readOn = (reading: Reading, url: string, page: Page): boolean => {
  const before = reading.users.size
  for (const user of page.users.map(fromWire)) {
    const name = nameOf(user)
    if (!reading.users.has(name)) reading.users.set(name, user)
    for (const [field] of fieldEntries(user.fields)) reading.shown.add(field)
  }
  reading.urls.add(url)
  reading.total = Math.max(reading.total, page.total)
  return reading.users.size > before
}

/** Tells whether two entries are the same. */
const nameOf = ({ userId, employeeId, fields }: ListedUser): string => JSON.stringify([userId ?? employeeId ?? fields])

const nextStep = (
  reading: Reading,
  { probe }: Step,
  { next, users }: Page,
  expected: ReadonlySet<EmployeeId>,
  listUrl: string
): Step | undefined => {
  if (next !== undefined) return { url: next.url }
  if (probe !== undefined) return { url: pageUrl(listUrl, probe + 1), probe: probe + 1 }
  if (reading.urls.size > 1 || users.length === 0) return undefined
  const more = reading.total > reading.users.size || lacks(reading, expected)
  return more ? { url: pageUrl(listUrl, 2), probe: 2 } : undefined
}

const lacks = ({ users }: Reading, expected: ReadonlySet<EmployeeId>): boolean => {
  const there = new Set([...users.values()].map(({ employeeId }) => employeeId))
  return [...expected].some((employeeId) => !there.has(employeeId))
}
