/**
 * What is answered where no operation is: which methods a path has, or that there is no such path.
 *
 * Used by `Fault` for a request that met no route. Looks the path up the same way as the router does, for each method.
 */
import { FindMyWay, type HttpServerRequest, HttpServerResponse } from "effect/http"

import { DirectoryApi } from "./DirectoryApi.ts"
import { docsPath, openApiPath } from "./Docs.ts"
import { Problem, toResponse } from "./Problem.ts"

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

const paths = FindMyWay.make<true>(routing)

for (const { endpoints } of Object.values(DirectoryApi.groups)) {
  for (const { method, path } of Object.values(endpoints)) paths.on(method, path, true)
}
paths.on("GET", openApiPath, true)
paths.on("GET", docsPath, true)

const methodsOf = (address: string): ReadonlyArray<string> =>
  methods
    .filter((method) => paths.find(method, address) !== undefined)
    .flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))

/** OPTIONS is answered everywhere (RFC 9110, section 9.3.7); a browser of another origin learns nothing more from it. */
export const unrouted = ({
  method,
  url
}: HttpServerRequest.HttpServerRequest): HttpServerResponse.HttpServerResponse => {
  const allowed = methodsOf(url)
  if (allowed.length === 0) return toResponse(new Problem({ status: 404, detail: "There is nothing at this path." }))
  const allow = [...allowed, "OPTIONS"].join(", ")
  const response =
    method === "OPTIONS"
      ? HttpServerResponse.empty({ status: 204 })
      : toResponse(new Problem({ status: 405, detail: `This path has ${allow}.` }))
  return HttpServerResponse.setHeader(response, "allow", allow)
}
