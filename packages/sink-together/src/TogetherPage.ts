/**
 * Reads one page of Together's list, in every shape it may plausibly have, and where the next one is.
 *
 * The list is documented without a shape. A page is a bare array or an array in an envelope; what follows stands in the
 * Link header (RFC 8288) or in a member of the envelope. Pure; called by `TogetherList`.
 */
import { Predicate } from "effect"

import { type Reply, TogetherMisread } from "./TogetherReply.ts"

type Json = { readonly [member: string]: unknown }

export interface Page {
  readonly users: ReadonlyArray<Json>
  /** What it says of how to read on. `sure`: a page that is missing is missed, for it was not guessed by number. */
  readonly next: { readonly url: string; readonly sure: boolean } | undefined
  /** How many users there are on all pages, where it says so. */
  readonly total: number
}

/** `url` is where the page was read, `listUrl` where the list begins: only further pages of it are ever asked for. */
export const readPage = (reply: Reply, url: string, listUrl: string): Page | TogetherMisread => {
  const { status } = reply
  const body: unknown = status === 204 ? [] : reply.text === "" ? undefined : JSON.parse(reply.text)
  const envelope: Json = Predicate.isObject(body) && !Array.isArray(body) ? body : {}
  const users: ReadonlyArray<unknown> | undefined = Array.isArray(body) ? body : arrayIn(envelope)
  if (users === undefined || !users.every(isUser)) {
    return new TogetherMisread({ status, problem: "Together's list of users has no shape that can be read." })
  }
  const next = nextOf(reply, envelope, url, listUrl)
  return next instanceof TogetherMisread ? next : { users, next, total: totalOf(envelope) }
}

/** How many users an answer to the list shows, as far as can be told. */
export const countUsers = ({ text }: Reply): number => {
  const body: unknown = text === "" ? [] : JSON.parse(text)
  return (Array.isArray(body) ? body : Predicate.isObject(body) ? arrayIn(body) : undefined)?.length ?? 0
}

/** The list's page of that number. */
export const pageUrl = (listUrl: string, page: number): string => `${listUrl}?page=${page}`

const isUser = (user: unknown): user is Json => Predicate.isObject(user) && !Array.isArray(user)

const arrayIn = (envelope: Json): ReadonlyArray<unknown> | undefined => {
  const named = ["users", "data", "results", "items", "value"].map((name) => envelope[name]).find(Array.isArray)
  const arrays = Object.values(envelope).filter(Array.isArray)
  return named ?? (arrays.length === 1 ? arrays[0] : undefined)
}

const totalOf = (envelope: Json): number =>
  Math.max(0, ...["total", "totalCount", "count"].map((name) => envelope[name]).filter(Predicate.isNumber))

const nextOf = ({ status, link }: Reply, envelope: Json, url: string, listUrl: string) => {
  const linked = linkedNext(link ?? "")
  const { links, next, nextPage, next_page, nextLink } = envelope
  const said = [linked, next, nextPage, next_page, nextLink, isUser(links) ? links["next"] : undefined].find(leads)
  if (said === undefined) return undefined
  if (Predicate.isNumber(said) || /^\d{1,6}$/.test(said)) return { url: pageUrl(listUrl, Number(said)), sure: false }
  const address = said === linked || /^(https?:|[/?])/i.test(said)
  if (!address) return { url: `${listUrl}?cursor=${encodeURIComponent(said)}`, sure: true }
  if (isOfList(said, url, listUrl)) return { url: new URL(said, url).href, sure: true }
  return new TogetherMisread({ status, problem: "Together's list of users goes on at another address." })
}

const leads = (value: unknown): value is string | number =>
  (Predicate.isString(value) && value !== "") || (Predicate.isNumber(value) && Number.isInteger(value) && value > 0)

/** The key goes along with a request, so it goes nowhere else. */
const isOfList = (said: string, url: string, listUrl: string): boolean => {
  if (!URL.canParse(said, url)) return false
  const [next, list] = [new URL(said, url), new URL(listUrl)]
  return next.origin === list.origin && next.pathname === list.pathname && next.username === "" && next.password === ""
}

/** The target of the link whose relation is `next`. */
const linkedNext = (header: string): string | undefined => {
  for (const [, target, parameters = ""] of header.matchAll(/<([^>]*)>((?:"[^"]*"|[^,<"])*)/g)) {
    const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters)
    const relations = (relation?.[1] ?? relation?.[2] ?? "").toLowerCase().split(/\s+/)
    if (relations.includes("next")) return target
  }
  return undefined
}
