import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

import { assert, describe, it } from "@effect/vitest"
import { Predicate } from "effect"

import { openApi } from "../src/Docs.ts"
import { permissions } from "../src/Permission.ts"
import { documented } from "./Documented.ts"
import { operations } from "./Example.ts"

// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any

const document: Loose = openApi

const listed = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries<Loose>(item as Loose).map(([method, operation]) => ({
    path,
    method: method.toUpperCase(),
    operation
  }))
)

const operationOf = (method: string, path: string): Loose =>
  listed.find((one) => one.method === method && one.path === path)?.operation

const resolved = (schema: Loose): Loose =>
  Predicate.isString(schema?.$ref) ? document.components.schemas[schema.$ref.split("/").at(-1) ?? ""] : schema

const bodyOf = (operation: Loose): Loose => resolved(operation.requestBody?.content["application/json"]?.schema)

const names = (list: ReadonlyArray<{ readonly method: string; readonly path: string }>) =>
  list.map(({ method, path }) => `${method} ${path}`).toSorted()

describe("The definition", () => {
  it("has exactly the 52 operations of the document", () => {
    assert.strictEqual(documented.length, 52)
    assert.deepStrictEqual(names(listed), names(documented))
    assert.strictEqual(operations.length, 52)
  })

  it("lets nothing in that does not stand in the table of permissions, and has nothing there that is not", () => {
    assert.deepStrictEqual(operations.map(({ operation }) => operation).toSorted(), Object.keys(permissions).toSorted())
  })

  for (const { method, path, title, answer, body, array, query, empty } of documented) {
    it(`says of ${method} ${path} what the document says`, () => {
      const operation = operationOf(method, path)
      assert.strictEqual(operation.summary, title)
      const answers = Object.keys(operation.responses).filter((status) => Number(status) < 300)
      assert.deepStrictEqual(answers, [String(answer)])
      assert.strictEqual(operation.responses[answer].content === undefined, empty === true)
      const asked = operation.parameters.filter((one: Loose) => one.in === "query").map((one: Loose) => one.name)
      assert.deepStrictEqual(
        asked.filter((name: string) => name !== "limit" && name !== "after"),
        query?.split(" ") ?? []
      )
      const schema = bodyOf(operation)
      const members = array === true ? resolved(schema.items) : schema
      const written = Object.keys(members?.properties ?? {}).map(
        (name) => `${name}${(members.required ?? []).includes(name) ? "*" : ""}`
      )
      assert.deepStrictEqual(written, body?.split(" ") ?? [])
      assert.strictEqual(schema?.type === "array", array === true)
      const inPath = operation.parameters.filter((one: Loose) => one.in === "path")
      assert.deepStrictEqual(
        inPath.map((one: Loose) => `{${one.name}}`),
        path.match(/\{\w+\}/gu) ?? []
      )
    })
  }

  it("names every operation, wants a token for it, and says who may", () => {
    const ids = new Set(listed.map(({ operation }) => operation.operationId))
    assert.strictEqual(ids.size, 52)
    for (const { operation } of listed) {
      assert.deepStrictEqual(operation.security, [{ bearerAuth: [] }])
      assert.match(operation.description, /Least role: [A-Z_]+/u)
      assert.strictEqual(operation.tags.length, 1)
    }
    assert.deepInclude(document.components.securitySchemes.bearerAuth, { type: "http", scheme: "bearer" })
  })

  it("documents dates, ids and addresses by their formats", () => {
    const { EmployeeProfileBody, EmployeeBody, ManagerBody } = document.components.schemas
    assert.strictEqual(EmployeeProfileBody.properties.birthDate.anyOf[0].format, "date")
    assert.strictEqual(EmployeeProfileBody.properties.joinDate.anyOf[0].format, "date")
    assert.strictEqual(EmployeeBody.properties.account.format, "uuid")
    assert.strictEqual(EmployeeBody.properties.email.format, "email")
    assert.strictEqual(ManagerBody.properties.managerId.format, "uuid")
  })

  it("forbids no member that it does not know", () => {
    assert.notInclude(JSON.stringify(document), '"additionalProperties":false')
  })

  it("is a valid OpenAPI 3.1 document", async () => {
    assert.match(document.openapi, /^3\.1\./u)
    const folder = mkdtempSync(join(tmpdir(), "directory-api-"))
    try {
      const file = join(folder, "openapi.json")
      writeFileSync(file, JSON.stringify(openApi))
      const judge = fileURLToPath(new URL("bin/cli.js", import.meta.resolve("@redocly/cli/package.json")))
      const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" }
      await promisify(execFile)(process.execPath, [judge, "lint", "--extends=spec", file], { env })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
