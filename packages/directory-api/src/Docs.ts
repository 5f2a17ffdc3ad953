/**
 * The documents: `/openapi.json` for machines (OpenAPI 3.1) and `/docs` for people, both made of the definition.
 *
 * Part of `DirectoryServer`. They need no token, say nothing of anybody, and load nothing from any other host.
 */
import { Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { OpenApi } from "effect/http-api"

import { DirectoryApi } from "./DirectoryApi.ts"
import { pageOf } from "./DocsPage.ts"

export const openApiPath = "/openapi.json"
export const docsPath = "/docs"

export const openApi = OpenApi.fromApi(DirectoryApi)

const json = HttpServerResponse.text(JSON.stringify(openApi, null, 2), { contentType: "application/json" })

const page = HttpServerResponse.html(pageOf(openApi)).pipe(
  HttpServerResponse.setHeader("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
)

export const layer = Layer.mergeAll(HttpRouter.add("GET", openApiPath, json), HttpRouter.add("GET", docsPath, page))
