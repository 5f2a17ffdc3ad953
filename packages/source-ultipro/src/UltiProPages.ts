/**
 * A list, page by page, to its proven end.
 *
 * Used for person-details and employment-details. The end is what UltiPro's clients have seen: a Link header without `next`,
 * or an empty page; a short page proves nothing, for a server may allow fewer rows than were asked for. Pages that repeat
 * what was read, and pages without end, break off.
 */
import { Malformed, type SourceError, Truncated, Unavailable } from "@rollcall/core/contract/Source"
import { Effect, Option, Stream } from "effect"

import type { Ask, UltiProClient } from "./UltiProClient.ts"
import { type Endpoint, locatorOf } from "./UltiProEndpoint.ts"
import type { Reason, Rows } from "./UltiProReply.ts"

/** What was made of a page. */
export interface Taken<A> {
  /** Rows of it that no page before had. */
  readonly fresh: number
  /** Made one by one as they are asked for, and all of them before the next page is. */
  readonly out: Iterable<A>
}

export interface PagedList<Row, A> {
  readonly endpoint: Endpoint<Row>
  readonly pageSize: number
  /** Takes a page in; rows are counted from 1. */
  readonly take: (rows: ReadonlyArray<Row>, page: number) => Taken<A>
}

/** So few are made at a time that nothing of them outlives its use. */
export const atOnce = 20

/** So many pages are no list of people any more. */
const mostPages = 10_000

interface Place {
  readonly page: number
  /** Where the server said that this page is, if it did. */
  readonly url?: string
  /** Digests of the pages before, with their numbers; one value a list, and it grows. */
  readonly before?: Map<string, number>
  /** Pages so far that held somebody new, and pages since the last of them: duplicates may fill some, but not most. */
  readonly fresh?: number
  readonly stale?: number
}

/** What becomes of every page, in order. It fails rather than end where the end is not proven. */
export const readPages = <Row, A>(client: UltiProClient, list: PagedList<Row, A>): Stream.Stream<A, SourceError> =>
  Stream.paginate<Place, Iterable<A>, SourceError>({ page: 1 }, (place) => readPage(client, list, place)).pipe(
    Stream.flatMap((out) => Stream.fromIterable(out, { chunkSize: atOnce }))
  )

const readPage = Effect.fnUntraced(function* <Row, A>(
  client: UltiProClient,
  { endpoint, pageSize, take }: PagedList<Row, A>,
  place: Place
): Effect.fn.Return<readonly [readonly [Iterable<A>], Option.Option<Place>], SourceError> {
  const { page } = place
  const reply = yield* client.get(endpoint, askFor(place, pageSize))
  if (reply._tag === "NotFound") return yield* client.failure(notFound(endpoint.name, page))
  const before = place.before ?? new Map<string, number>()
  const same = before.get(reply.digest)
  if (reply.rows.length > 0 && same !== undefined) return yield* client.failure(repeated(endpoint.name, page, same))
  before.set(reply.digest, page)
  const next = nextOf(reply, client.origin, endpoint, page)
  if (next instanceof Malformed) return yield* client.failure(next)
  const { fresh, out } = take(reply.rows, page)
  const counts =
    fresh > 0 ? { fresh: (place.fresh ?? 0) + 1, stale: 0 } : { fresh: place.fresh ?? 0, stale: (place.stale ?? 0) + 1 }
  if (reply.rows.length > 0 && counts.stale > counts.fresh)
    return yield* client.failure(nothingNew(endpoint.name, page))
  if (next !== undefined && page >= mostPages) return yield* client.failure(endless(endpoint.name, page))
  return [[out], Option.map(Option.fromUndefinedOr(next), (place) => ({ ...place, ...counts, before }))]
})

/** `per_Page` is always sent: what a server does without it differs from list to list. */
export const askFor = ({ page, url }: Place, pageSize: number, filter: Readonly<Record<string, string>> = {}): Ask => ({
  page,
  ...(url === undefined ? { query: { ...filter, page: `${page}`, per_Page: `${pageSize}` } } : { url })
})

/** The place of the page after this one; undefined when this is the end. */
const nextOf = (
  { link, rows }: Rows<unknown>,
  origin: string,
  endpoint: Endpoint<unknown>,
  page: number
): Place | Malformed | undefined => {
  const next = { page: page + 1 }
  if (link === undefined || link.trim() === "") return rows.length === 0 ? undefined : next
  const target = linkedNext(link)
  if (target === undefined) return undefined
  const url = resolve(target, origin, endpoint)
  return url === undefined ? elsewhere(endpoint.name, page) : { ...next, url }
}

/** The credentials go along with a request, so it goes to the same list on the same origin or nowhere. */
const resolve = (target: string, origin: string, { path }: Endpoint<unknown>): string | undefined => {
  const base = `${origin}${path}`
  if (!URL.canParse(target, base)) return undefined
  const url = new URL(target, base)
  const same =
    url.origin === origin && url.pathname.toLowerCase() === path && url.username === "" && url.password === ""
  return same ? url.href : undefined
}

/** The target of the link whose relation is `next` (RFC 8288). */
const linkedNext = (header: string): string | undefined => {
  for (const [, target, parameters = ""] of header.matchAll(/<([^>]*)>((?:"[^"]*"|[^,<"])*)/g)) {
    const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters)
    const relations = (relation?.[1] ?? relation?.[2] ?? "").toLowerCase().split(/\s+/)
    if (relations.includes("next")) return target
  }
  return undefined
}

/** A list of everybody that is not there says that something is wrong, and nothing of who left. */
export const notFound = (name: string, page: number): Reason =>
  page === 1
    ? new Unavailable({
        problem: `UltiPro knows no list ${name} (404).`,
        remedy:
          "Compare `rootUrl` with the address under System Configuration > Security > Web Services, and see whether the service account may see the companies' people. Nothing was concluded from it."
      })
    : new Truncated({
        locator: locatorOf(name, page),
        problem: `Page ${page} of ${name} is not there (404), and the page before was not the last.`,
        remedy: "Run again: a list ends with a page that is empty or with one that names no next page."
      })

const repeated = (name: string, page: number, same: number): Malformed =>
  new Malformed({
    locator: locatorOf(name, page),
    problem: `Page ${page} of ${name} is page ${same} over again: the server ignores \`page\`.`,
    remedy: "Set `pageSize` to more than there are people, so that one page holds them all, or ask UKG's support."
  })

const nothingNew = (name: string, page: number): Truncated =>
  new Truncated({
    locator: locatorOf(name, page),
    problem: `Page ${page} of ${name} holds only rows of pages before, and so do as many before it as held anything new: the server ignores \`page\`, or the list moved meanwhile.`,
    remedy: "Run again; if it comes again, set `pageSize` to more than there are people."
  })

const elsewhere = (name: string, page: number): Malformed =>
  new Malformed({
    locator: locatorOf(name, page),
    problem: `After page ${page}, ${name} goes on at another address, which is not followed: the password would go along.`,
    remedy: "Compare `rootUrl` with the address under System Configuration > Security > Web Services."
  })

const endless = (name: string, page: number): Malformed =>
  new Malformed({
    locator: locatorOf(name, page),
    problem: `The list ${name} has more than ${page} pages.`,
    remedy: "Set `pageSize` higher."
  })
