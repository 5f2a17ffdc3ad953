/**
 * The documents of an API: `openapi.json` for machines (OpenAPI 3.1) and `docs` for people, both made of its definition.
 *
 * Part of `DirectoryServer`, and of whatever else is served beside it. They need no token, say nothing of anybody, and
 * load nothing from any other host.
 */
import { Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { OpenApi } from "effect/http-api"

import { DirectoryApi } from "./DirectoryApi.ts"
import { pageOf } from "./DocsPage.ts"
import type { Known } from "./Unrouted.ts"

export const openApi = OpenApi.fromApi(DirectoryApi)

/** Both stand in one folder: `` is the root. */
export const documents = (folder: "" | `/${string}`, document: OpenApi.OpenAPISpec) => {
  const [openApiPath, docsPath] = [`${folder}/openapi.json`, `${folder}/docs`] as const
  const json = HttpServerResponse.text(JSON.stringify(document, null, 2), { contentType: "application/json" })
  const page = HttpServerResponse.html(pageOf(document)).pipe(
    HttpServerResponse.setHeader("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
  )
  const paths: ReadonlyArray<Known> = [
    ["GET", openApiPath],
    ["GET", docsPath]
  ]
  return {
    paths,
    routes: Layer.mergeAll(HttpRouter.add("GET", openApiPath, json), HttpRouter.add("GET", docsPath, page))
  }
}
