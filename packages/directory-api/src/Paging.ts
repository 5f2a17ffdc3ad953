/**
 * Lists in pages: `limit` and `after` of the query, and the `Link` header (RFC 8288) that leads to the next page.
 *
 * Used by every operation that answers with a list. Without parameters a page has everything, up to 10,000 items.
 */
import type { Listing, Page } from "@rollcall/core/contract/Directory"
import { Schema } from "effect"
import type { HttpServerRequest } from "effect/http"
import { HttpApiSchema } from "effect/http-api"

import { isStorable } from "./Text.ts"

const most = 10_000

/** It names the last item by what the list is sorted by, and may be as long as that. */
const longest = 8000

const limitProblem = `must be a whole number from 1 to ${most}`

/** Read from the text of the query alone: `1e3` and `0x10` are no numbers there. */
const Limit = Schema.String.annotate({ description: "At most so many items, 1 to 10,000.", examples: ["100"] }).check(
  Schema.makeFilter((value: string) =>
    /^[1-9]\d{0,4}$/u.test(value) && Number(value) <= most ? undefined : limitProblem
  )
)

const After = Schema.String.annotate({ description: "Where the page before ended; from its Link header." }).check(
  Schema.makeFilter((value: string) =>
    value !== "" && value.length <= longest && isStorable(value) ? undefined : "must be from the Link header of a page"
  )
)

/** The query of a list. */
export const pageQuery = { limit: Schema.optionalKey(Limit), after: Schema.optionalKey(After) }

export const pageOf = (query: { readonly limit?: string; readonly after?: string }): Page => ({
  limit: query.limit === undefined ? most : Number(query.limit),
  after: query.after ?? null
})

const Link = Schema.String.annotate({
  description: 'Where there are more items: `<address of the next page>; rel="next"`.'
})

/** The answer of an operation that lists. */
export const listOf = <Item extends Schema.Top>(item: Item) =>
  HttpApiSchema.WithHeaders(Schema.Array(item), { link: Schema.optionalKey(Link) })

/** `request` is what was asked; the next page is the same with another `after`. */
export const listed = <Found, Item>(
  request: HttpServerRequest.HttpServerRequest,
  { items, next }: Listing<Found>,
  toItem: (found: Found) => Item
) =>
  HttpApiSchema.withHeaders({
    body: items.map(toItem),
    headers: next === null ? {} : { link: `<${addressAfter(request.url, next)}>; rel="next"` }
  })

const addressAfter = (address: string, next: string): string => {
  const [path = "", search = ""] = address.split("?", 2)
  const query = new URLSearchParams(search)
  query.set("after", next)
  return `${path}?${query.toString()}`
}
