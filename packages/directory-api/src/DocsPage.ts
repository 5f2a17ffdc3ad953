/**
 * The readable page: plain HTML with a contents, a section an operation, and the shapes they speak of.
 *
 * Made of the OpenAPI document by `Docs`, once. No script and no picture; it is as readable in a terminal's browser.
 */
import { Predicate } from "effect"
import type { JsonSchema } from "effect"
import type { OpenApi } from "effect/http-api"

type Operation = OpenApi.OpenAPISpecOperation
type Json = JsonSchema.JsonSchema

const methods = ["get", "post", "patch", "delete"] as const

interface Listed {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

export const pageOf = (document: OpenApi.OpenAPISpec): string => {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method): ReadonlyArray<Listed> => {
      const operation = item[method]
      return operation === undefined ? [] : [{ method: method.toUpperCase(), path, operation }]
    })
  )
  const tags = document.tags.map((tag) => ({
    ...tag,
    operations: operations.filter(({ operation }) => operation.tags.includes(tag.name))
  }))
  const shapes = Object.entries(document.components.schemas).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(document.info.title)}</title>
<style>${style}</style>
<header><h1>${escape(document.info.title)} <small>${escape(document.info.version)}</small></h1>
<p>${escape(document.info.description ?? "")}</p>
<p>For machines: <a href="openapi.json">openapi.json</a></p></header>
<nav>${tags.map((tag) => contents(tag.name, tag.operations)).join("")}
<h2>Shapes</h2><ul>${shapes.map(([name]) => `<li>${reference(name)}</li>`).join("")}</ul></nav>
<main>${tags.map((tag) => section(tag.name, tag.description ?? "", tag.operations)).join("")}
<h2>Shapes</h2>${shapes.map(([name, shape]) => shapeOf(name, shape)).join("")}</main>
</html>
`
}

const contents = (name: string, operations: ReadonlyArray<Listed>) =>
  `<h2>${escape(name)}</h2><ul>${operations
    .map(({ operation }) => `<li><a href="#${operation.operationId}">${escape(operation.summary ?? "")}</a></li>`)
    .join("")}</ul>`

const section = (name: string, description: string, operations: ReadonlyArray<Listed>) =>
  `<h2>${escape(name)}</h2><p>${escape(description)}</p>${operations.map(article).join("")}`

const article = ({ method, path, operation }: Listed) => {
  const [description = "", role = ""] = (operation.description ?? "").split("\n\n")
  return `<article id="${operation.operationId}"><h3>${escape(operation.summary ?? "")}</h3>
