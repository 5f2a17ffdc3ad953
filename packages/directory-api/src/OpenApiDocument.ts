/**
 * The last touch to the generated OpenAPI document: what the definition cannot say, or says in a roundabout way.
 *
 * Annotates `DirectoryApi`. It adds no operation and takes none away.
 */
import { Predicate } from "effect"

type Json = Readonly<Record<string, unknown>>

/** One rule for the whole document, applied to every object in it from the inside out. */
export const polished = (document: Record<string, unknown>): Record<string, unknown> => {
  const walked = walk(document) as Record<string, unknown>
  const components = membersOf(walked["components"])
  const schemas = Object.entries(membersOf(components["schemas"])).filter(([name]) => !copy.test(name))
  return {
    ...walked,
    components: {
      schemas: Object.fromEntries(schemas.toSorted(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: {
        bearerAuth: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "Signed with HS256." }
      }
    }
  }
}

/** One schema under several descriptions: the generator numbers its copies. */
const copy = /\bProblem_\d+$/u

const walk = (json: unknown): unknown => {
  if (Array.isArray(json)) return json.map(walk)
  if (!Predicate.isObject(json))
    return Predicate.isString(json) && json.startsWith("#/") ? json.replace(copy, "Problem") : json
  const members: Json = Object.fromEntries(Object.entries(json).map(([name, member]) => [name, walk(member)]))
  return described(opened(numbered(members)))
}

const membersOf = (json: unknown): Json => (Predicate.isObject(json) ? { ...json } : {})

/** A client that sends more members than there are is understood all the same: nothing forbids them. */
const opened = ({ additionalProperties, ...members }: Json): Json =>
  additionalProperties === false || additionalProperties === undefined ? members : { additionalProperties, ...members }

/** In an address everything is text; clients are to think of it as the number that it stands for. */
const numbered = (members: Json): Json =>
  members["in"] === "query" && members["name"] === "limit"
    ? {
        ...members,
        schema: {
          type: "integer",
          minimum: 1,
          maximum: 10_000,
          description: membersOf(members["schema"])["description"]
        }
      }
    : members

const header = (description: string) => ({ description, schema: { type: "string" } })

/** Statuses, where this is the table of an operation's answers. */
const described = (members: Json): Json => {
  const { 200: ok, 201: created, 401: unauthorized, 503: unavailable } = members
  if (unauthorized === undefined || unavailable === undefined) return members
  return {
    ...members,
    ...(ok === undefined ? {} : { 200: { ...membersOf(ok), description: "As it is now" } }),
    ...(created === undefined ? {} : { 201: { ...membersOf(created), description: "Made" } }),
    401: { ...membersOf(unauthorized), headers: { "www-authenticate": header("Always `Bearer`.") } },
    503: { ...membersOf(unavailable), headers: { "retry-after": header("Seconds.") } }
  }
}
