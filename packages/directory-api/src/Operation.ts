/**
 * How an operation is described: its id, the title that the customer's document gives it, and who may do it.
 *
 * Annotates every endpoint of the definition; the OpenAPI document and the readable page are made of it.
 */
import { type HttpApiEndpoint, OpenApi } from "effect/http-api"

import { inWords, permissionOf } from "./Permission.ts"

export const operation =
  (summary: string, description: string) =>
  <Endpoint extends HttpApiEndpoint.Constraint>(endpoint: Endpoint): Endpoint => {
    const permission = permissionOf(endpoint.identifier)
    if (permission === undefined) throw new Error(`${endpoint.identifier} does not stand in the table of permissions`)
    const described = endpoint as Endpoint & Pick<HttpApiEndpoint.Top, "annotateMerge">
    return described.annotateMerge(
      OpenApi.annotations({
        identifier: endpoint.identifier,
        summary,
        description: `${description}\n\nLeast role: ${inWords(permission)}.`
      })
    ) as unknown as Endpoint
  }