<p class="call"><b class="${method}">${method}</b> <code>${escape(path)}</code></p>
<p>${escape(description)} <i>${escape(role)}</i></p>
${parameters(operation)}${body(operation)}${answers(operation)}</article>`
}

const parameters = ({ parameters }: Operation) =>
  parameters.length === 0
    ? ""
    : table(
        "Parameters",
        parameters.map(({ name, in: place, required, schema }) => [
          `<code>${escape(name)}</code>`,
          `${place}${required ? "" : ", optional"}`,
          meaning({ ...schema })
        ])
      )

const body = ({ requestBody }: Operation) =>
  requestBody === undefined
    ? ""
    : `<p>Body: ${Object.values(requestBody.content)
        .map(({ schema }) => typeOf(schema))
        .join(" or ")}</p>`

const answers = ({ responses }: Operation) =>
  table(
    "Answers",
    Object.entries(responses).map(([status, { description, content }]) => [
      status,
      Object.values(content ?? {})
        .map(({ schema }) => typeOf(schema))
        .join(" or ") || "nothing",
      escape(Number(status) < 300 ? "" : description)
    ])
  )

const shapeOf = (name: string, shape: Json) => {
  const required = Array.isArray(shape["required"]) ? shape["required"] : []
  const properties = Object.entries(membersOf(shape["properties"]))
  return `<article id="${escape(name)}"><h3>${escape(name)}</h3><p>${textOf(shape["description"])}</p>${table(
    "Members",
    properties.map(([member, schema]) => [
      `<code>${escape(member)}</code>${required.includes(member) ? "" : "?"}`,
      typeOf(schema),
      meaning(schema)
    ])
  )}</article>`
}

const isSchema = (json: unknown): json is Json => Predicate.isObject(json)

const membersOf = (json: unknown): Readonly<Record<string, Json>> =>
  Predicate.isObject(json) ? (json as unknown as Readonly<Record<string, Json>>) : {}

const table = (caption: string, rows: ReadonlyArray<ReadonlyArray<string>>) =>
  `<table><caption>${caption}</caption>${rows
    .map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`)
    .join("")}</table>`

const reference = (name: string) => `<a href="#${escape(name)}">${escape(name)}</a>`

const typeOf = (schema: Json): string => {
  const { $ref, anyOf, items, type, format } = schema
  if (Predicate.isString($ref)) return reference($ref.slice($ref.lastIndexOf("/") + 1))
  if (Array.isArray(anyOf)) return anyOf.map((one: Json) => typeOf(one)).join(" or ")
  if (Array.isArray(schema["enum"])) return schema["enum"].map((one) => `<code>${escape(String(one))}</code>`).join(" ")
  if (type === "array") return `array of ${isSchema(items) ? typeOf(items) : "nothing"}`
  return `${textOf(type)}${Predicate.isString(format) ? ` (${escape(format)})` : ""}`
}

/** What it is, at most how long, and what one looks like. */
const meaning = (schema: Json): string => {
  const first: Json = Array.isArray(schema["anyOf"]) ? schema["anyOf"][0] : schema
  const { description, examples, maxLength } = first
  const example: unknown = Array.isArray(examples) ? examples[0] : undefined
  return [
    textOf(description),
    Predicate.isNumber(maxLength) ? `At most ${maxLength} characters.` : "",
    Predicate.isString(example) ? `<code>${escape(example)}</code>` : ""
  ]
    .filter((part) => part !== "")
    .join(" ")
}

const textOf = (json: unknown): string => (Predicate.isString(json) ? escape(json) : "")

const escape = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll('"', "&quot;")
    .replaceAll(/`([^`]*)`/gu, "<code>$1</code>")

const style = `
:root { color-scheme: light dark; --edge: color-mix(in srgb, currentColor 18%, transparent) }
body { margin: 0 auto; max-width: 76rem; padding: 0 1.5rem 4rem; font: 16px/1.55 system-ui, sans-serif;
  display: grid; grid-template-columns: 17rem minmax(0, 1fr); column-gap: 2.5rem }
header { grid-column: 1 / -1; border-bottom: 1px solid var(--edge); margin-bottom: 1rem }
h1 small { font-weight: 400; opacity: .6; font-size: 1rem }
nav { font-size: .875rem; position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto }
nav h2 { font-size: .875rem; margin: 1rem 0 .25rem } nav ul { list-style: none; margin: 0; padding: 0 }
article { border: 1px solid var(--edge); border-radius: .5rem; padding: 0 1rem 1rem; margin: 1rem 0; scroll-margin-top: 1rem }
.call { overflow-x: auto } .call b { padding: .1rem .5rem; border-radius: .25rem; color: #fff; background: #456 }
b.GET { background: #1a6fb0 } b.POST { background: #2b7a3d } b.PATCH { background: #96610f } b.DELETE { background: #a83232 }
table { border-collapse: collapse; width: 100%; font-size: .875rem; margin-top: .75rem; display: block; overflow-x: auto }
caption { text-align: left; font-weight: 600 } td { border-top: 1px solid var(--edge); padding: .25rem .75rem .25rem 0; vertical-align: top }
a { color: inherit; text-decoration-color: var(--edge) } code { font: .875em ui-monospace, monospace }
@media (max-width: 48rem) { body { display: block } nav { position: static; max-height: none } }
`
