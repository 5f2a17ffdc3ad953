/**
 * Which part of a list a page is, and what the answer says about the other pages: UKG's usual Link header, and the ways in
 * which an endpoint, a proxy or an old version may get it wrong.
 * Called by UltiProRoutes for every paged endpoint. Pages are cut from the list as it is at that moment, so what changes in
 * between may appear twice or not at all, as at the vendor's.
 */
import { Result } from "effect"

import { wholeOf } from "./UltiProQuery.ts"
import type { Query } from "./UltiProQuery.ts"
import type { UltiProSettings } from "./UltiProSettings.ts"

/** How many rows an endpoint gives when it is not asked, and at most. */
export interface PageLimits {
  readonly usual: number
  readonly most: number
}

/** A part of a list. */
export interface Page {
  readonly from: number
  readonly to: number
  readonly headers: { readonly [name: string]: string }
}

export interface Asked {
  readonly url: URL
  readonly query: Query
}

type Manner = Pick<UltiProSettings, "paging" | "maxPerPage" | "overMaxPerPage">

/** The limits of an endpoint under the tenant's own limit. */
export const limitsUnder = ({ maxPerPage }: Manner, own: Partial<PageLimits>): PageLimits => {
  const most = Math.min(own.most ?? maxPerPage, maxPerPage)
  return { most, usual: Math.min(own.usual ?? most, most) }
}

/** The page that is asked for, or why there is none. `back` pages further to the front is a fault's way to repeat one. */
export const pageOf = (
  total: number,
  { query, url }: Asked,
  limits: PageLimits,
  manner: Manner,
  back = 0
): Result.Result<Page, string> => {
  const page = wholeOf(query, "page", 1)
  const asked = wholeOf(query, "per_page", limits.usual)
  if (page === undefined || asked === undefined) return Result.fail("page and per_Page must be whole numbers from 1.")
  if (asked > limits.most && manner.overMaxPerPage === "refuse" && manner.paging !== "clamp") {
    return Result.fail(`per_Page must not exceed ${limits.most}.`)
  }
  const perPage = Math.min(asked, limits.most)
  const last = Math.max(1, Math.ceil(total / perPage))
  const shown = Math.max(1, shownPage(page, last, manner.paging) - back)
  const headers = manner.paging === "link" ? linksOf(url, page, perPage, last) : {}
  return Result.succeed({ from: (shown - 1) * perPage, to: shown * perPage, headers })
}

const shownPage = (page: number, last: number, mode: Manner["paging"]): number => {
  if (mode === "ignores-page") return 1
  return mode === "no-end" ? Math.min(page, last) : page
}

const linksOf = (url: URL, page: number, perPage: number, last: number): Page["headers"] => {
  const link = (number: number, rel: string) => `<${addressOf(url, number, perPage)}>; rel="${rel}"`
  const links = [
    link(1, "first"),
    ...(page > 1 && page - 1 <= last ? [link(page - 1, "previous")] : []),
    ...(page < last ? [link(page + 1, "next")] : []),
    link(last, "last")
  ]
  return { link: links.join(", ") }
}

const addressOf = (url: URL, page: number, perPage: number): string => {
  const address = new URL(url)
  for (const name of Array.from(address.searchParams.keys())) {
    if (["page", "per_page"].includes(name.toLowerCase())) address.searchParams.delete(name)
  }
  address.searchParams.set("page", String(page))
  address.searchParams.set("per_Page", String(perPage))
  return address.href
}
