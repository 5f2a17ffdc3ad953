import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { bundle, description, lint, story } from "./Judges.ts"
import { operations } from "./Seed003.ts"

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly $ref?: string
}

interface Field {
  readonly type: string | ReadonlyArray<string>
  readonly format?: string
  readonly items?: Field
  readonly required?: ReadonlyArray<string>
  readonly properties?: Readonly<Record<string, Field>>
}

interface Described {
  readonly operationId: string
  readonly parameters?: ReadonlyArray<Parameter>
  readonly requestBody?: { readonly $ref: string }
  readonly responses: Readonly<Record<string, { readonly $ref: string }>>
}

type Body = { readonly content: { readonly "application/json": { readonly schema: Field } } }

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, Described>> & { readonly parameters?: ReadonlyArray<Parameter> }>
  >
  readonly components: { readonly requestBodies: Readonly<Record<string, Body>> }
}

const methods = ["get", "post", "patch", "delete"]

const last = (ref: string): string => ref.split("/").at(-1) ?? ""

const word = ([name, { format }]: readonly [string, Field]): string =>
  format === undefined ? name : `${name}:${format}`

/** What the description says of each operation, in the words of the table. */
const described = ({ paths, components }: Document) =>
  Object.entries(paths).flatMap(([path, item]) =>
    methods
      .flatMap((method) => (item[method] === undefined ? [] : [[method, item[method]] as const]))
      .map(([method, { operationId, parameters = [], requestBody, responses }]) => {
        const body = requestBody && components.requestBodies[last(requestBody.$ref)]
        const schema = body?.content["application/json"].schema
        const fields = schema?.items ?? schema
        const isRequired = ([name]: readonly [string, Field]) => fields?.required?.includes(name) ?? false
        const all = Object.entries(fields?.properties ?? {})
        const success = Object.keys(responses).filter((status) => status.startsWith("2"))
        return {
          method: method.toUpperCase(),
          path,
          name: operationId,
          status: success.length === 1 ? Number(success[0]) : success,
          answersNothing: last(responses["200"]?.$ref ?? "") === "Nothing",
          takesArray: schema?.type === "array",
          required: all.filter(isRequired).map(word),
          optional: all.filter((field) => !isRequired(field)).map(word),
          query: parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name)
        }
      })
  )

const countOf = (method: string): number => operations.filter((operation) => operation.method === method).length

const byName = (one: { readonly name: string }, other: { readonly name: string }): number =>
  one.name.localeCompare(other.name)

describe("the judge's description", () => {
  it("has the customer's 52 operations on 33 paths", () => {
    assert.strictEqual(new Set(operations.map(({ path }) => path)).size, 33)
    assert.strictEqual(new Set(operations.map(({ name }) => name)).size, 52)
    assert.deepStrictEqual(["GET", "POST", "PATCH", "DELETE"].map(countOf), [25, 14, 9, 4])
    const silent = operations.filter(({ answersNothing }) => answersNothing).map(({ name }) => name)
    assert.deepStrictEqual(silent, ["removeManager", "setEntityGroups", "removeEntityFromGroup"])
    assert.strictEqual(operations.filter(({ status }) => status === 201).length, 10)
  })

  it.live("says of each what the customer's document says", () =>
    Effect.gen(function* () {
      const document = (yield* bundle(description)) as Document
      assert.deepStrictEqual<unknown>(described(document).toSorted(byName), operations.toSorted(byName))
      for (const [path, { parameters = [] }] of Object.entries(document.paths)) {
        const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: "path", required: true }))
        const said = parameters.map(({ name, in: where, required }) => ({ name, in: where, required }))
        assert.deepStrictEqual<unknown>(said, inPath, path)
      }
    }).pipe(Effect.scoped)
  )

  it.live("is valid OpenAPI, and the story is valid Arazzo", () =>
    Effect.gen(function* () {
      const { code, said } = yield* lint([description, story])
      assert.strictEqual(code, 0, said)
      assert.notMatch(said, /warning/i, said)
    })
  )

  it.live("is told whole by the story: each operation has a step of its name", () =>
    Effect.gen(function* () {
      const { workflows } = (yield* bundle(story)) as {
        readonly workflows: ReadonlyArray<{
          readonly steps: ReadonlyArray<{ readonly stepId: string; readonly operationId: string }>
        }>
      }
      const steps = workflows.flatMap(({ steps }) => steps)
      const named = steps.filter(({ stepId, operationId }) => stepId === operationId).map(({ stepId }) => stepId)
      assert.sameMembers(
        [...new Set(named)],
        operations.map(({ name }) => name)
      )
    }).pipe(Effect.scoped)
  )
})
