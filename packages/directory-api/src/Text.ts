/**
 * The texts that clients may write, each with what is wrong with one that is refused.
 *
 * Used by the wire schemas of bodies, paths and queries. A text that passes can be stored as it is: no NUL and no lone
 * surrogate, which PostgreSQL refuses, no surrounding space, nothing empty. Messages never repeat the value.
 */
import { DateTime, Option, Schema, SchemaGetter } from "effect"

import { isCountryCode } from "./CountryCode.ts"

interface TextRule {
  /** In characters, not UTF-16 units: JSON Schema counts so. */
  readonly max: number
  readonly description: string
  readonly example: string
  /** Members of the JSON Schema beside the lengths. */
  readonly json?: { readonly format?: string; readonly pattern?: string }
  /** What is wrong with a text that has no control characters and no surrounding space. */
  readonly problem?: (text: string) => string | undefined
  readonly manyLines?: true
}

const text = (rule: TextRule) =>
  Schema.String.annotate({ description: rule.description, examples: [rule.example] }).check(
    Schema.makeFilter((value: string) => problemOf(value, rule), {
      toJsonSchema: () => ({ minLength: 1, maxLength: rule.max, ...rule.json })
    })
  )

const problemOf = (value: string, rule: TextRule): string | undefined => {
  if (value === "") return "must not be empty"
  if (value.length > rule.max && Array.from(value).length > rule.max)
    return `must not be longer than ${rule.max} characters`
  if (!isStorable(value)) return "has a character that no text can have (NUL, or half of a surrogate pair)"
  if (value.includes(unreadable)) return "has an unreadable character; write the body in UTF-8"
  if (rule.manyLines) return value.trim() === "" ? "must not be empty" : undefined
  if (/\p{Cc}/u.test(value)) return "must not have control characters or line breaks"
  if (value.trim() !== value) return "must not begin or end with space"
  return rule.problem?.(value)
}

/** What stands for bytes that are no UTF-8 once they are read: in another encoding `Sánchez` would lose its `á` for good. */
const unreadable = "\ufffd"

/** Whether PostgreSQL can keep it. */
export const isStorable = (value: string): boolean => !value.includes("\0") && value.isWellFormed()

/** One line. */
export const line = (description: string, example: string, max = 200) => text({ max, description, example })

/** Any number of lines; may begin and end with space. */
export const prose = (description: string, example: string) =>
  text({ max: 10_000, description, example, manyLines: true })

/** Compared as it is: space counts. */
export const secret = (description: string, example: string) =>
  Schema.String.annotate({ description, examples: [example] }).check(
    Schema.makeFilter((value: string) => problemOf(value, { max: 10_000, description, example, manyLines: true }), {
      toJsonSchema: () => ({ minLength: 1, maxLength: 10_000 })
    })
  )

/** RFC 5321's lengths; one `@`, a name before it and a domain with a dot behind it, in whatever alphabet. */
const emailPattern =
  /^(?!\.)(?!.*\.\.)[^\s@<>()[\]\\,:;"]{1,64}(?<!\.)@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u

export const email = (description: string, example: string) =>
  text({
    max: 254,
    description,
    example,
    json: { format: "email" },
    problem: (value) => (emailPattern.test(value) ? undefined : "must be an e-mail address")
  })

export const webAddress = (description: string, example: string) =>
  text({
    max: 2048,
    description,
    example,
    json: { format: "uri" },
    problem: (value) =>
      /^https?:\/\/[^\s/]/iu.test(value) && URL.canParse(value) ? undefined : "must be a web address (https://...)"
  })

export const timeZone = text({
  max: 64,
  description: "An IANA time zone.",
  example: "Europe/Berlin",
  // Names begin with a letter: an offset such as +01:00 is no place.
  problem: (value) =>
    /^[A-Za-z]/u.test(value) && Option.isSome(DateTime.zoneMakeNamed(value))
      ? undefined
      : "must be an IANA time zone, such as Europe/Berlin"
})

export const countryCode = text({
  max: 2,
  description: "A country, by ISO 3166-1 alpha-2.",
  example: "US",
  json: { pattern: "^[A-Z]{2}$" },
  problem: (value) => (isCountryCode(value) ? undefined : "must be an ISO 3166-1 code of two letters, such as US")
})

export const date = (description: string, example: string) =>
  text({
    max: 10,
    description,
    example,
    json: { format: "date" },
    problem: (value) => (isDate(value) ? undefined : "must be a date that exists, as YYYY-MM-DD")
  })

const isDate = (value: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/u.test(value)) return false
  const made = DateTime.make(`${value}T00:00:00Z`)
  return Option.isSome(made) && DateTime.formatIsoDateUtc(made.value) === value
}

/** What stands in paths in the place of an alias. */
export const reservedAliases = ["profile", "keys", "alias", "by-app", "by-app-id", "by-app-data", "by-app-secret"]

export const alias = text({
  max: 63,
  description: "Lower case, digits and hyphens; unique. Made from the name where none is given.",
  example: "adventure-works",
  json: { pattern: "^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$" },
  problem: (value) => {
    if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/u.test(value)) return "must be lower-case letters, digits and inner hyphens"
    return reservedAliases.includes(value) ? "is a word that stands in paths" : undefined
  }
})

const uuidPattern = "^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
const uuidText = new RegExp(uuidPattern, "u")

export const isUuidText = (value: string): boolean => uuidText.test(value)

/** RFC 9562: written in lower case, read in any. */
const canonical = (value: string): string => (uuidText.test(value) ? value.toLowerCase() : value)

const toCanonical = { decode: SchemaGetter.transform(canonical), encode: SchemaGetter.passthrough<string>() }

/** An id in a body; in lower case from here on. */
export const uuid = (description: string) =>
  text({
    max: 36,
    description,
    example: "0f8fad5b-d9cb-469f-a165-70867728950e",
    json: { format: "uuid", pattern: uuidPattern },
    problem: (value) => (isUuidText(value) ? undefined : "must be a UUID")
  }).pipe(Schema.decode(toCanonical))

const asked = (description: string, example: string) =>
  Schema.String.annotate({ description, examples: [example] }).check(
    Schema.makeFilter((value: string) => (isStorable(value) ? undefined : "has a character that no text can have"), {
      toJsonSchema: () => ({})
    })
  )

/** A word of the path. One that nothing can be called by is not found, like any other that nothing is called by. */
export const pathText = asked

/** An id in a path: what is no UUID is an id that nothing has. */
export const pathId = (description: string) =>
  asked(description, "0f8fad5b-d9cb-469f-a165-70867728950e").pipe(Schema.decode(toCanonical))

/** What a query asks for: compared, never stored. */
export const filter = (description: string, example: string) => text({ max: 200, description, example })
