/**
 * The Directory API's definition: 52 operations in four groups, under `/api/v1`.
 *
 * The server, the OpenAPI document and the readable page are all made of it, so none of them can say otherwise.
 */
import { HttpApi, OpenApi } from "effect/http-api"

import { AccountApi } from "./AccountApi.ts"
import { Admission } from "./Admission.ts"
import { EmployeeApi } from "./EmployeeApi.ts"
import { GroupApi } from "./GroupApi.ts"
import { polished } from "./OpenApiDocument.ts"
import { OrganizationApi } from "./OrganizationApi.ts"

export const DirectoryApi = HttpApi.make("directory")
  .add(OrganizationApi, AccountApi, EmployeeApi, GroupApi)
  .middleware(Admission)
  .prefix("/api/v1")
  // Every field that is wrong is named, not only the first.
  .annotate(HttpApi.PayloadParseOptions, { errors: "all" })
  .annotate(HttpApi.QueryParseOptions, { errors: "all" })
  .annotateMerge(
    OpenApi.annotations({
      title: "Directory API",
      version: "1.0.0",
      description:
        "Organizations, accounts, employees and groups. HR's people appear by themselves; what is written here becomes " +
        "part of the same log. Every operation wants a token (Authorization: Bearer TOKEN), a JWT signed with HS256.",
      transform: polished
    })
  )
