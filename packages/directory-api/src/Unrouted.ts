/**
 * What is answered where no operation is: which methods a path has, or that there is no such path.
 *
 * Used by `Fault` for a request that met no route. Looks the path up the same way as the router does, for each method.
 */
import { FindMyWay, type HttpServerRequest, HttpServerResponse } from "effect/http"
import type { HttpApi, HttpApiGroup } from "effect/http-api"

import { Problem, toResponse } from "./Problem.ts"

/** A method and a path pattern that the router knows. */
export type Known = readonly [method: string, path: `/${string}`]

/** Every operation of a definition. */
export const pathsOf = <Id extends string, Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<Id, Groups>
): ReadonlyArray<Known> =>
  Object.values<HttpApiGroup.Top>(api.groups as unknown as Record<string, HttpApiGroup.Top>).flatMap(({ endpoints }) =>
    Object.values(endpoints).map(({ method, path }): Known => [method, path as `/${string}`])
  )

/**
 * Nothing of a path is tidied up: `PATCH /organization/`, sent by who has lost the id, is not about the current one. And an
 * id may be as long as Node lets an address be: what is too long to be one is not found, like any other.
 */
export const routing = {
  caseSensitive: true,
  ignoreDuplicateSlashes: false,
  ignoreTrailingSlash: false,
  maxParamLength: 65_536
}

const methods = ["GET", "POST", "PATCH", "DELETE"]

export type Unrouted = (request: HttpServerRequest.HttpServerRequest) => HttpServerResponse.HttpServerResponse

/** OPTIONS is answered everywhere (RFC 9110, section 9.3.7); a browser of another origin learns nothing more from it. */
export const makeUnrouted = (known: ReadonlyArray<Known>): Unrouted => {
  const paths = FindMyWay.make<true>(routing)
  for (const [method, path] of known) paths.on(method as "GET", path, true)
  const methodsOf = (address: string): ReadonlyArray<string> =>
    methods
      .filter((method) => paths.find(method as "GET", address) !== undefined)
      .flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))
  return ({ method, url }) => {
    const allowed = methodsOf(url)
    if (allowed.length === 0) return toResponse(new Problem({ status: 404, detail: "There is nothing at this path." }))
    const allow = [...allowed, "OPTIONS"].join(", ")
    const response =
      method === "OPTIONS"
        ? HttpServerResponse.empty({ status: 204 })
        : toResponse(new Problem({ status: 405, detail: `This path has ${allow}.` }))
    return HttpServerResponse.setHeader(response, "allow", allow)
  }
}
